"""Training bodies, their documents, and the offices that answer them, over HTTP."""

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from services.registration import hours, referencing, training_body
from services.registration.details import as_known, bank_details, told_of_a_new_iban
from services.registration.dossiers import CONTEXT, reasons
from services.registration.forms import check_details, details_changed
from services.registration.refusals import DETAILS_INCORRECT, MERGER_IMPOSSIBLE
from services.registration.requests import DetailsIn, ReinstatementIn, SuspensionIn
from services.registration.views import SQL, searched
from shared.runtime.asked import Asked
from shared.runtime.auth import Caller, Principal
from shared.runtime.dossier import dossier
from shared.runtime.http import ReadAfter, accepted, asked_by, etag
from shared.runtime.paris import today
from shared.runtime.parts import Sent
from shared.runtime.projection import Row, read
from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_FOUND
from shared.runtime.service import Runtime, runtime_of
from shared.runtime.uploads import SCANS, media_type, received

router = APIRouter(tags=["organismes de formation"])

Service = Annotated[Runtime, Depends(runtime_of)]


@router.get("/territories")
async def territories(runtime: Service) -> dict[str, Any]:
    """The territories that answer today, with how to reach them."""
    known = runtime.own.offices.known(today())
    return {"items": [{"code": territory.code, **territory.office.model_dump()} for territory in known]}


@router.get("/offices/{territory}")
async def office(territory: str, runtime: Service) -> dict[str, Any]:
    """Who answers for a territory today (its successor, once it ended), or for « national »; and Assistance's hours."""
    route = (
        runtime.own.offices.route("national", None, today())
        if territory == "national"
        else runtime.own.offices.route("regional", territory, today())
    )
    now = datetime.now(UTC)
    return {
        "territory": route.territory,
        **route.office.model_dump(),
        "assistance": {"hours": hours.IN_WORDS, "open": hours.is_open(now), "sentence": hours.sentence(now)},
    }


