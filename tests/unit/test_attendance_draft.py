"""The draft of a deposit: lines as people type and import them, and what is compared before sending them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.attendance.certificate_document import certificate
from services.attendance.certificates import Certificates
from services.attendance.checklist import Ready, checklist, to_submit
from services.attendance.draft import (
    Checked,
    Draft,
    Typed,
    begun,
    check,
    everyone_present,
    kept,
    merged,
    totals,
)
from services.attendance.lines_file import NONE, PLANNED, REASON, Imported, Refusals, imported, template
from services.attendance.sessions import Order, Session
from shared.events.attendance import (
    CertificateLine,
    CertificatesRejected,
    CertificatesSubmitted,
    CertificatesValidated,
    LineReason,
    LineRef,
    UnitTotal,
)
from shared.events.parts import Reason
from shared.runtime.refusal import Refused

DAY, LAST = date(2026, 11, 16), date(2026, 11, 20)
SESSION = Session(
    id=UUID(int=1), offering=UUID(int=2), body=UUID(int=3), title="Lire", perimeter="regional", territory="bretagne",
    starts_on=DAY, ends_on=LAST, hours={"1234": Decimal("7.00"), "55": Decimal("3.50")},
    assigned=frozenset({("023456", "1234"), ("118204", "1234"), ("118204", "55")}),
    order=Order(UUID(int=4), "BC-1", "signed"), unit_titles={"1234": "Lire", "55": "Dire"},
)  # fmt: skip
GOOD = Typed("023456", "1234", "7,00", "16/11/2026", "20/11/2026")
SENTENCE = 'Erreur Aucune affectation trouvée pour l\'enseignant "{}" dans l\'unité pédagogique "{}"'


def line(teacher: str, unit: str, hours: str) -> CertificateLine:
    return CertificateLine(
        teacher_number=teacher, unit_code=unit, hours=Decimal(hours), starts_on=DAY, ends_on=LAST
    )


LINES = (line("023456", "1234", "7.00"), line("118204", "1234", "7.00"))
DEPOSITED = CertificatesSubmitted(
    session_id=SESSION.id, order_id=UUID(int=4), offering_id=SESSION.offering, body_id=SESSION.body, revision=1,
    lines=LINES, sheet_hash="a" * 64, deposited_by="body:b",
)  # fmt: skip
REJECTED = CertificatesRejected(
    session_id=SESSION.id, order_id=UUID(int=4), offering_id=SESSION.offering, body_id=SESSION.body, revision=1,
    reasons=(Reason(text="1 ligne."),), rejected_by="manager:m", rejected_on=LAST,
    lines=(LineReason(teacher_number="118204", unit_code="1234", text="Absent."),),
    validated_lines=(LineRef(teacher_number="023456", unit_code="1234"),),
)  # fmt: skip
NEW = Certificates()
PARTLY = Certificates("rejected", DEPOSITED, REJECTED)


def judged(*lines: Typed, certificates: Certificates = NEW) -> Checked:
    return check(SESSION, certificates, lines)


def codes(checked: Checked) -> dict[int, list[str]]:
    return {index: [fault.refusal.code for fault in found] for index, found in checked.faults.items()}


@pytest.mark.parametrize("hours", ["6,5", "6.5", "6.50", "6h30", "6 h 30", " 6,50 h"])
@pytest.mark.parametrize("day", ["16/11/2026", "16.11.2026", "2026-11-16", "16 novembre 2026"])
def test_hours_and_days_as_people_write_them(hours: str, day: str) -> None:
    """French decimals and dates, and those of machines, are one and the same line."""
    (read,) = judged(Typed("023456", "1234", hours, day, "20/11/2026")).good.values()
    assert (read.hours, read.starts_on, read.teacher_number) == (Decimal("6.50"), DAY, "023456")


@pytest.mark.parametrize("hours", ["0", "0,00", "0 h", "0h00", "00"])
def test_an_absence_is_zero_hour(hours: str) -> None:
    """Absent is said with 0, never with an empty cell."""
    assert judged(replace(GOOD, hours=hours)).good[0].hours == 0
    assert codes(judged(replace(GOOD, hours=""))) == {0: ["line-incomplete"]}


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        ({"teacher": "999999"}, "no-assignment", "Enseignant"),
        ({"unit": "777"}, "no-assignment", "Enseignant"),
        ({"teacher": ""}, "line-incomplete", "Enseignant"),
        ({"teacher": "Mme Le Goff"}, "cell-unreadable", "Enseignant"),
        ({"unit": "x" * 21}, "cell-unreadable", "Unité pédagogique"),
        ({"hours": "sept"}, "cell-unreadable", "Heures faites"),
        ({"hours": "-1"}, "cell-unreadable", "Heures faites"),
        ({"hours": "7,25"}, "hours-exceed-plan", "Heures faites"),
        ({"hours": "6,10"}, "hours-not-quarter", "Heures faites"),
        ({"starts_on": "hier"}, "cell-unreadable", "Du"),
        ({"ends_on": ""}, "line-incomplete", "Au"),
        ({"starts_on": "15/11/2026"}, "dates-outside-session", "Du"),
        ({"ends_on": "21/11/2026"}, "dates-outside-session", "Au"),
    ],
)
def test_a_fault_names_its_column(change: dict[str, str], code: str, column: str) -> None:
    """Each bad line says which cell to mend, under a code of the catalogue, in words."""
    (fault,) = judged(replace(GOOD, **change)).faults[0]
    assert (fault.refusal.code, fault.column) == (code, column)
    assert fault.reason.endswith(('"', "."))


def test_a_zero_that_a_spreadsheet_dropped_is_guessed() -> None:
    """The sentence is R8's, exactly; beside it, the number that was probably meant."""
    (fault,) = judged(replace(GOOD, teacher="23456")).faults[0]
    assert fault.reason == SENTENCE.format("23456", "1234")
    assert '"023456"' in (fault.hint or "")


