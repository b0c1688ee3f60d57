"""Each aggregate of offerings walked at random: whatever people do, in whatever order, what domain.md says holds."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.offerings import assignments, offering, order
from services.offerings.assignments import Place, SessionFacts
from services.offerings.forms import FORM, offering_submitted
from services.offerings.papers import Reference
from services.offerings.steps import LACKS, reasons_of
from services.offerings.terms import order_id, terms_of
from shared.events import Clear, Event
from shared.events.offerings import (
    OfferingAccepted,
    OfferingSubmitted,
    OrderAmended,
    OrderCancelled,
    OrderIssued,
    OrderSigned,
    TeacherAssigned,
)
from shared.events.parts import Reason
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refused

TODAY = datetime(2026, 11, 23, tzinfo=UTC).date()
BODY, OFFERING = UUID(int=2), UUID(int=1)
FORM_SENT = offering_submitted(FORM.check(FORM.example(), TODAY).values, OFFERING, BODY, "Institut")
SESSION = FORM_SENT.sessions[0]
WALK = settings(max_examples=60, stateful_step_count=20, deadline=None)

DAYS = st.sampled_from([TODAY + timedelta(days=number) for number in range(1, 6)])


class Walk(RuleBasedStateMachine):
    """A stream and the state it folds to; a refused command leaves both as they were."""

    decider: Decider[Any, Any]

    def __init__(self) -> None:
        super().__init__()
        self.history: list[Event] = []
        self.state: Any = self.decider.initial

    def does(self, command: object) -> list[Event]:
        """What was decided, twice: the second time nothing happens, or it is refused."""
        try:
            events = list(self.decider.decide(self.state, command))
        except Refused:
            return []
        self.history += events
        for event in events:
            self.state = self.decider.evolve(self.state, event)
        try:
            again = list(self.decider.decide(self.state, command))
        except Refused:
            again = []
        assert again == []
        return events

    def of(self, kind: type[Event]) -> list[Any]:
        """The events of a type, so far."""
        return [event for event in self.history if isinstance(event, kind)]

    @invariant()
    def the_state_is_its_history(self) -> None:
        """Folding from the start gives what is held."""
        if self.decider is not assignments.DECIDER:
            assert self.decider.fold(self.history) == self.state


class Offerings(Walk):
    """Only an accepted body submits; a decision is taken on what is submitted; a withdrawn offering is closed."""

    decider = offering.DECIDER

    @rule(
        accepted=st.booleans(),
        suspended=st.booleans(),
        own=st.sampled_from([None, "nord"]),
        territory=st.sampled_from([None, "nord", "sud"]),
        title=st.sampled_from(["Lire", "Dire"]),
    )
    def submits(
        self, accepted: bool, suspended: bool, own: str | None, territory: str | None, title: str
    ) -> None:
        perimeter = "regional" if territory else "national"
        said = {"title": title, "territory": territory, "perimeter": perimeter}
        form = FORM_SENT.model_copy(update=said)
        for event in self.does(offering.SubmitOffering(form, accepted, suspended, own)):
            assert isinstance(event, OfferingSubmitted)
            assert (accepted, suspended) == (True, False)
            assert territory in (None, own)
            assert event.revision == len(self.of(OfferingSubmitted))

    @rule()
    def is_accepted(self) -> None:
        self.does(offering.AcceptOffering("manager:1", TODAY))

    @rule(reasons=st.lists(st.sampled_from(["Vague.", "Cher."]), max_size=2))
    def is_rejected(self, reasons: list[str]) -> None:
        why = tuple(Reason(text=each) for each in reasons)
        if self.does(offering.RejectOffering(why, "manager:1", TODAY)):
            assert why

    @rule(ordered=st.booleans())
    def is_withdrawn(self, ordered: bool) -> None:
        if self.does(offering.WithdrawOffering("body:1", ordered)):
            assert not ordered

    @rule(first=DAYS, last=DAYS, attended=st.booleans())
    def moves(self, first: date, last: date, attended: bool) -> None:
        command = offering.RescheduleSession(SESSION.session_id, first, last, "body:1", attended=attended)
        if self.does(command):
            assert not attended
            assert first <= last

    @rule(attended=st.booleans())
    def falls_out(self, attended: bool) -> None:
        if self.does(offering.CancelSession(SESSION.session_id, "body:1", "Annulée", attended)):
            assert not attended

    @invariant()
    def it_is_accepted_once(self) -> None:
        """An acceptance is final: nothing is submitted after it."""
        assert len(self.of(OfferingAccepted)) <= 1

    @invariant()
    def its_session_is_as_the_last_event_says(self) -> None:
        """Days in order, whatever moved."""
        for session in self.state.sessions.values():
            assert session.starts_on <= session.ends_on


class Orders(Walk):
    """Signed only when issued or amended; the amount and the number never change; a cancelled order is closed."""

    decider = order.DECIDER
    terms = terms_of(order_id(SESSION.session_id, 1), 2026, FORM_SENT, SESSION, ())
    issued = terms.event("a" * 64, "manager:1")

    @rule(accepted=st.booleans(), cancelled=st.booleans())
    def is_issued(self, accepted: bool, cancelled: bool) -> None:
        if self.does(order.IssueOrder(self.issued, accepted, cancelled)):
            assert (accepted, cancelled) == (True, False)

    @rule(
        document=st.sampled_from(["a" * 64, "b" * 64, "c" * 64]),
        signatory=st.sampled_from([None, Clear("signatory-1", "Anne")]),
        printed=st.sampled_from(
            [(), (Reference(terms.number),), (Reference(terms.number, 1),), (Reference("BC-2026-A-B-C"),)]
        ),
        late=st.booleans(),
    )
    def is_returned(
        self, document: str, signatory: Clear | None, printed: tuple[Reference, ...], late: bool
    ) -> None:
        day = TODAY + timedelta(days=1) if late else TODAY
        amendment = self.state.amendment
        command = order.SignOrder(document, 9, "application/pdf", signatory, "body:1", day, TODAY, printed)
        for event in self.does(command):
            assert isinstance(event, OrderSigned)
            assert document != "a" * 64
            assert not late
            assert not printed or (
                printed[0].number == self.terms.number and printed[0].amendment >= amendment
            )
            assert event.signatory == Clear("signatory-1", "Anne")

    @rule(lacks=st.lists(st.sampled_from(sorted(LACKS)), max_size=2))
    def is_refused(self, lacks: list[Any]) -> None:
        signed = self.state.status == "signed"
        if self.does(order.RefuseSignature(reasons_of(lacks, ()), "manager:1")):
            assert signed
            assert lacks

    @rule(first=DAYS, document=st.sampled_from(["d" * 64, "e" * 64]))
    def is_amended(self, first: date, document: str) -> None:
        if self.does(order.AmendOrder(first, first, SESSION.place, document, "body:1")):
            assert self.state.status == "issued"
            assert self.state.terms.document_hash == document

    @rule(attended=st.booleans())
    def is_cancelled(self, attended: bool) -> None:
        if self.does(order.CancelOrder("Annulée", "manager:1", attended)):
            assert not attended

    @invariant()
    def it_is_issued_before_anything_else(self) -> None:
        """And once."""
        assert [isinstance(event, OrderIssued) for event in self.history] == [
            place == 0 for place in range(len(self.history))
        ]

    @invariant()
    def its_number_and_amount_never_change(self) -> None:
        """An amendment moves the days, nothing else (O5)."""
        if self.state.terms:
            assert self.state.terms.number == self.issued.number
            assert self.state.terms.amount_ceiling == self.issued.amount_ceiling

    @invariant()
    def amendments_are_counted(self) -> None:
        """1, 2, 3."""
        numbers = [event.amendment for event in self.of(OrderAmended)]
        assert numbers == list(range(1, len(numbers) + 1))

    @invariant()
    def nothing_follows_its_cancellation(self) -> None:
        """A cancelled order binds nobody."""
        assert [event for event in self.history[:-1] if isinstance(event, OrderCancelled)] == []


UNITS = ("1234", "1235")
PLACES = st.builds(Place, st.sampled_from([*UNITS, "9999"]), st.sampled_from(["007", "100"]))


class Assignments(Walk):
    """Who is assigned is who was added and not taken back; a unit of another session never comes in."""

    decider = assignments.DECIDER

    def __init__(self) -> None:
        super().__init__()
        self.there: set[Place] = set()

    @staticmethod
    def facts(accepted: bool = True, cancelled: bool = False) -> SessionFacts:
        return SessionFacts(SESSION.session_id, OFFERING, BODY, UNITS, accepted, cancelled)

    @rule(places=st.lists(PLACES, max_size=4), accepted=st.booleans(), cancelled=st.booleans())
    def are_assigned(self, places: list[Place], accepted: bool, cancelled: bool) -> None:
        events = self.does(assignments.AssignTeachers(self.facts(accepted, cancelled), tuple(places)))
        if events:
            assert accepted
            assert not cancelled
        added = {Place(event.unit_code, event.teacher_number) for event in events}  # type: ignore[attr-defined]  # assignments
        assert not added & self.there
        self.there |= added

    @rule(place=PLACES)
    def leaves(self, place: Place) -> None:
        events = self.does(assignments.UnassignTeacher(self.facts(), place))
        assert bool(events) == (place in self.there)
        self.there.discard(place)

    @invariant()
    def who_is_there_is_known(self) -> None:
        """By unit, leading zeros kept."""
        assert self.state.places() == self.there
        assert {event.unit_code for event in self.of(TeacherAssigned)} <= set(UNITS)


TestOfferings = Offerings.TestCase
TestOfferings.settings = WALK
TestOrders = Orders.TestCase
TestOrders.settings = WALK
TestAssignments = Assignments.TestCase
TestAssignments.settings = WALK
