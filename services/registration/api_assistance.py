"""Assistance over HTTP: when it answers, asking for help, checking who asks, acting.  (R4)"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from services.registration import account, assistance, hours
from services.registration.api_tokens import check_address, failed
from services.registration.dossiers import CONTEXT, codes_for, reveal
from services.registration.refusals import ACCOUNT_UNKNOWN, ASSISTANCE, EMAIL_MISSING
from services.registration.requests import AssistanceIn, CheckIn, ResolutionIn
from services.registration.views import SQL
from shared.events import Clear, Event, decode
from shared.events.registration import AssistanceIdentityChecked, AssistanceRequested, AssistanceResolved
from shared.runtime import paris, refusal
from shared.runtime.asked import Asked, Part
from shared.runtime.auth import Caller
from shared.runtime.dossier import Dossier, dossier, first_answer
from shared.runtime.http import READ_AFTER_SECONDS, ReadAfter, accepted, asked_by, etag
from shared.runtime.projection import Row, read
from shared.runtime.refusal import Missing, Refused
from shared.runtime.refusals import NOT_FOUND
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(tags=["assistance"])

Service = Annotated[Runtime, Depends(runtime_of)]

_SUBJECTS: dict[str, assistance.Subject] = {
    "lost-codes": "lost-codes",
    "email-changed": "email-no-longer-valid",
    "no-assignment": "no-assignment",
    "other": "other",
}
_OUTCOMES: dict[str, assistance.Outcome] = {
    "reissue-codes": "codes-reissued",
    "change-email": "email-changed",
    "answer": "answered",
    "identity-not-proven": "identity-not-proven",
}
_STEPS: dict[type[Event], str] = {
    AssistanceRequested: "requested",
    AssistanceIdentityChecked: "checked",
    AssistanceResolved: "resolved",
}
UNDO_LIFETIME = timedelta(hours=72)
"""How long the old address may take a change of address back."""


@router.get("/assistance-hours")
async def opening_hours() -> dict[str, Any]:
    """When Assistance answers, whether it does now, and when it opens next; in Paris's time."""
    now = datetime.now(UTC)
    first = paris.today(now)
    closed = hours.closed_days(first, first + timedelta(days=92))
    return {
        **_open(now),
        "hours": hours.IN_WORDS,
        "closed_days": [{"on": day, "name": name} for day, name in closed],
        "contact": _contact(),
    }


@router.post("/assistance-requests", status_code=201)
async def ask(body: AssistanceIn, request: Request, runtime: Service) -> JSONResponse:
    """Asks for help; the answer is the same whether the address is known or not, and says when Assistance reads it."""
    asked = await asked_by(request, None)
    made = uuid5(asked.command, "assistance request")
    content = {"id": str(made), "holder": ASSISTANCE, **_open(asked.now), "contact": _contact()}
    if first := await first_answer(runtime, asked):
        return accepted(CONTEXT, first, content, 201)
    await check_address(runtime, request)
    await failed(runtime, request)
    known = await runtime.pool.fetchrow(SQL.account_by_login, runtime.own.credentials.login_key(body.email))
    person = f"requester-{made}"
    happened_at = body.happened_at.astimezone(UTC) if body.happened_at else None
    command = assistance.RequestAssistance(
        made, _SUBJECTS[body.kind], Clear(person, body.email), Clear(person, body.message),
        known["id"] if known else None, known["body"] if known else None,
        body.dossier, body.refusal, happened_at,
    )  # fmt: skip
    appended = await runtime.commands.handle(assistance.DECIDER, f"ticket-{made}", command, asked)
    return accepted(CONTEXT, appended, content, 201)


def _open(now: datetime) -> dict[str, Any]:
    return {
        "open": hours.is_open(now),
        "next_opening": hours.next_opening(now).isoformat(),
        "sentence": hours.sentence(now),
    }


def _contact() -> dict[str, Any]:
    return {
        "name": refusal.ASSISTANCE.name,
        "email": refusal.ASSISTANCE.email,
        "phone": refusal.ASSISTANCE.phone,
    }


