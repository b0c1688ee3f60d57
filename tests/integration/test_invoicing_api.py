"""Invoicing over HTTP on a real database: « Puis-je facturer ? », invoices, and their changes by the way of R11."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from services.invoicing.own import Own
from services.invoicing.service import SERVICE
from shared.events import Clear, Event
from shared.events.attendance import CertificateLine as Line
from shared.events.attendance import (
    CertificatesRejected,
    CertificatesSubmitted,
    CertificatesValidated,
    UnitTotal,
)
from shared.events.offerings import (
    OfferingAccepted,
    OfferingSubmitted,
    OrderCancelled,
    OrderIssued,
    OrderSigned,
    Session,
    TeachingUnit,
)
from shared.events.parts import Address, Office, Reason
from shared.events.registration import ReferencingAccepted, ReferencingForm, ReferencingSubmitted
from shared.runtime import workers
from shared.runtime.contacts import MANAGEMENT, Contact
from shared.runtime.paris import today
from shared.runtime.territories import Territories
from shared.runtime.uploads import text_of
from tests.receipts import assert_proven
from tests.servers import Servers
from tests.service_stand import ServiceStand, as_body, as_manager, as_staff, service_stand, tables_of
from tests.unit.test_invoicing_reference import REFERENCE

TODAY = today()
STARTS, ENDS = TODAY - timedelta(days=5), TODAY - timedelta(days=1)
UNITS = (TeachingUnit(code="UP1", title="Lire", hours=Decimal("7.00")),)
SIRET = "73282932000074"
ADDRESS = Address(street="1 rue de l'Église", postcode="35000", town="Rennes")
BRETAGNE = Office(name="Formiris Bretagne", email="bretagne@formiris.example")


@pytest_asyncio.fixture(scope="module")
async def stand(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServiceStand]:
    """Invoicing, shared by the tests of this module; each has a body and a session of its own."""
    async with service_stand(SERVICE, servers, tmp_path_factory.mktemp("invoicing")) as stand:
        known = Territories(MANAGEMENT, {"bretagne": Contact(BRETAGNE.name, BRETAGNE.email)}, {})
        stand.runtime.own = Own(known, REFERENCE)
        yield stand


class Dossier:
    """One session's life as the other contexts tell it: 3 trainees, 100 EUR each, ceiling 500 EUR."""

    def __init__(self, perimeter: Any = "regional", body: UUID | None = None) -> None:
        self.body, self.session, self.offering, self.order = body or uuid4(), uuid4(), uuid4(), uuid4()
        self.user = as_body(self.body)
        self.where: Any = {
            "perimeter": perimeter,
            "territory": "bretagne" if perimeter == "regional" else None,
        }
        self.of_order: Any = {
            "order_id": self.order, "body_id": self.body, "offering_id": self.offering, "session_id": self.session
        }  # fmt: skip

    def submitted_form(self) -> Event:
        form = ReferencingForm(
            name="Institut", **self.where, kind="private", siret=SIRET, legal_name="Institut de Rennes",
            legal_form="Association", address=ADDRESS, nda="53350123435", vat_regime="exempt",
            iban=Clear("iban-1", "FR7630001007941234567890185"),
        )  # fmt: skip
        return ReferencingSubmitted(request_id=self.body, revision=1, form=form, office=BRETAGNE)

    def referenced(self) -> Event:
        return ReferencingAccepted(
            request_id=self.body, body_id=self.body, siret=SIRET, name="Institut", legal_name="Institut de Rennes",
            kind="private", **self.where, office=BRETAGNE, contact_name=Clear("contact-1", "A"),
            contact_email=Clear("contact-1", "a@b.example"), decided_by="m", decided_on=TODAY, address=ADDRESS,
            nda="53350123435", vat_regime="exempt",
        )  # fmt: skip

    def offered(self) -> Event:
        session = Session(
            session_id=self.session,
            starts_on=STARTS,
            ends_on=ENDS,
            place="Rennes",
            price=Decimal("100.00"),
            units=UNITS,
        )
        return OfferingSubmitted(
            offering_id=self.offering, body_id=self.body, body_name="Institut", revision=1, title="Lire", **self.where,
            kind="inter-school", total_hours=Decimal("7.00"), cost_type="per-trainee", sessions=(session,),
        )  # fmt: skip

    def accepted(self) -> Event:
        return OfferingAccepted(
            offering_id=self.offering, body_id=self.body, title="Lire", decided_by="m", decided_on=TODAY
        )

    def issued(self) -> Event:
        return OrderIssued(
            **self.of_order, number="BC-1", body_name="Institut", title="Lire", starts_on=STARTS, ends_on=ENDS,
            place="Rennes", **self.where, cost_type="per-trainee", price=Decimal("100.00"),
            amount_ceiling=Decimal("500.00"), units=UNITS, document_hash="0" * 64, issued_by="m",
        )  # fmt: skip

    def signed(self) -> Event:
        return OrderSigned(
            **self.of_order, number="BC-1", document_hash="1" * 64, document_size=9,
            document_media_type="application/pdf", signatory=Clear("signatory-1", "A. Nom"), signed_on=TODAY,
            deposited_by="b",
        )  # fmt: skip

    def cancelled(self) -> Event:
        return OrderCancelled(**self.of_order, number="BC-1", cancelled_by="m", cause="Doublon.")

    def submitted(self) -> Event:
        line = Line(
            teacher_number="1", unit_code="UP1", hours=Decimal("7.00"), starts_on=STARTS, ends_on=ENDS
        )
        return CertificatesSubmitted(
            **self.of_order, revision=1, lines=(line,), sheet_hash="2" * 64, deposited_by="b"
        )

    def rejected(self) -> Event:
        return CertificatesRejected(
            **self.of_order, revision=1, reasons=(Reason(text="Non."),), rejected_by="m", rejected_on=TODAY
        )

    def validated(self) -> Event:
        unit = UnitTotal(unit_code="UP1", trainees=3, hours=Decimal("21.00"))
        return CertificatesValidated(
            **self.of_order, revision=1, units=(unit,), trainees=3, hours=Decimal("21.00"), validated_by="m",
            validated_on=TODAY,
        )  # fmt: skip

    def everything(self) -> list[Event]:
        return [
            self.submitted_form(),
            self.referenced(),
            self.offered(),
            self.accepted(),
            self.issued(),
            self.signed(),
            self.submitted(),
            self.validated(),
        ]

    @property
    def path(self) -> str:
        return f"/sessions/{self.session}/invoicing"

    def invoice(self, number: str = "F/1", **fields: Any) -> dict[str, Any]:
        return {"session": str(self.session), "number": number, "issued_on": str(TODAY), **fields}


