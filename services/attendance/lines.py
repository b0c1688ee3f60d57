"""What is wrong with lines of attendance certificates, each on its own line and column.  (R8)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.attendance import refusals
from services.attendance.sessions import Session
from services.attendance.wording import french, number
from shared.events.attendance import CertificateLine, LineRef
from shared.runtime.refusal import ASSISTANCE, Contact, Missing, Refusal, Refused

SESSION, TEACHER, UNIT, HOURS, STARTS, ENDS = (
    "Session", "Enseignant", "Unité pédagogique", "Heures faites", "Du", "Au"
)  # fmt: skip
"""The columns, as the template heads them."""

QUARTER = Decimal("0.25")
_LONGEST = 20  # characters of a teacher's number

Who = tuple[str, str]
"""(teacher number, unit code): a set has one line of each."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line cannot stand; `hint` is what a person may try, beside the reason itself."""

    refusal: Refusal
    column: str
    words: Mapping[str, Any]
    hint: str | None = None

    @property
    def reason(self) -> str:
        """The refusal's words, with the values of this line."""
        return self.refusal.detail.format_map(self.words)

    def contact(self, session: Session) -> Contact:
        """Assistance for an assignment that is not there (R8), whoever follows the session for the rest."""
        return ASSISTANCE if self.refusal is refusals.NO_ASSIGNMENT else session.contact


def who(line: CertificateLine | LineRef) -> Who:
    """What names a line in its set."""
    return line.teacher_number, line.unit_code


def faults(
    session: Session, lines: Mapping[int, CertificateLine], validated: Mapping[Who, CertificateLine]
) -> dict[int, Fault]:
    """The first fault of each line, by its index. `validated`: lines that no longer change."""
    first_of = {who(line): index for index, line in reversed(list(lines.items()))}
    found = {}
    for index, line in lines.items():
        fault = fault_of(session, line, validated)
        if first_of[who(line)] != index and (fault is None or fault.refusal is not refusals.NO_ASSIGNMENT):
            fault = Fault(refusals.DUPLICATE_LINE, TEACHER, _named(line))
        if fault:
            found[index] = fault
    return found


def fault_of(
    session: Session, line: CertificateLine, validated: Mapping[Who, CertificateLine]
) -> Fault | None:
    """What is wrong with one line by itself; a line validated before and unchanged is right whatever happened since."""
    if before := validated.get(who(line)):
        return None if line == before else Fault(refusals.LINE_ALREADY_VALIDATED, HOURS, _named(line))
    return assignment_fault(session, *who(line)) or _hours_fault(session, line) or _dates_fault(session, line)


def assignment_fault(session: Session, teacher: str, unit: str) -> Fault | None:
    """R8: nobody assigned this teacher to this unit, or the session has no such unit."""
    if unit in session.hours and (teacher, unit) in session.assigned:
        return None
    return Fault(
        refusals.NO_ASSIGNMENT,
        TEACHER,
        {"teacher": teacher, "unit": unit},
        _lost_zeros(session, teacher, unit),
    )


def refusal_of(
    session: Session, found: Sequence[tuple[int, Fault]], missing: Sequence[Missing] = ()
) -> Refused:
    """Every faulty line is in `missing`; the detail is that of the gravest, R8's before any other."""
    worst = min((fault for _, fault in found), key=lambda fault: _BY_WEIGHT.index(fault.refusal))
    listed = [missing_of(index, fault) for index, fault in found]
    return Refused(worst.refusal, missing=[*listed, *missing], contact=worst.contact(session), **worst.words)


def missing_of(index: int, fault: Fault) -> Missing:
    """A faulty line as a refusal lists it."""
    words = {"teacher": "", "unit": "", **fault.words}
    label = f'Enseignant "{words["teacher"]}", unité pédagogique "{words["unit"]}"'
    return Missing(f"lines.{index}", label, f"ligne {index + 1}, colonne « {fault.column} »", fault.reason)


_BY_WEIGHT = [
    refusals.NO_ASSIGNMENT, refusals.LINE_ALREADY_VALIDATED, refusals.OTHER_SESSION, refusals.DUPLICATE_LINE,
    refusals.LINE_INCOMPLETE, refusals.CELL_UNREADABLE, refusals.HOURS_EXCEED_PLAN, refusals.HOURS_NOT_QUARTER,
    refusals.DATES_OUTSIDE_SESSION,
]  # fmt: skip


def _hours_fault(session: Session, line: CertificateLine) -> Fault | None:
    planned = session.hours[line.unit_code]
    hours = {"hours": number(line.hours), "planned": number(planned)}
    if line.hours > planned:
        return Fault(refusals.HOURS_EXCEED_PLAN, HOURS, _named(line) | hours)
    if line.hours % QUARTER and line.hours != planned:
        return Fault(refusals.HOURS_NOT_QUARTER, HOURS, _named(line) | hours)
    return None


def _dates_fault(session: Session, line: CertificateLine) -> Fault | None:
    if session.starts_on <= line.starts_on <= line.ends_on <= session.ends_on:
        return None
    days = {
        "starts_on": french(line.starts_on), "ends_on": french(line.ends_on),
        "session_starts_on": french(session.starts_on), "session_ends_on": french(session.ends_on),
    }  # fmt: skip
    column = STARTS if not session.starts_on <= line.starts_on <= session.ends_on else ENDS
    return Fault(refusals.DATES_OUTSIDE_SESSION, column, _named(line) | days)


def _lost_zeros(session: Session, teacher: str, unit: str) -> str | None:
    """Spreadsheets drop them: the assigned teacher whose number is this one but for its first zeros."""
    bare = teacher.lstrip("0")
    padded = (bare.zfill(length) for length in range(len(bare), _LONGEST + 1))
    alike = [number for number in padded if (number, unit) in session.assigned]
    if len(alike) != 1:
        return None
    return (
        f'L\'enseignant "{alike[0]}" est affecté à cette unité : un tableur a pu retirer les zéros du début de son '
        "numéro."
    )


def _named(line: CertificateLine) -> dict[str, str]:
    return {"teacher": line.teacher_number, "unit": line.unit_code}
