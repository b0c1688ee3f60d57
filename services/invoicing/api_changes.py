"""Changes of a submitted invoice over HTTP: asked, granted or refused, then corrected or credited.  (R11)"""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID, uuid5

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from services.invoicing import claim, invoice
from services.invoicing.correcting import prefilled
from services.invoicing.describing import amendment_of
from services.invoicing.dossiers import (
    Service,
    handled,
    invoice_id,
    invoice_row,
    office_of,
    released,
    together,
)
from services.invoicing.requests import (
    AmendmentDecisionGiven,
    AmendmentGiven,
    CorrectionGiven,
    CreditNoteGiven,
)
from services.invoicing.seller import seller_of
from services.invoicing.views import SQL, Found, details_of, submitted_of
from shared.events.invoicing import Seller
from shared.runtime.asked import Asked, Part
from shared.runtime.auth import Caller
from shared.runtime.http import ReadAfter, asked_by
from shared.runtime.paris import today
from shared.runtime.service import Runtime

router = APIRouter(tags=["factures"], dependencies=[ReadAfter])


@router.post("/invoices/{id}/amendment-requests", status_code=201)
async def request_amendment(
    id: UUID, given: AmendmentGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Asks for a change; the request goes to the proximity site, or to the management desk (R11)."""
    asked = await asked_by(request, principal)
    row = await invoice_row(runtime, id, principal)
    office = office_of(runtime, row)
    amendment = uuid5(asked.command, "amendment")
    command = invoice.RequestAmendment(amendment, office, given.reason, asked.actor)
    content = {"amendment": str(amendment), "routed_to": office.model_dump(mode="json")}
    return await handled(runtime, id, command, asked, content, 201)


@router.post("/invoices/{id}/amendment-decision")
async def decide_amendment(
    id: UUID, given: AmendmentDecisionGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Grants the change, to be made by a corrective invoice or a credit note, or refuses it."""
    asked = await asked_by(request, principal)
    await invoice_row(runtime, id, principal)
    command: invoice.Command
    if given.decision == "grant":
        command = invoice.GrantAmendment(given.remedy, asked.actor)
    else:
        command = invoice.RefuseAmendment(given.as_reasons(), asked.actor)
    return await handled(runtime, id, command, asked)


@router.get("/invoices/{id}/correction")
async def correction(id: UUID, runtime: Service, principal: Caller) -> dict[str, Any]:
    """« Corriger »: what to send, where, filled in with what is known; refused when there is nothing to correct."""
    return prefilled(await invoice_row(runtime, id, principal), today())


@router.post("/invoices/{id}/correction", status_code=201)
async def correct(
    id: UUID, given: CorrectionGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Submits the corrective invoice (384) that takes the place of this one, once the change is granted."""
    asked = await asked_by(request, principal)
    row = await invoice_row(runtime, id, principal)
    new = invoice_id(row["body_id"], given.number)
    held = claim.ClaimSession(row["session_id"], row["body_id"], new, given.number, instead_of=id)
    parts = [
        *_replacing(row, await _seller(runtime, row), asked, new, given, "384", given.amount),
        Part(claim.DECIDER, f"invoicing-{row['session_id']}", held, asked.part(2)),
    ]
    content = {"id": str(new), "number": given.number, "kind": "384"}
    return together(await runtime.commands.together(parts), 1, content, 201)


@router.post("/invoices/{id}/credit-note", status_code=201)
async def credit(
    id: UUID, given: CreditNoteGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Submits the credit note (381) of the whole invoice, once the change is granted; frees its session."""
    asked = await asked_by(request, principal)
    row = await invoice_row(runtime, id, principal)
    new = invoice_id(row["body_id"], given.number)
    seller = await _seller(runtime, row)
    parts = [
        *_replacing(row, seller, asked, new, given, "381", row["amount"]),
        released(row, asked.part(2)),
    ]
    content = {"id": str(new), "number": given.number, "kind": "381"}
    return together(await runtime.commands.together(parts), 1, content, 201)


async def _seller(runtime: Runtime, row: Found) -> Seller | None:
    """The body as it is now: an address that changed may be what is corrected."""
    return seller_of(details_of(await runtime.pool.fetchrow(SQL.body, row["body_id"])))


def _replacing(
    row: Found, seller: Seller | None, asked: Asked, new: UUID, given: CreditNoteGiven,
    kind: Literal["384", "381"], amount: Decimal,
) -> list[Part]:  # fmt: skip
    """The original's part, then the replacement's."""
    granted = amendment_of(row)
    asked = replace(asked, correlation=row["correlation"])
    return [
        Part(invoice.DECIDER, f"invoice-{row['invoice_id']}", invoice.ReplaceInvoice(
            kind, new, given.number, amount, granted,
        ), asked),
        Part(invoice.DECIDER, f"invoice-{new}", invoice.SubmitReplacement(
            new, given.number, kind, submitted_of(row), granted or new, given.issued_on, amount,
            asked.actor, today(asked.now), seller,
        ), asked.part(1)),
    ]  # fmt: skip
