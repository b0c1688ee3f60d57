"""Assistance over HTTP: ask for help, check who asks, act.  (R4)"""

import asyncio
from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from services.registration import account, assistance
from services.registration.dossiers import CONTEXT, reveal
from services.registration.refusals import ACCOUNT_UNKNOWN, ASSISTANCE, EMAIL_MISSING
from services.registration.requests import AssistanceIn, ResolutionIn
from services.registration.views import SQL
from shared.events import Clear
from shared.runtime.asked import Asked, Part
from shared.runtime.auth import Caller
from shared.runtime.dossier import Dossier, dossier, first_answer
from shared.runtime.http import READ_AFTER_SECONDS, ReadAfter, accepted, asked_by, etag
from shared.runtime.projection import Row, read
from shared.runtime.refusal import Missing, Refused
from shared.runtime.refusals import NOT_FOUND
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(prefix="/assistance-requests", tags=["assistance"])

Service = Annotated[Runtime, Depends(runtime_of)]

_SUBJECTS: dict[str, assistance.Subject] = {
    "lost-codes": "lost-codes",
    "email-changed": "email-no-longer-valid",
}
_OUTCOMES: dict[str, assistance.Outcome] = {
    "reissue-codes": "codes-reissued",
    "change-email": "email-changed",
}


@router.post("", status_code=201)
async def ask(body: AssistanceIn, request: Request, runtime: Service) -> JSONResponse:
    """Asks for help; the answer is the same whether the address is known or not."""
    asked = await asked_by(request, None)
    made = uuid5(asked.command, "assistance request")
    known = await runtime.pool.fetchrow(SQL.account_by_login, runtime.own.credentials.login_key(body.email))
    person = f"requester-{made}"
    command = assistance.RequestAssistance(
        made, _SUBJECTS[body.kind], Clear(person, body.email), Clear(person, body.message),
        known["id"] if known else None, known["body"] if known else None,
    )  # fmt: skip
    appended = await runtime.commands.handle(assistance.DECIDER, f"ticket-{made}", command, asked)
    return accepted(CONTEXT, appended, {"id": str(made), "holder": ASSISTANCE}, 201)


@router.get("", dependencies=[ReadAfter])
async def list_tickets(
    runtime: Service,
    _principal: Caller,
    status: Literal["open", "resolved"] | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:
    """Requests for help, the newest first; `next` is the `after` of the page that follows."""
    found = await runtime.pool.fetch(SQL.tickets, status, after, limit)
    items = await _described(runtime, [read(row["row"]) for row in found])
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


@router.get("/{id}", dependencies=[ReadAfter])
async def show(id: UUID, runtime: Service, _principal: Caller) -> JSONResponse:
    """A request for help."""
    row = await runtime.pool.fetchval(SQL.ticket, id)
    if row is None:
        raise Refused(NOT_FOUND)
    found = read(row)
    (item,) = await _described(runtime, [found])
    return JSONResponse(item, headers=etag(found["version"]))


@router.post("/{id}/resolution", dependencies=[ReadAfter])
async def resolve(
    id: UUID, resolution: ResolutionIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Reissues the codes, or changes the address, once the checks made are told; each step is an event."""
    asked = await asked_by(request, principal)
    if first := await first_answer(runtime, asked):
        return accepted(CONTEXT, first, {"id": str(id)})
    ticket = await dossier(runtime, assistance.DECIDER, f"ticket-{id}")
    whose = await _account(runtime, ticket.state, resolution.body)
    resolved = assistance.ResolveAssistance(
        _OUTCOMES[resolution.action], tuple(resolution.checks), asked.actor, whose.state.opened.account_id
    )
    acting = replace(asked.part(1), correlation=whose.correlation)
    act = await _action(runtime, id, resolution, whose.state, acting)
    answers = await runtime.commands.together(
        [
            Part(assistance.DECIDER, f"ticket-{id}", resolved, asked),
            Part(account.DECIDER, f"account-{resolved.account}", act, acting),
        ]
    )
    await asyncio.gather(
        *(runtime.wait_for(CONTEXT, each.partition, each.sequence, READ_AFTER_SECONDS) for each in answers)
    )
    return accepted(CONTEXT, answers[0], {"id": str(id), "account": str(resolved.account)})


async def _account(runtime: Runtime, ticket: assistance.Ticket, body: UUID | None) -> Dossier[Any]:
    """The account that a ticket is about, as told or as found by its address. Raises `Refused` when it is unknown."""
    if ticket.request is None:
        raise Refused(NOT_FOUND)
    whose = await runtime.pool.fetchval(SQL.account_of_body, body) if body else ticket.request.account_id
    if whose is None:
        raise Refused(ACCOUNT_UNKNOWN, missing=[Missing("body", "Organisme dont c'est le compte")])
    return await dossier(runtime, account.DECIDER, f"account-{whose}")


async def _action(
    runtime: Runtime, ticket: UUID, resolution: ResolutionIn, whose: account.Account, asked: Asked
) -> account.Command:
    opened = whose.opened
    if opened is None:
        raise Refused(ACCOUNT_UNKNOWN)
    person, credentials = opened.login.person, runtime.own.credentials
    if resolution.action == "reissue-codes":
        event = uuid5(asked.command, "0")
        code = credentials.code(event)
        await runtime.pool.execute(
            SQL.keep_credential, event, opened.account_id, None, credentials.digest(code)
        )
        return account.ReissueCodes(runtime.own.new_code(person, code, asked.now), asked.actor, ticket)
    if resolution.email is None:
        raise Refused(EMAIL_MISSING, missing=[Missing("email", "Nouvelle adresse e-mail")])
    key = credentials.login_key(resolution.email)
    holder = await runtime.pool.fetchrow(SQL.account_by_login, key)
    changed, reissued = uuid5(asked.command, "0"), uuid5(asked.command, "1")
    code = credentials.code(reissued)
    await runtime.pool.execute(SQL.keep_credential, changed, opened.account_id, key, None)
    await runtime.pool.execute(
        SQL.keep_credential, reissued, opened.account_id, None, credentials.digest(code)
    )
    return account.ChangeEmail(
        Clear(person, resolution.email), runtime.own.new_code(person, code, asked.now), asked.actor, ticket,
        login_held_by=holder["id"] if holder and holder["id"] != opened.account_id else None,
    )  # fmt: skip


async def _described(runtime: Runtime, rows: list[Row]) -> list[Row]:
    personal = await reveal(runtime, *(row[name] for row in rows for name in ("email", "message")))
    return [
        {
            **row,
            "email": personal[2 * place],
            "message": personal[2 * place + 1],
            "holder": ASSISTANCE if row["status"] == "open" else None,
        }
        for place, row in enumerate(rows)
    ]
