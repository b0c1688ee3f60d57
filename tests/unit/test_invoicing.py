"""Invoices: after validated certificates, never edited, corrected or credited when granted.  (R9, R11)"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.invoicing import claim, paying, returns, seller, vat
from services.invoicing.billing import Attended, Billing, Order, due_for, euros
from services.invoicing.invoice import (
    DECIDER,
    AcceptInvoice,
    GrantAmendment,
    Invoice,
    PayInvoice,
    RefuseAmendment,
    RejectInvoice,
    ReplaceInvoice,
    RequestAmendment,
    ResumeInvoice,
    ReturnInvoice,
    SubmitInvoice,
    SubmitReplacement,
)
from services.invoicing.routing import office_for, submitted_stays
from shared.events import EVENTS, Event
from shared.events.invoicing import (
    InvoiceAccepted,
    InvoiceAmendmentGranted,
    InvoiceAmendmentRefused,
    InvoiceAmendmentRequested,
    InvoiceCorrected,
    InvoiceCredited,
    InvoicePaid,
    InvoiceReference,
    InvoiceRejected,
    InvoiceResumed,
    InvoiceReturned,
    InvoiceSubmitted,
    Seller,
    SessionInvoicingClaimed,
    SessionInvoicingReleased,
)
from shared.events.parts import Address, Office, Reason
from shared.runtime.contacts import MANAGEMENT, Contact
from shared.runtime.refusal import Refused
from shared.runtime.territories import Territories
from tests.unit.given import specification

given = specification(DECIDER)
given_claim = specification(claim.DECIDER)

SESSION, OFFERING, BODY, ORDER, INVOICE, OTHER, AMENDMENT = (UUID(int=n) for n in range(1, 8))
TODAY = date(2026, 11, 23)
NUMBER = "F2026/117"
REGIONAL = Order(
    ORDER, "BC-42", "signed", "regional", "bretagne", "per-trainee-hour", Decimal("18.40"), Decimal("2760.00")
)
VALIDATED = Attended("validated", 8, Decimal("143.50"))
SELLER = Seller(
    legal_name="Institut des Monts", siret="73282932000074", nda="53350123435",
    address=Address(street="1 rue des Monts", postcode="35000", town="Rennes"),
)  # fmt: skip
BILLING = Billing(
    SESSION, OFFERING, "Lire au cycle 3", BODY, "Institut des Monts", date(2026, 11, 20), REGIONAL, VALIDATED,
    starts_on=date(2026, 11, 19), offered="accepted", seller=SELLER,
)  # fmt: skip
BRETAGNE = Office(name="Formiris Bretagne", email="bretagne@formiris.example")

KNOWN = Territories(MANAGEMENT, {"bretagne": Contact(BRETAGNE.name, BRETAGNE.email)}, {})

SUBMIT = SubmitInvoice(INVOICE, NUMBER, BILLING, TODAY, "body:b", TODAY)
SUBMITTED: InvoiceSubmitted = given().when(SUBMIT).events()[0]  # type: ignore[assignment]  # its shape is tested below
IDENTITY: Any = {"invoice_id": INVOICE, "number": NUMBER, "body_id": BODY, "session_id": SESSION}
AMENDED: Any = IDENTITY | {"amendment_id": AMENDMENT}
ACCEPT, REJECT = (
    AcceptInvoice("manager:m", TODAY),
    RejectInvoice((Reason(text="Doublon."),), "manager:m", TODAY),
)
ACCEPTED = InvoiceAccepted(
    **IDENTITY, amount=SUBMITTED.amount, due_on=SUBMITTED.due_on, accepted_by="manager:m", accepted_on=TODAY
)
REJECTED = InvoiceRejected(
    **IDENTITY,
    reasons=(Reason(text="Doublon."),),
    rejected_by="manager:m",
    rejected_on=TODAY,
    number_stays=True,
)
WHY = (returns.reason_of("suspended", "supporting-document-missing", "La feuille du 19 novembre."),)
SUSPEND = ReturnInvoice("suspended", WHY, "manager:m", TODAY)
SUSPENDED = InvoiceReturned(
    **IDENTITY, kind="suspended", reasons=WHY, returned_by="manager:m", returned_on=TODAY, number_stays=True
)
RESUME = ResumeInvoice("body:b", TODAY, "La voici.", supplement="3" * 64)
RESUMED = InvoiceResumed(
    **IDENTITY, after="suspended", resumed_by="body:b", resumed_on=TODAY, answer="La voici.",
    supplement_hash="3" * 64, perimeter="regional", territory="bretagne",
)  # fmt: skip
PAY = PayInvoice(f"VIR {NUMBER}", TODAY, TODAY)
PAID = InvoicePaid(**IDENTITY, amount=SUBMITTED.amount, reference=f"VIR {NUMBER}", paid_on=TODAY)
REQUEST = RequestAmendment(AMENDMENT, BRETAGNE, "Une demi-journée de trop.", "body:b")
REQUESTED = InvoiceAmendmentRequested(
    **AMENDED, routed_to=BRETAGNE, wish="Une demi-journée de trop.", requested_by="body:b",
    perimeter="regional", territory="bretagne",
)  # fmt: skip
GRANT, REFUSE = (
    GrantAmendment("corrective-invoice", "manager:m"),
    RefuseAmendment((Reason(text="Non."),), "manager:m"),
)
GRANTED = InvoiceAmendmentGranted(**AMENDED, remedy="corrective-invoice", granted_by="manager:m")
REFUSED = InvoiceAmendmentRefused(**AMENDED, reasons=(Reason(text="Non."),), refused_by="manager:m")
CORRECT = ReplaceInvoice("384", OTHER, "F2026/117-R", Decimal("2000.00"), AMENDMENT)
CREDIT = ReplaceInvoice("381", OTHER, "F2026/117-A", SUBMITTED.amount, AMENDMENT)
REPLACE = SubmitReplacement(
    OTHER, "F2026/117-R", "384", SUBMITTED, AMENDMENT, TODAY, Decimal("2000.00"), "body:b", TODAY
)
BY: Any = IDENTITY | {"by_invoice_id": OTHER}


def test_an_invoice_rests_on_what_was_validated() -> None:
    """The amount follows the cost type and the validated hours; the due date is 30 days later (R9)."""
    assert SUBMITTED.amount == Decimal("2640.40")
    assert SUBMITTED.due_on == TODAY + timedelta(days=30)
    assert (SUBMITTED.kind, SUBMITTED.origin, SUBMITTED.vat_mention) == ("380", "generated", "cibs")


@pytest.mark.parametrize(
    ("cost_type", "price", "ceiling", "amount"),
    [
        ("per-session", "900.00", "1000.00", "900.00"),
        ("per-trainee", "120.50", "1000.00", "964.00"),
        ("per-trainee-hour", "18.40", "2760.00", "2640.40"),
        ("per-trainee-hour", "18.33", "9999.00", "2630.36"),
        ("per-trainee", "500.00", "2760.00", "2760.00"),
    ],
)
def test_the_amount(cost_type: Any, price: str, ceiling: str, amount: str) -> None:
    """By session, trainee or trainee-hour, rounded to the cent, never above the order."""
    order = replace(REGIONAL, cost_type=cost_type, price=Decimal(price), ceiling=Decimal(ceiling))
    due = due_for(order, VALIDATED)
    assert due.amount == Decimal(amount)
    assert due.working[-1] == f"Montant à facturer : {euros(Decimal(amount))}"
    assert any("Plafond" in line for line in due.working) == (due.amount == order.ceiling)


@for_all(
    st.decimals(0, 10_000, places=2), st.decimals(0, 100_000, places=2), st.integers(0, 500),
    st.decimals(0, 9_999, places=2), st.sampled_from(["per-session", "per-trainee", "per-trainee-hour"]),
)  # fmt: skip
def test_an_amount_never_exceeds_the_order(
    price: Decimal, ceiling: Decimal, trainees: int, hours: Decimal, cost_type: Any
) -> None:
    """Whatever was validated, in whole cents."""
    order = replace(REGIONAL, cost_type=cost_type, price=price, ceiling=ceiling)
    amount = due_for(order, Attended("validated", trainees, hours)).amount
    assert 0 <= amount <= ceiling
    assert amount == amount.quantize(Decimal("0.01"))


@pytest.mark.parametrize(
    ("billing", "words", "holder"),
    [
        (replace(BILLING, order=None, attended=Attended()), "pas encore soumis le bon", "Formiris"),
        (
            replace(BILLING, order=replace(REGIONAL, status="issued"), attended=Attended()),
            "à signer",
            "organisme",
        ),
        (replace(BILLING, attended=Attended()), "restent à déposer", "organisme"),
        (replace(BILLING, attended=Attended("submitted")), "attendent la décision", "Formiris"),
        (replace(BILLING, attended=Attended("rejected")), "rejetées", "organisme"),
    ],
)
def test_no_invoice_before_validation(billing: Billing, words: str, holder: str) -> None:
    """Until Formiris has validated the certificates: refused, with where they stand and who acts next (R9)."""
    refused = given().when(replace(SUBMIT, billing=billing)).refused("certificates-not-validated")
    assert words in refused.detail
    assert holder in refused.holder


@pytest.mark.parametrize(
    ("offered", "words", "holder"),
    [
        ("submitted", "pas encore décidé", "Formiris"),
        ("rejected", "rejeté la prestation", "organisme"),
        ("withdrawn", "retiré la prestation", "personne"),
        ("accepted", "pas encore soumis", "Formiris"),
    ],
)
def test_before_there_is_an_order(offered: Any, words: str, holder: str) -> None:
    """« Puis-je facturer ? » has an answer from the day the offering is submitted (I1)."""
    early = replace(BILLING, order=None, attended=Attended(), offered=offered)
    refused = given().when(replace(SUBMIT, billing=early)).refused("certificates-not-validated")
    assert words in refused.detail
    assert holder in refused.holder


def test_a_cancelled_session_is_not_invoiced() -> None:
    """Said so, unless its certificates were validated before."""
    cancelled = replace(BILLING, cancelled=True, attended=Attended())
    given().when(replace(SUBMIT, billing=cancelled)).refused("session-cancelled")
    given().when(replace(SUBMIT, billing=replace(BILLING, cancelled=True))).then(SUBMITTED)


def test_who_sells_must_be_known_to_generate() -> None:
    """What is lacking is named; a deposited invoice says it itself."""
    lacking = seller.lacking({"legal_name": "Institut", "siret": "73282932000074", "vat_regime": "liable"})
    nameless = replace(BILLING, seller=None, lacking=lacking)
    refused = given().when(replace(SUBMIT, billing=nameless)).refused("seller-details-missing")
    assert [each.field for each in refused.missing] == ["address", "nda", "vat_number"]
    assert "l'adresse" in refused.detail
    assert given().when(replace(SUBMIT, billing=nameless, document="2" * 64)).events()


@for_all(st.decimals("0.00", "99999.99", places=2))
def test_vat_is_within_the_amount(amount: Decimal) -> None:
    """What is due in all is net plus VAT, to the cent; the VAT is that of the net, but for a cent."""
    share = vat.share_of(amount)
    assert share.net + share.vat == amount
    assert abs(share.vat - share.net * share.rate / 100) <= Decimal("0.01")


def test_a_body_liable_to_vat_says_it() -> None:
    """The VAT is frozen in the invoice; a correction keeps its rate."""
    liable = given().when(replace(SUBMIT, billing=replace(BILLING, liable=True))).events()[0]
    assert isinstance(liable, InvoiceSubmitted)
    assert liable.vat == vat.share_of(SUBMITTED.amount)
    corrected = given().when(replace(REPLACE, original=liable)).events()[0]
    assert isinstance(corrected, InvoiceSubmitted)
    assert corrected.vat == vat.share_of(Decimal("2000.00"))


def test_no_invoice_without_its_order() -> None:
    """An order cancelled after the validation is said so."""
    cancelled = replace(BILLING, order=replace(REGIONAL, status="cancelled"))
    assert "BC-42" in given().when(replace(SUBMIT, billing=cancelled)).refused("order-not-signed").detail


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"issued_on": date(2026, 11, 24)}, "invoice-date"),
        ({"issued_on": date(2026, 11, 19)}, "invoice-date"),
        ({"due_on": date(2026, 11, 22)}, "invoice-due-date"),
        ({"due_on": TODAY + timedelta(days=61)}, "invoice-due-date"),
    ],
)
def test_dates_that_cannot_be(fields: Any, code: str) -> None:
    """An invoice is dated between the session's end and today, and due within 60 days."""
    given().when(replace(SUBMIT, **fields)).refused(code)


