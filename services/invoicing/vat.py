"""VAT of a training body: exempt under a dated mention, or liable at the standard rate.

Ordinance 2025-1247 of 17 December 2025 moves VAT from the CGI to the CIBS on 1 September 2026; the mention of the
CGI is tolerated on invoices until 31 December 2027.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from shared.events.invoicing import VatMention, VatShare

STANDARD_RATE = Decimal("20.00")


@dataclass(frozen=True, slots=True)
class Mention:
    """Words printed on invoices issued from `since` on; still accepted until `tolerated_until`, included."""

    code: VatMention
    words: str
    since: date
    tolerated_until: date | None = None


MENTIONS = (
    Mention(
        "cgi-261-4-4-a", "Exonération de TVA, article 261-4-4° a du Code général des impôts",
        date.min, date(2027, 12, 31),
    ),
    Mention(
        "cibs", "Exonération de TVA de la formation professionnelle continue, Code des impositions sur les biens et "
        "services", date(2026, 9, 1),
    ),
)  # fmt: skip


def mention_on(issued_on: date) -> Mention:
    """The mention of an invoice issued that day."""
    return max((each for each in MENTIONS if each.since <= issued_on), key=lambda each: each.since)


def words_of(code: VatMention) -> str:
    """What an invoice prints for it."""
    return next(each.words for each in MENTIONS if each.code == code)


def fits(code: VatMention, issued_on: date) -> bool:
    """Whether an invoice deposited with that date may bear that mention."""
    return any(
        each.code == code and each.since <= issued_on <= (each.tolerated_until or date.max)
        for each in MENTIONS
    )


def share_of(amount: Decimal, rate: Decimal = STANDARD_RATE) -> VatShare:
    """The VAT within an amount: an order's prices and ceiling are what Formiris pays in all."""
    net = (amount / (1 + rate / 100)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return VatShare(rate=rate, net=net, vat=amount - net)
