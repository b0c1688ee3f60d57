"""A deposited invoice compared with what is submitted and due: what differs is refused, what is doubtful noticed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from services.invoicing.billing import euros, french
from services.invoicing.refusals import DEPOSITED_DIFFERS
from shared.events.parts import Reason
from shared.runtime.refusal import Missing, Refused

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


def compared(seen: Seen, expected: Expected) -> tuple[Reason, ...]:
    """What was noticed. Raises `Refused` with each difference of a Factur-X."""
    if seen.factur_x and "number" in seen.factur_x:
        differences = tuple(_differences(seen.factur_x, expected))
        if differences:
            said = " ; ".join(f"{each.label} : {each.reason}" for each in differences)
            raise Refused(DEPOSITED_DIFFERS, missing=differences, differences=said)
    return tuple(_remarks(seen, expected.number))


def _differences(said: dict[str, Any], expected: Expected) -> Iterator[Missing]:
    if said["number"] != expected.number:
        yield _differs("number", "Numéro", said["number"], expected.number)
    if said["kind"] not in (None, "380"):
        yield _differs("kind", "Type de document", said["kind"], "380 (facture)")
    if said["currency"] not in (None, "EUR"):
        yield _differs("currency", "Monnaie", said["currency"], "EUR")
    if _amount(said["total"]) != expected.amount:
        yield _differs("amount", "Total à payer", _euros(said["total"]), euros(expected.amount))
    if said["issued_on"] != expected.issued_on:
        yield _differs("issued_on", "Date de la facture", _day(said["issued_on"]), french(expected.issued_on))
    if said["due_on"] not in (None, expected.due_on):
        yield _differs("due_on", "Échéance", _day(said["due_on"]), french(expected.due_on))


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


def _differs(field: str, label: str, found: str | None, expected: str) -> Missing:
    said = (found or "rien")[:_SHOWN]
    return Missing(field, label, "Factur-X", f"le document dit {said}, attendu {expected}")


def _amount(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None


def _euros(text: str | None) -> str | None:
    amount = _amount(text)
    return text if amount is None else euros(amount)


def _day(day: date | None) -> str | None:
    return french(day) if day else None
