"""Whatever body and Formiris do in whatever order, certificates keep their laws.  (R7, R8, R9)"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.attendance.certificates import (
    DECIDER,
    Command,
    DecideLines,
    RejectCertificates,
    Sheet,
    SubmitCertificates,
    ValidateCertificates,
)
from services.attendance.lines import who
from services.attendance.sessions import Order, Session
from shared.events import Event
from shared.events.attendance import (
    CertificateLine,
    CertificatesRejected,
    CertificatesSubmitted,
    CertificatesValidated,
    LineReason,
    LineRef,
)
from shared.events.parts import Reason
from shared.runtime.refusal import Refused

DAY = date(2026, 11, 20)
PLACES = [("1", "A"), ("1", "B"), ("2", "A"), ("3", "B")]
SESSION = Session(
    id=UUID(int=1), offering=UUID(int=2), body=UUID(int=3), title="Lire", perimeter="regional", territory="bretagne",
    starts_on=DAY, ends_on=DAY, hours={"A": Decimal("7.00"), "B": Decimal("3.50")}, assigned=frozenset(PLACES),
    order=Order(UUID(int=4), "BC-1", "signed"),
)  # fmt: skip

LINES = st.lists(
    st.builds(
        lambda place, quarters: CertificateLine(
            teacher_number=place[0], unit_code=place[1], hours=Decimal(quarters) / 4, starts_on=DAY, ends_on=DAY
        ),
        st.sampled_from([*PLACES, ("4", "A"), ("1", "C")]),
        st.integers(0, 30),
    ),
    min_size=1,
    max_size=5,
)  # fmt: skip
SHEETS = st.sampled_from(["a" * 64, "b" * 64])
ORDERS = st.sampled_from(["signed", "signed", "signed", None, "issued", "signature-refused", "cancelled"])


class Attendance(RuleBasedStateMachine):
    """A session's certificates, its order and its assignments, from the deposit to the validation."""

    def __init__(self) -> None:
        super().__init__()
        self.session = SESSION
        self.history: list[Event] = []

    @rule(status=ORDERS)
    def the_order_moves(self, status: Any) -> None:
        """Offerings tells another step of the order."""
        self.session = replace(self.session, order=status and Order(UUID(int=4), "BC-1", status))

    @rule(place=st.sampled_from(PLACES))
    def an_assignment_changes(self, place: tuple[str, str]) -> None:
        """Assigned, or no longer."""
        self.session = replace(self.session, assigned=self.session.assigned ^ {place})

    @rule(lines=LINES, sheet=SHEETS)
    def deposit(self, lines: list[CertificateLine], sheet: str) -> None:
        """Of any lines, right or wrong."""
        before = DECIDER.fold(self.history)
        events = self.does(SubmitCertificates(self.session, Sheet(sheet), tuple(lines), "body:b", DAY))
        if events:
            assert self.session.order is not None
            assert self.session.order.status == "signed"
            fresh = [line for line in lines if who(line) not in before.validated]
            assert all(who(line) in self.session.assigned for line in fresh)

    @rule(absent=st.sets(st.sampled_from(PLACES), max_size=2), sheet=SHEETS)
    def deposit_everybody(self, absent: set[tuple[str, str]], sheet: str) -> None:
        """A line for each assignment, as a body does it."""
        hours = {place: Decimal(0) if place in absent else SESSION.hours[place[1]] for place in PLACES}
        lines = [
            CertificateLine(teacher_number=teacher, unit_code=unit, hours=done, starts_on=DAY, ends_on=DAY)
            for (teacher, unit), done in hours.items()
            if (teacher, unit) in self.session.assigned
        ]
        self.does(SubmitCertificates(self.session, Sheet(sheet), tuple(lines), "body:b", DAY))

    @precondition(lambda self: self.history)
    @rule(sheet=SHEETS)
    def redo_what_was_rejected(self, sheet: str) -> None:
        """The whole last deposit once more, validated lines included."""
        last = DECIDER.fold(self.history).submitted
        assert last is not None
        self.does(SubmitCertificates(self.session, Sheet(sheet), last.lines, "body:b", DAY))

    @rule(wrong=st.sets(st.sampled_from(PLACES)), others=st.booleans())
    def decide_line_by_line(self, wrong: set[tuple[str, str]], others: bool) -> None:
        """Some rejected, the others validated, named or not."""
        last = DECIDER.fold(self.history).submitted
        rejected = tuple(
            LineReason(teacher_number=teacher, unit_code=unit, text="Absent.")
            for teacher, unit in sorted(wrong)
        )
        right = [who(line) for line in last.lines if who(line) not in wrong] if last and not others else []
        validated = tuple(LineRef(teacher_number=teacher, unit_code=unit) for teacher, unit in right)
        self.does(DecideLines(self.session, validated, rejected, others, "manager:m", DAY))

    @rule()
    def validate(self) -> None:
        """All of it."""
        self.does(ValidateCertificates(self.session, "manager:m", DAY))

    @rule()
    def reject(self) -> None:
        """All that waits."""
        self.does(RejectCertificates(self.session, (Reason(text="Non signée."),), (), "manager:m", DAY))

    def does(self, command: Command) -> list[Event]:
        """Decides and keeps; the same command at once again does nothing more."""
        try:
            events = list(DECIDER.decide(DECIDER.fold(self.history), command))
        except Refused:
            return []
        self.history += events
        assert DECIDER.decide(DECIDER.fold(self.history), command) == []
        return events

    @invariant()
    def nothing_follows_a_validation(self) -> None:
        """Validated certificates are final (R9)."""
        validated = [isinstance(event, CertificatesValidated) for event in self.history]
        assert not any(validated[:-1])

    @invariant()
    def deposits_and_decisions_alternate(self) -> None:
        """Each deposit has one decision, and each decision its deposit, under the same revision."""
        deposits, decisions = self.history[::2], self.history[1::2]
        assert all(isinstance(event, CertificatesSubmitted) for event in deposits)
        assert [getattr(event, "revision", 0) for event in deposits] == list(range(1, len(deposits) + 1))
        assert not any(isinstance(event, CertificatesSubmitted) for event in decisions)

    @invariant()
    def validated_lines_never_change(self) -> None:
        """From the decision that validated a line on, every deposit carries it as it was."""
        standing: dict[tuple[str, str], CertificateLine] = {}
        last: dict[tuple[str, str], CertificateLine] = {}
        for event in self.history:
            match event:
                case CertificatesSubmitted(lines=lines):
                    last = {who(line): line for line in lines}
                    assert standing.items() <= last.items()
                case CertificatesRejected(validated_lines=refs):
                    now = {who(ref): last[who(ref)] for ref in refs or ()}
                    assert standing.items() <= now.items()
                    standing = now

    @invariant()
    def hours_stay_within_the_plan(self) -> None:
        """No deposit has a teacher twice in a unit, nor more hours than planned; totals are those of the lines."""
        last: tuple[CertificateLine, ...] = ()
        for event in self.history:
            match event:
                case CertificatesSubmitted(lines=lines):
                    last = lines
                    assert len({who(line) for line in lines}) == len(lines)
                    assert all(line.hours <= SESSION.hours[line.unit_code] for line in lines)
                case CertificatesValidated(hours=hours, units=units):
                    assert hours == sum(line.hours for line in last) == sum(unit.hours for unit in units)


TestAttendance = Attendance.TestCase
TestAttendance.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