@router.get("/assistance-requests", dependencies=[ReadAfter])
async def list_tickets(
    runtime: Service,
    _principal: Caller,
    status: Literal["open", "resolved"] | None = None,
    order: Literal["newest", "oldest"] = "newest",
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:
    """Requests for help, by age; `next` is the `after` of the page that follows."""
    query = SQL.tickets if order == "newest" else SQL.tickets_by_age
    found = await runtime.pool.fetch(query, status, after, limit)
    items = await _described(runtime, [read(row["row"]) for row in found])
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


@router.get("/assistance-requests/{id}", dependencies=[ReadAfter])
async def show(id: UUID, runtime: Service, _principal: Caller) -> JSONResponse:
    """A request for help."""
    row = await runtime.pool.fetchval(SQL.ticket, id)
    if row is None:
        raise Refused(NOT_FOUND)
    found = read(row)
    (item,) = await _described(runtime, [found])
    return JSONResponse(item, headers=etag(found["version"]))


@router.get("/assistance-requests/{id}/progress")
async def progress(id: UUID, runtime: Service) -> dict[str, Any]:
    """What became of a request, for whoever has its number: its steps and how it ended, and nothing of a person."""
    events = [decode(row.record) for row in await runtime.ledger.stream(f"ticket-{id}")]
    steps = [
        {"step": _STEPS[type(each.data)], "at": each.time} for each in events if type(each.data) in _STEPS
    ]
    ticket = reduce(assistance.evolve, (each.data for each in events), assistance.Ticket())
    if ticket.request is None:
        raise Refused(NOT_FOUND)
    return {
        "id": str(id), "status": ticket.status, "subject": ticket.request.subject, "refusal": ticket.request.refusal,
        "outcome": ticket.outcome, "steps": steps, "holder": ASSISTANCE if ticket.status == "open" else None,
    }  # fmt: skip


@router.post("/assistance-requests/{id}/checks")
async def record(
    id: UUID, given: CheckIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Records one way in which the identity was checked, passed or not, before anything is decided."""
    asked = await asked_by(request, principal)
    command = assistance.RecordCheck(given.check, given.passed, asked.actor)
    appended = await runtime.commands.handle(assistance.DECIDER, f"ticket-{id}", command, asked)
    return accepted(CONTEXT, appended, {"id": str(id)})


@router.post("/assistance-requests/{id}/resolution", dependencies=[ReadAfter])
async def resolve(
    id: UUID, resolution: ResolutionIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Reissues the codes, changes the address, answers, or says that the identity is not proven."""
    asked = await asked_by(request, principal)
    if first := await first_answer(runtime, asked):
        return accepted(CONTEXT, first, {"id": str(id)})
    ticket = await dossier(runtime, assistance.DECIDER, f"ticket-{id}")
    if ticket.state.request is None:
        raise Refused(NOT_FOUND)
    if _OUTCOMES[resolution.action] not in assistance.ACTS:
        return await _close(runtime, id, resolution, asked)
    return await _act(runtime, id, resolution, ticket.state, asked)


async def _close(runtime: Runtime, id: UUID, resolution: ResolutionIn, asked: Asked) -> JSONResponse:
    """An answer by e-mail, and nothing else."""
    answer = Clear(f"requester-{id}", resolution.answer) if resolution.answer else None
    command = assistance.ResolveAssistance(
        _OUTCOMES[resolution.action], tuple(resolution.checks), asked.actor, None, answer
    )
    appended = await runtime.commands.handle(assistance.DECIDER, f"ticket-{id}", command, asked)
    return accepted(CONTEXT, appended, {"id": str(id)})


async def _act(
    runtime: Runtime, id: UUID, resolution: ResolutionIn, ticket: assistance.Ticket, asked: Asked
) -> JSONResponse:
    """What opens an account to somebody, and the resolution: both or neither."""
    whose = await _account(runtime, ticket, resolution)
    resolved = assistance.ResolveAssistance(
        _OUTCOMES[resolution.action], tuple(resolution.checks), asked.actor, whose.state.opened.account_id,
        Clear(f"requester-{id}", resolution.answer) if resolution.answer else None,
    )  # fmt: skip
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


async def _account(runtime: Runtime, ticket: assistance.Ticket, given: ResolutionIn) -> Dossier[Any]:
    """The account that a ticket is about, as told or as found by its address. Raises `Refused` when it is unknown."""
    whose = given.account or (ticket.request.account_id if ticket.request else None)
    if given.body and not given.account:
        whose = await runtime.pool.fetchval(SQL.account_of_body, given.body)
    found = await dossier(runtime, account.DECIDER, f"account-{whose}") if whose else None
    if found is None or found.state.opened is None:
        raise Refused(ACCOUNT_UNKNOWN, missing=[Missing("body", "Organisme dont c'est le compte")])
    return found


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
    kept = await codes_for(runtime, opened.account_id, person, resolution.email, asked)
    undo = credentials.code(uuid5(uuid5(asked.command, "0"), "undo"))
    return account.ChangeEmail(
        Clear(person, resolution.email), kept.code, asked.actor, ticket, kept.held_by,
        account.Code(Clear(person, undo), asked.now + UNDO_LIFETIME),
    )  # fmt: skip


async def _described(runtime: Runtime, rows: list[Row]) -> list[Row]:
    names = ("email", "message", "answer")
    personal = await reveal(runtime, *(row[name] for row in rows for name in names))
    return [
        {
            **row,
            **dict(zip(names, personal[3 * place : 3 * place + 3], strict=True)),
            "holder": ASSISTANCE if row["status"] == "open" else None,
        }
        for place, row in enumerate(rows)
    ]