async def invoiced(stand: ServiceStand, dossier: Dossier, number: str = "F/1") -> str:
    """The path of an invoice just submitted."""
    answer = await stand.post("/invoices", dossier.invoice(number), dossier.user)
    assert answer.status_code == 201, answer.text
    await stand.get("/invoices", dossier.user, after=answer)
    return f"/invoices/{answer.json()['id']}"


async def granted(
    stand: ServiceStand, dossier: Dossier, path: str, remedy: str = "corrective-invoice"
) -> None:
    asked = await stand.post(f"{path}/amendment-requests", {"reason": "Trop."}, dossier.user)
    assert asked.status_code == 201, asked.text
    answer = await stand.post(
        f"{path}/amendment-decision", {"decision": "grant", "remedy": remedy}, as_manager()
    )
    assert answer.status_code == 200, answer.text
    await stand.get(path, dossier.user, after=answer)


async def test_may_i_invoice(stand: ServiceStand) -> None:
    """« Puis-je facturer ? » follows the session step by step, and says what depositing would say (R9)."""
    dossier = Dossier()
    for event, words, holder in [
        (dossier.offered(), "pas encore décidé de la prestation", "Formiris"),
        (dossier.accepted(), "pas encore soumis le bon de commande", "Formiris"),
        (dossier.issued(), "à signer, tamponner et renvoyer", "l'organisme de formation"),
        (dossier.signed(), "restent à déposer", "l'organisme de formation"),
        (dossier.submitted(), "attendent la décision", "Formiris"),
        (dossier.rejected(), "rejetées", "l'organisme de formation"),
    ]:
        await stand.deliver(event)
        shown = (await stand.get(dossier.path, dossier.user)).json()
        assert (shown["allowed"], shown["holder"]) == (False, holder)
        assert words in shown["why_not"]["detail"]
        answer = await stand.post("/invoices", dossier.invoice(), dossier.user)
        assert (answer.status_code, answer.json()["code"]) == (409, "certificates-not-validated")
        assert answer.json()["detail"] == shown["why_not"]["detail"]
    await stand.deliver(dossier.validated())
    shown = (await stand.get(dossier.path, dossier.user)).json()
    assert (shown["allowed"], shown["amount"]) == (True, "300.00")
    assert "100,00" in shown["working"]
    line = {"label": "stagiaires présents", "quantity": "3.00", "unit_price": "100.00", "amount": "300.00"}
    assert (shown["lines"], shown["ceiling"]) == ([line], "500.00")
    assert [step["done"] for step in shown["steps"]] == [True, True, True, True, True, False]