def test_a_number_names_one_invoice() -> None:
    """The same invoice again changes nothing; another under its number is refused, even once it was rejected."""
    given(SUBMITTED).when(SUBMIT).then()
    given(SUBMITTED).when(replace(SUBMIT, issued_on=date(2026, 11, 20))).refused("invoice-number-taken")
    given(SUBMITTED, REJECTED).when(SUBMIT).refused("invoice-number-taken")


def test_accepted_then_paid() -> None:
    """Formiris accepts, then pays under a reference that recalls the number."""
    given(SUBMITTED).when(ACCEPT).then(ACCEPTED)
    given(SUBMITTED, ACCEPTED).when(PAY).then(PAID)
    given(SUBMITTED).when(PAY).refused("invoice-not-accepted")
    given(SUBMITTED, ACCEPTED).when(replace(PAY, reference="VIR 99")).refused("payment-reference")
    given(SUBMITTED, ACCEPTED).when(replace(PAY, paid_on=date(2026, 11, 24))).refused("payment-date")
    given(SUBMITTED, ACCEPTED).when(REJECT).refused("invoice-accepted")


def test_an_invoice_sent_back_keeps_its_number() -> None:
    """Suspended, it waits for the body; what was missing brings it back; it can still be rejected (I2)."""
    given(SUBMITTED).when(SUSPEND).then(SUSPENDED)
    given(SUBMITTED, SUSPENDED).when(SUSPEND).then()
    for command in (ACCEPT, PAY):
        refused = given(SUBMITTED, SUSPENDED).when(command).refused("invoice-returned")
        assert "suspendue depuis le 23/11/2026" in refused.detail
        assert refused.holder == "l'organisme de formation"
    given(SUBMITTED, SUSPENDED).when(RESUME).then(RESUMED)
    given(SUBMITTED, SUSPENDED, RESUMED).when(RESUME).then()
    given(SUBMITTED, SUSPENDED, RESUMED).when(ACCEPT).then(ACCEPTED)
    given(SUBMITTED, SUSPENDED).when(REJECT).then(REJECTED)
    given(SUBMITTED).when(RESUME).refused("invoice-not-returned")
    given(SUBMITTED, SUSPENDED).when(replace(RESUME, document="4" * 64)).refused("invoice-generated")
    given(SUBMITTED, ACCEPTED).when(SUSPEND).refused("invoice-accepted")
    given(SUBMITTED, SUSPENDED).when(SUBMIT).then()


