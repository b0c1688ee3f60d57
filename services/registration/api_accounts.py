"""Accounts over HTTP: activate; a body's administrators invite, give rights, close; Assistance looks them up."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from services.registration import account, administrators
from services.registration.api_tokens import check_address, failed
from services.registration.dossiers import CONTEXT, held_by, reveal
from services.registration.refusals import ACTIVATION_REFUSED, NO_LONGER_ADMINISTRATOR
from services.registration.requests import ActivationIn, InvitationIn, RightsIn
from services.registration.views import SQL, searched
from shared.events import Clear
from shared.runtime.asked import Asked, Part
from shared.runtime.auth import Caller, Principal
from shared.runtime.dossier import Dossier, dossier, first_answer
from shared.runtime.http import READ_AFTER_SECONDS, ReadAfter, accepted, asked_by
from shared.runtime.projection import Row, read
from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_FOUND
from shared.runtime.rights import ALL_RIGHTS
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(prefix="/accounts", tags=["comptes"])
colleagues = APIRouter(tags=["comptes"])

Service = Annotated[Runtime, Depends(runtime_of)]

WITHIN_THE_HOUR = "Les droits changent à la prochaine connexion, et au plus tard dans une heure."


@router.post("/activation", dependencies=[ReadAfter])
async def activate(activation: ActivationIn, request: Request, runtime: Service) -> JSONResponse:
    """Uses the code that was e-mailed, and chooses a password. An unknown login is answered as a wrong code is."""
    asked = await asked_by(request, None)
    if first := await first_answer(runtime, asked):
        return accepted(CONTEXT, first, {})
    await check_address(runtime, request)
    credentials = runtime.own.credentials
    found = await runtime.pool.fetchrow(SQL.account_by_login, credentials.login_key(activation.login))
    right = credentials.code_is(activation.code, found["code"] if found else None)
    if not found or not right:
        await failed(runtime, request)
        raise Refused(ACTIVATION_REFUSED)
    hashed = await credentials.hash(activation.password)
    await runtime.pool.execute(SQL.keep_credential, uuid5(asked.command, "0"), found["id"], None, hashed)
    command = account.ActivateAccount(found["id"], right, asked.now)
    return await opened(runtime, found["id"], command, asked)


@router.post("", status_code=201)
async def invite(
    invitation: InvitationIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Opens an account for a colleague, who gets a code by e-mail and chooses a password with it."""
    asked = await asked_by(request, principal)
    if first := await first_answer(runtime, asked):
        return accepted(CONTEXT, first, {"id": str(_invited(asked))}, 201)
    await still_administers(runtime, principal)
    made, event = _invited(asked), uuid5(asked.command, "0")
    person = f"account-{made}"
    credentials = runtime.own.credentials
    key, code = credentials.login_key(invitation.email), credentials.code(event)
    holder = await held_by(runtime, key, made)
    await runtime.pool.execute(SQL.keep_credential, event, made, key, credentials.digest(code))
    command = account.OpenAccount(
        made, UUID(principal.body), Clear(person, invitation.email), Clear(person, invitation.name),
        runtime.own.new_code(person, code, asked.now),
        login_held_by=holder,
        first_name=Clear(person, invitation.first_name), rights=invitation.rights, by=asked.actor,
    )  # fmt: skip
    appended = await runtime.commands.handle(account.DECIDER, f"account-{made}", command, asked)
    return accepted(CONTEXT, appended, {"id": str(made)}, 201)


