"""Documents of invoices over HTTP: deposited, made as Factur-X, downloaded by whoever sees the invoice."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi import Path as InPath

from services.invoicing.describing import parsed
from services.invoicing.dossiers import CONTEXT, Service, invoice_row
from services.invoicing.papers import document_of, reading_of, xml_of
from services.invoicing.views import Found, submitted_of
from shared.events.invoicing import InvoiceSubmitted
from shared.events.values import Sha256
from shared.runtime import receipts
from shared.runtime.auth import Caller
from shared.runtime.http import ReadAfter
from shared.runtime.parts import Sent
from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_FOUND
from shared.runtime.uploads import PDF, SCANS, media_type, received

router = APIRouter(tags=["documents"], dependencies=[ReadAfter])

RECEIPT = "Facture"
"""What the receipt of a submission is of; a credit note's too."""
_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {PDF: {}}}}
_XML: dict[int | str, dict[str, Any]] = {200: {"content": {"application/xml": {}}}}
_ANY: dict[int | str, dict[str, Any]] = {200: {"content": {kind: {} for kind in sorted(SCANS)}}}


@router.post("/documents", status_code=201)
async def deposit_document(file: Sent, runtime: Service, _principal: Caller) -> dict[str, Any]:
    """Keeps an invoice made by the body, or a paper beside one; gives its sha256, and what its Factur-X says."""
    kept = await received(file, runtime.documents, runtime.scanner, SCANS)
    reading = None
    if kept.media_type == PDF:
        reading = await reading_of(await runtime.documents.get(kept.sha256))
    return {**asdict(kept), "factur_x": reading}


@router.get("/invoices/{id}/document", response_class=Response, responses=_PDF)
async def document(id: UUID, runtime: Service, principal: Caller) -> Response:
    """The invoice on paper: the Factur-X (PDF/A-3 and its XML) made from it, or the PDF that was deposited."""
    row = await invoice_row(runtime, id, principal)
    return _file(await document_of(runtime, row), PDF, f"{_name(row)}.pdf")


@router.get("/invoices/{id}/factur-x.xml", response_class=Response, responses=_XML)
async def factur_x(id: UUID, runtime: Service, principal: Caller) -> Response:
    """The data of a generated invoice, as they are in its PDF (Factur-X, profile EN 16931)."""
    row = await invoice_row(runtime, id, principal)
    return _file(await xml_of(runtime, row), "application/xml", f"{_name(row)}.xml")


@router.get("/invoices/{id}/submissions")
async def list_submissions(id: UUID, runtime: Service, principal: Caller) -> dict[str, Any]:
    """The receipt of an invoice, which is submitted once: position, hash, who sent it (F11)."""
    await invoice_row(runtime, id, principal)
    stream = await runtime.ledger.stream(f"invoice-{id}")
    return receipts.listed(CONTEXT, receipts.sent(stream, InvoiceSubmitted))


@router.get("/invoices/{id}/submissions/{revision}/receipt.pdf", response_class=Response, responses=_PDF)
async def show_receipt(id: UUID, revision: int, runtime: Service, principal: Caller) -> Response:
    """What proves that the invoice was received, as PDF (F11)."""
    await invoice_row(runtime, id, principal)
    sent = receipts.sent(await runtime.ledger.stream(f"invoice-{id}"), InvoiceSubmitted)
    return await receipts.on_paper(CONTEXT, RECEIPT, sent, revision, lambda event: event.body_name)


@router.get("/invoices/{id}/documents/{sha256}", response_class=Response, responses=_ANY)
async def paper(
    id: UUID, sha256: Annotated[Sha256, InPath()], runtime: Service, principal: Caller
) -> Response:
    """A paper of the invoice: a document deposited for it, in any of its versions, or brought beside it."""
    row = await invoice_row(runtime, id, principal)
    own = {submitted_of(row).document_hash, row["document"], *parsed(row["supplements"])}
    if sha256 not in own:
        raise Refused(NOT_FOUND)
    content = await runtime.documents.get(sha256)
    return _file(content, media_type(content) or "application/octet-stream", sha256)


def _name(row: Found) -> str:
    return f"facture-{row['number']}".replace("/", "-")


def _file(content: bytes, kind: str, name: str) -> Response:
    """For its reader alone, and never run by a browser as anything else than it is."""
    return Response(
        content, media_type=kind,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )  # fmt: skip
