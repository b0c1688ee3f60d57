"""The life of a simulated body, and that of a course: the order of their scenes."""

import asyncio

from ops.simulate import attending, billing, ordering, referencing
from ops.simulate.body import Body
from ops.simulate.course import Course
from ops.simulate.story import Story

Number = asyncio.Future[str | None]
"""The number of a course's invoice, once it is sent; None when there will be none."""


async def of_a_body(story: Story, body: Body, first_course: Story) -> bool:
    """Whether it is referenced in the end. Raises Surprise, Unanswered."""
    made = await referencing.is_referenced(story, body)
    if made is None:
        return False
    if body.draw.happens("details changed"):
        await referencing.changes_details(story, made)
    if body.draw.happens("asks twice"):
        await referencing.asks_twice(story, body)
    if body.courses and body.draw.happens("suspended a while"):
        await referencing.is_suspended(story, made)
        if await referencing.has_status(story, made, "suspended"):
            form = body.courses[0].form(body.territory)
            await ordering.tries(
                first_course, "body-suspended", json={"fields": {**form, "title": "Trop tôt"}}
            )
        await referencing.is_reinstated(story, body, made)
    return True


async def of_a_course(
    story: Story, course: Course, territory: str | None, before: Number | None, invoiced: Number
) -> str:
    """How it ends; `before` is the number of another of the body's invoices. Raises Surprise, Unanswered."""
    session = await ordering.is_offered(story, course, territory)
    if session is None:
        return "withdrawn"
    if not await _is_held(story, course, session):
        return "cancelled"
    sheet = await attending.is_attended(story, course, session)
    if course.draw.happens("invoice too early"):
        await billing.comes_too_early(story, course, session)
    await attending.is_validated(story, course, session, sheet)
    if course.draw.happens("alerts read"):
        await billing.reads_the_alert(story, course)
    if before and course.draw.happens("number used before") and (number := await before):
        await billing.uses_a_number_again(story, course, session, number)
    invoice = await billing.is_invoiced(story, course, session)
    invoiced.set_result(course.invoice)
    return await billing.is_settled(story, course, session, invoice)


async def _is_held(story: Story, course: Course, session: str) -> bool:
    """Moved, assigned, ordered, the order returned; False when it is cancelled then."""
    if course.moved:
        await ordering.is_rescheduled(story, course, session)
    await ordering.has_teachers(story, course, session)
    is_cancelled = course.draw.happens("session cancelled")
    if not is_cancelled and course.draw.happens("certificates before the order"):
        await attending.comes_too_early(story, course, session, "order-not-issued")
    order = await ordering.is_ordered(story, session)
    if not is_cancelled and course.draw.happens("certificates before its return"):
        await attending.comes_too_early(story, course, session, "order-not-signed")
    await ordering.returns_the_order(story, course, order)
    if is_cancelled:
        await ordering.is_cancelled(story, session)
    return not is_cancelled
