"""Attendance certificates: what may be deposited, when, and what the answer says otherwise.  (R7, R8)"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.attendance.certificates import (
    DECIDER,
    Certificates,
    DecideLines,
    RejectCertificates,
    Sheet,
    SubmitCertificates,
    ValidateCertificates,
)
from services.attendance.opening import check_open
from services.attendance.sessions import Order, Session
from shared.events import EVENTS, Event
from shared.events.attendance import (
    CertificateLine,
    CertificatesRejected,
    CertificatesSubmitted,
    CertificatesValidated,
    LineReason,
    LineRef,
    UnitTotal,
)
from shared.events.parts import Office, Reason
from shared.runtime.refusal import Refused
from tests.unit.given import specification

given = specification(DECIDER)

SESSION_ID, OFFERING, BODY, ORDER = (UUID(int=n) for n in range(1, 5))
LAST_DAY = date(2026, 11, 20)
TODAY = date(2026, 11, 23)
SHEET = "a" * 64
FROM_THE_ORDER: Any = {
    "order_number": "BC-2026-0042", "title": "Lire au cycle 3", "perimeter": "regional", "territory": "bretagne"
}  # fmt: skip

SESSION = Session(
    id=SESSION_ID, offering=OFFERING, body=BODY, title="Lire au cycle 3", perimeter="regional", territory="bretagne",
    starts_on=date(2026, 11, 16), ends_on=LAST_DAY,
    hours={"1234": Decimal("7.00"), "55": Decimal("14.00")},
    assigned=frozenset({("100001", "1234"), ("100001", "55"), ("100002", "1234")}),
    order=Order(ORDER, "BC-2026-0042", "signed"),
)  # fmt: skip


def line(teacher: str = "100001", unit: str = "1234", hours: str = "7.00", **fields: Any) -> CertificateLine:
    days = {"starts_on": date(2026, 11, 16), "ends_on": LAST_DAY} | fields
    return CertificateLine(teacher_number=teacher, unit_code=unit, hours=Decimal(hours), **days)


def submit(*lines: CertificateLine, session: Session = SESSION, **fields: Any) -> SubmitCertificates:
    content: Any = {
        "session": session,
        "sheet": Sheet(SHEET),
        "lines": lines or (line(),),
        "by": "body:b",
        "today": TODAY,
    }
    return SubmitCertificates(**(content | fields))


def submitted(*lines: CertificateLine, revision: int = 1) -> CertificatesSubmitted:
    return CertificatesSubmitted(
        session_id=SESSION_ID, order_id=ORDER, offering_id=OFFERING, body_id=BODY, revision=revision,
        lines=lines or (line(),), sheet_hash=SHEET, deposited_by="body:b", **FROM_THE_ORDER,
    )  # fmt: skip


VALIDATE = ValidateCertificates(SESSION, "manager:m", TODAY)
REASONS = (Reason(text="La feuille n'est pas signée."),)
REJECT = RejectCertificates(SESSION, REASONS, (), "manager:m", TODAY)
REJECTED = CertificatesRejected(
    session_id=SESSION_ID, order_id=ORDER, offering_id=OFFERING, body_id=BODY, revision=1,
    reasons=REASONS, rejected_by="manager:m", rejected_on=TODAY, **FROM_THE_ORDER,
)  # fmt: skip
VALIDATED = CertificatesValidated(
    session_id=SESSION_ID, order_id=ORDER, offering_id=OFFERING, body_id=BODY, revision=1,
    units=(UnitTotal(unit_code="1234", trainees=1, hours=Decimal("7.00")),), trainees=1, hours=Decimal("7.00"),
    validated_by="manager:m", validated_on=TODAY, **FROM_THE_ORDER,
)  # fmt: skip


def with_order(status: Any, words: str = "") -> Session:
    return replace(SESSION, order=Order(ORDER, "BC-2026-0042", status, words))


def test_a_signed_order_opens_the_certificates() -> None:
    """Once the order is signed and returned, certificates may be deposited (R7)."""
    given().when(submit()).then(submitted())


def test_the_first_step_is_missing() -> None:
    """Without an order, the refusal says that Formiris has not issued it, and holds the next step (R7)."""
    refused = given().when(submit(session=replace(SESSION, order=None))).refused("order-not-issued")
    assert [missing.field for missing in refused.missing] == ["order-issued", "order-returned"]
    assert refused.holder == "Formiris"
    assert refused.refusal.faq is not None


def test_the_second_step_is_missing() -> None:
    """With an order not yet returned, the refusal says that the body must sign, stamp and return it (R7)."""
    refused = given().when(submit(session=with_order("issued"))).refused("order-not-signed")
    assert [missing.field for missing in refused.missing] == ["order-returned"]
    assert refused.holder == "l'organisme de formation"
    assert "BC-2026-0042" in refused.detail


def test_a_refused_signature_is_the_second_step_again() -> None:
    """When Formiris refused the returned order, its reasons are told (R6, R7)."""
    session = with_order("signature-refused", "le tampon manque")
    refused = given().when(submit(session=session)).refused("order-signature-refused")
    assert "le tampon manque" in refused.detail


@pytest.mark.parametrize(
    ("session", "code"),
    [
        (with_order("cancelled", "doublon"), "order-cancelled"),
        (replace(SESSION, cancelled="trop peu d'inscrits"), "session-cancelled"),
    ],
)
def test_what_was_cancelled_has_no_certificates(session: Session, code: str) -> None:
    """A cancelled order or session is said so, with its cause."""
    refused = given().when(submit(session=session)).refused(code)
    assert (session.cancelled or "doublon") in refused.detail


def test_the_last_day_opens_the_deposit() -> None:
    """Certificates may be deposited from the last day of the session on, not before."""
    given().when(submit(today=date(2026, 11, 19))).refused("session-not-over")
    given().when(submit(today=LAST_DAY)).then(submitted())


def test_all_planned_hours_may_always_be_done() -> None:
    """Hours are counted to the quarter, unless the plan itself is not."""
    session = replace(SESSION, hours={"1234": Decimal("7.20")})
    given().when(submit(line(hours="7.20"), session=session)).then(submitted(line(hours="7.20")))
    given().when(submit(line(hours="7.10"), session=session)).refused("hours-not-quarter")


def test_no_assignment_is_told_in_formiriss_own_words() -> None:
    """A teacher without assignment is refused with the exact sentence of the FAQ, and sent to Assistance (R8)."""
    refused = given().when(submit(line("123456"))).refused("no-assignment")
    assert refused.detail == (
        'Erreur Aucune affectation trouvée pour l\'enseignant "123456" dans l\'unité pédagogique "1234"'
    )
    assert refused.contact.email == "contact.assistance@formiris.org"


def test_every_bad_line_is_listed() -> None:
    """All faulty lines are named, each with its own fault; the detail is the first one without assignment (R8)."""
    lines = [line(hours="9.50"), line("999", "1234"), line(unit="55"), line("100002", "55")]
    refused = given().when(submit(*lines)).refused("no-assignment")
    assert [missing.field for missing in refused.missing] == ["lines.0", "lines.1", "lines.3"]
    assert '"999"' in refused.detail
    assert "9,5 h" in refused.missing[0].reason


def test_a_unit_that_the_session_does_not_have_has_no_assignment() -> None:
    """An unknown unit is refused like a missing assignment (R8)."""
    given().when(submit(line(unit="777"))).refused("no-assignment")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([line(hours="7.25")], "hours-exceed-plan"),
        ([line(hours="3.00"), line(hours="4.00")], "duplicate-line"),
        ([line(starts_on=date(2026, 11, 15))], "dates-outside-session"),
        ([line(ends_on=date(2026, 11, 21))], "dates-outside-session"),
        ([line(starts_on=date(2026, 11, 18), ends_on=date(2026, 11, 17))], "dates-outside-session"),
        ([line(hours="0.00")], "no-hours"),
        ([line(hours="6.10")], "hours-not-quarter"),
    ],
)
def test_a_line_that_cannot_be(lines: list[CertificateLine], code: str) -> None:
    """Hours never exceed those planned, a teacher has one line a unit, dates lie in the session."""
    given().when(submit(*lines)).refused(code)


def test_validation_carries_totals_only() -> None:
    """Validated hours are summed by unit; who was absent counts for nothing, and no teacher is named."""
    deposit = submitted(line(), line("100002", hours="3.50"), line(unit="55", hours="0.00"))
    unit = UnitTotal(unit_code="1234", trainees=2, hours=Decimal("10.50"))
    given(deposit).when(VALIDATE).then(
        VALIDATED.model_copy(update={"units": (unit,), "trainees": 2, "hours": Decimal("10.50")})
    )


def test_validation_needs_the_order_still_signed() -> None:
    """An order cancelled, or whose signature was refused meanwhile, holds the validation back."""
    given(submitted()).when(replace(VALIDATE, session=with_order("cancelled", "doublon"))).refused(
        "order-cancelled"
    )


def test_rejected_certificates_come_again_corrected() -> None:
    """A rejection carries its reasons; the corrected deposit is the next revision."""
    given(submitted()).when(REJECT).then(REJECTED)
    given(submitted(), REJECTED).when(submit(line(hours="6.00"))).then(
        submitted(line(hours="6.00"), revision=2)
    )


def test_a_reason_is_pinned_on_a_line_that_exists() -> None:
    """A line that was not deposited cannot be what is wrong."""
    pinned = (LineReason(teacher_number="999", unit_code="1234", text="Absent."),)
    given(submitted()).when(replace(REJECT, lines=pinned)).refused("unknown-line")


FIRST, SECOND = (
    LineRef(teacher_number="100001", unit_code="1234"),
    LineRef(teacher_number="100002", unit_code="1234"),
)
ABSENT = LineReason(teacher_number="100002", unit_code="1234", text="Absent l'après-midi.")
ONE_OF_TWO = Reason(
    text="1 ligne sur 2 à corriger : voyez le motif de chacune. Les autres sont validées et ne sont pas à refaire."
)
TWO = (line(), line("100002"))
PARTLY = REJECTED.model_copy(
    update={"reasons": (ONE_OF_TWO,), "lines": (ABSENT,), "validated_lines": (FIRST,)}
)


def decided(*rejected: LineReason, validated: tuple[LineRef, ...] = (), others: bool = False) -> DecideLines:
    return DecideLines(SESSION, validated, rejected, others, "manager:m", TODAY)


def redone(*lines: CertificateLine) -> CertificatesSubmitted:
    return submitted(line(), *lines, revision=2).model_copy(update={"validated_lines": (FIRST,)})


def test_one_line_is_rejected_and_the_others_stand() -> None:
    """What is right is validated and stays so; only what was rejected comes again, and nothing is validated whole."""
    given(submitted(*TWO)).when(decided(ABSENT, validated=(FIRST,))).then(PARTLY)
    given(submitted(*TWO)).when(decided(ABSENT, others=True)).then(PARTLY)
    given(submitted(*TWO), PARTLY).when(submit(line("100002", hours="3.50"))).then(
        redone(line("100002", hours="3.50"))
    )


def test_lines_that_stand_may_come_along_unchanged() -> None:
    """Sending the whole set again changes nothing of what is validated; a change of it is refused on its line."""
    given(submitted(*TWO), PARTLY).when(submit(line(), line("100002", hours="3.50"))).then(
        redone(line("100002", hours="3.50"))
    )
    refused = given(submitted(*TWO), PARTLY).when(submit(line(hours="1.00"), line("100002")))
    assert [missing.field for missing in refused.refused("line-already-validated").missing] == ["lines.0"]


def test_a_line_that_stands_stays_whatever_happens_to_its_assignment() -> None:
    """What Formiris validated is not judged again."""
    session = replace(SESSION, assigned=frozenset({("100002", "1234")}))
    given(submitted(*TWO), PARTLY).when(submit(line(), line("100002"), session=session)).then(
        redone(line("100002"))
    )


def test_a_rejected_line_is_not_forgotten() -> None:
    """It comes again, with 0 hour for an absence; only a teacher who is no longer assigned may be left out."""
    refused = given(submitted(*TWO), PARTLY).when(submit(line())).refused("rejected-line-missing")
    assert '"100002"' in refused.missing[0].label
    session = replace(SESSION, assigned=frozenset({("100001", "1234")}))
    given(submitted(*TWO), PARTLY).when(submit(line(), session=session)).then(redone())


def test_the_last_line_validated_validates_the_session() -> None:
    """The session is validated once every line is, with the totals of them all (R9)."""
    again = redone(line("100002", hours="3.50"))
    unit = UnitTotal(unit_code="1234", trainees=2, hours=Decimal("10.50"))
    whole = VALIDATED.model_copy(
        update={"revision": 2, "units": (unit,), "trainees": 2, "hours": Decimal("10.50")}
    )
    given(submitted(*TWO), PARTLY, again).when(decided(validated=(SECOND,))).then(whole)
    given(submitted(*TWO), PARTLY, again).when(VALIDATE).then(whole)


def test_what_stands_outlives_a_rejection_of_the_whole() -> None:
    """Rejecting the correction as a whole rejects what waits, not what is validated."""
    again = redone(line("100002", hours="3.50"))
    expected = REJECTED.model_copy(update={"revision": 2, "validated_lines": (FIRST,)})
    given(submitted(*TWO), PARTLY, again).when(REJECT).then(expected)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (decided(ABSENT), "lines-undecided"),
        (decided(validated=(SECOND,)), "lines-undecided"),
        (decided(ABSENT.model_copy(update={"teacher_number": "9"}), others=True), "unknown-line"),
        (decided(validated=(FIRST, SECOND, LineRef(teacher_number="9", unit_code="1234"))), "unknown-line"),
    ],
)
def test_every_line_that_waits_is_decided_and_no_other(command: DecideLines, code: str) -> None:
    """A line left undecided or not deposited is said."""
    given(submitted(*TWO)).when(command).refused(code)


def test_a_validated_line_is_not_rejected_later() -> None:
    """Validated lines stay validated."""
    rejected = LineReason(teacher_number="100001", unit_code="1234", text="Après tout, non.")
    given(submitted(*TWO), PARTLY, redone(line("100002"))).when(decided(rejected, others=True)).refused(
        "line-already-validated"
    )


def test_validated_certificates_are_final() -> None:
    """Nothing changes validated certificates: the invoice rests on them (R9)."""
    given(submitted(), VALIDATED).when(submit(line(hours="6.00"))).refused("certificates-already-validated")
    given(submitted(), VALIDATED).when(REJECT).refused("certificates-already-validated")


def test_a_deposit_waits_for_its_decision() -> None:
    """Another deposit is refused while one awaits the decision, and nothing is decided without one."""
    given(submitted()).when(submit(line(hours="6.00"))).refused("certificates-awaiting-validation")
    given().when(VALIDATE).refused("no-certificates-to-decide")
    given(submitted(), REJECTED).when(VALIDATE).refused("no-certificates-to-decide")


def test_each_refusal_names_who_can_help() -> None:
    """The office of the territory, the head office for a national session; Assistance for an assignment (R8)."""
    office = Office(name="Formiris Bretagne", email="contact.bretagne@formiris.org")
    regional = replace(SESSION, order=None, office=office)
    asked = given().when(submit(session=regional)).refused("order-not-issued").contact
    assert (asked.name, asked.email) == (office.name, office.email)
    national = replace(SESSION, order=None, perimeter="national", territory=None)
    asked = given().when(submit(session=national)).refused("order-not-issued").contact
    assert asked.email == "prestataires@formiris.org"
    stranger = given().when(submit(line("9"), session=replace(SESSION, office=office)))
    assert stranger.refused("no-assignment").contact.email == "contact.assistance@formiris.org"


def test_the_way_is_open_or_says_why() -> None:
    """What a person reads before depositing is what they would be answered when depositing."""
    check_open(SESSION, TODAY)
    with pytest.raises(Refused):
        check_open(SESSION, date(2026, 11, 1))


HISTORIES: list[list[Event]] = [
    [], [submitted()], [submitted(), REJECTED], [submitted(), VALIDATED],
    [submitted(), REJECTED, submitted(revision=2)], [submitted(*TWO)], [submitted(*TWO), PARTLY],
    [submitted(*TWO), PARTLY, redone(line("100002"))],
]  # fmt: skip
COMMANDS = [
    submit(), submit(line(hours="1.00")), submit(*TWO), submit(line("100002")), VALIDATE, REJECT,
    decided(ABSENT, others=True), decided(others=True), decided(validated=(FIRST, SECOND)),
]  # fmt: skip


@for_all(st.sampled_from(HISTORIES), st.sampled_from(COMMANDS))
def test_a_command_repeated_changes_nothing(history: list[Event], command: Any) -> None:
    """Every decision is idempotent."""
    when = given(*history).when(command)
    try:
        when.events()
    except Refused:
        return
    when.changes_nothing_twice()
    assert DECIDER.decide(when.state(), command) == []


@pytest.mark.parametrize("kind", EVENTS)
def test_evolve_is_total(kind: type[Event]) -> None:
    """Any event of any context can be folded; those of others change nothing."""
    event = kind.model_construct()
    state = DECIDER.evolve(Certificates(), event)
    assert isinstance(state, Certificates)
    assert kind.__module__.endswith("attendance") or state == Certificates()
