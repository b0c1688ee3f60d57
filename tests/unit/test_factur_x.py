"""Factur-X: the rules of EN 16931 and of France hold for each kind of invoice, and a wrong total is caught."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from pypdf import PdfReader

from services.invoicing import factur_x
from services.invoicing.billing import Attended, Order
from services.invoicing.en16931 import terms_of
from services.invoicing.invoice import DECIDER, Invoice
from services.invoicing.invoice_document import TEMPLATE, invoice_page, masked
from services.invoicing.reference import Buyer, Reference
from shared.events.invoicing import InvoiceSubmitted
from shared.runtime import workers
from shared.runtime.drawing import draw
from tests.unit.test_invoicing import BILLING, REGIONAL, REPLACE, SUBMIT, SUBMITTED, VALIDATED
from tests.unit.test_invoicing_reference import FICTIVE, MOVED, REFERENCE

CAPPED = replace(REGIONAL, ceiling=Decimal("1999.99"))


def submitted(
    liable: bool = False, order: Order = REGIONAL, attended: Attended = VALIDATED
) -> InvoiceSubmitted:
    """A first invoice."""
    seller = BILLING.seller and BILLING.seller.model_copy(
        update={"vat_number": "FR44732829320", "legal_form": "SARL au capital de 10 000 €"} if liable else {}
    )
    billing = replace(BILLING, order=order, attended=attended, liable=liable, seller=seller)
    return decided(replace(SUBMIT, billing=billing))


def decided(command: Any) -> InvoiceSubmitted:
    (event,) = DECIDER.decide(Invoice(), command)
    assert isinstance(event, InvoiceSubmitted)
    return event


def corrected(first: InvoiceSubmitted, kind: Any, amount: str) -> InvoiceSubmitted:
    """Its corrective invoice or credit note."""
    return decided(replace(REPLACE, original=first, kind=kind, amount=Decimal(amount)))


def xml_of(invoice: InvoiceSubmitted) -> bytes:
    """Its Factur-X."""
    assert invoice.seller
    return factur_x.xml_of(terms_of(invoice, invoice.seller, REFERENCE))


@pytest.mark.parametrize("buyer", [FICTIVE, MOVED, {k: v for k, v in FICTIVE.items() if k != "siret"}])
def test_whatever_is_known_of_the_buyer_is_a_factur_x(buyer: dict[str, Any]) -> None:
    """With and without SIRET and VAT number: the rules of EN 16931 hold."""
    assert SUBMITTED.seller
    terms = terms_of(
        SUBMITTED, SUBMITTED.seller, Reference((Buyer.model_validate(buyer | {"since": "2020-01-01"}),))
    )
    xml = factur_x.xml_of(terms)
    assert factur_x.faults_of(xml) == []
    assert (b"12345678200002" in xml, b"FR11123456782" in xml) == ("siret" in buyer, "vat_number" in buyer)


GOOD: dict[str, Callable[[], InvoiceSubmitted]] = {
    "380": lambda: SUBMITTED,
    "380 at the ceiling": lambda: submitted(order=CAPPED),
    "380 with VAT": lambda: submitted(liable=True),
    "380 with VAT, at the ceiling": lambda: submitted(liable=True, order=CAPPED),
    "380 of nothing": lambda: submitted(attended=replace(VALIDATED, hours=Decimal("0.00"))),
    "380 per trainee": lambda: submitted(order=replace(REGIONAL, cost_type="per-trainee")),
    "384": lambda: corrected(SUBMITTED, "384", "2000.00"),
    "384 at the ceiling, with VAT": lambda: corrected(submitted(True, CAPPED), "384", "1500.00"),
    "381": lambda: corrected(SUBMITTED, "381", str(SUBMITTED.amount)),
    "381 with VAT": lambda: corrected(submitted(liable=True), "381", str(SUBMITTED.amount)),
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_invoice_breaks_no_rule(kind: str) -> None:
    """XSD, schematron of EN 16931 and of France, for invoices, corrective invoices and credit notes."""
    assert factur_x.faults_of(xml_of(GOOD[kind]())) == []


@settings(max_examples=15, deadline=None)
@for_all(
    st.decimals("0.00", "9999.99", places=2), st.decimals("0.00", "99999.00", places=2),
    st.decimals("0.00", "9999.00", places=2), st.booleans(),
)  # fmt: skip
def test_every_amount_adds_up(price: Decimal, ceiling: Decimal, hours: Decimal, liable: bool) -> None:
    """Whatever the price, the hours and the ceiling, with VAT or without."""
    order = replace(REGIONAL, price=price, ceiling=ceiling)
    invoice = submitted(liable, order, Attended("validated", 8, hours))
    assert factur_x.faults_of(xml_of(invoice)) == []


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        (b"2640.40</ram:GrandTotalAmount>", b"2640.41</ram:GrandTotalAmount>", "BR-CO-15"),
        (b"2640.40</ram:DuePayableAmount>", b"2640.39</ram:DuePayableAmount>", "BR-CO-16"),
        (b"2640.40</ram:TaxBasisTotalAmount>", b"26404.00</ram:TaxBasisTotalAmount>", "BR-CO-13"),
        (b"<ram:CategoryCode>E</ram:CategoryCode>", b"<ram:CategoryCode>S</ram:CategoryCode>", "BR-S-"),
        (b"<ram:SubjectCode>PMT</ram:SubjectCode>", b"<ram:SubjectCode>AAI</ram:SubjectCode>", "BR-FR-05"),
    ],
)
def test_a_wrong_invoice_is_caught(right: bytes, wrong: bytes, rule: str) -> None:
    """A total a cent too much, a category without its rate, a mandatory mention gone: the rule is named."""
    xml = xml_of(SUBMITTED)
    assert right in xml
    assert any(rule in fault for fault in factur_x.faults_of(xml.replace(right, wrong)))


@pytest.mark.parametrize(
    "xml",
    [
        b"", b"not xml", b"<a/>", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    ],
)  # fmt: skip
def test_what_is_no_invoice_is_said_so(xml: bytes) -> None:
    """Never an entity of a file, never an exception."""
    (fault,) = factur_x.faults_of(xml)
    assert "root:" not in fault


async def test_the_check_runs_in_the_worker() -> None:
    """Within the memory and time that the worker gives; the service's process never loads the libraries."""
    assert await workers.run("services.invoicing.factur_x:faults_of", xml_of(SUBMITTED)) == []


