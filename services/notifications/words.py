"""The words that titles, texts and links take from an event, as a person of Formiris or of a body reads them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.events import Event
from shared.events.parts import Reason
from shared.runtime.paris import PARIS

_TERMS = {
    "too-many-attempts": "trop d'essais",
    "assistance": "à la demande de l'Assistance",
    "person-erased": "données effacées",
    "lost-codes": "codes perdus",
    "email-no-longer-valid": "adresse e-mail qui n'est plus valable",
    "no-assignment": "affectation introuvable",
    "other": "autre question",
}
_KIND = {"380": "facture", "384": "facture rectificative", "381": "avoir"}


def words_of(event: Event) -> Mapping[str, str]:
    """One word a field of the event, in French forms; a personal value is never among them."""
    words = {name: _word(getattr(event, name)) for name in type(event).model_fields}
    found = {name: word for name, word in words.items() if word is not None}
    title = found.get("title")
    kind = _KIND.get(found.get("kind", ""), "")
    lines = [f"- {reason.text}" for reason in getattr(event, "reasons", ())]
    office = getattr(event, "office", None)
    if office:
        found |= {"office_name": office.name, "office_email": office.email}
    return found | {
        "reason_lines": "\n".join(lines),
        "title": f"« {title} »" if title else "concernée",
        "body_name": found.get("body_name", "L'organisme de formation"),
        "document": kind,
    }


def _word(value: Any) -> str | None:
    match value:
        case Decimal():
            return amount_of(value)
        case datetime():
            return f"{value.astimezone(PARIS):%d/%m/%Y à %Hh%M}"
        case date():
            return f"{value:%d/%m/%Y}"
        case (Reason(), *_):
            return _sentence(" ; ".join(reason.text.rstrip(" .") for reason in value))
        case str():
            return _TERMS.get(value, value)
        case int() | UUID():
            return str(value)
        case _:
            return None


def _sentence(text: str) -> str:
    return text if text.endswith(("!", "?")) else f"{text}."


def amount_of(value: Decimal) -> str:
    """Euros and cents, as one writes them."""
    return f"{value:,.2f}".replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",") + "\N{NO-BREAK SPACE}€"
