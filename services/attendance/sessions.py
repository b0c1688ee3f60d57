"""What attendance knows of a session, learnt from the events of offerings: its order, units and assignments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from shared.events.values import Perimeter


@dataclass(frozen=True, slots=True)
class Order:
    """The purchase order of a session; `words` are the reasons of a refused signature, or of a cancellation."""

    id: UUID
    number: str
    status: Literal["issued", "signed", "signature-refused", "cancelled"]
    words: str = ""


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
