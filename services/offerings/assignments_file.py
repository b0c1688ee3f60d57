"""Assignments as a CSV file: `unit;teacher`, a header, one place a line; good lines are kept, bad ones explained."""

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from services.offerings.assignments import Place
from services.offerings.refusals import FILE_UNREADABLE
from shared.events.values import TeacherNumber
from shared.runtime.refusal import Refused

HEADER = ["unit", "teacher"]
AT_MOST = 20_000
"""Lines of a file: each new one is an event of one append."""

_TEACHER: TypeAdapter[str] = TypeAdapter(TeacherNumber)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was not kept; counted as an editor counts, the header is line 1."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """What a file asks for: each place once, in its order."""

    places: tuple[Place, ...]
    refused: tuple[BadLine, ...]


def read(content: bytes, units: Collection[str]) -> Assigned:
    """Reads a file. Raises `Refused` when it is not such a file at all."""
    rows = _rows(content)
    places: dict[Place, None] = {}
    refused: list[BadLine] = []
    for line, row in rows:
        reason = _fault(row, units)
        if reason:
            refused.append(BadLine(line, reason))
        else:
            places[Place(*row)] = None
    return Assigned(tuple(places), tuple(refused))


def _rows(content: bytes) -> list[tuple[int, list[str]]]:
    """The lines after the header that are not empty, with their numbers, trimmed."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")  # as spreadsheets save it
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        if header != HEADER:
            raise Refused(FILE_UNREADABLE, reason="sa première ligne n'est pas « unit;teacher »")
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error:
        raise Refused(FILE_UNREADABLE, reason=f"ligne {reader.line_num} mal formée") from None
    if len(rows) > AT_MOST:
        raise Refused(FILE_UNREADABLE, reason=f"plus de {AT_MOST} lignes")
    return [(line, row) for line, row in rows if any(row)]


def _fault(row: list[str], units: Collection[str]) -> str | None:
    if len(row) != len(HEADER):
        return "deux colonnes attendues : l'unité pédagogique et l'enseignant"
    unit, teacher = row
    if unit not in units:
        return f"unité pédagogique « {unit[:40]} » inconnue dans cette session"
    try:
        _TEACHER.validate_python(teacher)
    except ValidationError:
        return "numéro d'enseignant incorrect : 20 lettres ou chiffres au plus"
    return None
