"""The second step of Formiris's own people: the codes of an authenticator application (TOTP, RFC 6238)."""

import base64
import hmac
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

SECONDS, DIGITS = 30, 6
"""What every application does unless told otherwise; so is SHA-1, which is sound in an HMAC."""


class TimeCodes:
    """The codes of one secret."""

    def __init__(self, secret: str) -> None:
        """`secret`: base32, 128 bits at least; case, spaces and padding do not count. Raises ValueError otherwise."""
        bare = "".join(secret.split()).rstrip("=").upper()
        key = base64.b32decode(bare + "=" * (-len(bare) % 8))
        self._codes = HOTP(key, DIGITS, SHA1())  # noqa: S303 - RFC 6238's own

    def period_of(self, code: str, now: datetime) -> int | None:
        """The period whose code it is: this one, the one before or the one after, because clocks differ; else None."""
        given = "".join(code.split()).encode()
        this = int(now.timestamp()) // SECONDS
        matching = [
            period
            for period in (this - 1, this, this + 1)
            if hmac.compare_digest(self._codes.generate(period), given)
        ]
        return max(matching, default=None)
