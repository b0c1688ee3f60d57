"""Offerings over HTTP: fill in, submit, decide, withdraw.  (R5)"""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from services.offerings import offering
from services.offerings.dossiers import (
    CONTEXT,
    Offered,
    draft_of,
    drafts,
    held_by_office,
    keep,
    offering_of,
    reasons,
    retyped,
    revealed,
)  # fmt: skip
from services.offerings.forms import FORM, offering_submitted
from services.offerings.refusals import FORM_INCOMPLETE, NOBODY
from services.offerings.requests import DecisionIn, FormIn, WithdrawalIn
from services.offerings.views import SQL
from shared.events import Sealed
from shared.events.offerings import OfferingSubmitted
from shared.runtime import receipts
from shared.runtime.asked import Asked
from shared.runtime.auth import Caller, Principal
from shared.runtime.dossier import first_answer
from shared.runtime.form import Values
from shared.runtime.http import ReadAfter, accepted, asked_by, etag
from shared.runtime.paris import today
from shared.runtime.projection import Row, read
from shared.runtime.refusal import Refused
from shared.runtime.refusals import FORMIRIS, NOT_FOUND, THE_BODY
from shared.runtime.service import Runtime, runtime_of
from shared.runtime.territories import Territories

router = APIRouter(prefix="/offerings", tags=["prestations"])

Service = Annotated[Runtime, Depends(runtime_of)]
Status = Literal["submitted", "accepted", "rejected", "withdrawn"]
RECEIPT = "Prestation"
"""What the receipt of a submission is of."""


@router.post("", status_code=201, dependencies=[ReadAfter])
async def submit(form: FormIn, request: Request, runtime: Service, principal: Caller) -> JSONResponse:
    """Submits an offering; an incomplete one is kept as a draft, and the answer says what is missing (R5)."""
    asked = await asked_by(request, principal)
    return await _submit(runtime, uuid5(asked.command, "offering"), form.fields, asked, principal, 201)


