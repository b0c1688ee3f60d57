"""Sessions over HTTP: move, cancel, assign teachers, order.  (R6, R8)"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from fastapi.responses import JSONResponse

from services.offerings import assignments, offering, order
from services.offerings.assignments import Place
from services.offerings.assignments_file import AT_MOST, LABELS, Assigned, assigned
from services.offerings.dossiers import (
    CONTEXT,
    OfferedSession,
    SessionOrder,
    held_by_office,
    orders_of,
    places_of,
    session_of,
    signed_again,
)
from services.offerings.order_document import TEMPLATE, order_page
from services.offerings.refusals import ORDER_NOT_ISSUED
from services.offerings.requests import AssignmentIn, CancellationIn, RescheduleIn
from services.offerings.terms import Terms, amended, terms_of
from services.offerings.views import SQL
from shared.events import decode
from shared.events.offerings import TeacherAssigned
from shared.events.values import TeacherNumber, UnitCode
from shared.runtime import sheets, uploads
from shared.runtime.asked import Asked, Part
from shared.runtime.auth import Caller
from shared.runtime.dossier import dossier, first_answer
from shared.runtime.http import ReadAfter, accepted, asked_by, etag
from shared.runtime.paris import today
from shared.runtime.pdf import rendered
from shared.runtime.refusal import Refused
from shared.runtime.refusals import WRONG_MEDIA_TYPE
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(prefix="/sessions/{id}", tags=["sessions"])

Service = Annotated[Runtime, Depends(runtime_of)]


@router.post("/reschedule", dependencies=[ReadAfter])
async def reschedule(
    id: UUID, days: RescheduleIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Moves a session to other days, or to another place; its order, if any, is amended, to be signed again (R6)."""
    asked = await asked_by(request, principal)
    found = await session_of(runtime, id, principal)
    if first := await first_answer(runtime, asked):
        return accepted(CONTEXT, first, await _moved(runtime, id))
    command = offering.RescheduleSession(
        id, days.starts_on, days.ends_on, asked.actor, days.place, days.reason, await _attended(runtime, id)
    )
    current = (await orders_of(runtime, id))[-1]
    parts = [Part(offering.DECIDER, f"offering-{found.offered.id}", command, asked)]
    if current.version:
        also = await _amendment(runtime, current.state, found, command, asked)
        parts.append(Part(order.DECIDER, f"order-{current.id}", also, asked.part(1)))
    with held_by_office(runtime, found.offered.form.territory):
        answers = await runtime.commands.together(parts)
    return accepted(CONTEXT, answers[0], await _moved(runtime, id))


async def _moved(runtime: Runtime, id: UUID) -> dict[str, Any]:
    """What the move asks of the body: the amendment of its order to sign."""
    current = (await orders_of(runtime, id))[-1]
    return {"id": str(id), "to_sign_again": signed_again(current.state)}


async def _amendment(
    runtime: Runtime,
    ordered: order.Order,
    found: OfferedSession,
    move: offering.RescheduleSession,
    asked: Asked,
) -> order.AmendOrder:
    place = move.place or found.session.place
    session = found.session.model_copy(
        update={"starts_on": move.starts_on, "ends_on": move.ends_on, "place": place}
    )
    if ordered.terms is None:
        raise Refused(ORDER_NOT_ISSUED)
    terms = amended(ordered.terms, ordered.amendment + 1, found.offered.form, session)
    document = await _paper(runtime, terms, asked)
    return order.AmendOrder(move.starts_on, move.ends_on, place, document, asked.actor, move.cause)


