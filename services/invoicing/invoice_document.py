"""What an invoice says on paper: the data of `documents/invoice.typ`, from the invoice alone."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.invoicing.billing import UNITS, computed_on, due_on_basis, french, number
from services.invoicing.en16931 import SETTLEMENT, mentions_of
from services.invoicing.reference import Buyer, Reference
from shared.events.invoicing import InvoiceSubmitted, Seller

TEMPLATE = Path(__file__).with_name("documents") / "invoice.typ"
TITLES: Mapping[str, str] = {"380": "Facture", "384": "Facture rectificative", "381": "Avoir"}


def invoice_page(
    invoice: InvoiceSubmitted, seller: Seller, reference: Reference, account: str | None
) -> Mapping[str, Any]:
    """`account`: the masked account that is paid, when it is known."""
    share, buyer = invoice.vat, reference.buyer_on(invoice.issued_on)
    return {
        "title": TITLES[invoice.kind],
        "number": invoice.number,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "order_number": invoice.order_number,
        "training": invoice.title,
        "starts_on": invoice.starts_on,
        "ends_on": invoice.ends_on,
        "references": ", ".join(
            f"{each.number} du {french(each.issued_on)}" for each in invoice.references or ()
        ),
        "seller": {"name": seller.legal_name, "lines": _seller(seller)},
        "buyer": {"name": buyer.name, "lines": _buyer(buyer)},
        "lines": _lines(invoice),
        "net": share.net if share else invoice.amount,
        "vat_label": f"TVA à {number(share.rate)} %" if share else "TVA",
        "vat": share.vat if share else Decimal("0.00"),
        "total_label": "Total déduit" if invoice.kind == "381" else "Total à payer",
        "amount": invoice.amount,
        "payment": SETTLEMENT,
        "account": account,
        "mentions": mentions_of(invoice, seller, reference),
    }


def masked(iban: str) -> str:
    """Enough of an account to recognise it, not to use it: `FR76 •••• 0189`."""
    return f"{iban[:4]} •••• {iban[-4:]}"


def _lines(invoice: InvoiceSubmitted) -> Sequence[Mapping[str, Any]]:
    """In what is due in all, VAT included: as the order has it."""
    basis = invoice.basis
    if basis is None:
        return [_line("Annulation de la facture", invoice.amount)]
    computed, ceiling = computed_on(basis), due_on_basis(basis)
    counted = {
        "quantity": number(basis.quantity),
        "unit_price": basis.price,
    }
    lines = [_line(UNITS[basis.cost_type][1].capitalize(), computed) | counted]
    if ceiling < computed:
        lines.append(_line(f"Plafond du bon de commande {invoice.order_number}", ceiling - computed))
    if invoice.amount < ceiling:
        lines.append(_line("Rectification accordée par Formiris", invoice.amount - ceiling))
    return lines


def _line(label: str, amount: Decimal) -> dict[str, Any]:
    return {"label": label, "quantity": "", "unit_price": None, "amount": amount}


def _seller(seller: Seller) -> list[str]:
    address = seller.address
    return [
        seller.legal_form or "",
        address.street,
        f"{address.postcode} {address.town}",
        f"SIRET {seller.siret} (SIREN {seller.siret[:9]})",
        f"TVA {seller.vat_number}" if seller.vat_number else "",
        f"Déclaration d'activité {seller.nda}",
    ]


def _buyer(buyer: Buyer) -> list[str]:
    return [
        buyer.street,
        f"{buyer.postcode} {buyer.town}",
        f"SIRET {buyer.siret} (SIREN {buyer.siren})" if buyer.siret else f"SIREN {buyer.siren}",
        f"TVA {buyer.vat_number}" if buyer.vat_number else "",
    ]
