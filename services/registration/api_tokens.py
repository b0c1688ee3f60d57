"""Signing in over HTTP: tokens for people and for subscribers' systems, sessions ended; the keys of tokens."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID, uuid5

import asyncpg
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from services.registration import account, sessions
from services.registration.credentials import evenly
from services.registration.dossiers import CONTEXT
from services.registration.hours import clock
from services.registration.refusals import (
    ACCOUNT_LOCKED,
    CLIENT_REFUSED,
    CODE_NEEDED,
    CODE_REFUSED,
    SIGN_IN_REFUSED,
    TOO_MANY_ATTEMPTS,
)
from services.registration.requests import EndIn, TokenIn
from services.registration.staff import Member
from services.registration.time_codes import TimeCodes
from services.registration.views import SQL
from shared.runtime.asked import Asked
from shared.runtime.auth import Caller
from shared.runtime.dossier import dossier
from shared.runtime.forwarded import HEADER, believed
from shared.runtime.http import ReadAfter, accepted, asked_by
from shared.runtime.paris import today
from shared.runtime.refusal import Missing, Refused
from shared.runtime.refusals import INVALID
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(tags=["comptes"])
root = APIRouter(tags=["comptes"])

Service = Annotated[Runtime, Depends(runtime_of)]

ATTEMPTS = 10
"""Wrong passwords or codes in a row, after which nobody signs in for a quarter of an hour."""
NO_CODE = UUID(int=0)


@root.get("/.well-known/jwks.json")
async def jwks(runtime: Service) -> dict[str, Any]:
    """The public keys of access tokens."""
    keys: dict[str, Any] = runtime.own.tokens.published()
    return keys


@router.post("/tokens", dependencies=[ReadAfter])
async def tokens(given: TokenIn, request: Request, runtime: Service) -> dict[str, Any]:
    """Tokens for a login and a password, for a refresh token, or for a subscriber's client id and secret."""
    match given.grant_type:
        case "refresh_token":
            return await sessions.renewed(runtime, *_required(given, "refresh_token"))
        case "client_credentials":
            await check_address(runtime, request)
            return await _client(runtime, request, *_required(given, "client_id", "client_secret"))
        case "password":
            await check_address(runtime, request)
            login, password = _required(given, "login", "password")
            return await _sign_in(runtime, request, login, password, given.code)


@router.post("/sessions/end")
async def end(
    request: Request, runtime: Service, principal: Caller, only: EndIn | None = None
) -> JSONResponse:
    """Ends every session of the caller, everywhere, or only that of a refresh token.

    Access tokens that are out serve an hour at most.
    """
    asked = await asked_by(request, principal)
    if only:
        await runtime.pool.execute(
            SQL.end_session_of, runtime.own.credentials.token_digest(only.refresh_token)
        )
        return JSONResponse({"ended": True})
    if principal.role != "body":
        return await _end_staff(runtime, principal.subject)
    stream = f"account-{principal.subject}"
    found = await dossier(runtime, account.DECIDER, stream)
    command = account.EndSessions(found.state.generation, asked.actor)
    appended = await runtime.commands.handle(account.DECIDER, stream, command, asked)
    return accepted(CONTEXT, appended, {"ended": True})


def _required(given: TokenIn, *names: str) -> list[str]:
    """What this way of signing in needs. Raises `Refused` with what lacks."""
    missing = [Missing(name, name, "body", "champ obligatoire") for name in names if not getattr(given, name)]
    if missing:
        raise Refused(INVALID, missing=missing)
    return [getattr(given, name) for name in names]


async def _sign_in(
    runtime: Runtime, request: Request, login: str, password: str, code: str | None
) -> dict[str, Any]:
    """An unknown login is answered as a wrong password is, and as slowly; both are locked alike."""
    key = runtime.own.credentials.login_key(login)
    member = runtime.own.members.get(key)
    found = None if member else await runtime.pool.fetchrow(SQL.account_by_login, key)
    since = (found["code_ref"] if found else None) or NO_CODE
    async with runtime.own.credentials.turn(request.is_disconnected):
        (tried,) = await runtime.pool.fetch(SQL.attempt, key, since, ATTEMPTS)
        if tried["made"] > ATTEMPTS:
            raise locked(tried["locked_until"])
        right = await runtime.own.credentials.password_is(password, _password(member, found))
    if not right:
        await failed(runtime, request)
        if tried["made"] == ATTEMPTS:
            await evenly(_lock(runtime, found["id"], tried["locked_until"]) if found else None)
        raise Refused(SIGN_IN_REFUSED)
    if member and member.codes:
        await _second_step(runtime, request, key, member.codes, code)
    return await _begin(runtime, key, member, found)


