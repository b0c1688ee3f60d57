"""Invoices over HTTP: submit, list, show, decide, send back, take up again, pay.  (R9)"""

from dataclasses import asdict, replace
from datetime import date
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from services.invoicing import claim, deposited, invoice
from services.invoicing.billable import check_billable
from services.invoicing.billing import Billing
from services.invoicing.describing import described, previewed
from services.invoicing.dossiers import (
    Service,
    billing_row,
    handled,
    invoice_id,
    invoice_row,
    office_of,
    released,
    together,
)
from services.invoicing.papers import looked_at
from services.invoicing.requests import (
    DecisionGiven,
    InvoiceGiven,
    PaymentGiven,
    ResumptionGiven,
    ReturnGiven,
)
from services.invoicing.returns import KINDS, motives_of
from services.invoicing.routing import submitted_stays
from services.invoicing.views import SQL, billing_of, submitted_of
from shared.events.invoicing import InvoiceSubmitted
from shared.events.parts import Reason
from shared.runtime.asked import Asked, Part
from shared.runtime.auth import Caller, Principal
from shared.runtime.dossier import dossier, first_answer
from shared.runtime.http import ReadAfter, asked_by, etag
from shared.runtime.paris import today
from shared.runtime.refusal import Refused
from shared.runtime.service import Runtime

router = APIRouter(tags=["factures"], dependencies=[ReadAfter])

Status = Literal["submitted", "returned", "accepted", "rejected", "corrected", "credited", "paid"]


@router.post("/invoices", status_code=201)
async def submit(given: InvoiceGiven, request: Request, runtime: Service, principal: Caller) -> JSONResponse:
    """Submits the invoice of a session whose certificates are validated (R9): generated, or deposited before."""
    asked = await asked_by(request, principal)
    row = await billing_row(runtime, given.session, principal)
    billing = billing_of(row)
    remarks = await _remarks(runtime, given, billing, asked)
    new = invoice_id(billing.body, given.number)
    asked = replace(asked, correlation=row["correlation"] or asked.correlation)
    parts = [
        Part(invoice.DECIDER, f"invoice-{new}", invoice.SubmitInvoice(
            new, given.number, billing, given.issued_on, asked.actor, today(asked.now),
            given.due_on, given.vat_mention, given.document, remarks,
        ), asked),
        Part(claim.DECIDER, f"invoicing-{billing.session}", claim.ClaimSession(
            billing.session, billing.body, new, given.number,
        ), asked.part(1)),
    ]  # fmt: skip
    appended = await runtime.commands.together(parts)
    content = {"id": str(new), "number": given.number, "warnings": [each.text for each in remarks]}
    return together(appended, 0, content, 201)


@router.post("/invoices/preview")
async def preview(given: InvoiceGiven, runtime: Service, principal: Caller) -> dict[str, Any]:
    """What submitting this would make, or why it would be refused: the same checks, and nothing is kept."""
    row = await billing_row(runtime, given.session, principal)
    billing = billing_of(row)
    new = invoice_id(billing.body, given.number)
    before = (await dossier(runtime, invoice.DECIDER, f"invoice-{new}")).state
    if before.submitted:
        raise invoice.number_taken(given.number, new)
    held = (await dossier(runtime, claim.DECIDER, f"invoicing-{billing.session}")).state
    claim.DECIDER.decide(held, claim.ClaimSession(billing.session, billing.body, new, given.number))
    command = invoice.SubmitInvoice(
        new, given.number, billing, given.issued_on, principal.subject, today(), given.due_on, given.vat_mention,
        given.document,
    )  # fmt: skip
    (submitted,) = invoice.DECIDER.decide(before, command)
    shown = previewed(cast("InvoiceSubmitted", submitted), runtime.own.reference)
    return shown | await _looked_at(runtime, given, billing)


async def _looked_at(runtime: Runtime, given: InvoiceGiven, billing: Billing) -> dict[str, Any]:
    """What was compared in a deposited invoice, and what was noticed. Raises `Refused` for what differs."""
    if given.document is None:
        return {"compared": [], "warnings": []}
    seen = await looked_at(runtime.documents, given.document)
    expected = _expected(given, billing)
    warnings = [each.text for each in deposited.compared(seen, expected)]
    read = seen.factur_x if seen.factur_x and "number" in seen.factur_x else None
    points = deposited.points(read, expected) if read else ()
    return {"compared": [asdict(each) for each in points], "warnings": warnings}


def _expected(given: InvoiceGiven, billing: Billing) -> deposited.Expected:
    due_on = invoice.due_on(billing, given.issued_on, given.due_on)
    return deposited.Expected(given.number, given.issued_on, check_billable(billing).amount, due_on)


async def _remarks(
    runtime: Runtime, given: InvoiceGiven, billing: Billing, asked: Asked
) -> tuple[Reason, ...]:
    """What is noticed in a deposited invoice. Raises `Refused` when its Factur-X says another invoice."""
    if given.document is None:
        return ()
    seen = await looked_at(runtime.documents, given.document)
    try:
        return deposited.compared(seen, _expected(given, billing))
    except Refused:
        if await first_answer(runtime, asked) is None:
            raise
        return ()  # accepted before: what is due may have changed since