async def test_the_answer_for_every_session(stand: ServiceStand) -> None:
    """Those that may be invoiced, those not yet with what is missing, those that are: page after page (I1)."""
    body = uuid4()
    ready, early, done = (Dossier(body=body) for _ in range(3))
    await stand.deliver(
        *ready.everything(), ready.offered(), early.offered(), *done.everything(), done.offered()
    )
    path = await invoiced(stand, done)

    async def listed(answer: str, more: str = "") -> list[Any]:
        told = await stand.get(f"/sessions?answer={answer}{more}", as_body(body))
        items: list[Any] = told.json()["items"]
        return items

    (yes,) = await listed("yes")
    assert (yes["id"], yes["allowed"], yes["amount"], yes["order"]["number"]) == (
        str(ready.session), True, "300.00", "BC-1",
    )  # fmt: skip
    (no,) = await listed("not-yet")
    assert (no["id"], no["why_not"]["code"]) == (str(early.session), "certificates-not-validated")
    (held,) = await listed("invoiced")
    assert held["invoice"]["id"] == path.rpartition("/")[2]
    assert await listed("yes", f"&after={ready.session}") == []
    assert (await stand.get("/sessions?answer=yes", as_body(uuid4()))).json() == {"items": [], "next": None}


async def test_an_invoice_is_seen_before_it_is_submitted(stand: ServiceStand) -> None:
    """The same checks as submitting, nothing kept: dates, due day, a number that is taken and by which invoice (I3)."""
    body = uuid4()
    one, other = Dossier(body=body), Dossier(body=body)
    await stand.deliver(*one.everything(), *other.everything())
    path = await invoiced(stand, one)
    seen = await stand.post("/invoices/preview", other.invoice("F/2"), one.user)
    assert (seen.json()["amount"], seen.json()["due_on"]) == ("300.00", str(TODAY + timedelta(days=30)))
    assert "261-4-4" in seen.json()["vat_words"] or "impositions" in seen.json()["vat_words"]
    taken = await stand.post("/invoices/preview", other.invoice("F/1"), one.user)
    assert (taken.json()["code"], taken.json()["link"]) == ("invoice-number-taken", f"/factures{path[9:]}")
    twice = await stand.post("/invoices/preview", one.invoice("F/3"), one.user)
    assert (twice.json()["code"], twice.json()["link"]) == ("already-invoiced", f"/factures{path[9:]}")
    early = await stand.post("/invoices/preview", other.invoice("F/2", issued_on="2020-01-01"), one.user)
    assert early.json()["code"] == "invoice-date"
    document = (await stand.get(f"{path}/document", one.user)).content
    sha256 = await stand.deposit(one.user, document)
    differs = await stand.post("/invoices/preview", other.invoice("F/2", document=sha256), one.user)
    assert differs.json()["code"] == "deposited-invoice-differs"
    assert (await stand.get(other.path, one.user)).json()["allowed"]


async def test_the_answer_needs_nothing_but_the_session(stand: ServiceStand) -> None:
    """Order or certificates alone make a session known; what is expected is shown before the validation (I1)."""
    ordered, attended = Dossier(), Dossier()
    await stand.deliver(ordered.issued(), attended.submitted())
    shown = (await stand.get(ordered.path, ordered.user)).json()
    assert "à signer" in shown["why_not"]["detail"]
    shown = (await stand.get(attended.path, attended.user)).json()
    assert (shown["allowed"], shown["amount"]) == (False, None)
    await stand.deliver(ordered.signed(), ordered.submitted())
    assert (await stand.get(ordered.path, ordered.user)).json()["expected"]["amount"] == "100.00"
    assert (await stand.get(f"/sessions/{uuid4()}/invoicing", ordered.user)).status_code == 404


