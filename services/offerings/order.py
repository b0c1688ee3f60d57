"""Purchase order: issued by Formiris, signed and returned by the body; amended when its session moves.  (R6, R7)

A returned scan is evidence of who deposited what and when; nothing here calls it an electronic signature.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from services.offerings.papers import Reference, names
from services.offerings.refusals import (
    DOCUMENT_OTHER,
    DOCUMENT_SUPERSEDED,
    DOCUMENT_UNSIGNED,
    NO_TRAINEE,
    NOT_ACCEPTED,
    ORDER_ALREADY_SIGNED,
    ORDER_CANCELLED,
    ORDER_NOT_ISSUED,
    ORDER_NOT_SIGNED,
    REASONS_MISSING,
    SESSION_ATTENDED,
    SESSION_CANCELLED,
    SIGNATORY_MISSING,
    SIGNED_IN_THE_FUTURE,
)
from shared.events import AnyPersonal, Event
from shared.events.offerings import (
    OrderAmended,
    OrderCancelled,
    OrderIssued,
    OrderSignatureRefused,
    OrderSigned,
)
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
    """The body returns the order signed and stamped: one step here, signed **and** returned (R7).

    `signatory`: None to keep the one of the return before; `printed`: the orders that the document names, as text or
    as QR code.
    """

    document: str
    size: int
    media_type: str
    signatory: AnyPersonal | None
    by: str
    signed_on: date
    today: date
    printed: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class RefuseSignature:
    """Formiris refuses what was returned, for example unstamped."""

    reasons: tuple[Reason, ...]
    by: str


@dataclass(frozen=True, slots=True)
class AmendOrder:
    """Its session moved: what the order says of period and place is said anew, and signed anew."""

    starts_on: date
    ends_on: date
    place: str
    document: str
    by: str
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """The order binds nobody any more; `attended`: certificates of its session are deposited."""

    cause: str
    by: str
    attended: bool = False


Command = IssueOrder | SignOrder | RefuseSignature | AmendOrder | CancelOrder


@dataclass(frozen=True, slots=True)
class Order:
    """An order; `terms` as amended, `returned` the sha256 of the document last returned, `reasons` why refused."""

    status: Literal["none", "issued", "signed", "cancelled"] = "none"
    terms: OrderIssued | None = None
    amendment: int = 0
    returned: str | None = None
    signatory: AnyPersonal | None = None
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
        case AmendOrder():
            return _amend(order, terms, command)
        case CancelOrder():
            return _cancel(order, terms, command)


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
    _check_document(order, terms, command)
    signatory = command.signatory or order.signatory
    if signatory is None:
        raise Refused(SIGNATORY_MISSING, missing=[Missing("signatory", "Signataire", "Bon de commande")])
    if command.signed_on > command.today:
        fault = Missing("signed_on", "Date de signature", "Bon de commande", "dans le futur", "red")
        raise Refused(SIGNED_IN_THE_FUTURE, missing=[fault])
    return [
        OrderSigned(
            **_named(terms),
            document_hash=command.document,
            document_size=command.size,
            document_media_type=command.media_type,
            signatory=signatory,
            signed_on=command.signed_on,
            deposited_by=command.by,
            amendment=order.amendment or None,
            recognised=names(command.printed, terms.number),
        )
    ]


def _check_document(order: Order, terms: OrderIssued, command: SignOrder) -> None:
    """Raises `Refused` for what cannot be this order, signed. A scan that nothing can be read from may be."""
    if command.document == terms.document_hash:
        raise Refused(DOCUMENT_UNSIGNED, number=terms.number)
    ours = [printed.amendment for printed in command.printed if printed.number == terms.number]
    if command.printed and not ours:
        others = ", ".join(sorted({printed.number for printed in command.printed}))
        raise Refused(DOCUMENT_OTHER, number=terms.number, other=others)
    if ours and max(ours) < order.amendment:
        raise Refused(DOCUMENT_SUPERSEDED, number=terms.number, amendment=order.amendment)


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
            **_named(terms),
            document_hash=order.returned,
            reasons=command.reasons,
            refused_by=command.by,
        )
    ]


def _amend(order: Order, terms: OrderIssued, command: AmendOrder) -> list[Event]:
    said: dict[str, Any] = {
        "starts_on": command.starts_on,
        "ends_on": command.ends_on,
        "place": command.place,
    }
    if terms.model_copy(update=said) == terms:
        return []
    if order.status == "cancelled":
        raise Refused(ORDER_CANCELLED)
    return [
        OrderAmended(
            **_named(terms),
            **said,
            amendment=order.amendment + 1,
            document_hash=command.document,
            amended_by=command.by,
            cause=command.cause,
        )
    ]


def _cancel(order: Order, terms: OrderIssued, command: CancelOrder) -> list[Event]:
    if order.status == "cancelled":
        return []
    if command.attended:
        raise Refused(SESSION_ATTENDED)
    return [OrderCancelled(**_named(terms), cancelled_by=command.by, cause=command.cause)]


def _named(terms: OrderIssued) -> Mapping[str, Any]:
    """What every event of the order repeats, for those who must be told."""
    return {name: getattr(terms, name) for name in _REPEATED}


_REPEATED = ("order_id", "number", "body_id", "offering_id", "session_id", "title", "perimeter", "territory")


def evolve(order: Order, event: Event) -> Order:
    """Total: what it does not need leaves the state as it is."""
    match event:
        case OrderIssued():
            return Order("issued", event)
        case OrderSigned():
            signatory = event.signatory
            return replace(
                order, status="signed", returned=event.document_hash, signatory=signatory, reasons=()
            )
        case OrderSignatureRefused():
            return replace(order, status="issued", reasons=event.reasons)
        case OrderAmended() if order.terms:
            amended = amended_terms(order.terms, event)
            return replace(
                order, status="issued", terms=amended, amendment=event.amendment, returned=None, reasons=()
            )
        case OrderCancelled():
            return replace(order, status="cancelled")
    return order


def amended_terms(terms: OrderIssued, event: OrderAmended) -> OrderIssued:
    """The order as its amendment says it."""
    said = ("starts_on", "ends_on", "place", "document_hash")
    return terms.model_copy(update={name: getattr(event, name) for name in said})


DECIDER = Decider(Order(), decide, evolve)
