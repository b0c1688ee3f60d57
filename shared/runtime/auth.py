"""Who is calling: bearer JWTs (ES256) against the keys that registration publishes; roles checked in one place."""

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

import httpx
from fastapi import Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_ALLOWED, NOT_FOUND, NOT_SIGNED_IN, UNAVAILABLE

ISSUER = AUDIENCE = "formelie"
Role = Literal["body", "manager", "assistance", "auditor"]
ROLE_NAMES: dict[str, str] = {
    "body": "un organisme de formation",
    "manager": "un gestionnaire de Formiris",
    "assistance": "l'Assistance Formiris",
    "auditor": "un auditeur",
}


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. A manager without territory is national and sees every territory."""

    subject: str
    role: Role
    body: str | None = None
    territory: str | None = None

    def sees(self, body: str, territory: str | None) -> bool:
        """Whether a dossier of this body, routed to this territory (None: head office), is open to the caller."""
        match self.role:
            case "body":
                return self.body == body
            case "manager":
                return self.territory in (None, territory)
            case _:
                return True

    def check(self, body: str, territory: str | None) -> None:
        """Refuses as if the dossier did not exist: an outsider cannot tell an existing one from a missing one."""
        if not self.sees(body, territory):
            raise Refused(NOT_FOUND)


class Keys(Protocol):
    """Where the public keys come from: fetched by most services, at hand in registration."""

    async def get(self, *, fresh: bool = False) -> KeySet: ...


class RemoteKeys:
    """Registration's JWKS, kept five minutes, and in service longer while registration is away."""

    LIFETIME = 300.0
    FRESH_AT_MOST_EVERY = 5.0

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._keys: KeySet | None = None
        self._read_at = 0.0

    async def get(self, *, fresh: bool = False) -> KeySet:
        """The keys; `fresh` asks again (a token may be signed by a new key), at most every five seconds."""
        age = self._clock() - self._read_at
        if self._keys is None or age > self.LIFETIME or (fresh and age > self.FRESH_AT_MOST_EVERY):
            try:
                async with httpx.AsyncClient(timeout=2) as client:
                    answer = (await client.get(self._url)).raise_for_status()
                self._keys, self._read_at = KeySet.import_key_set(answer.json()), self._clock()
            except (httpx.HTTPError, ValueError, JoseError) as error:
                if self._keys is None:
                    raise Refused(UNAVAILABLE) from error
        return self._keys


_CLAIMS = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE},
    exp={"essential": True},
    sub={"essential": True},
    role={"essential": True, "values": list(get_args(Role))},
)


async def verify(token: str, keys: Keys) -> Principal:
    """The caller that a token names. Raises `Refused` when it is not one of ours, or no longer valid."""
    for fresh in (False, True):
        try:
            claims = jwt.decode(token, await keys.get(fresh=fresh), algorithms=["ES256"]).claims
            _CLAIMS.validate(claims)
            return Principal(claims["sub"], claims["role"], claims.get("body"), claims.get("territory"))
        except (JoseError, ValueError) as error:
            if fresh:
                raise Refused(NOT_SIGNED_IN) from error
    raise Refused(NOT_SIGNED_IN)


async def caller(request: Request) -> Principal:
    """FastAPI dependency: the authenticated caller."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused(NOT_SIGNED_IN)
    return await verify(token.strip(), request.app.state.runtime.keys)


def allow(*roles: Role) -> Callable[[Request], Coroutine[Any, Any, Principal]]:
    """FastAPI dependency: the caller, if its role is one of `roles`."""

    async def allowed(request: Request) -> Principal:
        principal = await caller(request)
        if principal.role not in roles:
            raise Refused(NOT_ALLOWED, roles=", ".join(ROLE_NAMES[role] for role in roles))
        return principal

    return allowed