async def test_from_the_invoice_to_its_payment(stand: ServiceStand) -> None:
    """Submitted, accepted, paid; the session then says by which invoice it is held."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    path = await invoiced(stand, dossier)
    shown = (await stand.get(path, dossier.user)).json()
    assert (shown["kind"], shown["amount"], shown["status"], shown["holder"]) == (
        "380",
        "300.00",
        "submitted",
        "Formiris",
    )
    assert shown["due_on"] == str(TODAY + timedelta(days=30))
    await assert_proven(stand, f"{path}/submissions", dossier.user, shown["id"], "Facture")
    assert (await stand.get(f"{path}/submissions/1/receipt.pdf", as_body(uuid4()))).status_code == 404
    accepted = await stand.post(f"{path}/decision", {"decision": "accept"}, as_manager("bretagne"))
    assert accepted.status_code == 200, accepted.text
    paid = await stand.post(f"{path}/payment", {"reference": "VIR F/1", "paid_on": str(TODAY)}, as_manager())
    assert paid.status_code == 200, paid.text
    shown = (await stand.get(path, dossier.user, after=paid)).json()
    assert (shown["status"], shown["outcome"]["reference"]) == ("paid", "VIR F/1")
    held = (await stand.get(dossier.path, dossier.user)).json()
    assert (held["allowed"], held["why_not"]["code"], held["invoice"]["number"]) == (
        False,
        "already-invoiced",
        "F/1",
    )


async def test_a_number_and_a_session_are_taken_once(stand: ServiceStand) -> None:
    """A number names one invoice of a body; a session has one live invoice; a rejection frees the session."""
    one = Dossier()
    other = Dossier(body=one.body)
    await stand.deliver(*one.everything(), *other.everything())
    path = await invoiced(stand, one)
    again = await stand.post("/invoices", one.invoice(), one.user)
    assert (again.status_code, f"/invoices/{again.json()['id']}") == (201, path)
    page = path.replace("/invoices", "/factures")
    taken = await stand.post("/invoices", other.invoice(), one.user)
    assert (taken.json()["code"], taken.json()["link"]) == ("invoice-number-taken", page)
    second = await stand.post("/invoices", one.invoice("F/2"), one.user)
    assert (second.json()["code"], second.json()["link"]) == ("already-invoiced", page)
    typed = (await stand.get(f"{other.path}?number=F/1", one.user)).json()["number"]
    assert (typed["free"], typed["link"]) == (False, page)
    assert (await stand.get(f"{other.path}?number=F/2", one.user)).json()["number"]["free"]
    rejected = await stand.post(
        f"{path}/decision", {"decision": "reject", "reasons": ["Doublon."]}, as_manager()
    )
    assert (await stand.get(one.path, one.user, after=rejected)).json()["allowed"]
    assert (await stand.post("/invoices", one.invoice(), one.user)).json()["code"] == "invoice-number-taken"
    await invoiced(stand, one, "F/3")


async def test_two_invoices_at_once(stand: ServiceStand) -> None:
    """Of invoices submitted together for one session, exactly one is taken."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    asked = [stand.post("/invoices", dossier.invoice(f"F/{n}"), dossier.user) for n in range(8)]
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]


@pytest.mark.parametrize(
    ("perimeter", "email"), [("regional", BRETAGNE.email), ("national", "contact.gestion@formiris.org")]
)
async def test_a_submitted_invoice_stays(stand: ServiceStand, perimeter: str, email: str) -> None:
    """Editing is refused with whom to ask; a request for a change goes there (R11)."""
    dossier = Dossier(perimeter)
    await stand.deliver(*dossier.everything())
    path = await invoiced(stand, dossier)
    before = (await stand.get(path, dossier.user)).json()
    for content in (dossier.invoice("F/9"), b"{", b""):
        answer = await stand.post(path, content, dossier.user, method="PUT")
        assert (answer.status_code, answer.json()["code"]) == (409, "invoice-submitted")
        assert answer.json()["contact"]["email"] == email
        assert email in answer.json()["detail"]
    assert (await stand.get(path, dossier.user)).json() == before
    asked = await stand.post(f"{path}/amendment-requests", {"reason": "Trop."}, dossier.user)
    assert asked.json()["routed_to"]["email"] == email


