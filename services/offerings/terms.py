"""What an order says: its identity, its number, its amount.  (R6)

The amount is the most that the session can cost, the ceiling of every invoice of the order:
- per session: the price;
- per trainee: the price x the teachers assigned to the session;
- per trainee-hour: the price x the hours planned for the teachers assigned, each counted for the units that they are
  assigned to. When every teacher follows every unit, that is price x trainees x hours.
"""

import base64
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid5

from services.offerings.assignments import Place
from services.offerings.papers import Reference
from shared.events.offerings import OfferingSubmitted, OrderIssued, Session

PAYMENT_DAYS = 30
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Terms:
    """An order, or an amendment of it, before its document exists; `session` as it will be."""

    order: UUID
    number: str
    offering: OfferingSubmitted
    session: Session
    trainees: int
    amount: Decimal
    amendment: int = 0
    before: OrderIssued | None = None
    """What the amendment changes."""

    @property
    def reference(self) -> Reference:
        """What is printed on the paper, and read from the one that comes back."""
        return Reference(self.number, self.amendment)

    def event(self, document: str, by: str) -> OrderIssued:
        """The order as issued with this document (its sha256)."""
        offering, session = self.offering, self.session
        return OrderIssued(
            order_id=self.order,
            number=self.number,
            body_id=offering.body_id,
            body_name=offering.body_name,
            offering_id=offering.offering_id,
            title=offering.title,
            session_id=session.session_id,
            starts_on=session.starts_on,
            ends_on=session.ends_on,
            place=session.place,
            perimeter=offering.perimeter,
            territory=offering.territory,
            cost_type=offering.cost_type,
            price=session.price,
            amount_ceiling=self.amount,
            units=session.units,
            document_hash=document,
            issued_by=by,
            planned_trainees=self.trainees,
            payment_days=PAYMENT_DAYS,
        )


def terms_of(
    order: UUID, year: int, offering: OfferingSubmitted, session: Session, places: Collection[Place]
) -> Terms:
    """The terms of a session's order, with the teachers assigned to it by now."""
    amount = amount_of(offering, session, places)
    return Terms(order, number_of(order, year), offering, session, len(_trainees(places)), amount)


def amended(order: OrderIssued, amendment: int, offering: OfferingSubmitted, session: Session) -> Terms:
    """The same order, its session moved: number, price, trainees and amount stay."""
    planned = session.model_copy(update={"price": order.price, "units": order.units})
    trainees = order.planned_trainees or 0
    return Terms(
        order.order_id, order.number, offering, planned, trainees, order.amount_ceiling, amendment, order
    )


def amount_of(offering: OfferingSubmitted, session: Session, places: Collection[Place]) -> Decimal:
    """Euros and cents; the rule is at the top of this page."""
    match offering.cost_type:
        case "per-session":
            quantity = Decimal(1)
        case "per-trainee":
            quantity = Decimal(len(_trainees(places)))
        case "per-trainee-hour":
            hours = {unit.code: unit.hours for unit in session.units}
            quantity = sum((hours[place.unit] for place in places), Decimal(0))
    return (session.price * quantity).quantize(_CENT)


def _trainees(places: Collection[Place]) -> set[str]:
    return {place.teacher for place in places}


def order_id(session: UUID, attempt: int) -> UUID:
    """The id of a session's first order, or of the one after `attempt` - 1 cancelled ones: one is in force at most."""
    return uuid5(session, f"order {attempt}")


def number_of(order: UUID, year: int) -> str:
    """BC-2026-7K3M-Q9XT-2HVR: derived, never counted. 60 bits of the order's id: among a million orders of a year,
    two share a number with a probability of 4 in 10 million."""
    code = base64.b32encode(order.bytes[:8]).decode()[:12]
    return f"BC-{year}-{code[:4]}-{code[4:8]}-{code[8:]}"