def test_reasons_come_from_a_list() -> None:
    """Each kind has its own, some ask for a word more; another one is refused with the list."""
    assert "feuille" in WHY[0].text
    assert WHY[0].text.startswith("Une pièce justificative manque.")
    with pytest.raises(ValueError, match="hours-under-check"):
        returns.reason_of("suspended", "duplicate", None)
    with pytest.raises(ValueError, match="précision"):
        returns.reason_of("rejected", "other", None)
    assert returns.reason_of("rejected", "other", "Signature absente.").text == "Signature absente."
    assert all(returns.motives_of(kind) for kind in returns.KINDS)


@pytest.mark.parametrize(
    ("reference", "number", "holds"),
    [
        ("VIR F/1", "F/1", True),
        ("vir f/1 bc-42", "F/1", True),
        ("VIR F/11", "F/1", False),
        ("VIR F/1-R", "F/1", False),
        ("VIR F/1-R", "F/1-R", True),
        ("FORMIRIS F 12 BC-1", "F_12", True),
        ("VIR", "F/1", False),
    ],
)
def test_a_reference_recalls_one_number(reference: str, number: str, holds: bool) -> None:
    """Not a longer one that begins like it; banks carry no underscore (I4)."""
    assert paying.recalls(reference, number) == holds
    assert paying.recalls(paying.reference_for(number, "BC-42"), number)