async def test_a_corrective_invoice(stand: ServiceStand) -> None:
    """Once granted, a 384 takes the place of the first, and is the one accepted and paid."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    path = await invoiced(stand, dossier)
    content = {"number": "F/1-R", "issued_on": str(TODAY), "amount": "250.00"}
    early = await stand.post(f"{path}/correction", content, dossier.user)
    assert early.json()["code"] == "amendment-not-granted"
    await granted(stand, dossier, path)
    above = await stand.post(f"{path}/correction", content | {"amount": "300.01"}, dossier.user)
    assert above.json()["code"] == "amount-above-due"
    made = await stand.post(f"{path}/correction", content, dossier.user, key="correction-1")
    assert made.status_code == 201, made.text
    again = await stand.post(f"{path}/correction", content, dossier.user, key="correction-1")
    assert again.json() == made.json()
    shown = (await stand.get(f"/invoices/{made.json()['id']}", dossier.user, after=made)).json()
    assert (shown["kind"], shown["amount"], len(shown["references"])) == ("384", "250.00", 1)
    first = (await stand.get(path, dossier.user)).json()
    assert (first["status"], first["amount"], first["outcome"]["by_number"]) == (
        "corrected",
        "300.00",
        "F/1-R",
    )
    held = (await stand.get(dossier.path, dossier.user)).json()
    assert held["invoice"]["number"] == "F/1-R"
    late = await stand.post(f"{path}/decision", {"decision": "accept"}, as_manager())
    assert late.json()["code"] == "invoice-closed"


async def test_a_credit_note_frees_the_session(stand: ServiceStand) -> None:
    """A 381 of the whole; nothing is decided on it, and the session can be invoiced again."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    path = await invoiced(stand, dossier)
    await granted(stand, dossier, path, "credit-note")
    made = await stand.post(f"{path}/credit-note", {"number": "A/1", "issued_on": str(TODAY)}, dossier.user)
    assert made.status_code == 201, made.text
    note = f"/invoices/{made.json()['id']}"
    assert (await stand.get(note, dossier.user, after=made)).json()["holder"].startswith("personne")
    decided = await stand.post(f"{note}/decision", {"decision": "accept"}, as_manager())
    assert decided.json()["code"] == "credit-note-final"
    assert (await stand.get(dossier.path, dossier.user, after=made)).json()["allowed"]
    await invoiced(stand, dossier, "F/2")
    listed = (await stand.get("/invoices?limit=2", dossier.user)).json()
    assert [item["number"] for item in listed["items"]] == ["F/2", "A/1"]
    rest = (await stand.get(f"/invoices?limit=2&after={listed['next']}", dossier.user)).json()
    assert [(item["number"], item["status"]) for item in rest["items"]] == [("F/1", "credited")]
    assert rest["next"] is None


async def test_an_order_cancelled_after_the_validation(stand: ServiceStand) -> None:
    """What is no longer ordered is not invoiced."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything(), dossier.cancelled())
    assert (await stand.get(dossier.path, dossier.user)).json()["why_not"]["code"] == "order-not-signed"
    answer = await stand.post("/invoices", dossier.invoice(), dossier.user)
    assert (answer.status_code, answer.json()["code"]) == (409, "order-not-signed")


async def test_who_may_do_what(stand: ServiceStand) -> None:
    """Others cannot tell that the dossier exists; managers of the territory decide, auditors only read."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    assert (await stand.post("/invoices", dossier.invoice(), as_body(uuid4()))).status_code == 404
    path = await invoiced(stand, dossier)
    for headers in (as_body(uuid4()), as_manager("normandie")):
        assert (await stand.get(path, headers)).status_code == 404
        assert (await stand.get("/invoices", headers)).json()["items"] == []
    for headers in (as_manager("bretagne"), as_manager(), as_staff("auditor"), as_staff("assistance")):
        assert (await stand.get(path, headers)).status_code == 200
    assert (
        await stand.post(f"{path}/decision", {"decision": "accept"}, as_staff("auditor"))
    ).status_code == 403
    assert (await stand.post(f"{path}/decision", {"decision": "accept"}, dossier.user)).status_code == 403