def test_every_wrong_cell_of_a_line_is_told_at_once() -> None:
    """Nobody mends a line one cell at a time."""
    assert codes(judged(Typed("999999", "1234", "sept", "hier", ""))) == {
        0: ["no-assignment", "cell-unreadable", "cell-unreadable", "line-incomplete"]
    }


def test_a_teacher_twice_in_a_unit() -> None:
    """The second one is at fault, wherever it stands."""
    assert codes(judged(GOOD, Typed("118204", "55", "1", "16/11/2026", "16/11/2026"), GOOD)) == {
        2: ["duplicate-line"]
    }


TYPED = st.builds(
    Typed,
    st.sampled_from(["023456", "118204", "23456", "", "é"]),
    st.sampled_from(["1234", "55", "9", ""]),
    st.sampled_from(["7", "3,5", "0", "0,1", "99", "", "?"]),
    st.sampled_from(["2026-11-16", "20/11/2026", "", "?"]),
    st.sampled_from(["2026-11-20", "16/11/2026", "", "?"]),
)


@given(st.lists(TYPED, max_size=6))
def test_a_draft_loses_nothing(lines: list[Typed]) -> None:
    """Each line is either right or faulty; keeping it again changes nothing; faulty ones stay as typed."""
    checked = judged(*lines)
    assert sorted([*checked.good, *checked.faults]) == list(range(len(lines)))
    once = kept(checked, lines)
    assert kept(judged(*once), once) == once
    assert all(once[index] == lines[index] for index in checked.faults)
    assert codes(judged(*once)) == codes(checked)


@given(st.lists(TYPED, max_size=5), st.lists(TYPED, max_size=5))
def test_the_same_lines_twice_change_nothing(lines: list[Typed], given_: list[Typed]) -> None:
    """Merging is idempotent, and keeps every teacher and unit of both."""
    once = merged(lines, given_)
    assert merged(once, given_) == once
    assert {each.who for each in once} == {each.who for each in [*lines, *given_]}


def test_everyone_present_then_exceptions() -> None:
    """A line of the planned hours for each assignment without one; what is typed stays."""
    typed = Typed("118204", "1234", "3.50", "2026-11-16", "2026-11-16")
    lines = everyone_present(SESSION, NEW, (typed,))
    assert lines[0] == typed
    assert {(each.who, each.hours) for each in lines[1:]} == {
        (("023456", "1234"), "7.00"), (("118204", "55"), "3.50")
    }  # fmt: skip
    assert everyone_present(SESSION, NEW, lines) == lines


