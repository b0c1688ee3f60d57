"""Purchase order: issued by Formiris, signed and returned by the training body.  (R6, R7)

A returned scan is evidence of who deposited what and when; nothing here calls it an electronic signature.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from services.offerings.refusals import (
    NO_TRAINEE,
    NOT_ACCEPTED,
    ORDER_ALREADY_SIGNED,
    ORDER_CANCELLED,
    ORDER_NOT_ISSUED,
    ORDER_NOT_SIGNED,
    REASONS_MISSING,
    SESSION_CANCELLED,
)
from shared.events import AnyPersonal, Event
from shared.events.offerings import OrderCancelled, OrderIssued, OrderSignatureRefused, OrderSigned
from shared.events.parts import Reason
from shared.runtime.decider import Decider
from shared.runtime.refusal import Missing, Refused


@dataclass(frozen=True, slots=True)
class IssueOrder:
    """Formiris orders a session; `terms` is all that the order says, `accepted` whether its offering is."""

    terms: OrderIssued
    accepted: bool
    session_cancelled: bool


@dataclass(frozen=True, slots=True)
class SignOrder:
    """The body returns the order signed and stamped: one step here, signed **and** returned (R7)."""

    document: str
    size: int
    media_type: str
    signatory: AnyPersonal
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class RefuseSignature:
    """Formiris refuses what was returned, for example unstamped."""

    reasons: tuple[Reason, ...]
    by: str


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """The order binds nobody any more."""

    cause: str
    by: str


Command = IssueOrder | SignOrder | RefuseSignature | CancelOrder


@dataclass(frozen=True, slots=True)
class Order:
    """An order; `returned` is the sha256 of the document last returned, `reasons` why it was refused."""

    status: Literal["none", "issued", "signed", "cancelled"] = "none"
    terms: OrderIssued | None = None
    returned: str | None = None
    reasons: tuple[Reason, ...] = ()


def decide(order: Order, command: Command) -> list[Event]:
    """Raises `Refused` for a step out of turn, saying whose turn it is."""
    if isinstance(command, IssueOrder):
        return _issue(order, command)
    terms = order.terms
    if terms is None:
        raise Refused(ORDER_NOT_ISSUED)
    match command:
        case SignOrder():
            return _sign(order, terms, command)
        case RefuseSignature():
            return _refuse(order, terms, command)
        case CancelOrder():
            return [] if order.status == "cancelled" else [_cancelled(terms, command)]


def _issue(order: Order, command: IssueOrder) -> list[Event]:
    if order.status != "none":
        return []
    if not command.accepted:
        raise Refused(NOT_ACCEPTED)
    if command.session_cancelled:
        raise Refused(SESSION_CANCELLED)
    if command.terms.cost_type != "per-session" and not command.terms.planned_trainees:
        raise Refused(NO_TRAINEE, missing=[Missing("assignments", "Affectations de la session", "Session")])
    return [command.terms]


def _sign(order: Order, terms: OrderIssued, command: SignOrder) -> list[Event]:
    if order.status == "cancelled":
        raise Refused(ORDER_CANCELLED)
    if order.status == "signed":
        if order.returned == command.document:
            return []
        raise Refused(ORDER_ALREADY_SIGNED)
    return [
        OrderSigned(
            order_id=terms.order_id,
            number=terms.number,
            body_id=terms.body_id,
            offering_id=terms.offering_id,
            session_id=terms.session_id,
            document_hash=command.document,
            document_size=command.size,
            document_media_type=command.media_type,
            signatory=command.signatory,
            signed_on=command.on,
            deposited_by=command.by,
        )
    ]


def _refuse(order: Order, terms: OrderIssued, command: RefuseSignature) -> list[Event]:
    if not command.reasons:
        raise Refused(REASONS_MISSING, missing=[Missing("reasons", "Motifs du refus")])
    if order.status == "cancelled":
        raise Refused(ORDER_CANCELLED)
    if order.status == "issued" and order.returned and order.reasons == command.reasons:
        return []
    if order.status != "signed" or order.returned is None:
        raise Refused(ORDER_NOT_SIGNED)
    return [
        OrderSignatureRefused(
            order_id=terms.order_id,
            number=terms.number,
            body_id=terms.body_id,
            offering_id=terms.offering_id,
            session_id=terms.session_id,
            document_hash=order.returned,
            reasons=command.reasons,
            refused_by=command.by,
        )
    ]


def _cancelled(terms: OrderIssued, command: CancelOrder) -> Event:
    return OrderCancelled(
        order_id=terms.order_id,
        number=terms.number,
        body_id=terms.body_id,
        offering_id=terms.offering_id,
        session_id=terms.session_id,
        cancelled_by=command.by,
        cause=command.cause,
    )


def evolve(order: Order, event: Event) -> Order:
    """Total: what it does not need leaves the state as it is."""
    match event:
        case OrderIssued():
            return Order("issued", event)
        case OrderSigned():
            return replace(order, status="signed", returned=event.document_hash, reasons=())
        case OrderSignatureRefused():
            return replace(order, status="issued", reasons=event.reasons)
        case OrderCancelled():
            return replace(order, status="cancelled")
    return order


DECIDER = Decider(Order(), decide, evolve)
