"""HTTP of invoicing: « Puis-je facturer ? », invoices, their decision, amendment and payment."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID, uuid5

import asyncpg
import orjson
from fastapi import APIRouter, Depends, Query, Request, UploadFile
from fastapi.responses import JSONResponse

from services.invoicing import claim, invoice
from services.invoicing.refusals import ALREADY_INVOICED, NOBODY
from services.invoicing.requests import (
    AmendmentDecisionGiven,
    AmendmentGiven,
    CorrectionGiven,
    CreditNoteGiven,
    DecisionGiven,
    InvoiceGiven,
    PaymentGiven,
)
from services.invoicing.routing import office_for, submitted_stays
from services.invoicing.views import SQL, billing_of, office_of, submitted_of
from shared.ledger import Appended
from shared.runtime.asked import Asked, Part
from shared.runtime.auth import Caller, Principal
from shared.runtime.http import ReadAfter, accepted, asked_by, etag
from shared.runtime.paris import today
from shared.runtime.refusal import Refused
from shared.runtime.refusals import FORMIRIS, NOT_FOUND, THE_BODY
from shared.runtime.service import Runtime, runtime_of
from shared.runtime.uploads import received

CONTEXT = "invoicing"

router = APIRouter(tags=["factures"], dependencies=[ReadAfter])

Service = Annotated[Runtime, Depends(runtime_of)]


def invoice_id(body: UUID, number: str) -> UUID:
    """A number names one invoice of a body: taken is whatever stream exists."""
    return uuid5(body, number)


@router.get("/sessions/{session}/invoicing")
async def may_invoice(session: UUID, runtime: Service, principal: Caller) -> JSONResponse:
    """« Puis-je facturer ? »: yes and how much, or why not and who must act next (R9)."""
    row = await _billing(runtime, session, principal)
    return JSONResponse(_answer(row), headers=etag(row["version"] or 0))


@router.post("/documents", status_code=201)
async def deposit_document(file: UploadFile, runtime: Service, _principal: Caller) -> dict[str, str]:
    """Keeps a PDF (an invoice made by the body) and gives the sha256 that names it."""
    return {"sha256": (await received(file, runtime.documents)).sha256}


@router.post("/invoices", status_code=201)
async def submit(given: InvoiceGiven, request: Request, runtime: Service, principal: Caller) -> JSONResponse:
    """Submits the invoice of a session whose certificates are validated (R9)."""
    asked = await asked_by(request, principal)
    row = await _billing(runtime, given.session, principal)
    if given.document:
        await runtime.documents.require(given.document)
    billing = billing_of(row)
    new = invoice_id(billing.body, given.number)
    asked = replace(asked, correlation=row["correlation"])
    parts = [
        Part(invoice.DECIDER, f"invoice-{new}", invoice.SubmitInvoice(
            new, given.number, billing, given.issued_on, asked.actor, today(asked.now),
            given.due_on, given.vat_mention, given.document,
        ), asked),
        Part(claim.DECIDER, f"invoicing-{billing.session}", claim.ClaimSession(
            billing.session, billing.body, new, given.number,
        ), asked.part(1)),
    ]  # fmt: skip
    appended = await runtime.commands.together(parts)
    return _accepted(appended, 0, {"id": str(new), "number": given.number}, 201)


@router.get("/invoices")
async def listed(
    runtime: Service, principal: Caller, status: str | None = Query(None, max_length=20),
    after: UUID | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:  # fmt: skip
    """Invoices that the caller sees, the newest first; `next` is the `after` of the page that follows."""
    body = UUID(principal.body) if principal.role == "body" and principal.body else None
    territory = principal.territory if principal.role == "manager" else None
    rows = await runtime.pool.fetch(SQL.invoices, body, territory, status, after, limit)
    items = [_described(row) for row in rows]
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


@router.get("/invoices/{id}")
async def shown(id: UUID, runtime: Service, principal: Caller) -> JSONResponse:
    """An invoice, what became of it, and who must act next."""
    row = await _invoice(runtime, id, principal)
    return JSONResponse(_described(row), headers=etag(row["version"]))


@router.put("/invoices/{id}")
async def edit(id: UUID, runtime: Service, principal: Caller) -> None:
    """Always refused: a submitted invoice never changes; the answer says whom to ask, by perimeter (R11)."""
    row = await _invoice(runtime, id, principal)
    raise submitted_stays(submitted_of(row), office_for(row["perimeter"], office_of(row)))


@router.post("/invoices/{id}/decision")
async def decide(
    id: UUID, given: DecisionGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Accepts the invoice for payment, or rejects it, which frees its session for another."""
    asked = await asked_by(request, principal)
    row = await _invoice(runtime, id, principal)
    command: invoice.Command
    if given.decision == "accept":
        command = invoice.AcceptInvoice(asked.actor, today(asked.now))
        return await _handle(runtime, id, command, asked)
    command = invoice.RejectInvoice(given.as_reasons(), asked.actor, today(asked.now))
    parts = [Part(invoice.DECIDER, f"invoice-{id}", command, asked), _release(row, asked.part(1))]
    return _accepted(await runtime.commands.together(parts), 0, {"id": str(id)})


