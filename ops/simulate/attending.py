"""Attestations de présence of a simulated course: too early, wrong in the usual ways, deposited, decided.  (R7, R8)"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from ops.simulate.course import Course
from ops.simulate.papers import paper
from ops.simulate.story import Story

REJECTION = "La signature de l'après-midi manque."
STRANGER = "999999X"
"""No assignment names this teacher."""

COLUMNS = ("Numéro d'enseignant", "Unité", "Heures réalisées", "Date de début", "Date de fin")

Line = dict[str, str]


async def comes_too_early(story: Story, course: Course, session: str, code: str) -> None:
    """One of the two steps of the order is missing, and the refusal says which (R7)."""
    sheet = await deposits_the_sheet(story, course)
    await tries(story, session, code, sheet, course.lines()[:1])


async def deposits_the_sheet(story: Story, course: Course) -> str:
    """The scanned attendance sheet; its sha256."""
    lines = [f"{teacher} {unit}" for unit, teacher in course.places]
    return await story.deposits(
        "attendance", paper([f"Feuille d'émargement : {course.title}", *lines[:30]]), "sheet"
    )


async def is_attended(story: Story, course: Course, session: str) -> str:
    """Certificates deposited, after the usual mistakes; the sheet's sha256."""
    sheet, lines = await deposits_the_sheet(story, course), course.lines()
    for code, wrong in mistakes(course, lines):
        await tries(story, session, code, sheet, wrong)
    if course.draw.happens("certificates by file"):
        await deposits_a_file(story, course, session, sheet, lines)
    else:
        await deposits(story, session, "certificates", sheet, lines)
    return sheet


async def deposits_a_file(story: Story, course: Course, session: str, sheet: str, lines: list[Line]) -> None:
    """A spreadsheet as people make them, tried first, with a stranger's row in it; kept as a draft, then deposited."""
    path = f"/sessions/{session}/certificates"
    content = {"content": spreadsheet(course, lines), "headers": {"Content-Type": "text/csv"}}
    if (await story.reads(story.user, "attendance", path))["status"] == "none":
        for dry_run in ("true", "false"):
            answer = await story.keeps(
                story.user, "attendance", "POST", f"{path}/import?dry_run={dry_run}", "import", **content
            )
        story.tally.refused["(a row of certificates)"] += len(answer["refused"])
        await story.keeps(story.user, "attendance", "PUT", f"{path}/draft", "draft", json={"sheet": sheet})
    await story.does(story.user, "attendance", "POST", f"{path}/draft/deposit", "certificates")


def spreadsheet(course: Course, lines: list[Line]) -> bytes:
    """In the French of a spreadsheet: semicolons, decimal commas, days first, and not UTF-8."""
    stranger = [{**lines[0], "teacher": STRANGER}] if course.draw.happens("unknown teacher") else []
    rows = [
        [
            line["teacher"],
            line["unit"],
            line["hours"].replace(".", ","),
            _french(line["from"]),
            _french(line["to"]),
        ]
        for line in (*lines, *stranger)
    ]
    return "\r\n".join(";".join(row) for row in ([*COLUMNS], *rows)).encode("cp1252")


def _french(day: str) -> str:
    return f"{date.fromisoformat(day):%d/%m/%Y}"


def mistakes(course: Course, lines: list[Line]) -> Iterator[tuple[str, list[Line]]]:
    """What this course gets wrong first, and by which code it is refused."""
    first, *others = lines
    if course.draw.happens("unknown teacher"):
        yield "no-assignment", [{**first, "teacher": STRANGER}, *others]
    if course.draw.happens("more hours than planned"):
        yield "hours-exceed-plan", [{**first, "hours": "99.00"}, *others]
    if course.draw.happens("dates outside the session"):
        yield "dates-outside-session", [{**first, "to": str(course.ends_on + timedelta(days=1))}, *others]
    if course.draw.happens("the same line twice"):
        yield "duplicate-line", [first, *lines]


async def is_validated(story: Story, course: Course, session: str, sheet: str) -> None:
    """Decided by Formiris; some are rejected once, corrected, deposited again."""
    path = f"/sessions/{session}/certificates"
    if course.draw.happens("certificates rejected"):
        line = course.lines()[0]
        reason = {"teacher": line["teacher"], "unit": line["unit"], "text": REJECTION}
        await story.does(
            story.manager, "attendance", "POST", f"{path}/rejection", "certificates-reject", json={"reasons": [reason]}
        )  # fmt: skip
        await deposits(story, session, "certificates-again", sheet, course.lines())
    await story.does(story.manager, "attendance", "POST", f"{path}/validation", "validation")


async def deposits(story: Story, session: str, key: str, sheet: str, lines: list[Line]) -> None:
    """The lines and the sheet."""
    await story.does(
        story.user,
        "attendance",
        "POST",
        f"/sessions/{session}/certificates",
        key,
        json=_content(sheet, lines),
    )


async def tries(story: Story, session: str, code: str, sheet: str, lines: list[Line]) -> None:
    """A deposit that is refused."""
    await story.is_refused(
        code, story.user, "attendance", "POST", f"/sessions/{session}/certificates", "certificates",
        json=_content(sheet, lines),
    )  # fmt: skip


def _content(sheet: str, lines: list[Line]) -> dict[str, Any]:
    return {"sheet": sheet, "lines": lines}