@router.post("/cancellation", dependencies=[ReadAfter])
async def cancel(
    id: UUID, cancellation: CancellationIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Cancels a session, and its order with it: nothing is left to sign."""
    asked = await asked_by(request, principal)
    found = await session_of(runtime, id, principal)
    attended = await _attended(runtime, id)
    command = offering.CancelSession(id, asked.actor, cancellation.reason, attended)
    parts = [Part(offering.DECIDER, f"offering-{found.offered.id}", command, asked)]
    current = (await orders_of(runtime, id))[-1]
    if current.version:
        also = order.CancelOrder(cancellation.reason, asked.actor, attended)
        parts.append(Part(order.DECIDER, f"order-{current.id}", also, asked.part(1)))
    with held_by_office(runtime, found.offered.form.territory):
        answers = await runtime.commands.together(parts)
    return accepted(CONTEXT, answers[0], {"id": str(id), "to_sign_again": None})


async def _attended(runtime: Runtime, id: UUID) -> bool:
    deposited: bool = await runtime.pool.fetchval(SQL.attended, id)
    return deposited


@router.post("/assignments", dependencies=[ReadAfter])
async def assign(
    id: UUID, assignment: AssignmentIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Assigns a teacher to a teaching unit of the session (R8)."""
    asked = await asked_by(request, principal)
    found = await session_of(runtime, id, principal)
    place = Place(assignment.unit, assignment.teacher)
    return await _handle(runtime, found, assignments.AssignTeachers(found.facts, (place,)), asked)


@router.delete("/assignments/{unit}/{teacher}", dependencies=[ReadAfter])
async def unassign(
    id: UUID,
    unit: Annotated[UnitCode, InPath()],
    teacher: Annotated[TeacherNumber, InPath()],
    request: Request,
    runtime: Service,
    principal: Caller,
) -> JSONResponse:
    """Takes an assignment back."""
    asked = await asked_by(request, principal)
    found = await session_of(runtime, id, principal)
    return await _handle(
        runtime, found, assignments.UnassignTeacher(found.facts, Place(unit, teacher)), asked
    )


SHEET = (
    sheets.Column("unit", LABELS["unit"], ("unité", "code de l'unité pédagogique", "UP")),
    sheets.Column("teacher", LABELS["teacher"], ("numéro d'enseignant", "n° enseignant", "matricule")),
)


@router.put(
    "/assignments.csv",
    dependencies=[ReadAfter],
    openapi_extra={
        "requestBody": {
            "content": {uploads.CSV: {"example": "unit;teacher\n1234;123456\n"}, uploads.XLSX: {}},
        }
    },
)
async def assign_by_file(
    id: UUID, request: Request, runtime: Service, principal: Caller, dry_run: bool = False
) -> JSONResponse:
    """Assigns all teachers of a CSV or XLSX (unit, teacher): good lines are kept, each bad one is explained.

    The same file again changes nothing; with `dry_run` nothing is changed at all.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in uploads.SHEETS:
        expected = f"{uploads.CSV} ou {uploads.XLSX}"
        raise Refused(WRONG_MEDIA_TYPE, given=given or "non précisé", expected=expected)
    asked = await asked_by(request, principal)
    found = await session_of(runtime, id, principal)
    sheet = await sheets.read(await request.body(), SHEET, AT_MOST)
    read = assigned(((row.number, row.cells) for row in sheet.rows), found.facts.units)
    command = assignments.AssignTeachers(found.facts, read.places, asked.command)
    if dry_run:
        tried = (await dossier(runtime, assignments.DECIDER, f"assignments-{id}")).state
        added = len(assignments.decide(tried, command))
        return JSONResponse(_imported(id, read, added) | {"dry_run": True})
    asked = replace(asked, correlation=found.offered.correlation)
    appended = await runtime.commands.handle(assignments.DECIDER, f"assignments-{id}", command, asked)
    return accepted(CONTEXT, appended, _imported(id, read, await _added(runtime, id, asked.command)))


def _imported(id: UUID, read: Assigned, added: int) -> dict[str, Any]:
    return {
        "id": str(id),
        "read": read.read,
        "added": added,
        "unchanged": len(read.places) - added,
        "refused": [asdict(line) for line in read.refused],
    }


async def _added(runtime: Runtime, session: UUID, source: UUID) -> int:
    """How many assignments a file made, the same when its command is repeated."""
    events = [decode(row.record).data for row in await runtime.ledger.stream(f"assignments-{session}")]
    return sum(isinstance(event, TeacherAssigned) and event.import_id == source for event in events)


@router.get("/assignments", dependencies=[ReadAfter])
async def list_assignments(
    id: UUID,
    runtime: Service,
    principal: Caller,
    after: Annotated[str | None, Query(pattern=r"^[0-9A-Za-z._-]{1,20}:[0-9A-Za-z-]{1,20}$")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> JSONResponse:
    """Who is assigned, by unit; `next` is the `after` of the page that follows."""
    await session_of(runtime, id, principal)
    last = after.split(":") if after else [None, None]
    rows = await runtime.pool.fetch(SQL.assignments, id, *last, limit)
    version = await runtime.pool.fetchval(SQL.assignments_version, id) or 0
    items = [{"unit": row["unit"], "teacher": row["teacher"]} for row in rows]
    following = f"{rows[-1]['unit']}:{rows[-1]['teacher']}" if len(rows) == limit else None
    return JSONResponse({"items": items, "next": following, "version": version}, headers=etag(version))


@router.post("/order", status_code=201, dependencies=[ReadAfter])
async def issue_order(id: UUID, request: Request, runtime: Service, principal: Caller) -> JSONResponse:
    """Submits the purchase order of a session to the body, for stamp and signature (R6).

    A session has one order in force: asking again answers with it.
    """
    asked = await asked_by(request, principal)
    found = await session_of(runtime, id, principal)
    if first := await first_answer(runtime, asked):
        orders = [each for each in await orders_of(runtime, id) if each.version]
        made = next((each for each in orders if each.made_by == uuid5(asked.command, "0")), orders[-1])
        return accepted(CONTEXT, first, _described(made), 201)
    current = (await orders_of(runtime, id))[-1]
    command = await _order(runtime, current.id, found, await places_of(runtime, id), asked)
    asked = replace(asked, correlation=found.offered.correlation)
    with held_by_office(runtime, found.offered.form.territory):
        appended = await runtime.commands.handle(order.DECIDER, f"order-{current.id}", command, asked)
    return accepted(CONTEXT, appended, _described((await orders_of(runtime, id))[-1]), 201)


async def _order(
    runtime: Runtime, made: UUID, found: OfferedSession, places: Sequence[Place], asked: Asked
) -> order.IssueOrder:
    terms = terms_of(made, today(asked.now).year, found.offered.form, found.session, places)
    document = await _paper(runtime, terms, asked)
    accepted_offering = found.offered.state.status == "accepted"
    return order.IssueOrder(terms.event(document, asked.actor), accepted_offering, found.cancelled)


async def _paper(runtime: Runtime, terms: Terms, asked: Asked) -> str:
    """The sha256 of the document to sign."""
    drawn = await rendered(TEMPLATE, order_page(terms), qr=str(terms.reference), on=today(asked.now))
    return await runtime.documents.put(drawn)


def _described(made: SessionOrder) -> dict[str, Any]:
    terms = made.state.terms
    if terms is None:
        raise Refused(ORDER_NOT_ISSUED)
    return {
        "id": str(made.id),
        "number": terms.number,
        "amount": str(terms.amount_ceiling),
        "document": terms.document_hash,
    }


async def _handle(
    runtime: Runtime, found: OfferedSession, command: assignments.Command, asked: Asked
) -> JSONResponse:
    asked = replace(asked, correlation=found.offered.correlation)
    session = found.session.session_id
    with held_by_office(runtime, found.offered.form.territory):
        appended = await runtime.commands.handle(
            assignments.DECIDER, f"assignments-{session}", command, asked
        )
    return accepted(CONTEXT, appended, {"id": str(session)})
