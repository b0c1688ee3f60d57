"""Who is calling: bearer JWTs (ES256) against the keys that registration publishes; rights enforced in one place."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Protocol, get_args

import httpx
from fastapi import Depends, Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.routing import BaseRoute

from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_ALLOWED, NOT_FOUND, NOT_SIGNED_IN, RIGHT_MISSING, UNAVAILABLE
from shared.runtime.rights import (
    ANYONE,
    EVERYWHERE,
    OPERATIONS,
    RIGHT_NAMES,
    ROLE_NAMES,
    Permission,
    Right,
    Role,
)

ISSUER = AUDIENCE = "formelie"


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. A manager without territory is national and sees every territory.

    `subject` is the account; `rights` are those of a body's user. `inherited` are the territories that ended and whose
    dossiers are now this manager's; `topics` are those that a subscriber was granted.
    """

    subject: str
    role: Role
    body: str | None = None
    territory: str | None = None
    rights: frozenset[Right] = frozenset()
    inherited: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()

    @property
    def territories(self) -> list[str] | None:
        """The territories whose dossiers are open to a manager, for a list's query; None: no limit."""
        return None if self.territory is None else sorted({self.territory, *self.inherited})

    def sees(self, body: str, territory: str | None) -> bool:
        """Whether a dossier of this body, routed to this territory (None: head office), is open to the caller."""
        match self.role:
            case "body":
                return self.body == body
            case "manager":
                return self.territories is None or territory in self.territories
            case "assistance" | "auditor":
                return True
            case _:
                return False

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
            return Principal(
                claims["sub"], claims["role"], claims.get("body"), claims.get("territory"),
                frozenset(claims.get("rights", ())), frozenset(claims.get("inherited", ())),
                frozenset(claims.get("scope", "").split()),
            )  # fmt: skip
        except (JoseError, ValueError) as error:
            if fresh:
                raise Refused(NOT_SIGNED_IN) from error
    raise Refused(NOT_SIGNED_IN)


async def authorised(request: Request) -> Principal | None:
    """FastAPI dependency of every route: the caller, once the table of rights lets it through; None where anyone may.

    Raises `Refused`: not signed in, or not allowed, saying to whom it is.
    """
    permission = permission_of(
        request.app.state.runtime.service.context, request.scope["route"], request.method
    )
    if permission == ANYONE:
        return None
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused(NOT_SIGNED_IN)
    principal = await verify(token.strip(), request.app.state.runtime.keys)
    if not permission.given_to(principal.role, principal.rights):
        raise _not_allowed(permission, principal)
    return principal


def permission_of(context: str, route: BaseRoute, method: str) -> Permission:
    """The line of the table for a route of a service. Raises LookupError when there is none: nobody may, then."""
    path = getattr(route, "path", "").removeprefix("/v1")
    operation = f"{method} {path}"
    return EVERYWHERE.get(operation) or OPERATIONS[context][operation]


def _not_allowed(permission: Permission, principal: Principal) -> Refused:
    if permission.right and principal.role in permission.roles:
        return Refused(RIGHT_MISSING, right=RIGHT_NAMES[permission.right])
    return Refused(NOT_ALLOWED, roles=", ".join(ROLE_NAMES[role] for role in sorted(permission.roles)))


async def _caller(principal: Annotated[Principal | None, Depends(authorised)]) -> Principal:
    if principal is None:
        raise Refused(NOT_SIGNED_IN)
    return principal


Caller = Annotated[Principal, Depends(_caller)]
"""A route's parameter: who calls, already allowed to."""
