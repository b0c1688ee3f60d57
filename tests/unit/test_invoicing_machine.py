"""Invoices and the claims on their sessions, walked at random: what domain.md promises holds at every step."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.invoicing import claim
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
)
from shared.events import Event
from shared.events.invoicing import (
    InvoiceAccepted,
    InvoiceAmendmentGranted,
    InvoiceAmendmentRefused,
    InvoiceAmendmentRequested,
    InvoiceCorrected,
    InvoiceCredited,
    InvoicePaid,
    InvoiceRejected,
    InvoiceResumed,
    InvoiceReturned,
    InvoiceSubmitted,
    SessionInvoicingClaimed,
    SessionInvoicingReleased,
)
from shared.events.parts import Reason
from shared.runtime.refusal import Refused
from tests.unit.test_invoicing import BODY, BRETAGNE, NUMBER, SESSION, SUBMIT, TODAY

CLOSING = (InvoiceRejected, InvoiceCorrected, InvoiceCredited, InvoicePaid)
REASONS = st.sampled_from([(Reason(text="Doublon."),), (Reason(text="Autre."),)])
WORDS = st.sampled_from(["Une demi-journée de trop.", "L'adresse a changé."])
IDS = st.sampled_from([UUID(int=n) for n in range(10, 13)])


class Invoices(RuleBasedStateMachine):
    """One invoice's stream."""

    def __init__(self) -> None:
        super().__init__()
        self.history: list[Event] = []
        self.state = Invoice()

    def does(self, command: Any) -> None:
        """Whatever is decided happens; the same once more changes nothing."""
        try:
            decided = list(DECIDER.decide(self.state, command))
        except Refused:
            return
        self.history += decided
        self.state = DECIDER.fold(self.history)
        assert list(DECIDER.decide(self.state, command)) == []

    @rule(days=st.integers(-1, 61), ago=st.integers(-1, 4))
    def submits(self, days: int, ago: int) -> None:
        issued_on = TODAY - timedelta(days=ago)
        self.does(replace(SUBMIT, issued_on=issued_on, due_on=issued_on + timedelta(days=days)))

    @rule()
    def accepts(self) -> None:
        self.does(AcceptInvoice("manager:m", TODAY))

    @rule(reasons=REASONS)
    def rejects(self, reasons: Any) -> None:
        self.does(RejectInvoice(reasons, "manager:m", TODAY))

    @rule(kind=st.sampled_from(["to-recycle", "suspended"]), reasons=REASONS)
    def sends_back(self, kind: Any, reasons: Any) -> None:
        self.does(ReturnInvoice(kind, reasons, "manager:m", TODAY))

    @rule(answer=WORDS, document=st.sampled_from([None, "4" * 64]))
    def resumes(self, answer: str, document: str | None) -> None:
        self.does(ResumeInvoice("body:b", TODAY, answer, document))

    @rule(reference=st.sampled_from([f"VIR {NUMBER}", f"VIR {NUMBER}1", "VIR"]), ago=st.integers(-1, 2))
    def pays(self, reference: str, ago: int) -> None:
        self.does(PayInvoice(reference, TODAY - timedelta(days=ago), TODAY))

    @rule(amendment=IDS, wish=WORDS)
    def asks_for_a_change(self, amendment: UUID, wish: str) -> None:
        self.does(RequestAmendment(amendment, BRETAGNE, wish, "body:b"))

    @rule(remedy=st.sampled_from(["corrective-invoice", "credit-note"]))
    def grants(self, remedy: Any) -> None:
        self.does(GrantAmendment(remedy, "manager:m"))

    @rule(reasons=REASONS)
    def refuses(self, reasons: Any) -> None:
        self.does(RefuseAmendment(reasons, "manager:m"))

    @rule(kind=st.sampled_from(["384", "381"]), amendment=IDS)
    def is_replaced(self, kind: Any, amendment: UUID) -> None:
        self.does(ReplaceInvoice(kind, UUID(int=9), "F2026/118", Decimal("100.00"), amendment))

    @invariant()
    def it_is_submitted_once_and_never_changes(self) -> None:
        submissions = [event for event in self.history if isinstance(event, InvoiceSubmitted)]
        assert submissions == self.history[:1]
        assert self.state.submitted == (submissions[0] if submissions else None)

    @invariant()
    def the_amount_and_the_dates_are_those_that_may_be(self) -> None:
        if submitted := self.state.submitted:
            assert submitted.basis
            assert submitted.amount <= submitted.basis.amount_ceiling
            assert timedelta(0) <= submitted.due_on - submitted.issued_on <= timedelta(days=60)
            assert date(2026, 11, 20) <= submitted.issued_on <= TODAY

    @invariant()
    def nothing_follows_its_end(self) -> None:
        ends = [index for index, event in enumerate(self.history) if isinstance(event, CLOSING)]
        assert ends in ([], [len(self.history) - 1])

    @invariant()
    def it_is_paid_once_accepted_under_its_number(self) -> None:
        for index, event in enumerate(self.history):
            if isinstance(event, InvoicePaid):
                assert any(isinstance(before, InvoiceAccepted) for before in self.history[:index])
                assert event.reference == f"VIR {NUMBER}"

    @invariant()
    def an_open_change_holds_decisions_back(self) -> None:
        is_open = False
        for event in self.history:
            if isinstance(event, (InvoiceAccepted, InvoiceRejected, InvoiceReturned, InvoicePaid)):
                assert not is_open
            if isinstance(event, InvoiceAmendmentRequested | InvoiceAmendmentGranted):
                is_open = True
            if isinstance(event, InvoiceAmendmentRefused):
                is_open = False

    @invariant()
    def it_is_replaced_only_when_that_was_granted(self) -> None:
        if isinstance(self.state.last, InvoiceCorrected | InvoiceCredited):
            assert isinstance(self.state.amendment, InvoiceAmendmentGranted)

    @invariant()
    def it_is_resumed_only_when_sent_back(self) -> None:
        back = False
        for event in self.history:
            if isinstance(event, InvoiceAccepted):
                assert not back
            if isinstance(event, InvoiceReturned):
                back = True
            if isinstance(event, InvoiceResumed):
                assert back
                back = False