async def _second_step(
    runtime: Runtime, request: Request, key: bytes, codes: TimeCodes, code: str | None
) -> None:
    """Asked for once the password is right, and counted as a try until a code is: wrong ones lock like passwords."""
    if not code:
        raise Refused(CODE_NEEDED)
    period = codes.period_of(code, datetime.now(UTC))
    if period is None or not await runtime.pool.fetchval(SQL.use_code, key, period):
        await failed(runtime, request)
        raise Refused(CODE_REFUSED)


def _password(member: Member | None, found: asyncpg.Record | None) -> str | None:
    """The hash to compare with; None: whatever is given is wrong."""
    if member:
        return member.password
    return found["password"] if found else None


async def _begin(
    runtime: Runtime, key: bytes, member: Member | None, found: asyncpg.Record | None
) -> dict[str, Any]:
    """From the account's stream: a view may still show one whose codes were just reissued."""
    if found is None or member:
        assert member is not None  # noqa: S101 - somebody's password was right
        await runtime.pool.execute(SQL.signed_in, key)
        principal = sessions.of_today(member.principal, runtime.own.offices, today())
        return await sessions.begin(runtime, principal, key)
    state = (await dossier(runtime, account.DECIDER, f"account-{found['id']}")).state
    if not state.signs_in(datetime.now(UTC)):
        raise locked(state.locked_until) if state.status == "locked" else Refused(SIGN_IN_REFUSED)
    await runtime.pool.execute(SQL.signed_in, key)
    return await sessions.begin(runtime, sessions.user(state), key, state.generation)


async def _client(runtime: Runtime, request: Request, id: str, secret: str) -> dict[str, Any]:
    client = runtime.own.clients.get(id)
    async with runtime.own.credentials.turn(request.is_disconnected):
        right = await runtime.own.credentials.password_is(secret, client.password if client else None)
    if not (right and client):
        await failed(runtime, request)
        raise Refused(CLIENT_REFUSED)
    return sessions.granted(runtime, client.principal, None, client.topics)


async def _end_staff(runtime: Runtime, subject: str) -> JSONResponse:
    """Formiris's own people have no account in the history: their refresh tokens are ended."""
    for key, member in runtime.own.members.items():
        if member.principal.subject == subject:
            await runtime.pool.execute(SQL.end_sessions_of_login, key)
    return JSONResponse({"ended": True})


def locked(until: datetime | None) -> Refused:
    """Nobody signs in with this login before; the same words for one that nobody has."""
    when = f"jusqu'à {clock(until)}" if until else "jusqu'à nouvel ordre"
    return Refused(ACCOUNT_LOCKED, until=when)


async def check_address(runtime: Runtime, request: Request) -> None:
    """Raises `Refused` when too many attempts came from the caller's network address in this quarter of an hour."""
    made = await runtime.pool.fetchval(SQL.tally, _address(runtime, request))
    if made >= runtime.own.failures_per_address:
        raise Refused(TOO_MANY_ATTEMPTS, until=clock(_next_quarter(datetime.now(UTC))))


async def failed(runtime: Runtime, request: Request) -> None:
    """Counted in the database: every process of this service sees the same count. So is whatever anyone may send."""
    await runtime.pool.execute(SQL.count_one, _address(runtime, request))


def _address(runtime: Runtime, request: Request) -> bytes:
    peer = request.client.host if request.client else ""
    address = believed(runtime.own.forwarding_secret, request.headers.get(HEADER)) or peer
    key: bytes = runtime.own.credentials.tally_key("address", address)
    return key


def _next_quarter(now: datetime) -> datetime:
    seconds = 900
    return datetime.fromtimestamp((now.timestamp() // seconds + 1) * seconds, UTC)


async def _lock(runtime: Runtime, id: UUID, until: datetime) -> None:
    """Locks an account: one command for each lock, however many attempts come at once."""
    name = f"{id} too many attempts until {until.isoformat()}"
    asked = Asked(
        command=uuid5(id, name), fingerprint=sha256(name.encode()).digest(), actor="system:sign-in",
        now=datetime.now(UTC), correlation=str(id),
    )  # fmt: skip
    command = account.LockAccount("system:sign-in", asked.now, until)
    await runtime.commands.handle(account.DECIDER, f"account-{id}", command, asked)
