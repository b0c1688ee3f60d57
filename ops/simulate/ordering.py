"""Prestation, affectations, bon de commande of a simulated course.  (R5, R6)"""

from typing import Any

from ops.simulate.course import Course
from ops.simulate.papers import paper
from ops.simulate.story import Story

REJECTION = "Le programme n'indique pas comment les acquis sont évalués."
NO_STAMP = "Le cachet de l'organisme manque."
UNKNOWN_UNIT = "9999-9"
OTHER_ORDER = "BC-2025-AAAA-AAAA-AAAA"
SIGNATORY = {"name": "Anne Chantefoin", "capacity": "directrice"}


async def is_offered(story: Story, course: Course, territory: str | None) -> str | None:
    """The id of its session, once the offering is accepted; None when it is withdrawn. Raises Surprise, Unanswered."""
    whole = {"json": {"fields": course.form(territory)}}
    if course.draw.happens("offering incomplete"):
        await tries(story, "offering-form-incomplete", json={"fields": course.incomplete_form(territory)})
    answer = await story.does(story.user, "offerings", "POST", "/offerings", "offering", **whole)
    path = f"/offerings/{answer['id']}"
    page = await story.reads(story.manager, "offerings", path)
    if course.draw.happens("offering withdrawn"):
        reason = {"reason": "La formatrice n'est plus disponible."}
        await story.does(story.user, "offerings", "POST", f"{path}/withdrawal", "withdrawal", json=reason)
        return None
    if course.draw.happens("offering rejected"):
        await _decided(story, path, "offering-reject", "reject", [REJECTION])
        await story.does(story.user, "offerings", "POST", f"{path}/submission", "offering-again", **whole)
    await _decided(story, path, "offering-accept", "accept", [])
    return str(page["sessions"][0]["id"])


async def tries(story: Story, code: str, **content: Any) -> None:
    """To submit an offering that cannot be taken now."""
    await story.is_refused(code, story.user, "offerings", "POST", "/offerings", "offering", **content)


async def is_rescheduled(story: Story, course: Course, session: str) -> None:
    """To the days on which it will take place."""
    days = {
        "starts_on": str(course.starts_on),
        "ends_on": str(course.ends_on),
        "reason": "Salle indisponible.",
    }
    await story.does(
        story.user, "offerings", "POST", f"/sessions/{session}/reschedule", "reschedule", json=days
    )


async def has_teachers(story: Story, course: Course, session: str) -> None:
    """Assigned by a file; some files hold lines of another session, some teachers come late, some fall out."""
    path, draw = f"/sessions/{session}/assignments", course.draw
    places = list(course.places)
    late = [places.pop()] if draw.happens("late assignment") and len(places) > 1 else []
    falls_out = (
        [(course.units[0]["code"], f"X{course.number}")] if draw.happens("assignment taken back") else []
    )
    bad = [(UNKNOWN_UNIT, course.teachers[0])] if draw.happens("bad assignment lines") else []
    lines = [";".join(place) for place in (("unit", "teacher"), *places, *falls_out, *bad)]
    answer = await story.does(
        story.manager, "offerings", "PUT", f"{path}.csv", "assignments",
        content="\n".join(lines).encode(), headers={"Content-Type": "text/csv"},
    )  # fmt: skip
    story.tally.refused["(a line of assignments)"] += len(answer["refused"])
    for unit, teacher in late:
        given = {"unit": unit, "teacher": teacher}
        await story.does(story.manager, "offerings", "POST", path, "late", json=given)
    for unit, teacher in falls_out:
        await story.does(story.manager, "offerings", "DELETE", f"{path}/{unit}/{teacher}", "falls-out")


async def is_ordered(story: Story, session: str) -> dict[str, Any]:
    """Its order: id, number, amount (R6)."""
    answer = await story.does(story.manager, "offerings", "POST", f"/sessions/{session}/order", "order")
    story.tally.money("ordered", answer["amount"])
    order: dict[str, Any] = answer.body
    return order


async def returns_the_order(story: Story, course: Course, order: dict[str, Any]) -> None:
    """Downloaded, signed, stamped, returned; some forget the stamp, and return it again (R6)."""
    await _mistakes_the_paper(story, course, order)
    if course.draw.happens("order without stamp"):
        await _returns(story, order, "order-unstamped", "Signé, sans cachet")
        await story.does(
            story.manager, "offerings", "POST", f"/orders/{order['id']}/signature-refusal", "order-refused",
            json={"reasons": [NO_STAMP]},
        )  # fmt: skip
    await _returns(story, order, "order-signed", "Bon pour accord, signé et tamponné")


async def _mistakes_the_paper(story: Story, course: Course, order: dict[str, Any]) -> None:
    """Some return the download as it is, some another order's paper."""
    path = f"/orders/{order['id']}"
    download = await story.downloads(story.user, "offerings", f"{path}/document")
    other = paper([f"Bon de commande {OTHER_ORDER}", "Signé et tamponné"])
    for name, code, content in (
        ("order returned unsigned", "order-document-unsigned", download),
        ("another order returned", "order-document-other", other),
    ):
        if course.draw.happens(name):
            document = await story.deposits("offerings", content, "order-mistaken")
            await story.is_refused(
                code, story.user, "offerings", "POST", f"{path}/signed-document", "order-signed",
                json={"document": document, "signatory": SIGNATORY},
            )  # fmt: skip


async def is_cancelled(story: Story, session: str) -> None:
    """Too few came."""
    reason = {"reason": "Trop peu d'inscrits."}
    await story.does(
        story.user, "offerings", "POST", f"/sessions/{session}/cancellation", "cancellation", json=reason
    )


async def _returns(story: Story, order: dict[str, Any], key: str, words: str) -> None:
    scan = paper([f"Bon de commande {order['number']}", words])
    document = await story.deposits("offerings", scan, key)
    await story.does(
        story.user, "offerings", "POST", f"/orders/{order['id']}/signed-document", key,
        json={"document": document, "signatory": SIGNATORY},
    )  # fmt: skip


async def _decided(story: Story, path: str, key: str, decision: str, reasons: list[str]) -> None:
    decided = {"decision": decision, "reasons": reasons}
    await story.does(story.manager, "offerings", "POST", f"{path}/decision", key, json=decided)
