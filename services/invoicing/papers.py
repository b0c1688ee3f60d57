"""Documents of invoices: read when deposited, made when first asked for, kept by their sha256.

A generated document is a function of its invoice alone: it is made off the path of the submission, by the worker, and
made again gives the same bytes.
"""

from datetime import date
from typing import Any

from services.invoicing.deposited import Seen
from services.invoicing.en16931 import terms_of
from services.invoicing.invoice_document import TEMPLATE, invoice_page, masked
from services.invoicing.own import Own
from services.invoicing.reference import Reference
from services.invoicing.refusals import NO_DOCUMENT, NO_XML
from services.invoicing.seller import seller_of
from services.invoicing.views import SQL, Found, details_of, submitted_of
from shared.events.invoicing import InvoiceSubmitted, Seller
from shared.events.personal import Clear, Sealed
from shared.runtime import pdf, workers
from shared.runtime.documents import Documents
from shared.runtime.refusal import Refused
from shared.runtime.service import Runtime
from shared.runtime.uploads import PDF, WRONG_TYPE, media_type, text_of


async def looked_at(documents: Documents, digest: str) -> Seen:
    """What a deposited invoice says. Raises `Refused` when it was never deposited, or cannot be read."""
    content = await documents.get(digest)
    if media_type(content) != PDF:
        raise Refused(WRONG_TYPE, expected="PDF")
    return Seen(await text_of(content), await reading_of(content))


async def reading_of(content: bytes) -> dict[str, Any] | None:
    """What the Factur-X of a PDF says; None when it has none, only faults when it cannot be read."""
    try:
        reading: dict[str, Any] | None = await workers.run("services.invoicing.factur_x:reading_of", content)
    except workers.Failed:
        return {"faults": ["unreadable"]}
    return reading


async def document_of(runtime: Runtime, row: Found) -> bytes:
    """The document of an invoice: as it was deposited, or made. Raises `Refused` when it cannot be made."""
    if row["document"]:
        return await runtime.documents.get(row["document"])
    digest = await runtime.pool.fetchval(SQL.paper, row["invoice_id"])
    if digest is None:
        digest = await runtime.documents.put(await _made(runtime, row))
        await runtime.pool.execute(SQL.keep_paper, row["invoice_id"], digest)
    return await runtime.documents.get(digest)


async def xml_of(runtime: Runtime, row: Found) -> bytes:
    """The Factur-X data of a generated invoice. Raises `Refused` for a deposited one."""
    if row["document"]:
        raise Refused(NO_XML, number=row["number"])
    invoice = submitted_of(row)
    return await _xml(runtime, invoice, await _seller(runtime, invoice))


async def _made(runtime: Runtime, row: Found) -> bytes:
    invoice = submitted_of(row)
    seller = await _seller(runtime, invoice)
    xml = await _xml(runtime, invoice, seller)
    account = await _account(runtime, seller)
    page = invoice_page(invoice, seller, _reference(runtime), account)
    drawn = await pdf.rendered(TEMPLATE, page, on=invoice.issued_on, standard="a-3a")
    return await _embedded(drawn, xml, invoice.issued_on)


async def _xml(runtime: Runtime, invoice: InvoiceSubmitted, seller: Seller) -> bytes:
    terms = terms_of(invoice, seller, _reference(runtime))
    xml: bytes = await workers.run("services.invoicing.factur_x:xml_of", terms)
    return xml


def _reference(runtime: Runtime) -> Reference:
    own: Own = runtime.own
    return own.reference


async def _embedded(drawn: bytes, xml: bytes, on: date) -> bytes:
    document: bytes = await workers.run("services.invoicing.factur_x:embedded", drawn, xml, on)
    return document


async def _seller(runtime: Runtime, invoice: InvoiceSubmitted) -> Seller:
    """As the invoice says; for one from before it said so, as registration tells of the body now."""
    seller = invoice.seller
    if seller is None:
        seller = seller_of(details_of(await runtime.pool.fetchrow(SQL.body, invoice.body_id)))
    if seller is None:
        raise Refused(NO_DOCUMENT, number=invoice.number)
    return seller


async def _account(runtime: Runtime, seller: Seller) -> str | None:
    """The account that is paid, masked; None when none is known, or its holder was erased."""
    if not isinstance(seller.iban, Sealed):
        return None
    revealed = (await runtime.keyring.reveal([seller.iban]))[seller.iban]
    return masked(revealed.value) if isinstance(revealed, Clear) else None