def test_a_rejection_closes_the_invoice() -> None:
    """With its reasons; nothing is decided any more on it."""
    given(SUBMITTED).when(REJECT).then(REJECTED)
    given(SUBMITTED, REJECTED).when(ACCEPT).refused("invoice-closed")
    given(SUBMITTED, REJECTED).when(REQUEST).refused("invoice-closed")


def test_an_amendment_is_asked_granted_or_refused() -> None:
    """It is routed, decided, and holds back acceptance and payment while it is open (R11)."""
    given(SUBMITTED).when(REQUEST).then(REQUESTED)
    given(SUBMITTED, REQUESTED).when(GRANT).then(GRANTED)
    given(SUBMITTED, REQUESTED).when(REFUSE).then(REFUSED)
    given(SUBMITTED, REQUESTED, GRANTED).when(REFUSE).then(REFUSED)
    given(SUBMITTED).when(GRANT).refused("no-amendment-to-decide")
    given(SUBMITTED, REQUESTED).when(ACCEPT).refused("amendment-open")
    given(SUBMITTED, REQUESTED).when(replace(REQUEST, wish="Autre chose.")).refused("amendment-open")
    given(SUBMITTED, REQUESTED, REFUSED).when(ACCEPT).then(ACCEPTED)


def test_a_correction_needs_a_grant() -> None:
    """Without one, the refusal says where the request stands (R11)."""
    assert "reste à demander" in given(SUBMITTED).when(CORRECT).refused("amendment-not-granted").detail
    refused = given(SUBMITTED, REQUESTED).when(CREDIT).refused("amendment-not-granted")
    assert refused.holder == "Formiris"


