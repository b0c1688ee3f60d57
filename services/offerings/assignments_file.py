"""Assignments as a sheet: one place a line; good lines are kept, each bad one is explained.  (R8)"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from services.offerings.assignments import Place
from services.offerings.refusals import CELL_EMPTY, TEACHER_INCORRECT, UNIT_UNKNOWN
from shared.events.values import TeacherNumber
from shared.runtime.refusal import Refused

AT_MOST = 20_000
"""Lines of a file: each new one is an event of one append."""

LABELS = {"unit": "Unité pédagogique", "teacher": "Enseignant"}

_TEACHER: TypeAdapter[str] = TypeAdapter(TeacherNumber)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was not kept; its row as a spreadsheet counts it."""

    row: int
    column: str
    reason: str
    code: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """What a file asks for: each place once, in its order."""

    read: int
    places: tuple[Place, ...]
    refused: tuple[BadLine, ...]


def assigned(rows: Iterable[tuple[int, Mapping[str, str]]], units: Collection[str]) -> Assigned:
    """What rows (their number, their cells by name) ask for, in a session of these units."""
    places: dict[Place, None] = {}
    refused: list[BadLine] = []
    read = 0
    for read, (number, cells) in enumerate(rows, 1):  # noqa: B007 - how many there were is told
        try:
            places[_place(cells, units)] = None
        except _Bad as bad:
            refused.append(BadLine(number, LABELS[bad.column], bad.why.detail, bad.why.refusal.code))
    return Assigned(read, tuple(places), tuple(refused))


class _Bad(Exception):
    def __init__(self, column: str, why: Refused) -> None:
        super().__init__(column)
        self.column, self.why = column, why


def _place(cells: Mapping[str, str], units: Collection[str]) -> Place:
    unit, teacher = (_filled(cells, column) for column in LABELS)
    if unit not in units:
        raise _Bad("unit", Refused(UNIT_UNKNOWN, unit=unit[:40], units=", ".join(units)))
    try:
        _TEACHER.validate_python(teacher)
    except ValidationError as error:
        raise _Bad("teacher", Refused(TEACHER_INCORRECT, given=teacher[:40])) from error
    return Place(unit, teacher)


def _filled(cells: Mapping[str, str], column: str) -> str:
    if not cells.get(column):
        raise _Bad(column, Refused(CELL_EMPTY, column=LABELS[column]))
    return cells[column]
