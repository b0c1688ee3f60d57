"""Certificates as a grid of teachers and units: from the draft as attendance tells it, and back from what was typed.

A cell is a line of the draft. An empty cell has no line; a line keeps its own days unless its unit's are typed.  (A3)
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from services.extranet.forms import Form
from services.extranet.french import number

TEACHERS = 100
"""Of a page; the others have pages of their own."""
CELL, FROM, TO = "h|", "du|", "au|"
"""How the names of controls begin: hours of a teacher in a unit, first and last day of a unit."""

_NUMBER = re.compile(r"\d{1,6}([.,]\d{1,4})?")

Line = Mapping[str, Any]
Who = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """What a teacher did of a unit. `state`: typed in, validated before, or nobody's (the teacher is not assigned)."""

    teacher: str
    unit: str
    state: str
    hours: str = ""
    planned: str = ""
    faults: Sequence[Mapping[str, Any]] = ()
    reasons: Sequence[str] = ()
    other: str | None = None
    """What somebody else typed there meanwhile."""

    @property
    def name(self) -> str:
        """Of its control."""
        return f"{CELL}{self.teacher}|{self.unit}"

    @property
    def id(self) -> str:
        """Of its control, for links to it."""
        return re.sub(r"[^0-9A-Za-z-]", "-", f"h-{self.teacher}-{self.unit}")

    @property
    def done(self) -> Decimal:
        """Its hours, none while they cannot stand."""
        return _hours(self.hours) if not self.faults else Decimal(0)


