"""Who buys: Formiris, as its suppliers' invoices must name it; dated reference data (buyer.toml)."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("buyer.toml")


@dataclass(frozen=True, slots=True)
class Buyer:
    """Its name, registration number and address `since` a day."""

    since: date
    name: str
    siren: str
    street: str
    postcode: str
    town: str


def buyer_on(day: date) -> Buyer:
    """The buyer of an invoice of that day."""
    return max((each for each in _buyers() if each.since <= day), key=lambda each: each.since)


@cache
def _buyers() -> tuple[Buyer, ...]:
    entries = tomllib.loads(FILE.read_text("utf-8"))["buyer"]
    return tuple(Buyer(**entry) for entry in entries)
