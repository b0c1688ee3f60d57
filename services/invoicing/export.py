"""A line of the export of invoices, as a spreadsheet shows it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from services.invoicing.describing import parsed
from services.invoicing.invoice_document import TITLES

COLUMNS = (
    "Numéro", "Type", "État", "Organisme", "Date", "Échéance", "Bon de commande", "Formation", "Montant", "Close le",
    "Référence du paiement", "Se rapporte à",
)  # fmt: skip
_STATES: Mapping[str, str] = {
    "submitted": "soumise", "returned": "renvoyée", "accepted": "acceptée", "rejected": "rejetée",
    "corrected": "rectifiée", "credited": "annulée par un avoir", "paid": "payée",
}  # fmt: skip


Cell = str | Decimal | date | None


def line_of(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    """The cells of `COLUMNS`, from a row of the query `invoices`."""
    submitted, outcome = parsed(row["submitted"]), parsed(row["outcome"]) or {}
    references = ", ".join(each["number"] for each in submitted.get("references", ()))
    return (
        row["number"], TITLES[row["kind"]], _STATES[row["status"]], submitted["body_name"],
        row["issued_on"], date.fromisoformat(submitted["due_on"]), submitted["order_number"],
        submitted.get("title", ""), row["amount"], row["closed_on"], outcome.get("reference", ""), references,
    )  # fmt: skip
