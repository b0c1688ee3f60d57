"""Lines as a spreadsheet: the template of a session, what comes back filled in, and the rows to mend.

Rows that cannot stand are kept apart as they came, with the reasons of each. Pure.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.attendance import refusals
from services.attendance.certificates import Certificates
from services.attendance.draft import Typed, check, typed, without_line
from services.attendance.lines import ENDS, HOURS, SESSION, STARTS, TEACHER, UNIT, Fault, Who
from services.attendance.sessions import Session
from shared.events.attendance import CertificateLine

UNIT_TITLE, PLANNED, REASON = "Intitulé", "Heures prévues", "Motif"
HEADER = (SESSION, TEACHER, UNIT, UNIT_TITLE, PLANNED, HOURS, STARTS, ENDS)
NEEDED = (TEACHER, UNIT, HOURS, STARTS, ENDS)

Cell = str | Decimal | date
"""What is written: days and hours as such, for the spreadsheet to know them."""

Cells = Mapping[str, str]
"""A row: heading -> what its cell says."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong with a row, as it is told and kept."""

    column: str
    code: str
    reason: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row as it came; `number` is the one that the spreadsheet shows."""

    number: int
    cells: Cells
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True, slots=True)
class Refusals:
    """The rows of an import that were not kept, under the headings of their file."""

    header: tuple[str, ...]
    rows: tuple[RefusedRow, ...]

    def dumped(self) -> str:
        """As text."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def loaded(cls, text: str) -> "Refusals":
        """From that text."""
        kept = json.loads(text)
        rows = [
            RefusedRow(row["number"], row["cells"], tuple(Wrong(**each) for each in row["wrong"]))
            for row in kept["rows"]
        ]
        return cls(tuple(kept["header"]), tuple(rows))

    def to_mend(self) -> tuple[Sequence[str], list[list[str]]]:
        """The heading and rows of the file to mend: as they came, and why each was refused."""
        header = [each for each in self.header if each != REASON]
        return [*header, REASON], [
            [*(row.cells.get(each, "") for each in header), _motive(row)] for row in self.rows
        ]

    def without(self, mended: Iterable[Who]) -> "Refusals":
        """Those whose teacher and unit have no line yet."""
        done = set(mended)
        rows = [row for row in self.rows if (row.cells.get(TEACHER), row.cells.get(UNIT)) not in done]
        return Refusals(self.header, tuple(rows)) if rows else NONE


NONE = Refusals((), ())


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file gives: lines that can stand, rows that cannot, and how many are validated as they were."""

    lines: tuple[Typed, ...]
    refused: Refusals
    read: int
    validated: int
    faults: tuple[Fault, ...]


def imported(session: Session, certificates: Certificates, rows: Sequence[tuple[int, Cells]]) -> Imported:
    """Reads the rows of a file (their number in it, all their cells by heading) against a session."""
    lines = [_line(cells) for _, cells in rows]
    strangers = {i: fault for i, (_, cells) in enumerate(rows) if (fault := _other_session(session, cells))}
    checked = check(
        session, certificates, [Typed("", "") if i in strangers else line for i, line in enumerate(lines)]
    )
    wrong = {**checked.faults, **{i: (fault,) for i, fault in strangers.items()}}
    good = list(checked.good.values())
    refused = [
        RefusedRow(rows[i][0], dict(rows[i][1]), tuple(_told(fault) for fault in wrong[i]))
        for i in sorted(wrong)
    ]
    return Imported(
        tuple(typed(line) for line in good if not _stands(certificates, line)),
        Refusals(tuple(refused[0].cells), tuple(refused)) if refused else NONE,
        len(rows),
        sum(_stands(certificates, line) for line in good),
        tuple(fault for i in sorted(wrong) for fault in wrong[i]),
    )


def template(session: Session, certificates: Certificates, lines: Sequence[Typed]) -> list[list[Cell]]:
    """A row for each line of the draft and each assignment without one; days are those of the session."""
    missing = [Typed(teacher, unit) for teacher, unit in without_line(session, certificates, lines)]
    read = check(session, certificates, lines).good
    rows = [_row(session, line, read.get(index)) for index, line in enumerate(lines)]
    return [*rows, *(_row(session, line, None) for line in missing)]


def refused_told(refused: Refusals) -> list[dict[str, Any]]:
    """Everything that is wrong with the rows that were not kept: one item a fault, with whose line it is."""
    return [
        {
            "row": row.number,
            "teacher": row.cells.get(TEACHER, "").strip(),
            "unit": row.cells.get(UNIT, "").strip(),
            **asdict(wrong),
        }
        for row in refused.rows
        for wrong in row.wrong
    ]


def told(fault: Fault) -> dict[str, Any]:
    """A fault as the API says it."""
    return asdict(_told(fault))


def _told(fault: Fault) -> Wrong:
    return Wrong(fault.column, fault.refusal.code, fault.reason, fault.hint)


def _motive(row: RefusedRow) -> str:
    return " ; ".join(f"{each.reason} {each.hint}" if each.hint else each.reason for each in row.wrong)


def _line(cells: Cells) -> Typed:
    return Typed(*(cells.get(column, "").strip() for column in NEEDED))


def _other_session(session: Session, cells: Cells) -> Fault | None:
    """A file may say which session it is for: by its id, as the template does, or by the number of its order."""
    said = cells.get(SESSION, "").strip()
    number = session.order.number if session.order else ""
    if not said or said.casefold() in (str(session.id), number.casefold()):
        return None
    return Fault(refusals.OTHER_SESSION, SESSION, {"session": said[:60]})


def _stands(certificates: Certificates, line: CertificateLine) -> bool:
    return (line.teacher_number, line.unit_code) in certificates.validated


def _row(session: Session, line: Typed, read: CertificateLine | None) -> list[Cell]:
    return [
        str(session.id), line.teacher, line.unit, session.title_of(line.unit), session.hours.get(line.unit, ""),
        read.hours if read else line.hours,
        read.starts_on if read else line.starts_on or session.starts_on,
        read.ends_on if read else line.ends_on or session.ends_on,
    ]  # fmt: skip
