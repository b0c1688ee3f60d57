"""Sessions: refresh tokens that are used once for the next, and what an account may do while it is signed in.

An access token lives an hour and no service asks registration about it: rights that change, or a session that is ended,
count at the next refresh, so within the hour. A refresh reads the account's stream, never a view.
"""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import structlog

from services.registration import account
from services.registration.offices import Offices
from services.registration.refusals import SESSION_OVER
from services.registration.tokens import LIFETIME
from services.registration.views import SQL
from shared.runtime.auth import Principal
from shared.runtime.dossier import dossier
from shared.runtime.paris import today
from shared.runtime.refusal import Refused
from shared.runtime.service import Runtime

logger = structlog.get_logger()


async def begin(
    runtime: Runtime, principal: Principal, login_key: bytes, generation: int = 0
) -> dict[str, Any]:
    """The tokens of a new session."""
    token, family = runtime.own.credentials.new_token(), uuid4()
    digest = runtime.own.credentials.token_digest(token)
    of_body = UUID(principal.subject) if principal.role == "body" else None
    of_staff = None if of_body else login_key
    await runtime.pool.execute(SQL.begin_session, digest, family, of_body, of_staff, generation)
    return granted(runtime, principal, token)


async def renewed(runtime: Runtime, token: str) -> dict[str, Any]:
    """The next tokens of a session. A token that served long ago is somebody else's copy: its session ends."""
    digest = runtime.own.credentials.token_digest(token)
    found = await runtime.pool.fetchrow(SQL.refresh_token, digest)
    if found is None or found["over"]:
        raise Refused(SESSION_OVER)
    if found["stale"]:
        logger.warning("refresh token used again", family=str(found["family"]))
        await runtime.pool.execute(SQL.end_family, found["family"])
        raise Refused(SESSION_OVER)
    principal = await _whose(runtime, found["account"], found["login_key"], found["generation"])
    following = runtime.own.credentials.new_token()
    next_digest = runtime.own.credentials.token_digest(following)
    if not await runtime.pool.fetchval(SQL.next_token, digest, next_digest):
        raise Refused(SESSION_OVER)
    return granted(runtime, principal, following)


async def _whose(runtime: Runtime, id: UUID | None, login_key: bytes | None, generation: int) -> Principal:
    """The caller as they are now. Raises `Refused` when the account's sessions ended, or it is no more."""
    if id is None:
        member = runtime.own.members.get(login_key)
        if member is None:
            raise Refused(SESSION_OVER)
        return of_today(member.principal, runtime.own.offices, today())
    state = (await dossier(runtime, account.DECIDER, f"account-{id}")).state
    if state.generation != generation or not goes_on(state):
        raise Refused(SESSION_OVER)
    if state.login is None or await runtime.pool.fetchval(SQL.is_erased, state.login.person):
        raise Refused(SESSION_OVER)
    return user(state)


def goes_on(state: account.Account) -> bool:
    """Whether who is signed in stays so: wrong passwords from outside end nobody's session."""
    return state.status == "active" or (state.status == "locked" and state.locked_until is not None)


def user(state: account.Account) -> Principal:
    """A body's user, with the rights of this moment."""
    assert state.opened is not None  # noqa: S101 - an account that signs in was opened
    return Principal(
        str(state.opened.account_id), "body", body=str(state.opened.body_id), rights=state.rights
    )


def of_today(principal: Principal, offices: Offices, day: date) -> Principal:
    """A manager of a territory that ended acts for its successor, and for the dossiers of those it came after."""
    if principal.role != "manager" or principal.territory is None:
        return principal
    territory = offices.heir(principal.territory, day).territory or principal.territory
    return replace(principal, territory=territory, inherited=offices.inherited(territory, day))


def granted(
    runtime: Runtime, principal: Principal, refresh: str | None, topics: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The answer to whoever signed in, as OAuth 2 says it, and who they are."""
    return {
        "access_token": runtime.own.tokens.issue(principal, topics),
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        **({"refresh_token": refresh} if refresh else {"scope": " ".join(topics)}),
        "role": principal.role,
        "body": principal.body,
        "territory": principal.territory,
        "rights": sorted(principal.rights),
    }
