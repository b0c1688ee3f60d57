"""An invoice as EN 16931 says it, by its business terms (BT, BG), for Factur-X.  (NF EN 16931-1; Factur-X 1.09)

Pure: everything comes from `InvoiceSubmitted` and dated reference data; the same invoice always gives the same XML.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.invoicing.billing import UNITS, computed_on, french, number
from services.invoicing.reference import Buyer, Reference
from services.invoicing.vat import share_of
from shared.events.invoicing import AmountBasis, InvoiceSubmitted, Seller
from shared.events.values import CostType

PROFILE = "urn:cen.eu:en16931:2017"
SERVICE = "S1"
"""Business process of the French reform: a service invoiced, not yet paid."""
EXEMPTION = "VATEX-EU-132-1I"
"""Directive 2006/112/EC, article 132(1)(i): education and vocational training."""
SIREN_SCHEME = "0002"
SIRET_SCHEME = "0009"
STANDING_AGREEMENT = "57"
"""UNTDID 4461: the account was agreed before (at the referencing), so it is not stated again."""

SETTLEMENT = "Virement sur le compte enregistré au référencement"
PENALTIES = (
    "Retard de paiement : pénalités au taux de trois fois le taux d'intérêt légal, exigibles sans rappel."
)
INDEMNITY = "Indemnité forfaitaire pour frais de recouvrement en cas de retard : 40 euros."
NO_DISCOUNT = "Pas d'escompte pour paiement anticipé."
CATEGORY = "Catégorie de l'opération : prestation de services."

_UNIT_CODES: Mapping[CostType, str] = {"per-session": "C62", "per-trainee": "C62", "per-trainee-hour": "HUR"}


def terms_of(invoice: InvoiceSubmitted, seller: Seller, reference: Reference) -> dict[str, Any]:
    """The terms by their codes, amounts as text. What a line's detail exceeds the total by is an allowance."""
    net = invoice.vat.net if invoice.vat else invoice.amount
    line = _line(invoice)
    allowance = line["BT-131"] - net
    tax = invoice.vat.vat if invoice.vat else Decimal("0.00")
    terms = {
        "BT-1": invoice.number, "BT-2": invoice.issued_on, "BT-3": invoice.kind, "BT-5": "EUR",
        "BT-9": invoice.due_on, "BT-13": invoice.order_number, "BT-23": SERVICE, "BT-24": PROFILE,
        "BT-20": f"À payer au plus tard le {french(invoice.due_on)}.",
        "BT-81": STANDING_AGREEMENT, "BT-82": SETTLEMENT,
        "BT-83": invoice.number,
        "BG-1": [_note("PMD", PENALTIES), _note("PMT", INDEMNITY), _note("AAB", NO_DISCOUNT), _note("AAI", CATEGORY)],
        "BG-3": [{"BT-25": each.number, "BT-26": each.issued_on} for each in invoice.references or ()],
        "BG-4": _seller(seller), "BG-7": _buyer(reference.buyer_on(invoice.issued_on)),
        "BG-25": [line | {"BT-131": _text(line["BT-131"])}],
        "BG-23": [_breakdown(invoice, reference, net, tax)],
        "BT-106": _text(line["BT-131"]), "BT-109": _text(net), "BT-110": _text(tax),
        "BT-112": _text(net + tax), "BT-115": _text(net + tax),
    }  # fmt: skip
    terms["BT-72"] = invoice.ends_on or invoice.issued_on
    if invoice.starts_on and invoice.ends_on:
        terms |= {"BT-73": invoice.starts_on, "BT-74": invoice.ends_on}
    if allowance:
        terms |= {"BG-20": [_allowance(invoice, allowance)], "BT-107": _text(allowance)}
    return terms


def mentions_of(invoice: InvoiceSubmitted, seller: Seller, reference: Reference) -> tuple[str, ...]:
    """What French law has printed on the invoice, besides who, what and how much; the VAT mention first."""
    vat = () if invoice.vat else (exemption_of(invoice, reference),)
    return (*vat, declaration_of(seller), CATEGORY, PENALTIES, INDEMNITY, NO_DISCOUNT)


def exemption_of(invoice: InvoiceSubmitted, reference: Reference) -> str:
    """The words of the invoice's VAT mention."""
    return reference.words_of(invoice.vat_mention, invoice.issued_on)