@router.get("", dependencies=[ReadAfter])
async def list_accounts(
    runtime: Service,
    principal: Caller,
    search: Annotated[str | None, Query(min_length=3, max_length=200)] = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:
    """A body's own accounts; for Formiris all, or that of an id or an address, or those of bodies with these words."""
    if principal.role == "body":
        rows = await runtime.pool.fetch(SQL.accounts_of_body, UUID(principal.body), after, limit)
    elif named := _named(search):
        rows = await runtime.pool.fetch(SQL.account, named) if after is None else []
    else:
        key = runtime.own.credentials.login_key(search or "")
        rows = await runtime.pool.fetch(
            SQL.accounts_found, key, searched(search) if search else None, after, limit
        )
    items = await _described(runtime, [read(row["row"]) for row in rows], principal)
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


def _named(search: str | None) -> UUID | None:
    """The account that is looked for by its id."""
    try:
        return UUID(search or "")
    except ValueError:
        return None


@colleagues.get("/colleagues", dependencies=[ReadAfter])
async def list_colleagues(runtime: Service, principal: Caller) -> dict[str, Any]:
    """The people of the caller's body by account, closed ones too: who typed, sent or returned something."""
    rows = [
        read(row["row"])
        for row in await runtime.pool.fetch(SQL.accounts_of_body, UUID(principal.body), None, 500)
    ]
    personal = await reveal(runtime, *(row[name] for row in rows for name in ("name", "first_name")))
    items = [
        {
            "id": row["id"],
            "name": personal[2 * place],
            "first_name": personal[2 * place + 1],
            "administers": _status(row) == "active" and "administer" in _rights(row),
        }
        for place, row in enumerate(rows)
    ]
    return {"items": items, "next": None}


@colleagues.get("/managers")
async def list_managers(runtime: Service, principal: Caller) -> dict[str, Any]:
    """Formiris's managers who may follow a dossier of the caller's: those of its territories, and national ones."""
    seen = principal.territories
    found = sorted(
        (each.principal for each in runtime.own.members.values() if each.principal.role == "manager"),
        key=lambda each: each.subject,
    )
    items = [
        {"id": each.subject, "territory": each.territory}
        for each in found
        if seen is None or each.territory is None or each.territory in seen
    ]
    return {"items": items, "next": None}


@router.patch("/{id}")
async def change_rights(
    id: UUID, given: RightsIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Says what an account of the body may do; its last administrator stays one."""
    asked = await asked_by(request, principal)
    if first := await first_answer(runtime, asked):
        return accepted(
            CONTEXT, first, {"id": str(id), "rights": sorted(given.rights), "effective": WITHIN_THE_HOUR}
        )
    found = await _own(runtime, id, principal)
    changed = replace(found.state, rights=given.rights)
    parts = [
        Part(account.DECIDER, f"account-{id}", account.ChangeRights(given.rights, asked.actor), asked),
        _administration(changed, asked),
    ]
    appended = (await runtime.commands.together(parts))[0]
    content = {"id": str(id), "rights": sorted(given.rights), "effective": WITHIN_THE_HOUR}
    return accepted(CONTEXT, appended, content)


@router.delete("/{id}")
async def close(id: UUID, request: Request, runtime: Service, principal: Caller) -> JSONResponse:
    """Closes an account of the body and ends its sessions; its last administrator's stays open."""
    asked = await asked_by(request, principal)
    if first := await first_answer(runtime, asked):
        return accepted(CONTEXT, first, {"id": str(id), "effective": WITHIN_THE_HOUR})
    found = await _own(runtime, id, principal)
    closed = replace(found.state, status="closed")
    parts = [
        Part(account.DECIDER, f"account-{id}", account.CloseAccount(asked.actor), asked),
        _administration(closed, asked),
    ]
    appended = (await runtime.commands.together(parts))[0]
    return accepted(CONTEXT, appended, {"id": str(id), "effective": WITHIN_THE_HOUR})


async def opened(
    runtime: Runtime, id: UUID, command: account.ActivateAccount | account.CompleteReset, asked: Asked
) -> JSONResponse:
    """Somebody proved to read the account's address: it signs in, and administers if it has the right to."""
    found = await dossier(runtime, account.DECIDER, f"account-{id}")
    parts = [Part(account.DECIDER, f"account-{id}", command, asked)]
    if found.state.opened and found.state.opened.body_id:
        parts.append(_administration(replace(found.state, proven=True), asked))
    appended = (await runtime.commands.together(parts))[0]
    await runtime.wait_for(CONTEXT, appended.partition, appended.sequence, READ_AFTER_SECONDS)
    return accepted(CONTEXT, appended, {"id": str(id)})


def _administration(state: account.Account, asked: Asked) -> Part:
    """The share of the body's administrators in a change of one account."""
    assert state.opened is not None  # noqa: S101 - only accounts that exist come here
    assert state.opened.body_id is not None  # noqa: S101 - and only those of a body
    body = state.opened.body_id
    command = administrators.SetAdministrator(body, state.opened.account_id, state.administers)
    return Part(administrators.DECIDER, f"administrators-{body}", command, asked.part(1))


async def still_administers(runtime: Runtime, principal: Principal) -> None:
    """A token says what was true when it was issued: who administers others is looked up again."""
    state = (await dossier(runtime, account.DECIDER, f"account-{principal.subject}")).state
    if not state.administers:
        raise Refused(NO_LONGER_ADMINISTRATOR)


async def _own(runtime: Runtime, id: UUID, principal: Principal) -> Dossier[account.Account]:
    """An account of the caller's body. Another's looks as if it did not exist."""
    await still_administers(runtime, principal)
    found = await dossier(runtime, account.DECIDER, f"account-{id}")
    if found.state.opened is None or str(found.state.opened.body_id) != principal.body:
        raise Refused(NOT_FOUND)
    return found


def _invited(asked: Asked) -> UUID:
    return uuid5(asked.command, "account")


async def _described(runtime: Runtime, rows: list[Row], principal: Principal) -> list[Row]:
    """Accounts as people read them; the names of all are revealed at once."""
    names = ("login", "name", "first_name")
    personal = await reveal(runtime, *(row[name] for row in rows for name in names))
    return [
        {
            "id": row["id"],
            "email": personal[3 * place],
            "name": personal[3 * place + 1],
            "first_name": personal[3 * place + 2],
            "body": row["body"],
            "rights": sorted(_rights(row)),
            "status": _status(row),
            "locked_until": row["locked_until"] if _status(row) == "locked" else None,
            "opened_at": row["opened_at"],
            "yours": row["id"] == principal.subject,
            "version": row["version"],
        }
        for place, row in enumerate(rows)
    ]


def _rights(row: Row) -> Collection[str]:
    """Those of a body's first account are not said: it has all of them."""
    return ALL_RIGHTS if row["rights"] is None else row["rights"]


def _status(row: Row) -> str:
    """A lock that says until when is over by itself."""
    until = row["locked_until"]
    if row["status"] == "locked" and until and datetime.fromisoformat(until) <= datetime.now(UTC):
        return "active"
    return str(row["status"])