async def test_sent_back_and_taken_up_again(stand: ServiceStand) -> None:
    """Suspended with a reason of the list: the number stays, the body brings the paper, the invoice goes on (I2)."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    path = await invoiced(stand, dossier)
    listed = (await stand.get("/return-reasons", as_manager())).json()
    assert "supporting-document-missing" in [each["code"] for each in listed["suspended"]["reasons"]]
    why = [{"code": "supporting-document-missing", "text": "La feuille d'émargement."}]
    wrong = await stand.post(f"{path}/return", {"kind": "to-recycle", "reasons": why}, as_manager())
    assert wrong.json()["code"] == "invalid-request"
    assert "document-illegible" in wrong.text
    back = await stand.post(f"{path}/return", {"kind": "suspended", "reasons": why}, as_manager())
    assert (back.status_code, back.json()["number_stays"]) == (200, True)
    shown = (await stand.get(path, dossier.user, after=back)).json()
    assert (shown["status"], shown["holder"]) == ("returned", "l'organisme de formation")
    assert (shown["return"]["kind"], shown["return"]["number_stays"]) == ("suspended", True)
    early = await stand.post(f"{path}/decision", {"decision": "accept"}, as_manager())
    assert early.json()["code"] == "invoice-returned"
    form = (await stand.get(f"{path}/correction", dossier.user)).json()
    assert form["path"] == f"/v1{path}/resumption"
    paper = await stand.deposit(dossier.user)
    answer = form["fields"] | {"answer": "La voici.", "supplement": paper}
    resumed = await stand.post(f"{path}/resumption", answer, dossier.user)
    assert resumed.status_code == 200, resumed.text
    shown = (await stand.get(path, as_manager(), after=resumed)).json()
    assert (shown["status"], shown["supplements"]) == ("submitted", [paper])
    assert (await stand.get(f"{path}/documents/{paper}", as_manager())).content.startswith(b"%PDF")
    assert (await stand.get(f"{path}/documents/{'0' * 64}", as_manager())).status_code == 404
    assert (await stand.get(f"{path}/correction", dossier.user)).json()["code"] == "nothing-to-correct"
    why = [{"code": "duplicate"}]
    gone = await stand.post(f"{path}/return", {"kind": "rejected", "reasons": why}, as_manager())
    assert gone.json()["number_stays"] is False
    form = (await stand.get(f"{path}/correction", dossier.user, after=gone)).json()
    again = await stand.post("/invoices", form["fields"] | {"number": "F/2"}, dossier.user)
    assert again.status_code == 201, again.text


async def test_the_document_of_a_generated_invoice(stand: ServiceStand) -> None:
    """A Factur-X made when first asked for, the same at each download, with every mandatory mention."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    path = await invoiced(stand, dossier)
    made = await stand.get(f"{path}/document", dossier.user)
    assert (made.status_code, made.headers["content-type"]) == (200, "application/pdf")
    assert made.content == (await stand.get(f"{path}/document", as_staff("auditor"))).content
    text = await text_of(made.content)
    for mention in (
        "F/1", "Institut de Rennes", "Association", SIRET, "53350123435", "Formiris", "BC-1", "300,00", "40 euros",
        "intérêt légal", "FR76 •••• 0185", "Exonération de TVA",
    ):  # fmt: skip
        assert mention in text, mention
    xml = (await stand.get(f"{path}/factur-x.xml", dossier.user)).content
    assert b"<ram:GrandTotalAmount>300.00</ram:GrandTotalAmount>" in xml
    reading = await workers.run("services.invoicing.factur_x:reading_of", made.content)
    assert (reading["number"], reading["total"], reading["faults"]) == ("F/1", "300.00", [])
    assert (await stand.get(f"{path}/document", as_body(uuid4()))).status_code == 404
    assert "iban" not in (await stand.get(path, dossier.user)).text


async def test_a_deposited_factur_x_is_compared(stand: ServiceStand) -> None:
    """What its data say must be what is submitted and due; a document that holds no number is told as a warning."""
    one = Dossier()
    other = Dossier(body=one.body)
    await stand.deliver(*one.everything(), *other.everything())
    made = (await stand.get(f"{await invoiced(stand, one)}/document", one.user)).content
    kept = await stand.http.post("/v1/documents", files={"file": ("f.pdf", made)}, headers=one.user)
    assert kept.json()["factur_x"]["number"] == "F/1"
    sha256 = kept.json()["sha256"]
    refused = await stand.post("/invoices", other.invoice("F/2", document=sha256), one.user)
    assert (refused.status_code, refused.json()["code"]) == (422, "deposited-invoice-differs")
    assert [each["field"] for each in refused.json()["missing"]] == ["number"]
    plain = await stand.deposit(one.user)
    taken = await stand.post("/invoices", other.invoice("F/2", document=plain), one.user)
    assert taken.status_code == 201, taken.text
    assert "F/2" in taken.json()["warnings"][0]
    path = f"/invoices/{taken.json()['id']}"
    shown = (await stand.get(path, as_manager(), after=taken)).json()
    assert (shown["origin"], shown["remarks"][0]["code"]) == ("deposited", "number-not-in-document")
    assert (await stand.get(f"{path}/document", one.user)).content.startswith(b"%PDF")
    assert (await stand.get(f"{path}/factur-x.xml", one.user)).json()["code"] == "invoice-without-factur-x"