INVOICES = st.sampled_from([UUID(int=n) for n in range(1, 5)])


class Claims(RuleBasedStateMachine):
    """One session's stream."""

    def __init__(self) -> None:
        super().__init__()
        self.history: list[Event] = []
        self.state = claim.Claim()

    def does(self, command: Any) -> bool:
        try:
            decided = list(claim.DECIDER.decide(self.state, command))
        except Refused:
            return False
        self.history += decided
        self.state = claim.DECIDER.fold(self.history)
        assert list(claim.DECIDER.decide(self.state, command)) == []
        return True

    @rule(invoice=INVOICES, instead_of=st.none() | INVOICES)
    def claims(self, invoice: UUID, instead_of: UUID | None) -> None:
        holder = self.state.held.invoice_id if self.state.held else None
        done = self.does(claim.ClaimSession(SESSION, BODY, invoice, f"F/{invoice.int}", instead_of))
        assert done == (holder in (None, invoice, instead_of))

    @rule(invoice=INVOICES)
    def releases(self, invoice: UUID) -> None:
        assert self.does(claim.ReleaseSession(invoice))

    @precondition(lambda self: self.history)
    @invariant()
    def one_invoice_at_most_holds_the_session(self) -> None:
        held: UUID | None = None
        for event in self.history:
            match event:
                case SessionInvoicingClaimed():
                    held = event.invoice_id
                case SessionInvoicingReleased():
                    assert event.invoice_id == held
                    held = None
        assert held == (self.state.held.invoice_id if self.state.held else None)


_SMALL = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestInvoices, TestClaims = Invoices.TestCase, Claims.TestCase
TestInvoices.settings = TestClaims.settings = _SMALL
