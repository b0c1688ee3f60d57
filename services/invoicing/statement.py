"""The monthly statement of a body: what was due to it, what it invoiced, what was paid, what is due.  (I4)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.invoicing.describing import parsed

TEMPLATE = Path(__file__).with_name("documents") / "statement.typ"
NOTHING = Decimal("0.00")

KINDS: Mapping[str, str] = {
    "invoice": "Facture",
    "corrective-invoice": "Facture rectificative",
    "credit-note": "Avoir",
    "payment": "Paiement",
    "rejected": "Facture rejetée",
    "corrected": "Facture rectifiée",
}


@dataclass(frozen=True, slots=True)
class Month:
    """Its first and last day."""

    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> "Month":
        """`2026-11`. Raises ValueError."""
        first = date.fromisoformat(f"{text}-01")
        return cls(first, (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


def statement_of(month: Month, body: str, name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """From every movement up to the month's last day: opening + movements = closing, to the cent."""
    opening = sum((row["amount"] for row in rows if row["day"] < month.first), NOTHING)
    movements = [_movement(row) for row in rows if row["day"] >= month.first]
    closing = opening + sum((Decimal(each["amount"]) for each in movements), NOTHING)
    return {
        "month": str(month), "from": str(month.first), "to": str(month.last), "body": body, "body_name": name,
        "opening": str(opening), "movements": movements, "closing": str(closing),
    }  # fmt: skip


def _movement(row: Mapping[str, Any]) -> dict[str, Any]:
    submitted, outcome = parsed(row["submitted"]), parsed(row["outcome"]) or {}
    return {
        "on": str(row["day"]), "kind": row["kind"], "label": KINDS[row["kind"]], "invoice": str(row["invoice_id"]),
        "number": row["number"], "order_number": submitted["order_number"], "title": submitted.get("title"),
        "amount": str(row["amount"]), "reference": outcome.get("reference") if row["kind"] == "payment" else None,
    }  # fmt: skip
