"""« Puis-je facturer ? »: yes and how much, or why not and who must act next; the amount with its working.  (R9, I1)"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from services.invoicing.billable import check_billable
from services.invoicing.billing import Attended, Billing, Due, Line, due_for
from services.invoicing.describing import HOLDERS
from services.invoicing.invoice import number_taken
from services.invoicing.pages import page_of
from services.invoicing.refusals import ALREADY_INVOICED
from shared.runtime.refusal import Refused
from shared.runtime.refusals import THE_BODY


def answer(billing: Billing, held: Mapping[str, Any] | None) -> dict[str, Any]:
    """For any session, whatever its state. `held`: the id, number and status of the invoice that holds it."""
    found: dict[str, Any] = {
        "id": str(billing.session), "title": billing.title, "starts_on": _iso(billing.starts_on),
        "ends_on": _iso(billing.ends_on), "order": _order(billing), "allowed": False, "why_not": None, "amount": None,
        "working": None, "lines": None, "ceiling": None, "expected": None, "steps": steps(billing, held),
        "invoice": None, "holder": THE_BODY, "contact": None, "link": None, "faq": None,
    }  # fmt: skip
    if billing.order:
        found |= {"ceiling": str(billing.order.ceiling), "expected": _expected(billing)}
    try:
        due = check_billable(billing)
    except Refused as refused:
        return found | explained(refused)
    found |= described(due)
    if held is None:
        return found | {"allowed": True}
    found["invoice"] = held
    holder, link = HOLDERS[held["status"]], page_of(UUID(held["id"]))
    return found | explained(Refused(ALREADY_INVOICED, holder=holder, link=link, number=held["number"]))


def about_number(number: str, taken_by: UUID | None) -> dict[str, Any]:
    """Whether a number is free, told while it is typed; with a link to the invoice that bears it (I3)."""
    if taken_by is None:
        return {"value": number, "free": True}
    return {"value": number, "free": False, **explained(number_taken(number, taken_by))}


def explained(refused: Refused) -> dict[str, Any]:
    """A refusal told beside what is not an error."""
    return {"why_not": refused.why_not(), **refused.next_step()}


def described(due: Due) -> dict[str, Any]:
    """An amount with its working, in words and in figures."""
    return {
        "amount": str(due.amount), "cost_type": due.basis.cost_type, "working": " ; ".join(due.working),
        "lines": [_line(each) for each in due.lines],
    }  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    return {
        "label": line.label,
        "quantity": None if line.quantity is None else str(line.quantity),
        "unit_price": None if line.unit_price is None else str(line.unit_price),
        "amount": str(line.amount),
    }


def _order(billing: Billing) -> dict[str, str] | None:
    return {"id": str(billing.order.id), "number": billing.order.number} if billing.order else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _expected(billing: Billing) -> dict[str, Any] | None:
    """What will be due if Formiris validates everything that was deposited."""
    order, attended = billing.order, billing.attended
    if order is None or attended.status != "submitted":
        return None
    whole: Attended = replace(attended, status="validated")
    return described(due_for(order, whole))


def steps(billing: Billing, held: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """What an invoice needs, in order, and whether each is done."""
    order, attended = billing.order, billing.attended.status
    signed = order is not None and order.status == "signed"
    done = {
        "offering-accepted": billing.offered == "accepted" or order is not None,
        "order-issued": order is not None and order.status != "cancelled",
        "order-signed": signed,
        "certificates-submitted": attended in ("submitted", "validated"),
        "certificates-validated": attended == "validated",
        "invoiced": held is not None,
    }
    return [{"step": step, "label": _STEPS[step], "done": is_done} for step, is_done in done.items()]


_STEPS = {
    "offering-accepted": "Prestation acceptée par Formiris",
    "order-issued": "Bon de commande soumis par Formiris",
    "order-signed": "Bon de commande signé et renvoyé",
    "certificates-submitted": "Attestations de présence déposées",
    "certificates-validated": "Attestations de présence validées par Formiris",
    "invoiced": "Facture soumise",
}
