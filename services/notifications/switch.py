"""The switch that every e-mail about a theme has: a signed link that ends the e-mails about it, without signing in.

It names the account and the themes, and is ours or nothing: RFC 8058's one click needs neither cookie nor form.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

from services.notifications.refusals import SWITCH_REFUSED
from services.notifications.themes import known
from shared.runtime.refusal import Refused

SIGNED = 20  # bytes of the signature that travel


@dataclass(frozen=True, slots=True)
class Switch:
    """Whose e-mails, about what."""

    account: str
    themes: tuple[str, ...]


class Switches:
    """Signs links and reads them."""

    def __init__(self, secret: bytes) -> None:
        """`secret`: what the keyring's keys are wrapped with; links are signed with a key made from it."""
        self._key = hmac.digest(secret, b"formelie notifications switch", "sha256")

    def token(self, switch: Switch) -> str:
        """The link's last part."""
        said = f"{switch.account} {','.join(switch.themes)}".encode()
        return urlsafe_b64encode(self._signature(said) + said).decode().rstrip("=")

    def read(self, token: str) -> Switch:
        """What a link says. Raises `Refused` when it is not one of ours."""
        try:
            content = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            account, _, listed = content[SIGNED:].decode().partition(" ")
        except ValueError as error:
            raise Refused(SWITCH_REFUSED) from error
        if not hmac.compare_digest(content[:SIGNED], self._signature(content[SIGNED:])):
            raise Refused(SWITCH_REFUSED)
        return Switch(account, tuple(theme for theme in listed.split(",") if known(theme)))

    def _signature(self, said: bytes) -> bytes:
        return hmac.new(self._key, said, sha256).digest()[:SIGNED]