@router.post("/invoices/{id}/amendment-requests", status_code=201)
async def request_amendment(
    id: UUID, given: AmendmentGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Asks for a change; the request goes to the proximity site, or to the management desk (R11)."""
    asked = await asked_by(request, principal)
    row = await _invoice(runtime, id, principal)
    office = office_for(row["perimeter"], office_of(row))
    amendment = uuid5(asked.command, "amendment")
    command = invoice.RequestAmendment(amendment, office, given.reason, asked.actor)
    content = {"amendment": str(amendment), "routed_to": office.model_dump(mode="json")}
    return await _handle(runtime, id, command, asked, content, 201)


@router.post("/invoices/{id}/amendment-decision")
async def decide_amendment(
    id: UUID, given: AmendmentDecisionGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Grants the change, to be made by a corrective invoice or a credit note, or refuses it."""
    asked = await asked_by(request, principal)
    await _invoice(runtime, id, principal)
    command: invoice.Command
    if given.decision == "grant":
        command = invoice.GrantAmendment(given.remedy, asked.actor)
    else:
        command = invoice.RefuseAmendment(given.as_reasons(), asked.actor)
    return await _handle(runtime, id, command, asked)


@router.post("/invoices/{id}/correction", status_code=201)
async def correct(
    id: UUID, given: CorrectionGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Submits the corrective invoice (384) that takes the place of this one, once the change is granted."""
    asked = await asked_by(request, principal)
    row = await _invoice(runtime, id, principal)
    new = invoice_id(row["body_id"], given.number)
    held = claim.ClaimSession(row["session_id"], row["body_id"], new, given.number, instead_of=id)
    parts = [
        *_replacing(row, asked, new, given, "384", given.amount),
        Part(claim.DECIDER, f"invoicing-{row['session_id']}", held, asked.part(2)),
    ]
    content = {"id": str(new), "number": given.number, "kind": "384"}
    return _accepted(await runtime.commands.together(parts), 1, content, 201)


@router.post("/invoices/{id}/credit-note", status_code=201)
async def credit(
    id: UUID, given: CreditNoteGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Submits the credit note (381) of the whole invoice, once the change is granted; frees its session."""
    asked = await asked_by(request, principal)
    row = await _invoice(runtime, id, principal)
    new = invoice_id(row["body_id"], given.number)
    parts = [*_replacing(row, asked, new, given, "381", row["amount"]), _release(row, asked.part(2))]
    content = {"id": str(new), "number": given.number, "kind": "381"}
    return _accepted(await runtime.commands.together(parts), 1, content, 201)


@router.post("/invoices/{id}/payment")
async def pay(
    id: UUID, given: PaymentGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Tells that an accepted invoice was paid, under the reference of the bank statement."""
    asked = await asked_by(request, principal)
    await _invoice(runtime, id, principal)
    command = invoice.PayInvoice(given.reference, given.paid_on, today(asked.now))
    return await _handle(runtime, id, command, asked)


def _replacing(
    row: asyncpg.Record, asked: Asked, new: UUID, given: CreditNoteGiven, kind: Any, amount: Any
) -> list[Part]:
    """The original's part, then the replacement's."""
    amendment = (_parsed(row["amendment"]) or {}).get("amendment_id")
    granted = UUID(amendment) if amendment else None
    asked = replace(asked, correlation=row["correlation"])
    return [
        Part(invoice.DECIDER, f"invoice-{row['invoice_id']}", invoice.ReplaceInvoice(
            kind, new, given.number, amount, granted,
        ), asked),
        Part(invoice.DECIDER, f"invoice-{new}", invoice.SubmitReplacement(
            new, given.number, kind, submitted_of(row), granted or new, given.issued_on, amount,
            asked.actor, today(asked.now),
        ), asked.part(1)),
    ]  # fmt: skip


def _release(row: asyncpg.Record, asked: Asked) -> Part:
    stream = f"invoicing-{row['session_id']}"
    return Part(claim.DECIDER, stream, claim.ReleaseSession(row["invoice_id"]), asked)


async def _handle(
    runtime: Runtime, id: UUID, command: invoice.Command, asked: Asked,
    content: dict[str, Any] | None = None, status: int = 200,
) -> JSONResponse:  # fmt: skip
    appended = await runtime.commands.handle(invoice.DECIDER, f"invoice-{id}", command, asked)
    return accepted(CONTEXT, appended, {"id": str(id), **(content or {})}, status)


def _accepted(
    appended: list[Appended], about: int, content: dict[str, Any], status: int = 200
) -> JSONResponse:
    """The answer about one of several streams; `position` names all, so that a read can wait for the whole."""
    answer = accepted(CONTEXT, appended[about], content, status)
    position = ",".join(f"{CONTEXT}/{each.partition}/{each.sequence}" for each in appended)
    body = {**content, "version": appended[about].version, "position": position}
    return JSONResponse(body, status, {"ETag": answer.headers["etag"], "Position": position})


async def _billing(runtime: Runtime, session: UUID, principal: Principal) -> asyncpg.Record:
    row = await runtime.pool.fetchrow(SQL.billing, session)
    if row is None:
        raise Refused(NOT_FOUND)
    principal.check(str(row["body_id"]), row["territory"])
    return row


async def _invoice(runtime: Runtime, id: UUID, principal: Principal) -> asyncpg.Record:
    row = await runtime.pool.fetchrow(SQL.invoice, id)
    if row is None:
        raise Refused(NOT_FOUND)
    principal.check(str(row["body_id"]), row["territory"])
    return row


def _answer(row: asyncpg.Record) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": str(row["session_id"]), "title": row["title"], "allowed": False, "why_not": None,
        "amount": None, "working": None, "invoice": None, "holder": THE_BODY, "contact": None, "faq": None,
    }  # fmt: skip
    try:
        due = invoice.check_billable(billing_of(row))
    except Refused as refused:
        return answer | _explained(refused)
    answer |= {"amount": str(due.amount), "working": " ; ".join(due.working)}
    if row["invoice_id"] is None:
        return answer | {"allowed": True}
    answer["invoice"] = {"id": str(row["invoice_id"]), "number": row["number"], "status": row["status"]}
    return answer | _explained(
        Refused(ALREADY_INVOICED, holder=_HOLDERS[row["status"]], number=row["number"])
    )


def _explained(refused: Refused) -> dict[str, Any]:
    return {"why_not": refused.why_not(), **refused.next_step()}


_HOLDERS = {
    "submitted": FORMIRIS, "accepted": FORMIRIS, "rejected": THE_BODY, "corrected": NOBODY, "credited": NOBODY,
    "paid": NOBODY,
}  # fmt: skip


def _described(row: asyncpg.Record) -> dict[str, Any]:
    amendment = _parsed(row["amendment"])
    return {
        **_parsed(row["submitted"]),
        "id": str(row["invoice_id"]),
        "version": row["version"],
        "status": row["status"],
        "submitted_at": row["submitted_at"].isoformat(),
        "outcome": _parsed(row["outcome"]),
        "amendment": amendment,
        "holder": _holder(row, amendment),
        "change_contact": office_for(row["perimeter"], office_of(row)).model_dump(mode="json"),
    }


def _holder(row: asyncpg.Record, amendment: dict[str, Any] | None) -> str:
    if row["kind"] == "381":
        return NOBODY
    if row["status"] in ("submitted", "accepted") and amendment and amendment["status"] == "granted":
        return THE_BODY
    return _HOLDERS[row["status"]]


def _parsed(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)