def document(invoice: InvoiceSubmitted) -> bytes:
    """The PDF with its XML."""
    assert invoice.seller
    page = invoice_page(invoice, invoice.seller, REFERENCE, masked("FR7630001007941234567890185"))
    drawn = draw(TEMPLATE, json.dumps(page, default=str), None, invoice.issued_on, "a-3a")
    return factur_x.embedded(drawn, xml_of(invoice), invoice.issued_on)


def test_the_document_is_the_same_every_time_and_carries_its_xml() -> None:
    """PDF/A-3a, PDF/UA-1 and Factur-X at once; content-addressed, so made again it is the same document."""
    made = document(SUBMITTED)
    assert document(SUBMITTED) == made
    reader = PdfReader(io.BytesIO(made))
    (attached,) = reader.attachment_list
    assert (attached.name, attached.content) == ("factur-x.xml", xml_of(SUBMITTED))
    said = reader.root_object["/Metadata"].get_object().get_data().decode()  # type: ignore[union-attr]  # a stream
    for claim in (
        "<pdfaid:part>3</pdfaid:part>", "<pdfaid:conformance>A</pdfaid:conformance>", "<pdfuaid:part>1</pdfuaid:part>",
        "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>", "Factur-X PDFA Extension Schema",
    ):  # fmt: skip
        assert claim in said, claim
    assert reader.root_object["/MarkInfo"]["/Marked"].value is True  # type: ignore[index]  # a dictionary of the PDF


@pytest.mark.parametrize("kind", ["380", "380 with VAT", "384", "381"])
def test_every_mandatory_mention_is_printed(kind: str) -> None:
    """Parties, SIREN, SIRET, VAT or its exemption, NDA, order, dates, penalties, 40 EUR (Code de commerce L441-9)."""
    invoice = GOOD[kind]()
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(document(invoice))).pages)
    wanted = [
        invoice.number, "Institut des Monts", "1 rue des Monts", "732829320", "73282932000074", "53350123435",
        "Acheteur fictif", "123456782", "BC-42", "23/11/2026", "trois fois le taux d'intérêt légal", "40 euros",
        "escompte", "prestation de services", "agrément de l'État", "•••• 0185",
    ]  # fmt: skip
    wanted += ["TVA à 20 %", "FR44732829320"] if invoice.vat else ["Exonération de TVA"]
    wanted += ["F2026/117 du 23/11/2026"] if invoice.references else []
    for mention in wanted:
        assert mention in text.replace("\n", " "), mention


def test_reading_a_deposited_factur_x() -> None:
    """Its number, total and dates; a plain PDF has none."""
    reading = factur_x.reading_of(document(SUBMITTED))
    assert reading == {
        "number": "F2026/117", "issued_on": date(2026, 11, 23), "kind": "380", "currency": "EUR",
        "due_on": date(2026, 12, 23), "total": "2640.40", "faults": [],
    }  # fmt: skip
    page = invoice_page(SUBMITTED, SUBMITTED.seller, REFERENCE, None)  # type: ignore[arg-type]  # it has one
    plain = draw(TEMPLATE, json.dumps(page, default=str), None, SUBMITTED.issued_on, "a-3a")
    assert factur_x.reading_of(plain) is None