def test_the_draft_of_a_correction_is_what_was_rejected() -> None:
    """Only rejected lines come again, with the sheet of before; what is validated is not touched."""
    draft = begun(PARTLY)
    assert (draft.revision, [each.who for each in draft.lines], draft.sheet) == (
        2,
        [("118204", "1234")],
        "a" * 64,
    )
    assert codes(judged(replace(GOOD, hours="1"), certificates=PARTLY)) == {0: ["line-already-validated"]}
    assert begun(Certificates("submitted", DEPOSITED)).lines == ()
    whole = Certificates("rejected", DEPOSITED, REJECTED.model_copy(update={"validated_lines": None}))
    assert len(begun(whole).lines) == 2


def test_totals_planned_and_done() -> None:
    """Trainee-hours of each unit: planned by the assignments, done by the lines."""
    found = totals(SESSION, LINES[:1])
    assert (found["planned"], found["done"]) == ("17.50", "7.00")
    assert [(unit["unit"], unit["assigned"], unit["present"]) for unit in found["units"]] == [
        ("1234", 2, 1), ("55", 1, 0)
    ]  # fmt: skip


def row(**cells: str) -> dict[str, str]:
    named = {"Session": "", "Enseignant": "023456", "Unité pédagogique": "1234", "Heures faites": "7",
             "Du": "16/11/2026", "Au": "20/11/2026", "Nom": "quelqu'un"}  # fmt: skip
    return named | cells


def read(*rows: dict[str, str], certificates: Certificates = NEW) -> Imported:
    return imported(SESSION, certificates, list(enumerate(rows, 2)))


def test_good_rows_are_kept_and_bad_ones_told() -> None:
    """Row, column, code and words of each fault; the good rows go on without the bad ones."""
    found = read(row(), row(Enseignant="999999"), row(Enseignant="118204", **{"Heures faites": "8"}))
    assert [each.who for each in found.lines] == [("023456", "1234")]
    assert [(each.number, each.wrong[0].column, each.wrong[0].code) for each in found.refused.rows] == [
        (3, "Enseignant", "no-assignment"), (4, "Heures faites", "hours-exceed-plan")
    ]  # fmt: skip
    assert found.refused.rows[0].wrong[0].reason == SENTENCE.format("999999", "1234")


@pytest.mark.parametrize("session", [str(UUID(int=1)), str(UUID(int=1)).upper(), "BC-1", "bc-1", ""])
def test_a_row_may_say_its_session(session: str) -> None:
    """By the id that the template writes, or the number of the order."""
    assert read(row(Session=session)).refused == NONE


def test_a_row_of_another_session_is_said() -> None:
    """Whatever else is wrong with it: it is not ours to judge."""
    found = read(row(Session="BC-2", **{"Heures faites": "99"}))
    assert [each.code for each in found.refused.rows[0].wrong] == ["other-session"]
    assert found.lines == ()


def test_validated_rows_may_come_along() -> None:
    """A file of the whole session after a partial rejection: what stands is counted, not kept again."""
    found = read(row(), row(Enseignant="118204", **{"Heures faites": "3,5"}), certificates=PARTLY)
    assert (found.validated, [each.who for each in found.lines], found.refused) == (
        1,
        [("118204", "1234")],
        NONE,
    )


def test_the_file_to_mend_is_the_rows_as_they_came() -> None:
    """Every column as it was, also those we did not ask for, and why; mended, it is imported as it is."""
    found = read(row(), row(Enseignant="23456", Motif="ancien"))
    header, rows = found.refused.to_mend()
    assert header == [*row(), REASON]
    assert rows[0][:-1] == list(row(Enseignant="23456").values())
    assert rows[0][-1].startswith(SENTENCE.format("23456", "1234"))
    again = dict(zip(header, rows[0], strict=True)) | {"Enseignant": "023456"}
    assert read(again).refused == NONE


def test_refused_rows_are_kept_until_mended() -> None:
    """As text and back; a line typed by hand for the same teacher and unit settles its row."""
    refused = read(row(Enseignant="118204", Du="?"), row(Enseignant="999999")).refused
    assert Refusals.loaded(refused.dumped()) == refused
    assert [each.number for each in refused.without([("118204", "1234")]).rows] == [3]