@dataclass(frozen=True, slots=True)
class Row:
    """A teacher's cells, in the order of the units."""

    teacher: str
    cells: Sequence[Cell]

    @property
    def done(self) -> Decimal:
        return sum((cell.done for cell in self.cells), Decimal(0))

    @property
    def planned(self) -> Decimal:
        return sum((_hours(cell.planned) for cell in self.cells if cell.state != "none"), Decimal(0))

    @property
    def wrong(self) -> bool:
        return any(cell.faults for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Unit:
    """A column: its total, and the days that all its lines share (empty when they differ)."""

    code: str
    title: str
    hours: str
    planned: str
    done: str
    starts_on: str
    ends_on: str
    elsewhere: Decimal
    """Hours done by teachers of other pages."""


@dataclass(frozen=True, slots=True)
class Grid:
    """One page of it, with the faults of all; `following`: the last teacher shown, when others come after."""

    units: Sequence[Unit]
    rows: Sequence[Row]
    done: str
    planned: str
    following: str | None
    first: int
    teachers: int
    faults: list[tuple[Cell, Mapping[str, Any]]] = field(default_factory=list)


def grid(draft: Line, session: Line, after: str = "", typed: Mapping[Who, str] | None = None) -> Grid:
    """The page of the grid whose teachers come after one. `typed`: what a person sent and the draft did not take."""
    cells = _cells(draft, typed or {})
    teachers = sorted({teacher for teacher, _ in cells})
    following = [teacher for teacher in teachers if teacher > after]
    shown, units = following[:TEACHERS], _columns(draft, cells)
    rows = [
        Row(teacher, [cells.get((teacher, unit)) or Cell(teacher, unit, "none") for unit in units])
        for teacher in shown
    ]
    return Grid(
        [_unit(code, told, draft, session, cells, set(shown)) for code, told in units.items()],
        rows,
        draft["totals"]["done"],
        draft["totals"]["planned"],
        shown[-1] if len(following) > len(shown) else None,
        len(teachers) - len(following) + 1,
        len(teachers),
        [(cell, fault) for cell in cells.values() for fault in cell.faults],
    )


def typed_in(form: Form) -> dict[Who, str]:
    """The hours that a page sent, by teacher and unit."""
    cells = dict(_named(form, CELL))
    given = {who: text for name, text in cells.items() if (who := _who(name))}
    if (teacher := form.text("plus.enseignant")) and (unit := form.text("plus.unite")):
        given[teacher, unit] = form.text("plus.heures")
    return given


def lines(draft: Line, session: Line, form: Form) -> list[dict[str, str]]:
    """The whole draft with what the page sent: cells in place of theirs, emptied ones gone, the others as they were."""
    given, starts, ends = typed_in(form), dict(_named(form, FROM)), dict(_named(form, TO))
    kept = []
    for line in draft["lines"]:
        who = line["teacher"], line["unit"]
        hours = given.pop(who, line["hours"])
        if hours:
            kept.append(_line(who, hours, line["from"], line["to"], starts, ends))
    new = [
        _line(who, hours, session["starts_on"], session["ends_on"], starts, ends)
        for who, hours in given.items()
        if hours
    ]
    return [*kept, *new]


def _line(
    who: Who, hours: str, first: str, last: str, starts: Mapping[str, str], ends: Mapping[str, str]
) -> dict[str, str]:
    teacher, unit = who
    return {
        "teacher": teacher, "unit": unit, "hours": hours, "from": starts.get(unit) or first,
        "to": ends.get(unit) or last,
    }  # fmt: skip


def _named(form: Form, prefix: str) -> Iterator[tuple[str, str]]:
    return ((name[len(prefix) :], form.text(name)) for name in form.data if name.startswith(prefix))


def _who(name: str) -> Who | None:
    teacher, between, unit = name.partition("|")
    return (teacher, unit) if between else None


def _cells(draft: Line, typed: Mapping[Who, str]) -> dict[Who, Cell]:
    cells: dict[Who, Cell] = {}
    for told in draft["without_line"]:
        who = told["teacher"], told["unit"]
        cells[who] = Cell(*who, "typed", planned=told["planned"] or "")
    for told in draft["lines"]:
        who = told["teacher"], told["unit"]
        cells[who] = Cell(
            *who, "typed", shown(told["hours"]), told["planned"] or "", told["faults"], told["rejected_because"]
        )  # fmt: skip
    for told in draft["validated"]:
        who = told["teacher_number"], told["unit_code"]
        cells[who] = Cell(*who, "validated", shown(told["hours"]))
    planned = {unit["unit"]: unit["hours"] for unit in draft["totals"]["units"]}
    for who, text in typed.items():
        before = cells.get(who) or Cell(*who, "typed")
        if shown(text) != before.hours:
            cells[who] = Cell(
                *who, "typed", shown(text), planned.get(who[1], ""), (), before.reasons, before.hours or None
            )
    return {who: _with_plan(cell, planned) for who, cell in cells.items()}


def _with_plan(cell: Cell, planned: Mapping[str, str]) -> Cell:
    return Cell(
        cell.teacher, cell.unit, cell.state, cell.hours, cell.planned or planned.get(cell.unit, ""), cell.faults,
        cell.reasons, cell.other,
    )  # fmt: skip


def _columns(draft: Line, cells: Mapping[Who, Cell]) -> dict[str, Line]:
    """The session's units, then those that were typed and are none of its own."""
    known = {unit["unit"]: unit for unit in draft["totals"]["units"]}
    others = sorted({unit for _, unit in cells} - set(known))
    nothing = {"title": "", "hours": "", "planned": "0", "done": "0"}
    return known | {unit: {"unit": unit, **nothing} for unit in others}


def _unit(
    code: str, told: Line, draft: Line, session: Line, cells: Mapping[Who, Cell], here: set[str]
) -> Unit:
    days = {(line["from"], line["to"]) for line in draft["lines"] if line["unit"] == code}
    first, last = (
        days.pop() if len(days) == 1 else ("", "") if days else (session["starts_on"], session["ends_on"])
    )
    elsewhere = (cell.done for (teacher, unit), cell in cells.items() if unit == code and teacher not in here)
    return Unit(
        code, told["title"], told["hours"], told["planned"], told["done"], _day(first), _day(last),
        sum(elsewhere, Decimal(0)),
    )  # fmt: skip


def shown(hours: str) -> str:
    """`6.00` -> `6`, `6.50` -> `6,5`; what is no number as it was typed."""
    return number(_hours(hours)) if _NUMBER.fullmatch(hours) else hours


def _day(text: str) -> str:
    """`2026-10-14` -> `14/10/2026`; anything else as it was typed."""
    try:
        return f"{date.fromisoformat(text):%d/%m/%Y}" if text else ""
    except ValueError:
        return text


def _hours(text: str) -> Decimal:
    return Decimal(text.replace(",", ".")) if _NUMBER.fullmatch(text) else Decimal(0)
