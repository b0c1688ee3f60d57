"""« Corriger »: the next thing that a body sends about an invoice, filled in with what is known.  (I2, R11)"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from services.invoicing.billing import PAYMENT_DAYS
from services.invoicing.describing import parsed
from services.invoicing.pages import page_of
from services.invoicing.refusals import NOTHING_TO_CORRECT
from services.invoicing.returns import KINDS
from shared.runtime.refusal import Refused


def prefilled(row: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Where to send it, with which fields; null is left to the body. Raises `Refused` when nothing is asked of it."""
    outcome, amendment = parsed(row["outcome"]), parsed(row["amendment"])
    submitted = parsed(row["submitted"])
    match row["status"]:
        case "rejected":
            return _another(row, submitted, outcome, today)
        case "submitted" | "accepted" | "returned" if amendment and amendment["status"] == "granted":
            return _replacement(row, amendment, today)
        case "returned":
            kind = KINDS[outcome["kind"]]
            asked = {"answer": None, "document": None, "supplement": None}
            return _sent(row, "resumption", asked, kind.what_to_do, outcome["reasons"])
        case _:
            raise Refused(NOTHING_TO_CORRECT, link=page_of(row["invoice_id"]), number=row["number"])


def _another(
    row: Mapping[str, Any], submitted: dict[str, Any], outcome: dict[str, Any], today: date
) -> dict[str, Any]:
    """A new invoice of the same session, under another number."""
    fields = {
        "session": str(row["session_id"]), "number": None, "issued_on": str(today),
        "due_on": str(today + timedelta(days=PAYMENT_DAYS)), "document": None,
    }  # fmt: skip
    return {
        "method": "POST", "path": "/v1/invoices", "fields": fields, "number_stays": False,
        "instead_of": {"id": str(row["invoice_id"]), "number": row["number"], "amount": submitted["amount"]},
        "what_to_do": KINDS["rejected"].what_to_do, "reasons": outcome["reasons"],
    }  # fmt: skip


def _replacement(row: Mapping[str, Any], amendment: dict[str, Any], today: date) -> dict[str, Any]:
    """What Formiris granted: a corrective invoice, or a credit note of the whole."""
    fields: dict[str, Any] = {"number": None, "issued_on": str(today)}
    if amendment["remedy"] == "credit-note":
        return _sent(row, "credit-note", fields, "Formiris a accordé un avoir : donnez-lui un numéro.", [])
    fields["amount"] = str(row["amount"])
    words = "Formiris a accordé une facture rectificative : donnez-lui un numéro et le montant dû."
    return _sent(row, "correction", fields, words, [])


def _sent(
    row: Mapping[str, Any], to: str, fields: dict[str, Any], what_to_do: str, reasons: list[Any]
) -> dict[str, Any]:
    return {
        "method": "POST", "path": f"/v1/invoices/{row['invoice_id']}/{to}", "fields": fields,
        "number_stays": to == "resumption",
        "instead_of": {"id": str(row["invoice_id"]), "number": row["number"], "amount": str(row["amount"])},
        "what_to_do": what_to_do, "reasons": reasons,
    }  # fmt: skip
