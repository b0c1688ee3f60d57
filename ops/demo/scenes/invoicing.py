"""Facture: refused before validation, deposited, amended by its own way, paid.  (R9, R10, R11)"""

from typing import Any

from ops.demo.play import Play
from ops.demo.scenes.offerings import session_path

NUMBER = "2026-117"
ISSUED_ON = "2026-11-23"


async def comes_too_early(play: Play) -> None:
    """Formiris has not validated the certificates yet (R9)."""
    page = await play.reads(play.body, "invoicing", session_path(play, "/invoicing"))
    play.check(not page["allowed"], "« Puis-je facturer ? » says no")
    await play.is_refused(
        play.body, "deposits an invoice before the certificates are validated", "certificates-not-validated",
        "invoicing", "POST", "/invoices", "invoice-early", json=invoice(play),
    )  # fmt: skip


async def may_be_sent(play: Play) -> None:
    """The alert tells the body that it can invoice (R10)."""

    def wanted(page: Any) -> Any:
        return next((alert for alert in page["items"] if "facturer" in alert["title"] + alert["text"]), None)

    alert = await play.finds(
        play.body, "notifications", "/alerts", "the alert « vous pouvez facturer »", wanted
    )
    play.tell.step(play.body.name, f"finds an alert in its extranet: « {alert['title']} »")


async def is_sent(play: Play) -> None:
    """The amount follows the cost type and the validated hours."""
    page = await play.reads(play.body, "invoicing", session_path(play, "/invoicing"))
    play.check(page["allowed"], f"« Puis-je facturer ? » says yes, and not {page.body}")
    answer = await play.does(
        play.body, f"deposits its invoice {NUMBER} of {page['amount']} EUR ({page['working']})",
        "invoicing", "POST", "/invoices", "invoice", status=201, json=invoice(play),
    )  # fmt: skip
    play.known |= {"invoice": answer["id"], "amount": page["amount"]}


async def cannot_be_changed(play: Play) -> None:
    """A submitted invoice stands; the refusal says whom to ask, by perimeter (R11)."""
    await play.reads(play.body, "invoicing", invoice_path(play))
    refused = await play.is_refused(
        play.body, "changes the submitted invoice", "invoice-submitted",
        "invoicing", "PUT", invoice_path(play), "invoice-change", json={**invoice(play), "number": "2026-118"},
    )  # fmt: skip
    national = refused["contact"]["email"] == "contact.gestion@formiris.org"
    play.check(national == (play.plot.kind == "national"), "the contact is that of the perimeter")


async def is_amended(play: Play) -> None:
    """The amendment is routed (R11) and granted; a corrective invoice or a credit note carries it out."""
    wish = "Une demi-journée a été comptée en trop."
    answer = await play.client.command(
        "invoicing",
        "POST",
        invoice_path(play, "/amendment-requests"),
        play.body,
        "amendment",
        json={"reason": wish},
    )
    play.check(answer.status < 300, f"the amendment request is taken, and not {answer.body}")
    office = answer["routed_to"]
    play.tell.step(
        play.body.name, f"asks for an amendment; it goes to « {office['name']} », {office['email']}"
    )
    await play.reads(play.manager, "invoicing", invoice_path(play))
    await play.does(
        play.manager, "grants the amendment",
        "invoicing", "POST", invoice_path(play, "/amendment-decision"), "amendment-grant",
        json={"decision": "grant", "reasons": []},
    )  # fmt: skip
    await play.reads(play.body, "invoicing", invoice_path(play))
    await (is_corrected(play) if play.plot.kind == "regional" else is_credited(play))


async def is_corrected(play: Play) -> None:
    """A corrective invoice (384) takes the place of the first."""
    amount = play.plot.given["correction"]["amount"]
    answer = await play.does(
        play.body, f"deposits the corrective invoice {NUMBER}-R (type 384) of {amount} EUR",
        "invoicing", "POST", invoice_path(play, "/correction"), "correction",
        json={"number": f"{NUMBER}-R", "issued_on": ISSUED_ON, "amount": amount},
    )  # fmt: skip
    play.known["due"] = answer["id"]


async def is_credited(play: Play) -> None:
    """A credit note (381) refers to the first, which is then invoiced anew."""
    answer = await play.does(
        play.body, f"deposits the credit note {NUMBER}-A (type 381)",
        "invoicing", "POST", invoice_path(play, "/credit-note"), "credit-note",
        json={"number": f"{NUMBER}-A", "issued_on": ISSUED_ON},
    )  # fmt: skip
    play.known["credit"] = answer["id"]


async def is_paid(play: Play) -> None:
    """Accepted, then paid, under a reference that the bank statement shows."""


def invoice(play: Play) -> dict[str, Any]:
    return {"session": play.known["session"], "number": NUMBER, "issued_on": ISSUED_ON}


def invoice_path(play: Play, rest: str = "", which: str = "invoice") -> str:
    return f"/invoices/{play.known[which]}{rest}"
