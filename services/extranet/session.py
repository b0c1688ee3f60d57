"""Who is signed in, in a sealed cookie: the server keeps no session, and ending one is registration's business.

The cookie holds the tokens that registration gave (access and refresh) and is unreadable outside this process
(AES-256-GCM). A form carries a token against forgery made from the session; it dies with it.
"""

import base64
import binascii
import hmac
import json
import os
import time
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

COOKIE, END = "formelie", "formelie-fin"
"""`END` is when the other one ends, in seconds since 1970: a page that is open reads it, and warns before (F2)."""
LIFETIME = 12 * 3600
"""Seconds a browser keeps the cookie since the last page; registration decides how long its tokens serve."""
EARLY = 60
"""Seconds before its end that an access token is renewed."""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in visitor. `rights` are those of a body's user; a manager without territory is national."""

    id: str
    login: str
    role: str
    access: str
    refresh: str | None
    ends: int
    body: str | None = None
    territory: str | None = None
    rights: tuple[str, ...] = ()
    name: str = ""
    """Of the body, as the pages show it."""
    account: str = ""
    """Whose session it is, as events name them."""
    second_step: bool = False
    """Whether signing in took a code besides the password."""

    @classmethod
    def of(cls, login: str, answer: dict[str, Any], id: str | None = None) -> "Session":
        """What registration's token answer says; `id` goes on when the tokens are only renewed."""
        claims = _claims(answer["access_token"])
        return cls(
            id=id or base64.urlsafe_b64encode(os.urandom(18)).decode(),
            login=login,
            role=claims["role"],
            access=answer["access_token"],
            refresh=answer.get("refresh_token"),
            ends=int(time.time()) + int(answer["expires_in"]),
            body=claims.get("body"),
            territory=claims.get("territory"),
            rights=tuple(claims.get("rights", ())),
            account=str(claims.get("sub", "")),
        )

    @property
    def late(self) -> bool:
        """Whether its access token is about to end."""
        return time.time() > self.ends - EARLY

    def may(self, right: str) -> bool:
        """Whether this user of a body was given a right."""
        return self.role == "body" and right in self.rights

    def renewed(self, answer: dict[str, Any]) -> "Session":
        """The same session with new tokens."""
        fresh = Session.of(self.login, answer, self.id)
        return replace(
            fresh, refresh=fresh.refresh or self.refresh, name=self.name, second_step=self.second_step
        )


class Seal:
    """Seals and opens cookies, and makes the tokens of forms."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(sha256(b"cookie" + secret).digest())
        self._key = sha256(b"forms" + secret).digest()

    def close(self, content: Any) -> str:
        """A cookie's text."""
        nonce = os.urandom(12)
        sealed = self._cipher.encrypt(nonce, json.dumps(content).encode(), None)
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, text: str) -> Any:
        """What was sealed; None when it is not ours."""
        try:
            sealed = base64.urlsafe_b64decode(text)
            return json.loads(self._cipher.decrypt(sealed[:12], sealed[12:], None))
        except (binascii.Error, ValueError, InvalidTag):
            return None

    def session(self, text: str | None) -> Session | None:
        """The session of a cookie."""
        content = self.open(text) if text else None
        try:
            return Session(**{**content, "rights": tuple(content["rights"])}) if content else None
        except (TypeError, KeyError):
            return None

    def cookie(self, session: Session) -> str:
        """The cookie of a session."""
        return self.close(asdict(session))

    def token(self, id: str) -> str:
        """The token that forms of this session carry."""
        return hmac.new(self._key, id.encode(), sha256).hexdigest()

    def genuine(self, id: str, given: str) -> bool:
        """Whether a form came from a page of this session."""
        return hmac.compare_digest(self.token(id), given)


def _claims(token: str) -> dict[str, Any]:
    """What an access token says. It came from registration itself: nobody else is believed, so nothing is verified."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