def test_a_corrective_invoice_takes_the_place_of_the_first() -> None:
    """384 with exactly one reference, never above what is due; the first one is closed, unchanged (R11)."""
    given(SUBMITTED, REQUESTED, GRANTED).when(CORRECT).then(
        InvoiceCorrected(
            **BY, by_number="F2026/117-R", amount_before=SUBMITTED.amount, amount=Decimal("2000.00")
        )
    )
    new = given().when(REPLACE).events()[0]
    assert isinstance(new, InvoiceSubmitted)
    assert (new.kind, new.amount, new.amendment_id) == ("384", Decimal("2000.00"), AMENDMENT)
    assert new.references == (InvoiceReference(invoice_id=INVOICE, number=NUMBER, issued_on=TODAY),)
    given().when(replace(REPLACE, amount=Decimal("2640.41"))).refused("amount-above-due")
    given().when(replace(REPLACE, issued_on=date(2026, 11, 20))).refused("invoice-date")


def test_a_credit_note_takes_the_whole_off() -> None:
    """381 with its reference; nothing is decided on it (R11)."""
    given(SUBMITTED, REQUESTED, GRANTED).when(CREDIT).refused("amendment-not-granted")
    given(SUBMITTED, REQUESTED, GRANTED.model_copy(update={"remedy": "credit-note"})).when(CREDIT).then(
        InvoiceCredited(**BY, by_number="F2026/117-A", amount=SUBMITTED.amount)
    )
    note = given().when(replace(REPLACE, kind="381", amount=SUBMITTED.amount)).events()[0]
    assert isinstance(note, InvoiceSubmitted)
    assert (note.kind, note.basis) == ("381", None)
    for command in (ACCEPT, PAY, REQUEST):
        given(note).when(command).refused("credit-note-final")


def test_what_was_never_submitted() -> None:
    """Nothing is decided on an invoice that does not exist."""
    given().when(ACCEPT).refused("invoice-unknown")


@pytest.mark.parametrize(
    ("perimeter", "email"), [("regional", BRETAGNE.email), ("national", "contact.gestion@formiris.org")]
)
def test_whom_to_ask(perimeter: Any, email: str) -> None:
    """Regional: the proximity site of the region; national: the management desk (R11)."""
    office = office_for(perimeter, "bretagne", KNOWN, TODAY)
    refused = submitted_stays(SUBMITTED.model_copy(update={"perimeter": perimeter}), office)
    assert (refused.refusal.code, refused.contact.email) == ("invoice-submitted", email)
    assert email in refused.detail
    assert office_for("regional", None, KNOWN, TODAY).email == "contact.gestion@formiris.org"


def test_a_territory_that_ended_leaves_its_invoices_to_its_successor() -> None:
    """The routing never shows the wrong office (R11)."""
    ended = Territories(
        MANAGEMENT,
        {"bretagne": Contact("Ouest", "vieux@formiris.example"), "ouest": Contact("Ouest", BRETAGNE.email)},
        {"bretagne": (TODAY, "ouest")},
    )
    assert office_for("regional", "bretagne", ended, TODAY).email == BRETAGNE.email
    assert (
        office_for("regional", "bretagne", ended, TODAY - timedelta(days=1)).email == "vieux@formiris.example"
    )


