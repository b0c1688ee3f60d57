"""Certificates being prepared: lines as typed or imported, what is wrong with each, and what must be so before sending.

A draft takes anything and loses nothing: a line that cannot stand stays, with its faults. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.attendance import refusals
from services.attendance.certificates import Certificates
from services.attendance.lines import (
    ENDS,
    HOURS,
    STARTS,
    TEACHER,
    UNIT,
    Fault,
    Who,
    assignment_fault,
    faults,
    who,
)
from services.attendance.sessions import Session
from shared.events.attendance import CertificateLine
from shared.events.values import TeacherNumber, UnitCode
from shared.runtime import form_kinds
from shared.runtime.refusal import Refused

AT_MOST = 2_000
"""Lines of a session: they travel in one event."""

_TOO_MANY = 10_000
_NONE_AT_ALL = re.compile(r"\s*0+([.,]0*)?\s*(h(\s*00)?|heures?)?\s*", re.IGNORECASE)
_TEACHER: TypeAdapter[str] = TypeAdapter(TeacherNumber)
_UNIT: TypeAdapter[str] = TypeAdapter(UnitCode)


@dataclass(frozen=True, slots=True)
class Typed:
    """A line as a person gave it; whatever is not known yet is empty."""

    teacher: str
    unit: str
    hours: str = ""
    starts_on: str = ""
    ends_on: str = ""

    @property
    def who(self) -> Who:
        """What names the line in the draft."""
        return self.teacher, self.unit


@dataclass(frozen=True, slots=True)
class Draft:
    """`revision` is that of the deposit it prepares; `sheet_hours` the total that a person read on the sheet."""

    revision: int
    version: int = 0
    lines: tuple[Typed, ...] = ()
    sheet: str | None = None
    sheet_hours: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """Lines read and judged, by their index: those that can stand, and the faults of the others."""

    good: Mapping[int, CertificateLine]
    faults: Mapping[int, tuple[Fault, ...]]

    def listed(self) -> list[tuple[int, Fault]]:
        """Every fault with the index of its line."""
        return [(index, fault) for index, found in self.faults.items() for fault in found]


def begun(certificates: Certificates) -> Draft:
    """The draft of the next deposit before anybody touched it: after a rejection, what was rejected."""
    last = certificates.submitted
    if last is None:
        return Draft(1)
    redone = certificates.status == "rejected"
    lines = [line for line in last.lines if who(line) not in certificates.validated]
    return Draft(
        last.revision + 1,
        lines=tuple(typed(line) for line in lines) if redone else (),
        sheet=last.sheet_hash if redone else None,
    )


def check_changeable(session: Session, certificates: Certificates) -> None:
    """Raises `Refused` while the last deposit waits for its decision, and once it is validated."""
    if certificates.status == "submitted":
        raise Refused(refusals.AWAITING_VALIDATION, contact=session.contact)
    if certificates.status == "validated":
        raise Refused(refusals.ALREADY_VALIDATED, contact=session.contact)


def with_lines(draft: Draft, lines: tuple[Typed, ...]) -> Draft:
    """The draft with these lines. Raises `Refused` for more than a session has."""
    if len(lines) > AT_MOST:
        raise Refused(refusals.TOO_MANY_LINES, limit=AT_MOST, count=len(lines))
    return replace(draft, lines=lines)


def typed(line: CertificateLine) -> Typed:
    """A line that can stand, written in one way whatever it was read from."""
    return Typed(
        line.teacher_number, line.unit_code, f"{line.hours:.2f}", line.starts_on.isoformat(), line.ends_on.isoformat()
    )  # fmt: skip


def check(session: Session, certificates: Certificates, lines: Sequence[Typed]) -> Checked:
    """Reads and judges every line, each with all that is wrong with its cells, else with its first other fault."""
    good: dict[int, CertificateLine] = {}
    found: dict[int, tuple[Fault, ...]] = {}
    for index, line in enumerate(lines):
        match _read(session, line):
            case CertificateLine() as read:
                good[index] = read
            case wrong:
                found[index] = wrong
    judged = {index: (fault,) for index, fault in faults(session, good, certificates.validated).items()}
    return Checked(
        {i: line for i, line in good.items() if i not in judged}, dict(sorted((found | judged).items()))
    )


def kept(checked: Checked, lines: Sequence[Typed]) -> tuple[Typed, ...]:
    """The lines as the draft keeps them: those that can stand written in one way, the others as typed."""
    return tuple(typed(checked.good[i]) if i in checked.good else line for i, line in enumerate(lines))


def merged(lines: Sequence[Typed], given: Sequence[Typed]) -> tuple[Typed, ...]:
    """The draft with the given lines in place of those of the same teacher and unit, new ones at the end."""
    return tuple(({line.who: line for line in lines} | {line.who: line for line in given}).values())


def everyone_present(
    session: Session, certificates: Certificates, lines: Sequence[Typed]
) -> tuple[Typed, ...]:
    """The draft with a line of all planned hours for each assignment that has none; what is typed stays."""
    days = session.starts_on.isoformat(), session.ends_on.isoformat()
    added = [
        Typed(teacher, unit, f"{session.hours[unit]:.2f}", *days)
        for teacher, unit in without_line(session, certificates, lines)
    ]
    return (*lines, *added)


def without_line(session: Session, certificates: Certificates, lines: Sequence[Typed]) -> list[Who]:
    """Assignments with neither a line in the draft nor a validated one, by unit then teacher."""
    there = {line.who for line in lines} | set(certificates.validated)
    return sorted(
        (each for each in session.assigned if each not in there and each[1] in session.hours),
        key=lambda each: (each[1], each[0]),
    )


def totals(session: Session, done: Sequence[CertificateLine]) -> dict[str, Any]:
    """Trainee-hours planned by the assignments and done by the lines, of each unit and of the session."""
    units = [
        _total(session, unit, [line for line in done if line.unit_code == unit]) for unit in session.hours
    ]
    return {
        "planned": f"{sum((Decimal(unit['planned']) for unit in units), Decimal(0)):.2f}",
        "done": f"{_sum(done):.2f}",
        "units": units,
    }


def _total(session: Session, unit: str, lines: Sequence[CertificateLine]) -> dict[str, Any]:
    assigned = sum(code == unit for _, code in session.assigned)
    return {
        "unit": unit, "title": session.title_of(unit), "hours": f"{session.hours[unit]:.2f}", "assigned": assigned,
        "present": sum(bool(line.hours) for line in lines), "planned": f"{assigned * session.hours[unit]:.2f}",
        "done": f"{_sum(lines):.2f}",
    }  # fmt: skip


def hours_typed(text: str) -> Decimal | None:
    """`6,5`, `6.50`, `6h30`, `6 h`; None when it is no number of hours."""
    if _NONE_AT_ALL.fullmatch(text):
        return Decimal("0.00")
    try:
        hours: Decimal = form_kinds.hours(text)
    except ValueError:
        return None
    return hours if hours < _TOO_MANY else None


def _sum(lines: Sequence[CertificateLine]) -> Decimal:
    return sum((line.hours for line in lines), Decimal(0))


def _read(session: Session, line: Typed) -> CertificateLine | tuple[Fault, ...]:
    cells = {
        TEACHER: _code(_TEACHER, TEACHER, line.teacher, "20 lettres ou chiffres au plus"),
        UNIT: _code(_UNIT, UNIT, line.unit, "20 lettres ou chiffres au plus"),
        HOURS: _hours(line.hours),
        STARTS: _day(STARTS, line.starts_on),
        ENDS: _day(ENDS, line.ends_on),
    }
    wrong = [cell for cell in cells.values() if isinstance(cell, Fault)]
    teacher, unit, hours, starts_on, ends_on = cells.values()
    if (
        isinstance(teacher, str)
        and isinstance(unit, str)
        and (fault := assignment_fault(session, teacher, unit))
    ):
        wrong.insert(0, fault)
    if wrong:
        return tuple(wrong)
    return CertificateLine.model_validate(
        {
            "teacher_number": teacher,
            "unit_code": unit,
            "hours": hours,
            "starts_on": starts_on,
            "ends_on": ends_on,
        }
    )


def _code(kind: TypeAdapter[str], column: str, text: str, expected: str) -> str | Fault:
    if not text:
        return _empty(column)
    try:
        return kind.validate_python(text)
    except ValidationError:
        return _unreadable(column, text, expected)


def _hours(text: str) -> Decimal | Fault:
    if not text:
        return _empty(HOURS, " : indiquez 0 si l'enseignant était absent")
    hours = hours_typed(text)
    return _unreadable(HOURS, text, "un nombre d'heures, par exemple 6,5 ou 6h30") if hours is None else hours


def _day(column: str, text: str) -> date | Fault:
    if not text:
        return _empty(column)
    try:
        day: date = form_kinds.day(text)
    except ValueError:
        return _unreadable(column, text, "une date, par exemple 20/11/2026")
    return day


def _empty(column: str, advice: str = "") -> Fault:
    return Fault(refusals.LINE_INCOMPLETE, column, {"column": column, "advice": advice})


def _unreadable(column: str, value: str, expected: str) -> Fault:
    return Fault(
        refusals.CELL_UNREADABLE, column, {"column": column, "value": value[:60], "expected": expected}
    )
