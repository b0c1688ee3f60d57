"""A deposited invoice compared with what is submitted and due: what differs is refused, what is doubtful noticed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from services.invoicing.billing import CENT, euros, french
from services.invoicing.refusals import DEPOSITED_DIFFERS
from shared.events.parts import Reason
from shared.runtime.refusal import Missing, Refused

_INVOICE = "380 (facture)"
_SHOWN = 60  # characters of what somebody else's document says
_BLANKS = re.compile(r"[\s\u200b]+")


@dataclass(frozen=True, slots=True)
class Seen:
    """A deposited PDF: its text, and what its Factur-X says (None: it has none)."""

    text: str
    factur_x: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What the document must say."""

    number: str
    issued_on: date
    amount: Decimal
    due_on: date


@dataclass(frozen=True, slots=True)
class Point:
    """One thing compared, in words: what the document says (None: nothing), and what is expected."""

    field: str
    label: str
    said: str | None
    expected: str

    @property
    def same(self) -> bool:
        return self.said == self.expected


def compared(seen: Seen, expected: Expected) -> tuple[Reason, ...]:
    """What was noticed. Raises `Refused` with each difference of a Factur-X."""
    if seen.factur_x and "number" in seen.factur_x:
        differences = tuple(_differs(each) for each in points(seen.factur_x, expected) if not each.same)
        if differences:
            said = " ; ".join(f"{each.label} : {each.reason}" for each in differences)
            raise Refused(DEPOSITED_DIFFERS, missing=differences, differences=said)
    return tuple(_remarks(seen, expected.number))


def points(said: Mapping[str, Any], expected: Expected) -> tuple[Point, ...]:
    """Everything that is compared; kind, currency and due date may be left out."""
    kind, due = said["kind"] or "380", said["due_on"] or expected.due_on
    return (
        Point("number", "Numéro", said["number"], expected.number),
        Point("kind", "Type de document", _INVOICE if kind == "380" else kind, _INVOICE),
        Point("currency", "Monnaie", said["currency"] or "EUR", "EUR"),
        Point("amount", "Total à payer", _euros(said["total"]), euros(expected.amount)),
        Point("issued_on", "Date de la facture", _day(said["issued_on"]), french(expected.issued_on)),
        Point("due_on", "Échéance", _day(due), french(expected.due_on)),
    )


def _remarks(seen: Seen, number: str) -> Iterator[Reason]:
    faults = seen.factur_x["faults"] if seen.factur_x else []
    if faults:
        yield Reason(
            text=f"Les données Factur-X du document ne suivent pas la norme ({len(faults)} écart(s)).",
            code="factur-x-not-valid",
        )
    if not seen.text.strip():
        yield Reason(
            text="Le document est une image : son numéro n'a pas pu être vérifié.",
            code="document-without-text",
        )
    elif _BLANKS.sub("", number) not in _BLANKS.sub("", seen.text):
        yield Reason(
            text=f"Le numéro {number} n'apparaît pas dans le texte du document déposé.",
            code="number-not-in-document",
        )


def _differs(point: Point) -> Missing:
    said = (point.said or "rien")[:_SHOWN]
    return Missing(point.field, point.label, "Factur-X", f"le document dit {said}, attendu {point.expected}")


def _euros(text: str | None) -> str | None:
    """As people write it; what is no amount of whole cents stays as it was."""
    try:
        amount = Decimal(text) if text else None
        return text if amount is None or amount != amount.quantize(CENT) else euros(amount)
    except InvalidOperation:
        return text


def _day(day: date | None) -> str | None:
    return french(day) if day else None