@pytest.mark.parametrize(
    ("issued_on", "expected", "tolerated"),
    [
        (date(2026, 8, 31), "cgi-261-4-4-a", {"cgi-261-4-4-a"}),
        (date(2026, 9, 1), "cibs", {"cgi-261-4-4-a", "cibs"}),
        (date(2027, 12, 31), "cibs", {"cgi-261-4-4-a", "cibs"}),
        (date(2028, 1, 1), "cibs", {"cibs"}),
    ],
)
def test_the_vat_mention_is_dated(issued_on: date, expected: str, tolerated: set[Any]) -> None:
    """CGI before 2026-09-01, CIBS from then; the old one tolerated until 2027-12-31."""
    codes: Sequence[Any] = ("cgi-261-4-4-a", "cibs")
    assert vat.mention_on(issued_on).code == expected
    assert {code for code in codes if vat.fits(code, issued_on)} == tolerated


CLAIM = claim.ClaimSession(SESSION, BODY, INVOICE, NUMBER)
CLAIMED = SessionInvoicingClaimed(session_id=SESSION, body_id=BODY, invoice_id=INVOICE, number=NUMBER)
RELEASED = SessionInvoicingReleased(session_id=SESSION, body_id=BODY, invoice_id=INVOICE, number=NUMBER)


def test_one_live_invoice_a_session() -> None:
    """A session held by an invoice takes no other, but the one that corrects it."""
    given_claim().when(CLAIM).then(CLAIMED)
    given_claim(CLAIMED).when(CLAIM).then()
    other = replace(CLAIM, invoice=OTHER, number="F2026/118")
    refused = given_claim(CLAIMED).when(other).refused("already-invoiced")
    assert NUMBER in refused.detail
    assert refused.link == f"/factures/{INVOICE}"
    taken = CLAIMED.model_copy(update={"invoice_id": OTHER, "number": "F2026/118"})
    given_claim(CLAIMED).when(replace(other, instead_of=INVOICE)).then(taken)


def test_a_session_released_can_be_invoiced_again() -> None:
    """After a rejection or a credit note; releasing what one does not hold changes nothing."""
    given_claim(CLAIMED).when(claim.ReleaseSession(INVOICE)).then(RELEASED)
    given_claim(CLAIMED).when(claim.ReleaseSession(OTHER)).then()
    given_claim(CLAIMED, RELEASED).when(CLAIM).then(CLAIMED)


HISTORIES: list[list[Event]] = [
    [], [SUBMITTED], [SUBMITTED, ACCEPTED], [SUBMITTED, REJECTED], [SUBMITTED, ACCEPTED, PAID], [SUBMITTED, REQUESTED],
    [SUBMITTED, REQUESTED, GRANTED], [SUBMITTED, REQUESTED, REFUSED], [SUBMITTED, ACCEPTED, REQUESTED, GRANTED],
    [SUBMITTED, SUSPENDED], [SUBMITTED, SUSPENDED, RESUMED],
]  # fmt: skip
COMMANDS = [SUBMIT, REPLACE, ACCEPT, REJECT, SUSPEND, RESUME, PAY, REQUEST, GRANT, REFUSE, CORRECT, CREDIT]


@for_all(st.sampled_from(HISTORIES), st.sampled_from(COMMANDS))
def test_a_command_repeated_changes_nothing(history: list[Event], command: object) -> None:
    """Every decision is idempotent."""
    when = given(*history).when(command)
    try:
        when.events()
    except Refused:
        return
    assert DECIDER.decide(when.state(), command) == []  # type: ignore[arg-type]  # any command of the list


@pytest.mark.parametrize("kind", EVENTS)
def test_evolve_is_total(kind: type[Event]) -> None:
    """Any event of any context can be folded."""
    assert isinstance(DECIDER.evolve(Invoice(), kind.model_construct()), Invoice)
    assert isinstance(claim.DECIDER.evolve(claim.Claim(), kind.model_construct()), claim.Claim)
