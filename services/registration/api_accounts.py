"""Accounts over HTTP: activate, sign in; and the keys that tokens are verified with."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID, uuid5

import asyncpg
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from services.registration import account
from services.registration.dossiers import CONTEXT
from services.registration.refusals import ACCOUNT_LOCKED, ACTIVATION_REFUSED, SIGN_IN_REFUSED
from services.registration.requests import ActivationIn, SignInIn
from services.registration.staff import Member
from services.registration.tokens import LIFETIME
from services.registration.views import SQL
from shared.runtime.asked import Asked
from shared.runtime.auth import Principal
from shared.runtime.dossier import dossier, first_answer
from shared.runtime.http import READ_AFTER_SECONDS, ReadAfter, accepted, asked_by
from shared.runtime.refusal import Refused
from shared.runtime.rights import ALL_RIGHTS
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(tags=["comptes"])
root = APIRouter(tags=["comptes"])

Service = Annotated[Runtime, Depends(runtime_of)]

ATTEMPTS = 10
"""Wrong passwords in a row, after which nobody signs in before new codes are given."""
NO_CODE = UUID(int=0)


@root.get("/.well-known/jwks.json")
async def jwks(runtime: Service) -> dict[str, Any]:
    """The public keys of access tokens."""
    keys: dict[str, Any] = runtime.own.tokens.published()
    return keys


@router.post("/accounts/activation", dependencies=[ReadAfter])
async def activate(activation: ActivationIn, request: Request, runtime: Service) -> JSONResponse:
    """Uses the code that was e-mailed, and chooses a password. An unknown login is answered as a wrong code is."""
    asked = await asked_by(request, None)
    if first := await first_answer(runtime, asked):
        return accepted(CONTEXT, first, {})
    credentials = runtime.own.credentials
    found = await runtime.pool.fetchrow(SQL.account_by_login, credentials.login_key(activation.login))
    right = credentials.code_is(activation.code, found["code"] if found else None)
    if not found or not right:
        raise Refused(ACTIVATION_REFUSED)
    hashed = await credentials.hash(activation.password)
    event = uuid5(asked.command, "0")
    await runtime.pool.execute(SQL.keep_credential, event, found["id"], None, hashed)
    command = account.ActivateAccount(found["id"], right, asked.now)
    appended = await runtime.commands.handle(account.DECIDER, f"account-{found['id']}", command, asked)
    await runtime.wait_for(CONTEXT, appended.partition, appended.sequence, READ_AFTER_SECONDS)
    return accepted(CONTEXT, appended, {"id": str(found["id"])})


@router.post("/tokens", dependencies=[ReadAfter])
async def sign_in(given: SignInIn, runtime: Service) -> dict[str, Any]:
    """An access token for an hour. An unknown login is answered as a wrong password is, and as slowly."""
    key = runtime.own.credentials.login_key(given.login)
    member = runtime.own.members.get(key)
    found = None if member else await runtime.pool.fetchrow(SQL.account_by_login, key)
    since = (found["code_ref"] if found else None) or NO_CODE
    made = await runtime.pool.fetchval(SQL.attempt, key, since)
    if made > ATTEMPTS or (found and found["status"] == "locked"):
        raise Refused(ACCOUNT_LOCKED)
    principal, hashed = _who(member, found)
    right = await runtime.own.credentials.password_is(given.password, hashed)
    if not right or (found and not await _is_active(runtime, found["id"])):
        if made == ATTEMPTS and found:
            await _lock(runtime, found["id"], since)
        raise Refused(SIGN_IN_REFUSED)
    await runtime.pool.execute(SQL.signed_in, key)
    return {
        "access_token": runtime.own.tokens.issue(principal),
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "role": principal.role,
        "body": principal.body,
        "territory": principal.territory,
    }


def _who(member: Member | None, found: asyncpg.Record | None) -> tuple[Principal, str | None]:
    """Who the login names, and the hash of their password; no hash: nobody signs in."""
    if member:
        return member.principal, member.password
    if found and found["status"] == "active":
        return Principal(str(found["id"]), "body", body=str(found["body"]), rights=ALL_RIGHTS), found[
            "password"
        ]
    return Principal("nobody", "body"), None


async def _is_active(runtime: Runtime, id: UUID) -> bool:
    """From its stream: a view may still show an account whose codes were just reissued."""
    return (await dossier(runtime, account.DECIDER, f"account-{id}")).state.status == "active"


async def _lock(runtime: Runtime, id: UUID, since: UUID) -> None:
    """Locks an account: one command for each code, however many attempts come at once."""
    asked = Asked(
        command=uuid5(since, "too many attempts"), fingerprint=sha256(since.bytes).digest(), actor="system:sign-in",
        now=datetime.now(UTC), correlation=str(since),
    )  # fmt: skip
    await runtime.commands.handle(
        account.DECIDER, f"account-{id}", account.LockAccount("system:sign-in"), asked
    )
