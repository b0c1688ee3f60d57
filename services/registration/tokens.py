"""Access tokens: JWTs signed with ES256, and the public keys that every service verifies them with."""

import time
from collections.abc import Sequence
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.runtime.auth import AUDIENCE, ISSUER, Principal

LIFETIME = 3600  # seconds


class Tokens:
    """Issues tokens; gives the keys as `shared.runtime.auth.Keys`, without asking over the network."""

    def __init__(self, pem: str) -> None:
        """`pem`: an ES256 (P-256) private key. Raises ValueError when it is not one."""
        key = ECKey.import_key(pem)
        if key.curve_name != "P-256":
            raise ValueError("the signing key is not on P-256")
        self._kid = key.thumbprint()
        self._key = ECKey.import_key(pem, {"kid": self._kid, "alg": "ES256", "use": "sig"})
        self._keys = KeySet([self._key])

    def issue(self, principal: Principal, topics: Sequence[str] = ()) -> str:
        """A token that names the caller for an hour; `topics` are those that a subscriber was granted."""
        now = int(time.time())
        claims = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": principal.subject, "role": principal.role, "body": principal.body,
            "territory": principal.territory, "rights": sorted(principal.rights) or None,
            "inherited": sorted(principal.inherited) or None, "scope": " ".join(topics) or None,
            "iat": now, "exp": now + LIFETIME,
        }  # fmt: skip
        present = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": self._kid}, present, self._key)

    async def get(self, *, fresh: bool = False) -> KeySet:  # noqa: ARG002 - its own keys are always fresh
        """The keys to verify with."""
        return self._keys

    def published(self) -> dict[str, Any]:
        """The public keys, as /.well-known/jwks.json gives them."""
        return dict(self._keys.as_dict(private=False))