@router.get("/invoices")
async def listed(
    runtime: Service, principal: Caller, status: Status | None = None,
    since: Annotated[date | None, Query(alias="from")] = None,
    until: Annotated[date | None, Query(alias="to")] = None,
    after: UUID | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:  # fmt: skip
    """Invoices that the caller sees, the newest first; `next` is the `after` of the page that follows."""
    rows = await runtime.pool.fetch(SQL.invoices, *of_caller(principal), status, since, until, after, limit)
    items = [described(row, office_of(runtime, row)) for row in map(dict, rows)]
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


def of_caller(principal: Principal) -> tuple[UUID | None, list[str] | None]:
    """The body whose invoices, or the territories where, the caller sees; None: no limit."""
    return UUID(
        principal.body
    ) if principal.role == "body" and principal.body else None, principal.territories


@router.get("/return-reasons")
async def return_reasons(_principal: Caller) -> dict[str, Any]:
    """The reasons to choose from, by kind of return, and what each kind means for the number."""
    return {
        kind: {
            "title": of.title, "number_stays": of.number_stays, "what_to_do": of.what_to_do,
            "reasons": [
                {"code": each.code, "label": each.label, "text_needed": each.says_more} for each in motives_of(kind)
            ],
        }
        for kind, of in KINDS.items()
    }  # fmt: skip


@router.get("/invoices/{id}")
async def shown(id: UUID, runtime: Service, principal: Caller) -> JSONResponse:
    """An invoice, what became of it, and who must act next."""
    row = await invoice_row(runtime, id, principal)
    return JSONResponse(described(row, office_of(runtime, row)), headers=etag(row["version"]))


@router.put("/invoices/{id}")
async def edit(id: UUID, runtime: Service, principal: Caller) -> None:
    """Always refused: a submitted invoice never changes; the answer says whom to ask, by perimeter (R11)."""
    row = await invoice_row(runtime, id, principal)
    raise submitted_stays(submitted_of(row), office_of(runtime, row))


@router.post("/invoices/{id}/decision")
async def decide(
    id: UUID, given: DecisionGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Accepts the invoice for payment, or rejects it, which frees its session for another."""
    asked = await asked_by(request, principal)
    if given.decision == "accept":
        await invoice_row(runtime, id, principal)
        return await handled(runtime, id, invoice.AcceptInvoice(asked.actor, today(asked.now)), asked)
    return await _reject(runtime, id, given.as_reasons(), request, principal)


@router.post("/invoices/{id}/return")
async def send_back(
    id: UUID, given: ReturnGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Sends an invoice back: to recycle or suspended, it keeps its number; rejected, it frees its session."""
    kind = KINDS[given.kind]
    said = {"kind": given.kind, "number_stays": kind.number_stays, "what_to_do": kind.what_to_do}
    if given.kind == "rejected":
        return await _reject(runtime, id, given.as_reasons(), request, principal, said)
    asked = await asked_by(request, principal)
    await invoice_row(runtime, id, principal)
    command = invoice.ReturnInvoice(given.kind, given.as_reasons(), asked.actor, today(asked.now))
    return await handled(runtime, id, command, asked, said)


async def _reject(
    runtime: Runtime, id: UUID, reasons: tuple[Reason, ...], request: Request, principal: Principal,
    said: dict[str, Any] | None = None,
) -> JSONResponse:  # fmt: skip
    asked = await asked_by(request, principal)
    row = await invoice_row(runtime, id, principal)
    command = invoice.RejectInvoice(reasons, asked.actor, today(asked.now))
    parts = [Part(invoice.DECIDER, f"invoice-{id}", command, asked), released(row, asked.part(1))]
    return together(await runtime.commands.together(parts), 0, {"id": str(id), **(said or {})})


@router.post("/invoices/{id}/resumption")
async def resume(
    id: UUID, given: ResumptionGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Brings an invoice that was sent back before Formiris again, under its number, with what was missing."""
    asked = await asked_by(request, principal)
    row = await invoice_row(runtime, id, principal)
    warnings: list[str] = []
    if given.document:
        first = submitted_of(row)
        expected = deposited.Expected(first.number, first.issued_on, first.amount, first.due_on)
        seen = await looked_at(runtime.documents, given.document)
        warnings = [each.text for each in deposited.compared(seen, expected)]
    if given.supplement:
        await runtime.documents.require(given.supplement)
    command = invoice.ResumeInvoice(
        asked.actor, today(asked.now), given.answer, given.document, given.supplement
    )
    return await handled(runtime, id, command, asked, {"warnings": warnings})


@router.post("/invoices/{id}/payment")
async def pay(
    id: UUID, given: PaymentGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Tells that an accepted invoice was paid, under the reference of the bank statement."""
    asked = await asked_by(request, principal)
    await invoice_row(runtime, id, principal)
    command = invoice.PayInvoice(given.reference, given.paid_on, today(asked.now))
    return await handled(runtime, id, command, asked)
