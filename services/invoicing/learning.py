"""Read models of what the other contexts tell: bodies, sessions and orders, certificates.

Each handler folds a batch in memory, the last word of each key, and writes it in a few set statements.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from services.invoicing.views import SQL, Row, as_json, write
from shared.events import Event
from shared.events.attendance import CertificatesRejected, CertificatesSubmitted, CertificatesValidated
from shared.events.offerings import (
    OfferingAccepted,
    OfferingRejected,
    OfferingSubmitted,
    OfferingWithdrawn,
    OrderAmended,
    OrderCancelled,
    OrderIssued,
    OrderSignatureRefused,
    OrderSigned,
    SessionCancelled,
    SessionRescheduled,
)
from shared.events.registration import (
    ReferencingAccepted,
    ReferencingSubmitted,
    TrainingBodyDetailsChanged,
)
from shared.messaging import Delivered

_SELLER = {"legal_name", "siret", "address", "nda", "legal_form", "vat_regime", "vat_number", "iban"}

Words = dict[str, dict[str, Any]]
"""What the events of a batch say of one body, by column."""


async def registration(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Learns how invoices name a body."""
    bodies: dict[UUID, Words] = {}
    for each in delivered:
        _tell(bodies, each.event.data)
    await write(connection, SQL.keep_bodies, {body: _columns(words) for body, words in bodies.items()})


def _tell(bodies: dict[UUID, Words], event: Event) -> None:
    """A body has the id of its request; its form stands as last submitted, its changes add up."""
    match event:
        case ReferencingSubmitted():
            bodies.setdefault(event.request_id, {})["submitted"] = _said(event.form)
        case ReferencingAccepted():
            bodies.setdefault(event.body_id, {})["accepted"] = _said(event)
        case TrainingBodyDetailsChanged():
            words = bodies.setdefault(event.body_id, {})
            words["changed"] = words.get("changed", {}) | _said(event)


def _said(part: Any) -> dict[str, Any]:
    said: dict[str, Any] = part.model_dump(mode="json", exclude_none=True, include=_SELLER)
    return said


def _columns(words: Words) -> Row:
    return tuple(as_json(words.get(column)) for column in ("submitted", "accepted", "changed"))


async def offerings(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Learns offerings, sessions and orders from the events of offerings."""
    learnt = _Offerings()
    for each in delivered:
        learnt.hear(each)
    await write(connection, SQL.keep_offered, learnt.offered)
    await write(connection, SQL.keep_sessions, learnt.sessions)
    await write(connection, SQL.move_sessions, learnt.moved)
    await write(connection, SQL.cancel_sessions, learnt.cancelled)
    await write(connection, SQL.keep_orders, learnt.orders)
    await write(connection, SQL.move_orders, learnt.statuses)


_OFFERED: dict[type[Event], str] = {
    OfferingAccepted: "accepted",
    OfferingRejected: "rejected",
    OfferingWithdrawn: "withdrawn",
}
_ORDERED: dict[type[Event], str] = {
    OrderSigned: "signed",
    OrderSignatureRefused: "signature-refused",
    OrderAmended: "amended",
    OrderCancelled: "cancelled",
}


class _Offerings:
    """The last word of each key in a batch."""

    def __init__(self) -> None:
        self.offered: dict[UUID, Row] = {}
        self.sessions: dict[UUID, Row] = {}
        self.moved: dict[UUID, Row] = {}
        self.cancelled: dict[UUID, Row] = {}
        self.orders: dict[UUID, Row] = {}
        self.statuses: dict[UUID, Row] = {}

    def hear(self, each: Delivered) -> None:
        """One event more."""
        match each.event.data:
            case OfferingSubmitted() as event:
                self.offered[event.offering_id] = ("submitted",)
                self.sessions.update(_sessions(event, each))
            case OfferingAccepted() | OfferingRejected() | OfferingWithdrawn() as event:
                self.offered[event.offering_id] = (_OFFERED[type(event)],)
            case SessionRescheduled() as event:
                self.moved[event.session_id] = (event.starts_on, event.ends_on)
            case SessionCancelled() as event:
                self.cancelled[event.session_id] = ()
            case OrderIssued() as event:
                self.orders[event.order_id] = _order(event, each)
            case OrderSigned() | OrderSignatureRefused() | OrderAmended() | OrderCancelled() as event:
                self.statuses[event.order_id] = (_ORDERED[type(event)],)


def _sessions(event: OfferingSubmitted, each: Delivered) -> dict[UUID, Row]:
    return {
        session.session_id: (
            event.offering_id, event.body_id, event.body_name, event.title, event.perimeter, event.territory,
            session.starts_on, session.ends_on, each.event.correlationid, _position(each),
        )
        for session in event.sessions
    }  # fmt: skip


def _order(event: OrderIssued, each: Delivered) -> Row:
    return (
        event.session_id, event.number, event.perimeter, event.territory, event.cost_type, event.price,
        event.amount_ceiling, event.payment_days, each.event.time, each.event.correlationid, _position(each),
        event.body_id, event.body_name, event.offering_id, event.title, event.starts_on, event.ends_on,
    )  # fmt: skip


async def attendance(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Learns what was deposited, then validated, from the events of attendance (R9)."""
    attended: dict[UUID, Row] = {}
    for each in delivered:
        match each.event.data:
            case CertificatesSubmitted() as event:
                attended[event.session_id] = ("submitted", *_totals(event), *_of(event))
            case CertificatesRejected() as event:
                attended[event.session_id] = ("rejected", 0, Decimal("0.00"), *_of(event))
            case CertificatesValidated() as event:
                attended[event.session_id] = ("validated", event.trainees, event.hours, *_of(event))
    await write(connection, SQL.keep_attended, attended)


def _totals(event: CertificatesSubmitted) -> tuple[int, Decimal]:
    """Trainees and trainee-hours if everything deposited is validated."""
    done = [line for line in event.lines if line.hours]
    return len({line.teacher_number for line in done}), sum((line.hours for line in done), Decimal("0.00"))


def _of(event: CertificatesSubmitted | CertificatesRejected | CertificatesValidated) -> Row:
    return event.body_id, event.offering_id, event.title, event.perimeter, event.territory


def _position(each: Delivered) -> str:
    return f"{each.context}/{each.partition}/{each.sequence}"
