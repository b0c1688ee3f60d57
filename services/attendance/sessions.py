"""What attendance knows of a session, learnt from the events of offerings: its order, units and assignments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from shared.events.parts import Office
from shared.events.values import Perimeter
from shared.runtime.refusal import ASSISTANCE, HEAD_OFFICE, Contact


@dataclass(frozen=True, slots=True)
class Order:
    """The purchase order of a session; `words` are the reasons of a refused signature, or of a cancellation."""

    id: UUID
    number: str
    status: Literal["issued", "signed", "signature-refused", "amended", "cancelled"]
    words: str = ""
    since: datetime | None = None
    """When it came to this status."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session as ordered and, failing that, as offered. `ends_on` is its last day, included."""

    id: UUID
    offering: UUID
    body: UUID
    title: str
    perimeter: Perimeter
    territory: str | None
    starts_on: date
    ends_on: date
    hours: Mapping[str, Decimal]
    """Planned for each trainee, by code of teaching unit."""
    assigned: frozenset[tuple[str, str]] = frozenset()
    """(teacher number, unit code)."""
    order: Order | None = None
    cancelled: str | None = None
    """Why, when it was cancelled."""
    office: Office | None = None
    """That of the territory, when one is known."""
    unit_titles: Mapping[str, str] | None = None
    body_name: str | None = None
    place: str | None = None

    @property
    def contact(self) -> Contact:
        """Who at Formiris follows this session: the office of a region, the head office for a national one (R1).

        While nobody told which office serves the region: Assistance, never another office.
        """
        if self.perimeter == "national":
            return HEAD_OFFICE
        if self.office is None:
            return ASSISTANCE
        return Contact(self.office.name, self.office.email, self.office.phone)

    def title_of(self, unit: str) -> str:
        """The title of a unit, else its code."""
        return (self.unit_titles or {}).get(unit, unit)
