"""The grid of hours: from the draft to cells and totals, and back from what a page sent."""

from typing import Any

from starlette.datastructures import FormData

from services.extranet.forms import Form
from services.extranet.grid import TEACHERS, Grid, grid, lines, shown, typed_in
from services.extranet.strangers import unassigned

SESSION = {"starts_on": "2026-11-16", "ends_on": "2026-11-18"}
TWO_DAYS = {"from": "2026-11-16", "to": "2026-11-17"}


def line(teacher: str, unit: str = "UP1", hours: str = "6.00", **more: Any) -> dict[str, Any]:
    """A line of the draft."""
    fixed = {"planned": "12.00", "faults": [], "rejected_because": [], **TWO_DAYS}
    return {"teacher": teacher, "unit": unit, "hours": hours, **fixed, **more}


def draft(
    *told: dict[str, Any], without: tuple[str, ...] = (), validated: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A draft of a session with one unit of 12 hours."""
    unit = {"unit": "UP1", "title": "Lire", "hours": "12.00", "planned": "24.00", "done": "6.00"}
    return {
        "lines": list(told),
        "validated": [{"teacher_number": each, "unit_code": "UP1", "hours": "12.00"} for each in validated],
        "without_line": [{"teacher": each, "unit": "UP1", "planned": "12.00"} for each in without],
        "totals": {"done": "6.00", "planned": "24.00", "units": [unit]},
    }  # fmt: skip


def form(**fields: str) -> Form:
    """What a page sends, `__` for what no name can hold."""
    return Form(FormData({name.replace("__", "|"): value for name, value in fields.items()}), "")


def cells(of: Grid) -> list[tuple[str, str, str]]:
    """Teacher, state and hours of each cell."""
    return [(cell.teacher, cell.state, cell.hours) for row in of.rows for cell in row.cells]


def test_a_cell_is_typed_validated_or_nobodys() -> None:
    """Lines, assignments without one, validated lines; a unit that nobody assigned to a teacher has no control."""
    told = draft(line("1"), line("4", "UP9"), without=("2",), validated=("3",))
    assert cells(grid(told, SESSION)) == [
        ("1", "typed", "6"), ("1", "none", ""), ("2", "typed", ""), ("2", "none", ""), ("3", "validated", "12"),
        ("3", "none", ""), ("4", "none", ""), ("4", "typed", "6"),
    ]  # fmt: skip


def test_what_cannot_stand_is_counted_nowhere() -> None:
    """A line with a fault, or hours that do not read, weigh nothing in the totals of their row."""
    wrong = line("1", hours="99.00", faults=[{"code": "hours-exceed-plan", "reason": "…"}])
    shown_grid = grid(draft(wrong, line("2", hours="1e9")), SESSION)
    assert [(str(row.done), row.wrong) for row in shown_grid.rows] == [("0", True), ("0", False)]
    assert [cell.teacher for cell, _ in shown_grid.faults] == ["1"]


def test_a_page_has_so_many_teachers_and_its_totals_count_the_others() -> None:
    """The second page begins after the last teacher of the first; what stands elsewhere is told for the live totals."""
    told = draft(*(line(f"{number:04}") for number in range(TEACHERS + 1)))
    first = grid(told, SESSION)
    second = grid(told, SESSION, first.following or "")
    assert (len(first.rows), first.following) == (TEACHERS, "0099")
    assert first.units[0].elsewhere == 6
    assert (len(second.rows), second.following, second.first) == (1, None, TEACHERS + 1)
    assert second.units[0].elsewhere == 6 * TEACHERS


def test_a_page_changes_its_own_cells_and_no_other() -> None:
    """Typed over, emptied, new, or not on the page; a line keeps its days, a new one has those of the session."""
    told = draft(line("1"), line("2"), line("3"), without=("4",))
    made = lines(told, SESSION, form(h__1__UP1="9", h__2__UP1="", h__4__UP1="12"))
    assert [(each["teacher"], each["hours"], each["from"], each["to"]) for each in made] == [
        ("1", "9", "2026-11-16", "2026-11-17"), ("3", "6.00", "2026-11-16", "2026-11-17"),
        ("4", "12", "2026-11-16", "2026-11-18"),
    ]  # fmt: skip


def test_days_typed_for_a_unit_are_those_of_all_its_lines() -> None:
    """Shown when its lines agree; typed, they take the place of each line's own."""
    told = draft(line("1"), line("2"))
    unit = grid(told, SESSION).units[0]
    assert (unit.starts_on, unit.ends_on) == ("16/11/2026", "17/11/2026")
    differing = grid(draft(line("1"), line("2", to="2026-11-18")), SESSION).units[0]
    assert (differing.starts_on, differing.ends_on) == ("", "")
    made = lines(told, SESSION, form(du__UP1="17/11/2026", au__UP1=""))
    assert {(each["from"], each["to"]) for each in made} == {("17/11/2026", "2026-11-17")}


def test_a_teacher_added_by_hand_is_a_line_like_any_other() -> None:
    """Once both numbers are there."""
    added = {"plus.enseignant": "123456", "plus.unite": "UP1", "plus.heures": "6"}
    assert typed_in(Form(FormData(added), "")) == {("123456", "UP1"): "6"}
    assert typed_in(Form(FormData(added | {"plus.unite": ""}), "")) == {}


def test_two_people_each_see_what_the_other_typed() -> None:
    """What was sent and not taken is in its cell, with what stands in the draft beside it where they differ."""
    told = draft(line("1"), line("2"))
    rows = grid(told, SESSION, typed={("1", "UP1"): "9", ("2", "UP1"): "6"}).rows
    assert [(row.cells[0].hours, row.cells[0].other) for row in rows] == [("9", "6"), ("6", None)]


def test_hours_are_shown_as_people_write_them() -> None:
    """No useless zero, a comma; what is no number as it was typed."""
    assert [shown(text) for text in ("6.00", "6.50", "", "6h30", "nan", "1e99")] == [
        "6", "6,5", "", "6h30", "nan", "1e99",
    ]  # fmt: skip


def test_strangers_are_told_at_once() -> None:
    """One: the very sentence. Several: each with its own; the ticket's address has both numbers of each."""
    fault = {"code": "no-assignment", "teacher": "123456", "unit": "1234", "reason": "Erreur"}
    one = unassigned([fault, fault])
    assert one is not None
    assert (one["detail"], one["missing"], one["query"]) == ("Erreur", [], "ligne=123456%7C1234")
    several = unassigned([fault, {**fault, "teacher": "7", "reason": "Autre"}])
    assert several is not None
    assert [each["reason"] for each in several["missing"]] == ["Erreur", "Autre"]
    assert unassigned([{**fault, "code": "hours-exceed-plan"}]) is None
