"""Facture: refused before validation, deposited, amended by its own way, paid.  (R9, R10, R11)"""

from typing import Any

from ops.demo.play import Play
from ops.demo.plot import day
from ops.demo.scenes.offerings import session_path

NUMBER = "F-117"
CORRECTED_AMOUNT = "1300.00"


async def comes_too_early(play: Play) -> None:
    """Formiris has not validated the certificates yet (R9)."""
    page = await play.reads(play.body, "invoicing", session_path(play, "/invoicing"))
    play.check(not page["allowed"], "« Puis-je facturer ? » says no")
    await play.is_refused(
        play.body, "deposits an invoice before the certificates are validated", "certificates-not-validated",
        "invoicing", "POST", "/invoices", "invoice-early", json=invoice(play, NUMBER),
    )  # fmt: skip


async def may_be_sent(play: Play) -> None:
    """The alert tells the body that it can invoice (R10)."""

    def wanted(page: Any) -> Any:
        return next((alert for alert in page["items"] if "facturer" in alert["title"] + alert["text"]), None)

    alert = await play.finds(
        play.body, "notifications", "/alerts", "the alert « vous pouvez facturer »", wanted
    )
    play.tell.step(play.body.name, f"finds an alert in its extranet: « {alert['title']} » {alert['text']}")


async def is_sent(play: Play) -> None:
    """The amount follows the cost type and the validated hours."""
    play.known["invoice"] = await sends(play, NUMBER, "deposits its invoice")


async def cannot_be_changed(play: Play) -> None:
    """A submitted invoice stands; the refusal says whom to ask, by perimeter (R11)."""
    await play.reads(play.body, "invoicing", invoice_path(play))
    refused = await play.is_refused(
        play.body, "changes the submitted invoice", "invoice-submitted",
        "invoicing", "PUT", invoice_path(play), "invoice-change", json=invoice(play, "F-118"),
    )  # fmt: skip
    national = refused["contact"]["email"] == "contact.gestion@formiris.org"
    play.check(national == (play.plot.kind == "national"), "the contact is that of the perimeter")


async def is_suspended_once(play: Play) -> None:
    """Sent back with a reason of the list, it keeps its number; the body answers, and it goes on."""
    reason = {"code": "hours-under-check", "text": "Les émargements du deuxième jour sont relus."}
    await play.does(
        play.manager, f"suspends the invoice: « {reason['text']} »; its number stays",
        "invoicing", "POST", invoice_path(play, "/return"), "invoice-return",
        json={"kind": "suspended", "reasons": [reason]},
    )  # fmt: skip
    await play.is_refused(
        play.manager, "accepts it meanwhile", "invoice-returned",
        "invoicing", "POST", invoice_path(play, "/decision"), "accept-suspended", json={"decision": "accept"},
    )  # fmt: skip
    form = await play.reads(play.body, "invoicing", invoice_path(play, "/correction"))
    play.check(form["number_stays"], "« corriger » says that the number stays")
    await play.does(
        play.body, "answers, and the invoice goes on under the same number",
        "invoicing", "POST", invoice_path(play, "/resumption"), "invoice-resumption",
        json={"answer": "Les émargements sont complets."},
    )  # fmt: skip


async def is_corrected(play: Play) -> None:
    """A corrective invoice (384) takes the place of the first; it is what will be paid."""
    await is_amended(play, "corrective-invoice", "Une demi-journée a été comptée en trop.")
    answer = await play.does(
        play.body, f"deposits the corrective invoice {NUMBER}-R (type 384) of {CORRECTED_AMOUNT} EUR",
        "invoicing", "POST", invoice_path(play, "/correction"), "correction",
        json={"number": f"{NUMBER}-R", "issued_on": day("today"), "amount": CORRECTED_AMOUNT},
    )  # fmt: skip
    play.known["due"] = answer["id"]


async def is_credited(play: Play) -> None:
    """A credit note (381) takes the first away; the session is invoiced anew."""
    await is_amended(play, "credit-note", "La facture porte l'adresse d'un autre établissement.")
    await play.does(
        play.body, f"deposits the credit note {NUMBER}-A (type 381)",
        "invoicing", "POST", invoice_path(play, "/credit-note"), "credit-note",
        json={"number": f"{NUMBER}-A", "issued_on": day("today")},
    )  # fmt: skip
    play.known["due"] = await sends(play, f"{NUMBER}-bis", "invoices the session anew")


async def is_paid(play: Play) -> None:
    """Accepted, then paid, under a reference that the bank statement shows."""
    path = f"/invoices/{play.known['due']}"
    page = await play.reads(play.manager, "invoicing", path)
    reference = f"VIR {page['number']}"
    await play.does(
        play.manager, f"accepts the invoice {page['number']}",
        "invoicing", "POST", f"{path}/decision", "invoice-accept", json={"decision": "accept", "reasons": []},
    )  # fmt: skip
    await play.does(
        play.manager, f"pays {page['amount']} EUR, reference « {reference} »",
        "invoicing", "POST", f"{path}/payment", "payment",
        json={"reference": reference, "paid_on": day("today")},
    )  # fmt: skip


async def sends(play: Play, number: str, what: str) -> str:
    """Deposits an invoice of the session; its id."""
    page = await play.reads(play.body, "invoicing", session_path(play, "/invoicing"))
    play.check(page["allowed"], f"« Puis-je facturer ? » says yes, and not {page.body}")
    answer = await play.does(
        play.body, f"{what} {number} of {page['amount']} EUR ({page['working']})",
        "invoicing", "POST", "/invoices", f"invoice-{number}", status=201, json=invoice(play, number),
    )  # fmt: skip
    return str(answer["id"])


async def is_amended(play: Play, remedy: str, wish: str) -> None:
    """The amendment request is routed (R11) and granted."""
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
    await play.does(
        play.manager, f"grants the amendment: {remedy}",
        "invoicing", "POST", invoice_path(play, "/amendment-decision"), "amendment-grant",
        json={"decision": "grant", "remedy": remedy, "reasons": []},
    )  # fmt: skip


def invoice(play: Play, number: str) -> dict[str, Any]:
    return {"session": play.known["session"], "number": number, "issued_on": day("today")}


def invoice_path(play: Play, rest: str = "") -> str:
    return f"/invoices/{play.known['invoice']}{rest}"