@router.post("/{id}/submission", dependencies=[ReadAfter])
async def submit_again(
    id: UUID, form: FormIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Submits a rejected offering again, corrected."""
    asked = await asked_by(request, principal)
    await offering_of(runtime, id, principal)
    return await _submit(runtime, id, form.fields, asked, principal, 200)


@router.post("/drafts/{id}/submission", dependencies=[ReadAfter])
async def submit_draft(id: UUID, request: Request, runtime: Service, principal: Caller) -> JSONResponse:
    """Submits a draft as it was typed: a new offering, or a rejected one corrected."""
    asked = await asked_by(request, principal)
    if first := await first_answer(runtime, asked):
        return accepted(CONTEXT, first, {"id": str(id)})
    draft = await draft_of(runtime, id, principal)
    return await _submit(runtime, id, draft.fields, asked, principal, 200)


async def _submit(
    runtime: Runtime, id: UUID, fields: Values, asked: Asked, principal: Principal, status: int
) -> JSONResponse:
    if first := await first_answer(runtime, asked):
        return accepted(CONTEXT, first, {"id": str(id)}, status)
    body = UUID(principal.body)
    checked = FORM.check(fields, today(asked.now))
    if checked.missing:
        await keep(runtime, id, fields, None, principal)
        raise Refused(FORM_INCOMPLETE, missing=checked.missing, draft=id)
    known = await runtime.pool.fetchrow(SQL.body, body)
    name = known["name"] if known and known["name"] else "?"
    day = today(asked.now)
    command = offering.SubmitOffering(
        _routed(runtime, offering_submitted(checked.values, id, body, name), day),
        body_accepted=bool(known and known["accepted"]),
        body_suspended=bool(known and known["suspended"]),
        body_territory=_answering(runtime, known["territory"] if known else None, day),
    )
    if known and known["correlation"]:
        asked = replace(asked, correlation=known["correlation"])
    try:
        with held_by_office(runtime, known["territory"] if known else None):
            appended = await runtime.commands.handle(offering.DECIDER, f"offering-{id}", command, asked)
    except Refused:
        await keep(runtime, id, fields, None, principal)
        raise
    await drafts(runtime).drop(id, body)
    return accepted(CONTEXT, appended, {"id": str(id)}, status)


def _routed(runtime: Runtime, form: OfferingSubmitted, day: date) -> OfferingSubmitted:
    """The form, for the territory that answers on that day in the place of the one it names."""
    return form.model_copy(update={"territory": _answering(runtime, form.territory, day)})


def _answering(runtime: Runtime, territory: str | None, day: date) -> str | None:
    known: Territories = runtime.own
    return known.answering(territory, day) if territory else None


@router.get("", dependencies=[ReadAfter])
async def list_offerings(
    runtime: Service,
    principal: Caller,
    status: Status | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:
    """The caller's offerings, the newest first; `next` is the `after` of the page that follows."""
    body = UUID(principal.body) if principal.body else None
    found = await runtime.pool.fetch(SQL.offerings, body, principal.territories, status, after, limit)
    items = await _described(runtime, [read(row["row"]) for row in found])
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


@router.get("/{id}", dependencies=[ReadAfter])
async def show(id: UUID, runtime: Service, principal: Caller) -> JSONResponse:
    """Where an offering stands, who must act next, and its sessions."""
    row = await runtime.pool.fetchval(SQL.offering, id)
    if row is None:
        raise Refused(NOT_FOUND)
    found = read(row)
    principal.check(found["body"], found["territory"])
    (item,) = await _described(runtime, [found])
    form = found["form"] | {"trainers": await revealed(runtime, _sealed(found["form"].get("trainers")))}
    return JSONResponse({**item, "form": form}, headers=etag(found["version"]))


@router.get("/{id}/submissions")
async def list_submissions(id: UUID, runtime: Service, principal: Caller) -> dict[str, Any]:
    """The form each time it was submitted, the first one first: what a decision is about, and what was corrected.

    Each with its receipt: position and hash of the event, and who sent it.
    """
    items = [
        {"revision": event.revision, "at": at, "fields": await retyped(runtime, event)}
        | receipts.receipt(CONTEXT, row)
        for row, at, event in await _submitted(runtime, id, principal)
    ]
    return {"items": items, "next": None}


@router.get("/{id}/submissions/{revision}/receipt.pdf", response_class=Response)
async def show_receipt(id: UUID, revision: int, runtime: Service, principal: Caller) -> Response:
    """What proves that the form was received, as PDF (F11)."""
    sent = await _submitted(runtime, id, principal)
    return await receipts.on_paper(CONTEXT, RECEIPT, sent, revision, lambda event: event.body_name)


async def _submitted(runtime: Runtime, id: UUID, principal: Principal) -> receipts.Sent[OfferingSubmitted]:
    await offering_of(runtime, id, principal)
    return receipts.sent(await runtime.ledger.stream(f"offering-{id}"), OfferingSubmitted)


def _sealed(trainers: dict[str, str] | None) -> Sealed | None:
    return Sealed(**trainers) if trainers else None


@router.post("/{id}/decision")
async def decide(
    id: UUID, decision: DecisionIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Accepts, or rejects with reasons."""
    asked = await asked_by(request, principal)
    found = await offering_of(runtime, id, principal)
    day = today(asked.now)
    if decision.decision == "accept":
        return await _handle(runtime, found, offering.AcceptOffering(asked.actor, day), asked)
    command = offering.RejectOffering(reasons(decision.reasons), asked.actor, day)
    return await _handle(runtime, found, command, asked)


@router.post("/{id}/withdrawal", dependencies=[ReadAfter])
async def withdraw(
    id: UUID, withdrawal: WithdrawalIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Takes an offering back, as long as nothing of it is ordered."""
    asked = await asked_by(request, principal)
    found = await offering_of(runtime, id, principal)
    ordered = await runtime.pool.fetchval(SQL.ordered, id)
    command = offering.WithdrawOffering(asked.actor, ordered, withdrawal.reason)
    return await _handle(runtime, found, command, asked)


async def _handle(runtime: Runtime, found: Offered, command: offering.Command, asked: Asked) -> JSONResponse:
    with held_by_office(runtime, found.form.territory):
        appended = await runtime.commands.handle(offering.DECIDER, f"offering-{found.id}", command, asked)
    return accepted(CONTEXT, appended, {"id": str(found.id)})


async def _described(runtime: Runtime, rows: list[Row]) -> list[Row]:
    """Offerings as people read them, the sessions of all fetched at once."""
    found = await runtime.pool.fetch(SQL.sessions_of, [UUID(row["id"]) for row in rows])
    sessions: dict[str, list[Row]] = {}
    for each in found:
        sessions.setdefault(str(each["offering"]), []).append(_session(read(each["row"])))
    return [
        {
            **{name: row[name] for name in _SHOWN},
            **_NEXT_STEPS[row["status"]],
            "sessions": sessions.get(row["id"], []),
        }
        for row in rows
    ]


def _session(row: Row) -> Row:
    return {
        "id": row["id"],
        "starts_on": row["starts_on"],
        "ends_on": row["ends_on"],
        "place": row["place"],
        "timetable": row["timetable"],
        "price": f"{row['price']:.2f}",
        "units": row["units"],
        "status": "cancelled" if row["cancelled"] else "planned",
        "cancelled": row["cancelled"],
        "order": row["order"],
        "order_status": row["order_status"],
    }


_SHOWN = (
    "id", "status", "body", "body_name", "title", "perimeter", "territory", "cost_type", "revision", "reasons",
    "version", "submitted_at",
)  # fmt: skip

_NEXT_STEPS: dict[str, Row] = {
    "submitted": {"holder": FORMIRIS, "next_step": "Formiris examine la prestation."},
    "accepted": {
        "holder": FORMIRIS,
        "next_step": "Formiris affecte les enseignants et commande les sessions.",
    },
    "rejected": {
        "holder": THE_BODY,
        "next_step": "L'organisme corrige sa prestation et la soumet à nouveau.",
    },
    "withdrawn": {"holder": NOBODY, "next_step": "La prestation a été retirée."},
}
