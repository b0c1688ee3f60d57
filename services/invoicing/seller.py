"""The body as its invoices must name it, from what registration tells of it."""

from collections.abc import Mapping
from typing import Any

import orjson

from shared.events.invoicing import Seller
from shared.runtime.refusal import Missing

_MANDATORY = {
    "legal_name": "la raison sociale",
    "siret": "le SIRET",
    "address": "l'adresse",
    "nda": "le numéro de déclaration d'activité",
}
_TAB = "Informations légales"


def is_liable(details: Mapping[str, Any]) -> bool:
    """Whether the body is liable to VAT; exempt under the vocational-training exemption otherwise."""
    return details.get("vat_regime") == "liable"


def lacking(details: Mapping[str, Any]) -> tuple[Missing, ...]:
    """What an invoice must print and these details do not hold."""
    wanted = _MANDATORY | ({"vat_number": "le numéro de TVA"} if is_liable(details) else {})
    return tuple(Missing(name, label, _TAB) for name, label in wanted.items() if not details.get(name))


def seller_of(details: Mapping[str, Any]) -> Seller | None:
    """None while something mandatory is lacking."""
    if lacking(details):
        return None
    known = {name: value for name, value in details.items() if name in Seller.model_fields}
    return Seller.model_validate_json(orjson.dumps(known))