@router.get("/training-bodies", dependencies=[ReadAfter])
async def list_bodies(
    runtime: Service,
    principal: Caller,
    search: Annotated[str | None, Query(max_length=200)] = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:
    """Referenced bodies, the newest first; `search`: a part of a name, or of a SIRET, whatever its accents."""
    words = searched(search) if search else None
    found = await runtime.pool.fetch(SQL.bodies, principal.territories, words, after, limit)
    items = [_described(read(row["row"])) for row in found]
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


@router.get("/training-bodies/{id}", dependencies=[ReadAfter])
async def show(id: UUID, runtime: Service, principal: Caller) -> JSONResponse:
    """A referenced body: what is known of it, and whether it is suspended; its IBAN whole for itself and managers."""
    found = await _seen(runtime, id, principal)
    form = (await dossier(runtime, referencing.DECIDER, f"referencing-{id}")).state.form
    body = (await dossier(runtime, training_body.DECIDER, f"body-{id}")).state
    people = await as_known(runtime, form, body)
    whole = principal.role in ("body", "manager")
    content = {
        **_described(found),
        **people,
        "bank": await bank_details(runtime, form, body, whole=whole),
        "proofs": found["proofs"] or [],
    }
    return JSONResponse(content, headers=etag(content["version"]))


@router.post("/documents", status_code=201)
async def deposit(file: Sent, runtime: Service, _principal: Caller) -> dict[str, Any]:
    """Keeps a document that proves a change: PDF or picture. A change names it by its sha256."""
    kept = await received(file, runtime.documents, runtime.scanner, SCANS)
    return asdict(kept)


@router.get("/training-bodies/{id}/documents/{sha256}", response_class=Response, dependencies=[ReadAfter])
async def document(id: UUID, sha256: str, runtime: Service, principal: Caller) -> Response:
    """A document that the body gave as proof."""
    found = await _seen(runtime, id, principal)
    if sha256 not in {proof["sha256"] for proof in found["proofs"] or []}:
        raise Refused(NOT_FOUND)
    content = await runtime.documents.get(sha256)
    kind = media_type(content) or "application/octet-stream"
    return Response(content, media_type=kind, headers={"Content-Disposition": "attachment"})


@router.patch("/training-bodies/{id}")
async def change(
    id: UUID, given: DetailsIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Changes some details of a referenced body, with a proof where one is asked; SIRET and perimeter stay.

    A valid Qualiopi certificate ends the suspension that the end of the last one began.
    """
    asked = await asked_by(request, principal)
    found, asked = await _body(runtime, id, principal, asked)
    checked = check_details(given.fields, today(asked.now))
    if checked.missing:
        raise Refused(DETAILS_INCORRECT, missing=checked.missing)
    if given.proof:
        await runtime.documents.require(given.proof)
    body = (await dossier(runtime, training_body.DECIDER, f"body-{id}")).state
    changed = details_changed(checked.values, id, asked.actor).model_copy(
        update={
            "proof_hash": given.proof,
            "body_name": found.form.name if found.form else None,
            "territory": found.territory,
        }
    )
    told = await told_of_a_new_iban(runtime, changed, found, body)
    command = training_body.ChangeDetails(changed, found.status == "accepted", today(asked.now), told)
    return await _handle(runtime, id, command, asked)


@router.post("/training-bodies/{id}/suspension")
async def suspend(
    id: UUID, suspension: SuspensionIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Suspends a body: it submits no more offerings until it is reinstated. So it is merged into another, too (L4)."""
    asked = await asked_by(request, principal)
    found, asked = await _body(runtime, id, principal, asked)
    merged = await _merged(runtime, suspension.merged_into) if suspension.merged_into else None
    command = training_body.SuspendBody(
        id, found.status == "accepted", suspension.cause, reasons([suspension.reason]), asked.actor,
        today(asked.now), merged,
    )  # fmt: skip
    return await _handle(runtime, id, command, asked)


async def _merged(runtime: Runtime, into: UUID) -> training_body.Merged:
    """The referenced body, of whatever territory. Raises `Refused` when there is none."""
    row = await runtime.pool.fetchval(SQL.body, into)
    if row is None:
        raise Refused(MERGER_IMPOSSIBLE)
    other = _described(read(row))
    return training_body.Merged(into, other["name"], other["status"] == "suspended")


@router.post("/training-bodies/{id}/reinstatement")
async def reinstate(
    id: UUID, reinstatement: ReinstatementIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Ends a suspension, once the Qualiopi certificate that the body gave is accepted."""
    asked = await asked_by(request, principal)
    found, asked = await _body(runtime, id, principal, asked)
    accepted_until = found.accepted.qualiopi_valid_until if found.accepted else None
    command = training_body.ReinstateBody(
        id, found.status == "accepted", asked.actor, today(asked.now), reinstatement.qualiopi_valid_until,
        accepted_until,
    )  # fmt: skip
    return await _handle(runtime, id, command, asked)


async def _seen(runtime: Runtime, id: UUID, principal: Principal) -> Row:
    """A referenced body, if the caller may see it. Raises `Refused` otherwise."""
    row = await runtime.pool.fetchval(SQL.body, id)
    if row is None:
        raise Refused(NOT_FOUND)
    found = read(row)
    principal.check(str(id), found["territory"])
    return found


def _described(found: Row) -> Row:
    return {
        "id": found["id"],
        **found["accepted"],
        **(found["details"] or {}),
        "qualiopi_valid_until": found["renewed_until"] or found["accepted"].get("qualiopi_valid_until"),
        "status": "suspended" if found["suspension"] else "accepted",
        "suspension": found["suspension"],
        "accepted_on": found["accepted_on"],
        "version": found["version"] or 0,
    }


async def _body(
    runtime: Runtime, id: UUID, principal: Principal, asked: Asked
) -> tuple[referencing.Request, Asked]:
    """The body's request as it is now, if the caller may see it, and the command on its correlation."""
    found = await dossier(runtime, referencing.DECIDER, f"referencing-{id}")
    if found.state.asked is None:
        raise Refused(NOT_FOUND)
    principal.check(str(id), found.state.territory)
    return found.state, replace(asked, correlation=found.correlation)


async def _handle(runtime: Runtime, id: UUID, command: training_body.Command, asked: Asked) -> JSONResponse:
    appended = await runtime.commands.handle(training_body.DECIDER, f"body-{id}", command, asked)
    return accepted(CONTEXT, appended, {"id": str(id)})