def declaration_of(seller: Seller) -> str:
    """The mention of article L6352-12 of the Code du travail."""
    return (
        f"Déclaration d'activité enregistrée sous le numéro {seller.nda} ; cet enregistrement ne vaut pas agrément "
        "de l'État."
    )


def _line(invoice: InvoiceSubmitted) -> dict[str, Any]:
    """A single line: what was counted, at the order's price; of a credit note, the whole that is taken off."""
    title = invoice.title or f"Formation, bon de commande {invoice.order_number}"
    if invoice.basis is None:
        quantity, total, unit, counted = Decimal(1), invoice.amount, "C62", None
    else:
        basis = invoice.basis
        quantity, total, unit = basis.quantity, computed_on(basis), _UNIT_CODES[basis.cost_type]
        counted = f"{number(quantity)} {UNITS[basis.cost_type][quantity >= 2]}"
    net = share_of(total, invoice.vat.rate).net if invoice.vat else total
    return {
        "BT-126": "1", "BT-129": _plain(quantity), "BT-130": unit, "BT-131": net,
        "BT-146": _plain(_unit_price(invoice.basis, invoice, net, quantity)),
        "BT-151": "S" if invoice.vat else "E", "BT-152": _rate(invoice), "BT-153": title,
        "BT-154": counted,
    }  # fmt: skip


def _unit_price(
    basis: AmountBasis | None, invoice: InvoiceSubmitted, net: Decimal, quantity: Decimal
) -> Decimal:
    """The order's price; without VAT, it may need more decimals than the cent."""
    if basis and not invoice.vat:
        return basis.price
    return (net / quantity if quantity else net).quantize(Decimal("0.0001"))


def _allowance(invoice: InvoiceSubmitted, amount: Decimal) -> dict[str, Any]:
    capped = invoice.kind == "380"  # a correction may ask for less than the ceiling
    reason = f"Plafond du bon de commande {invoice.order_number}" if capped else "Rectification accordée"
    return {
        "amount": _text(amount), "reason": reason, "vat_category_code": "S" if invoice.vat else "E",
        "vat_rate": _rate(invoice),
    }  # fmt: skip


def _breakdown(invoice: InvoiceSubmitted, reference: Reference, net: Decimal, tax: Decimal) -> dict[str, Any]:
    found = {
        "BT-116": _text(net), "BT-117": _text(tax), "BT-118": "S" if invoice.vat else "E", "BT-119": _rate(invoice),
    }  # fmt: skip
    return found if invoice.vat else found | {"BT-120": exemption_of(invoice, reference), "BT-121": EXEMPTION}


def _seller(seller: Seller) -> dict[str, Any]:
    siren = seller.siret[:9]
    address = seller.address
    party = {
        "name": seller.legal_name, "legal_identifier": siren, "legal_identifier_schemeid": SIREN_SCHEME,
        "identifiers": {SIRET_SCHEME: seller.siret}, "country_code": "FR", "addr_l1": address.street,
        "postcode": address.postcode, "city": address.town, "einvoicing_addr": siren,
        "einvoicing_addr_schemeid": "0225",
        "legal_info": " ; ".join(filter(None, (seller.legal_form, declaration_of(seller)))),
    }  # fmt: skip
    if seller.vat_number:
        return party | {"vat_identifier": seller.vat_number}
    return party | {"tax_identifier": siren}


def _buyer(buyer: Buyer) -> dict[str, Any]:
    party: dict[str, Any] = {
        "name": buyer.name, "legal_identifier": buyer.siren, "legal_identifier_schemeid": SIREN_SCHEME,
        "country_code": "FR", "addr_l1": buyer.street, "postcode": buyer.postcode, "city": buyer.town,
        "einvoicing_addr": buyer.siren, "einvoicing_addr_schemeid": "0225",
    }  # fmt: skip
    if buyer.siret:
        party |= {"identifiers": {SIRET_SCHEME: buyer.siret}}
    return party | ({"vat_identifier": buyer.vat_number} if buyer.vat_number else {})


def _note(code: str, words: str) -> dict[str, str]:
    return {"BT-21": code, "BT-22": words}


def _rate(invoice: InvoiceSubmitted) -> str:
    return _text(invoice.vat.rate) if invoice.vat else "0.00"


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"
