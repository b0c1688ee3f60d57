"""HTTP of who follows a dossier, who is away, and what was taken away as a file.  (M1, M6, U2)"""

from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse

from services.notifications.following import DECIDER, DeclareAbsence, Entrust, NoteExport
from services.notifications.reading import noted
from services.notifications.requests import (
    CONTEXT,
    PERSON,
    AbsenceIn,
    After,
    EntrustIn,
    ExportIn,
    ExtractIn,
    Limit,
    next_of,
    place_of,
)
from services.notifications.views import SQL
from shared.runtime.auth import Caller, Principal
from shared.runtime.history import history
from shared.runtime.http import accepted, asked_by
from shared.runtime.paris import today
from shared.runtime.receipts import receipt
from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_FOUND
from shared.runtime.service import Runtime, runtime_of

Service = Annotated[Runtime, Depends(runtime_of)]
Person = Annotated[str, Path(pattern=PERSON)]


async def _history_read(runtime: Runtime, request: Request, dossier: UUID, reader: Principal) -> None:
    await noted(runtime, request, dossier, "history", reader)


router = APIRouter(tags=["suivi"])
router.include_router(history("follow", "reading", "thread", noting=_history_read))


@router.put("/dossiers/{id}/follower")
async def entrust(
    id: UUID, given: EntrustIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Takes a dossier on, hands it over, or lets it go."""
    await _check(runtime, id, principal)
    asked = await asked_by(request, principal)
    command = Entrust(id, given.to, given.note, asked.actor)
    appended = await runtime.commands.handle(DECIDER, f"follow-{id}", command, asked)
    return accepted(CONTEXT, appended, {"id": str(id), "follower": given.to})


@router.get("/absences")
async def absences(runtime: Service, _principal: Caller) -> dict[str, Any]:
    """Who is away today or will be, and who stands in."""
    rows = await runtime.pool.fetch(SQL.absences, today())
    return {"items": [dict(row) for row in rows], "next": None}


@router.put("/absences/{person}")
async def declare(
    person: Person, given: AbsenceIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Says when somebody is away, oneself or a colleague who cannot; what was said before no longer counts."""
    asked = await asked_by(request, principal)
    command = DeclareAbsence(person, given.starts_on, given.ends_on, given.replacement, asked.actor)
    appended = await runtime.commands.handle(DECIDER, f"absence-{person}", command, asked)
    return accepted(CONTEXT, appended, {"person": person})


@router.post("/exports", status_code=201)
async def exported(given: ExportIn, request: Request, runtime: Service, principal: Caller) -> JSONResponse:
    """Notes that a list is taken away, before it is."""
    asked = await asked_by(request, principal)
    export = uuid5(asked.command, "export")
    command = NoteExport(export, given.address, given.rows, asked.actor)
    appended = await runtime.commands.handle(DECIDER, f"export-{export}", command, asked)
    return accepted(CONTEXT, appended, {"id": str(export)}, 201)


@router.get("/exports")
async def exports(
    runtime: Service, _principal: Caller, after: After = None, limit: Limit = 50
) -> dict[str, Any]:
    """Which lists were taken away, by whom, the newest first."""
    rows = await runtime.pool.fetch(SQL.exports, *(place_of(after) if after else (None, None)), limit)
    items = [dict(row) | {"id": str(row["id"]), "at": row["at"].isoformat()} for row in rows]
    return {"items": items, "next": next_of(items, limit, "at")}


@router.post("/dossiers/{id}/extracts", status_code=201)
async def extracted(
    id: UUID, given: ExtractIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Seals an extract: its digest is an event of the ledger, and the answer says where; the same one, once an hour."""
    await _check(runtime, id, principal)
    appended = await noted(runtime, request, id, "extract", principal, given.digest)
    if appended is None:
        raise LookupError("an extract is always noted")
    stored = (await runtime.ledger.stream(f"reading-{id}"))[appended.version - 1]
    return accepted(CONTEXT, appended, {"id": str(id), **receipt(CONTEXT, stored)}, 201)


async def _check(runtime: Runtime, id: UUID, principal: Principal) -> None:
    """Raises `Refused` as not found to whoever the dossier is no business of."""
    row = await runtime.pool.fetchrow(SQL.dossier, id)
    if row is None:
        raise Refused(NOT_FOUND)
    principal.check(str(row["body"]), row["territory"])