async def test_statement_and_export(stand: ServiceStand) -> None:
    """Opening + movements = closing; the export is the list, and opens nothing by itself (I4)."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    path = await invoiced(stand, dossier)
    await stand.post(f"{path}/decision", {"decision": "accept"}, as_manager())
    reference = (await stand.get(path, dossier.user)).json()["payment_reference"]
    paid = await stand.post(f"{path}/payment", {"reference": reference, "paid_on": str(TODAY)}, as_manager())
    assert paid.status_code == 200, paid.text
    month = f"/statements/{TODAY:%Y-%m}"
    shown = (await stand.get(month, dossier.user, after=paid)).json()
    assert (shown["opening"], shown["closing"]) == ("0.00", "0.00")
    assert [(each["kind"], each["amount"]) for each in shown["movements"]] == [
        ("invoice", "300.00"),
        ("payment", "-300.00"),
    ]
    assert (await stand.get(f"{month}?body={dossier.body}", as_manager("bretagne"))).json() == shown
    assert (await stand.get(month, as_manager())).json()["code"] == "statement-body-missing"
    assert (await stand.get(f"{month}?body={dossier.body}", as_manager("normandie"))).status_code == 404
    assert (await stand.get(f"{month}/pdf", dossier.user)).content.startswith(b"%PDF")
    exported = await stand.get("/invoices.csv?status=paid", dossier.user)
    assert (exported.status_code, exported.text.count("F/1")) == (200, 2)
    assert (await stand.get("/invoices.csv?status=rejected", dossier.user)).text.count("F/1") == 0
    assert (await stand.get("/invoices.xlsx", dossier.user)).content.startswith(b"PK")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"number": "F 1"}, "invalid-request"),
        ({"number": "x" * 36}, "invalid-request"),
        ({"number": "F\u00001"}, "invalid-request"),
        ({"number": ""}, "invalid-request"),
        ({"issued_on": "9999-12-31"}, "invalid-request"),
        ({"issued_on": str(TODAY + timedelta(days=2))}, "invoice-date"),
        ({"due_on": str(TODAY + timedelta(days=61))}, "invoice-due-date"),
        ({"amount": "1.00"}, "invalid-request"),
        ({"session": "7"}, "invalid-request"),
        ({"document": "a" * 64}, "document-unknown"),
    ],
)
async def test_a_bad_invoice(stand: ServiceStand, fields: dict[str, Any], code: str) -> None:
    """A problem with a stable code; nothing is written."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    answer = await stand.post("/invoices", dossier.invoice() | fields, dossier.user)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert (await stand.get("/invoices", dossier.user)).json()["items"] == []


@pytest.mark.parametrize(
    ("step", "content"),
    [
        ("decision", {"decision": "reject", "reasons": []}),
        ("decision", {"decision": "reject", "reasons": [" "]}),
        ("decision", {"decision": "reject", "reasons": ["\u0000"]}),
        ("amendment-decision", {"decision": "refuse"}),
        ("payment", {"reference": "F/1", "paid_on": "0001-01-01"}),
    ],
)
async def test_a_bad_decision(stand: ServiceStand, step: str, content: dict[str, Any]) -> None:
    """No refusal without reasons, no words that cannot be kept."""
    dossier = Dossier()
    await stand.deliver(*dossier.everything())
    path = await invoiced(stand, dossier)
    answer = await stand.post(f"{path}/{step}", content, as_manager())
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


async def test_the_views_equal_their_replay(servers: Servers, tmp_path: Path) -> None:
    """What the others tell, one event at a time or in batches, one context before the other: the same rows."""
    async with (
        service_stand(SERVICE, servers, tmp_path) as one,
        service_stand(SERVICE, servers, tmp_path) as other,
    ):
        for dossier in [Dossier(), Dossier("national")]:
            for event in [*dossier.everything(), dossier.offered(), dossier.cancelled()]:
                await one.deliver(event)
        for context in ("attendance", "offerings", "registration"):
            await other.deliver_again(context, [each for each in one.delivered if each.context == context])
        assert await tables_of(other.runtime.pool) == await tables_of(one.runtime.pool)