def test_the_template_filled_in_is_a_good_file() -> None:
    """Teachers, units, planned hours and days are there; only the hours done are to be typed."""
    rows = template(SESSION, NEW, ())
    assert [(each[1], each[2], each[4]) for each in rows] == [
        ("023456", "1234", Decimal("7.00")), ("118204", "1234", Decimal("7.00")), ("118204", "55", Decimal("3.50"))
    ]  # fmt: skip
    header = ["Session", "Enseignant", "Unité pédagogique", "Intitulé", PLANNED, "Heures faites", "Du", "Au"]
    filled = [dict(zip(header, map(str, each), strict=True)) | {"Heures faites": "3,5"} for each in rows]
    assert read(*filled).refused == NONE
    assert len(read(*filled).lines) == 3


def ready(**changes: Any) -> Ready:
    draft = Draft(1, lines=(GOOD,), sheet="a" * 64)
    return Ready(SESSION, NEW, replace(draft, **changes), LAST)


def test_a_draft_in_order_is_ready() -> None:
    """Order, session, sheet, lines and totals are compared, and what is only worth knowing holds nothing back."""
    steps = checklist(ready())
    assert [step.id for step in steps] == [
        "previous", "order", "session", "sheet", "lines", "totals", "assignments"
    ]  # fmt: skip
    assert not [step.id for step in steps if step.refused]
    assert "7 h faites sur 17,5 h prévues" in steps[5].detail
    assert "2 affectations sans ligne" in steps[6].detail
    assert to_submit(ready()) == LINES[:1]


@pytest.mark.parametrize(
    ("changed", "step", "code"),
    [
        (ready(sheet=None), "sheet", "sheet-missing"),
        (ready(lines=()), "lines", "no-hours"),
        (ready(lines=(replace(GOOD, hours="99"),)), "lines", "hours-exceed-plan"),
        (ready(sheet_hours="6h30"), "totals", "sheet-total-differs"),
        (replace(ready(), today=DAY), "session", "session-not-over"),
        (replace(ready(), session=replace(SESSION, order=None)), "order", "order-not-issued"),
        (replace(ready(), certificates=Certificates("submitted", DEPOSITED)), "previous",
         "certificates-awaiting-validation"),
        (replace(ready(), certificates=PARTLY), "lines", "rejected-line-missing"),
    ],
)  # fmt: skip
def test_what_does_not_agree_is_said_before_and_when_sending(changed: Ready, step: str, code: str) -> None:
    """The list and the deposit give the same answer."""
    refused = {each.id: each.refused.refusal.code for each in checklist(changed) if each.refused}
    assert refused[step] == code
    with pytest.raises(Refused) as caught:
        to_submit(changed)
    assert caught.value.refusal.code == code


def test_the_total_read_on_the_sheet_is_compared() -> None:
    """14 h against 13 h 30 is found before Formiris finds it."""
    assert to_submit(ready(sheet_hours="7 h"))
    assert to_submit(ready(sheet_hours=""))


def test_a_certificate_says_only_what_was_validated() -> None:
    """A page a teacher, each unit with its hours; nobody's before the validation, nor of an absence."""
    absent = line("118204", "1234", "0.00")
    validation = CertificatesValidated(
        session_id=SESSION.id, order_id=UUID(int=4), offering_id=SESSION.offering, body_id=SESSION.body, revision=1,
        units=(UnitTotal(unit_code="1234", trainees=1, hours=Decimal("7.00")),), trainees=1, hours=Decimal("7.00"),
        validated_by="manager:m", validated_on=LAST,
    )  # fmt: skip
    deposited = DEPOSITED.model_copy(update={"lines": (LINES[0], absent)})
    done = Certificates("validated", deposited, validation=validation)
    data = certificate(SESSION, done, None)
    assert [(each["number"], each["hours"]) for each in data["teachers"]] == [("023456", "7.00")]
    with pytest.raises(Refused) as nothing:
        certificate(SESSION, done, "118204")
    assert nothing.value.refusal.code == "nothing-attested"
    with pytest.raises(Refused) as early:
        certificate(SESSION, PARTLY, "023456")
    assert early.value.refusal.code == "certificate-not-ready"
