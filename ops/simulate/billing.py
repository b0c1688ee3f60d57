"""Facture of a simulated course: too early, sent, changed by its own way, decided, paid.  (R9, R10, R11)"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from ops.simulate.course import Course
from ops.simulate.story import Story

REJECTION = "Le numéro du bon de commande manque."
WISH = "Une demi-journée a été comptée en trop."
REFUSAL = "Les attestations validées confirment le montant."
CORRECTED = Decimal("0.95")
"""Of the amount, on a corrective invoice."""


async def comes_too_early(story: Story, course: Course, session: str) -> None:
    """Formiris has not validated the certificates (R9)."""
    await tries(story, "certificates-not-validated", course, session, f"{course.invoice}-P")


async def uses_a_number_again(story: Story, course: Course, session: str, number: str) -> None:
    """That of another of its invoices."""
    await tries(story, "invoice-number-taken", course, session, number)


async def reads_the_alert(story: Story, course: Course) -> None:
    """That it may invoice (R10); marks it as read."""
    page = await story.reads(story.user, "notifications", "/alerts", limit=100)
    for alert in page["items"]:
        if course.title in alert["title"] + alert["text"]:
            await story.keeps(
                story.user, "notifications", "POST", f"/alerts/{alert['id']}/read", f"read-{alert['id']}"
            )
            return


async def is_invoiced(story: Story, course: Course, session: str) -> str:
    """The id of its invoice."""
    page = await story.reads(story.user, "invoicing", f"/sessions/{session}/invoicing")
    del (
        page
    )  # « Puis-je facturer ? » is read before, as everybody does; a repeated year is told that it has been
    return await sends(story, course, session, course.invoice, "invoice")


async def is_settled(story: Story, course: Course, session: str, invoice: str) -> str:
    """What it came to: waiting, invoiced, or paid; rejected and changed on the way as drawn."""
    draw, due = course.draw, invoice
    if draw.happens("invoice changed by hand"):
        await story.is_refused(
            "invoice-submitted", story.user, "invoicing", "PUT", f"/invoices/{due}", "by-hand",
            json=content(course, session, f"{course.invoice}-X"),
        )  # fmt: skip
    if draw.happens("not decided yet"):
        return "waiting for a decision"
    if draw.happens("invoice suspended"):
        await is_suspended(story, due)
    if draw.happens("invoice rejected"):
        await _decides(story, due, "invoice-reject", {"decision": "reject", "reasons": [REJECTION]})
        due = await sends(story, course, session, f"{course.invoice}-bis", "invoice-again")
    elif draw.happens("amendment"):
        due = await is_amended(story, course, session, due)
    await _decides(story, due, "invoice-accept", {"decision": "accept", "reasons": []})
    page = await story.reads(story.manager, "invoicing", f"/invoices/{due}")
    story.tally.money("invoiced", page["amount"])
    if draw.happens("not paid yet"):
        return "waiting for payment"
    paid = {"reference": f"VIR {page['number']}", "paid_on": str(max(course.paid_on, course.issued_on))}
    await story.does(story.manager, "invoicing", "POST", f"/invoices/{due}/payment", "payment", json=paid)
    story.tally.money("paid", page["amount"])
    return "paid"


async def is_suspended(story: Story, invoice: str) -> None:
    """Sent back for want of a paper, and resumed under its number."""
    path = f"/invoices/{invoice}"
    why = {"kind": "suspended", "reasons": [{"code": "hours-under-check"}]}
    await story.does(story.manager, "invoicing", "POST", f"{path}/return", "invoice-suspended", json=why)
    said = {"answer": "Les heures sont celles de la feuille d'émargement."}
    await story.does(story.user, "invoicing", "POST", f"{path}/resumption", "invoice-resumed", json=said)


async def is_amended(story: Story, course: Course, session: str, invoice: str) -> str:
    """Asked by R11's way; the invoice that is due then."""
    path, draw = f"/invoices/{invoice}", course.draw
    await story.does(
        story.user, "invoicing", "POST", f"{path}/amendment-requests", "amendment", json={"reason": WISH}
    )
    if draw.happens("amendment refused"):
        refusal = {"decision": "refuse", "reasons": [REFUSAL]}
        await _answers(story, path, refusal)
        return invoice
    if draw.happens("credit note"):
        await _answers(story, path, {"decision": "grant", "remedy": "credit-note", "reasons": []})
        note = {"number": f"{course.invoice}-A", "issued_on": str(course.issued_on)}
        await story.does(story.user, "invoicing", "POST", f"{path}/credit-note", "credit-note", json=note)
        return await sends(story, course, session, f"{course.invoice}-bis", "invoice-again")
    await _answers(story, path, {"decision": "grant", "remedy": "corrective-invoice", "reasons": []})
    page = await story.reads(story.user, "invoicing", path)
    amount = (Decimal(page["amount"]) * CORRECTED).quantize(Decimal("0.01"))
    corrected = {"number": f"{course.invoice}-R", "issued_on": str(course.issued_on), "amount": str(amount)}
    answer = await story.does(
        story.user, "invoicing", "POST", f"{path}/correction", "correction", json=corrected
    )
    return str(answer["id"])


async def sends(story: Story, course: Course, session: str, number: str, key: str) -> str:
    """An invoice of the session; its id."""
    answer = await story.does(
        story.user, "invoicing", "POST", "/invoices", key, json=content(course, session, number)
    )
    return str(answer["id"])


async def tries(story: Story, code: str, course: Course, session: str, number: str) -> None:
    """An invoice that is refused."""
    given = content(course, session, number)
    await story.is_refused(code, story.user, "invoicing", "POST", "/invoices", "invoice", json=given)


def content(course: Course, session: str, number: str) -> dict[str, Any]:
    """An invoice as it is typed; some name the day on which it is due."""
    due = {"due_on": str(course.issued_on + timedelta(days=45))} if course.number % 5 == 0 else {}
    return {"session": session, "number": number, "issued_on": str(course.issued_on), **due}


async def _decides(story: Story, invoice: str, key: str, decision: dict[str, Any]) -> None:
    await story.does(story.manager, "invoicing", "POST", f"/invoices/{invoice}/decision", key, json=decision)


async def _answers(story: Story, path: str, decision: dict[str, Any]) -> None:
    key = "amendment-decision"
    await story.does(story.manager, "invoicing", "POST", f"{path}/amendment-decision", key, json=decision)
