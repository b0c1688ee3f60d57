"""Somebody of Formiris whose account has a second step, and what their application shows."""

import base64
import hmac
import time
from dataclasses import asdict, replace
from pathlib import Path

from ops.stack.folder import SECRETS, Folder
from ops.stack.secret import Account, secrets_of

SECRET = "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"
WITH_A_CODE = Account("gestionnaire.code", "s3cret", "manager", totp=SECRET)


def add_to(folder: Path) -> list[Account]:
    """Makes the secrets of a stack that will start here, with this account besides; the others."""
    place = Folder.made(folder)
    made = secrets_of(place)
    place.write(SECRETS, asdict(replace(made, accounts=[*made.accounts, WITH_A_CODE])))
    return made.accounts


def the_code(periods: int = 0) -> str:
    """What the application shows, now or some periods later: another implementation than the service's."""
    counter = int(time.time()) // 30 + periods
    digest = hmac.digest(base64.b32decode(SECRET.replace(" ", "")), counter.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"
