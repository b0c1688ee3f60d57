"""Training bodies and territories over HTTP."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from services.registration import referencing, training_body
from services.registration.dossiers import CONTEXT, reasons
from services.registration.forms import check_details, details_changed
from services.registration.refusals import DETAILS_INCORRECT
from services.registration.requests import DetailsIn, ReinstatementIn, SuspensionIn
from services.registration.views import SQL
from shared.runtime.asked import Asked
from shared.runtime.auth import Caller, Principal
from shared.runtime.dossier import dossier
from shared.runtime.http import ReadAfter, accepted, asked_by, etag
from shared.runtime.paris import today
from shared.runtime.projection import read
from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_FOUND
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(tags=["organismes de formation"])

Service = Annotated[Runtime, Depends(runtime_of)]


@router.get("/territories")
async def territories(runtime: Service) -> dict[str, Any]:
    """The territories that answer today, with how to reach them."""
    known = runtime.own.offices.known(today())
    return {"items": [{"code": territory.code, **territory.office.model_dump()} for territory in known]}


@router.get("/training-bodies/{id}", dependencies=[ReadAfter])
async def show(id: UUID, runtime: Service, principal: Caller) -> JSONResponse:
    """A referenced body: what is known of it, and whether it is suspended."""
    row = await runtime.pool.fetchval(SQL.body, id)
    if row is None:
        raise Refused(NOT_FOUND)
    found = read(row)
    principal.check(str(id), found["territory"])
    content = {
        "id": str(id),
        **found["accepted"],
        **(found["details"] or {}),
        "status": "suspended" if found["suspension"] else "accepted",
        "suspension": found["suspension"],
        "accepted_on": found["accepted_on"],
        "version": found["version"] or 0,
    }
    return JSONResponse(content, headers=etag(found["version"] or 0))


@router.patch("/training-bodies/{id}")
async def change(
    id: UUID, details: DetailsIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Changes some details of a referenced body; the SIRET and the perimeter stay."""
    asked = await asked_by(request, principal)
    referenced, asked = await _body(runtime, id, principal, asked)
    checked = check_details(details.fields, today(asked.now))
    if checked.missing:
        raise Refused(DETAILS_INCORRECT, missing=checked.missing)
    changed = details_changed(checked.values, id, asked.actor)
    return await _handle(runtime, id, training_body.ChangeDetails(changed, referenced), asked)


@router.post("/training-bodies/{id}/suspension")
async def suspend(
    id: UUID, suspension: SuspensionIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Suspends a body: it submits no more offerings until it is reinstated."""
    asked = await asked_by(request, principal)
    referenced, asked = await _body(runtime, id, principal, asked)
    command = training_body.SuspendBody(
        id, referenced, suspension.cause, reasons([suspension.reason]), asked.actor, today(asked.now)
    )
    return await _handle(runtime, id, command, asked)


@router.post("/training-bodies/{id}/reinstatement")
async def reinstate(
    id: UUID, reinstatement: ReinstatementIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Ends a suspension."""
    asked = await asked_by(request, principal)
    referenced, asked = await _body(runtime, id, principal, asked)
    command = training_body.ReinstateBody(
        id, referenced, asked.actor, today(asked.now), reinstatement.qualiopi_valid_until
    )
    return await _handle(runtime, id, command, asked)


async def _body(runtime: Runtime, id: UUID, principal: Principal, asked: Asked) -> tuple[bool, Asked]:
    """Whether the body is referenced, if the caller may see it, and the command on its correlation."""
    found = await dossier(runtime, referencing.DECIDER, f"referencing-{id}")
    if found.state.asked is None:
        raise Refused(NOT_FOUND)
    principal.check(str(id), found.state.territory)
    return found.state.status == "accepted", replace(asked, correlation=found.correlation)


async def _handle(runtime: Runtime, id: UUID, command: training_body.Command, asked: Asked) -> JSONResponse:
    appended = await runtime.commands.handle(training_body.DECIDER, f"body-{id}", command, asked)
    return accepted(CONTEXT, appended, {"id": str(id)})
