"""Offering: submitted by a referenced body, accepted or rejected with reasons; its sessions move or fall out.  (R5)"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal
from uuid import UUID

from services.offerings.refusals import (
    ALREADY_ACCEPTED,
    ALREADY_REJECTED,
    BODY_NOT_ACCEPTED,
    BODY_SUSPENDED,
    DATES_OUT_OF_ORDER,
    ORDERED,
    OTHER_TERRITORY,
    REASONS_MISSING,
    SESSION_ATTENDED,
    SESSION_CANCELLED,
    UNDER_REVIEW,
    WITHDRAWN,
)
from shared.events import Event
from shared.events.offerings import (
    OfferingAccepted,
    OfferingRejected,
    OfferingSubmitted,
    OfferingWithdrawn,
    Session,
    SessionCancelled,
    SessionRescheduled,
)
from shared.events.parts import Reason
from shared.runtime.decider import Decider
from shared.runtime.refusal import Missing, Refused
from shared.runtime.refusals import NOT_FOUND


@dataclass(frozen=True, slots=True)
class SubmitOffering:
    """The body proposes what `form` says (its revision is given by decide); the rest is known of the body.

    `body_territory`: the one that it depends on, or that came after it; None for a national body.
    """

    form: OfferingSubmitted
    body_accepted: bool
    body_suspended: bool
    body_territory: str | None = None


@dataclass(frozen=True, slots=True)
class AcceptOffering:
    """Formiris accepts it: its sessions may be ordered."""

    by: str
    on: date


@dataclass(frozen=True, slots=True)
class RejectOffering:
    """Formiris rejects it, and says why."""

    reasons: tuple[Reason, ...]
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class WithdrawOffering:
    """The body takes it back; `ordered`: an order of one of its sessions is in force."""

    by: str
    ordered: bool
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class RescheduleSession:
    """A session moves to other days, or to another place; `attended`: certificates of it are deposited."""

    session: UUID
    starts_on: date
    ends_on: date
    by: str
    place: str | None = None
    cause: str | None = None
    attended: bool = False


@dataclass(frozen=True, slots=True)
class CancelSession:
    """A session will not take place; `attended`: certificates of it are deposited."""

    session: UUID
    by: str
    cause: str
    attended: bool = False


Command = (
    SubmitOffering | AcceptOffering | RejectOffering | WithdrawOffering | RescheduleSession | CancelSession
)
Status = Literal["none", "submitted", "accepted", "rejected", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Offering:
    """An offering as last submitted, and its sessions as they stand."""

    status: Status = "none"
    form: OfferingSubmitted | None = None
    reasons: tuple[Reason, ...] = ()
    sessions: Mapping[UUID, Session] = field(default_factory=dict)
    cancelled: frozenset[UUID] = frozenset()


def decide(offering: Offering, command: Command) -> list[Event]:
    """Raises `Refused` for a step out of turn, or of a body that may not take it."""
    if isinstance(command, SubmitOffering):
        return _submit(offering, command)
    form = offering.form
    if form is None:
        raise Refused(NOT_FOUND)
    match command:
        case AcceptOffering():
            return _accept(offering, form, command)
        case RejectOffering():
            return _reject(offering, form, command)
        case WithdrawOffering():
            return _withdraw(offering, form, command)
        case RescheduleSession():
            return _reschedule(offering, form, command)
        case CancelSession():
            return _cancel(offering, form, command)


def _submit(offering: Offering, command: SubmitOffering) -> list[Event]:
    if not command.body_accepted:
        raise Refused(BODY_NOT_ACCEPTED)
    if command.body_suspended:
        raise Refused(BODY_SUSPENDED)
    _check_territory(command)
    submitted = command.form.model_copy(update={"revision": 1})
    match offering:
        case Offering(status="none"):
            return [submitted]
        case Offering(status="rejected", form=OfferingSubmitted() as last):
            return [submitted.model_copy(update={"revision": last.revision + 1})]
        case Offering(status="submitted", form=OfferingSubmitted() as last):
            if last == submitted.model_copy(update={"revision": last.revision}):
                return []
            raise Refused(UNDER_REVIEW)
        case Offering(status="accepted"):
            raise Refused(ALREADY_ACCEPTED)
        case _:
            raise Refused(WITHDRAWN)


def _check_territory(command: SubmitOffering) -> None:
    form, own = command.form, command.body_territory
    if form.perimeter == "national" or form.territory == own:
        return
    choice = own or "aucune, car il est référencé au niveau national"
    fault = Missing("territory", "Association territoriale", "En-tête", f"attendue : {choice}", "red")
    raise Refused(OTHER_TERRITORY, missing=[fault], own=choice, given=form.territory, draft=form.offering_id)


def _accept(offering: Offering, form: OfferingSubmitted, command: AcceptOffering) -> list[Event]:
    if offering.status == "accepted":
        return []
    _check_under_review(offering)
    return [
        OfferingAccepted(
            offering_id=form.offering_id,
            body_id=form.body_id,
            title=form.title,
            decided_by=command.by,
            decided_on=command.on,
        )
    ]


def _reject(offering: Offering, form: OfferingSubmitted, command: RejectOffering) -> list[Event]:
    if not command.reasons:
        raise Refused(REASONS_MISSING, missing=[Missing("reasons", "Motifs du rejet")])
    if offering.status == "rejected" and offering.reasons == command.reasons:
        return []
    if offering.status == "accepted":
        raise Refused(ALREADY_ACCEPTED)
    _check_under_review(offering)
    return [
        OfferingRejected(
            offering_id=form.offering_id,
            body_id=form.body_id,
            title=form.title,
            reasons=command.reasons,
            decided_by=command.by,
            decided_on=command.on,
        )
    ]


def _check_under_review(offering: Offering) -> None:
    if offering.status == "rejected":
        raise Refused(ALREADY_REJECTED)
    if offering.status != "submitted":
        raise Refused(WITHDRAWN)


def _withdraw(offering: Offering, form: OfferingSubmitted, command: WithdrawOffering) -> list[Event]:
    if offering.status == "withdrawn":
        return []
    if command.ordered:
        raise Refused(ORDERED)
    return [
        OfferingWithdrawn(
            **_named(form),
            withdrawn_by=command.by,
            cause=command.cause,
        )
    ]


def _reschedule(offering: Offering, form: OfferingSubmitted, command: RescheduleSession) -> list[Event]:
    session = _session_in_force(offering, command.session)
    if command.ends_on < command.starts_on:
        fault = Missing("ends_on", "Fin de la session", "Session", "antérieure au début", "red")
        raise Refused(DATES_OUT_OF_ORDER, missing=[fault])
    moved = session.model_copy(
        update={
            "starts_on": command.starts_on,
            "ends_on": command.ends_on,
            "place": command.place or session.place,
        }
    )
    if moved == session:
        return []
    if command.attended:
        raise Refused(SESSION_ATTENDED)
    return [
        SessionRescheduled(
            **_named(form),
            session_id=session.session_id,
            starts_on=command.starts_on,
            ends_on=command.ends_on,
            previous_starts_on=session.starts_on,
            previous_ends_on=session.ends_on,
            rescheduled_by=command.by,
            place=None if moved.place == session.place else moved.place,
            cause=command.cause,
        )
    ]


def _cancel(offering: Offering, form: OfferingSubmitted, command: CancelSession) -> list[Event]:
    if command.session in offering.cancelled:
        return []
    _session_in_force(offering, command.session)
    if command.attended:
        raise Refused(SESSION_ATTENDED)
    return [
        SessionCancelled(
            **_named(form),
            session_id=command.session,
            cancelled_by=command.by,
            cause=command.cause,
        )
    ]


def _named(form: OfferingSubmitted) -> Mapping[str, Any]:
    """What events repeat of the offering, for those who must be told."""
    return {
        name: getattr(form, name) for name in ("offering_id", "body_id", "title", "perimeter", "territory")
    }


def _session_in_force(offering: Offering, session: UUID) -> Session:
    if session not in offering.sessions:
        raise Refused(NOT_FOUND)
    if offering.status == "withdrawn":
        raise Refused(WITHDRAWN)
    if session in offering.cancelled:
        raise Refused(SESSION_CANCELLED)
    return offering.sessions[session]


def evolve(offering: Offering, event: Event) -> Offering:
    """Total: what it does not need leaves the state as it is."""
    match event:
        case OfferingSubmitted():
            sessions = {session.session_id: session for session in event.sessions}
            return Offering("submitted", event, (), sessions, offering.cancelled)
        case OfferingAccepted():
            return replace(offering, status="accepted")
        case OfferingRejected():
            return replace(offering, status="rejected", reasons=event.reasons)
        case OfferingWithdrawn():
            return replace(offering, status="withdrawn")
        case SessionRescheduled() if event.session_id in offering.sessions:
            moved = moved_session(offering.sessions[event.session_id], event)
            return replace(offering, sessions={**offering.sessions, event.session_id: moved})
        case SessionCancelled():
            return replace(offering, cancelled=offering.cancelled | {event.session_id})
    return offering


def moved_session(session: Session, event: SessionRescheduled) -> Session:
    """The session after it was rescheduled."""
    place = event.place or session.place
    return session.model_copy(update={"starts_on": event.starts_on, "ends_on": event.ends_on, "place": place})


DECIDER = Decider(Offering(), decide, evolve)
