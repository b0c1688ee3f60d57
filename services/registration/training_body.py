"""Training body, once referenced: its details, its suspension and its reinstatement."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from services.registration.refusals import NOT_REFERENCED, REASONS_MISSING
from shared.events import Event
from shared.events.parts import Reason
from shared.events.registration import (
    TrainingBodyDetailsChanged,
    TrainingBodyReinstated,
    TrainingBodySuspended,
)
from shared.runtime.decider import Decider
from shared.runtime.refusal import Missing, Refused

Cause = Literal["qualiopi-expired", "decision"]


@dataclass(frozen=True, slots=True)
class SuspendBody:
    """No more offerings from this body; `referenced` is whether its request was accepted."""

    body: UUID
    referenced: bool
    cause: Cause
    reasons: tuple[Reason, ...]
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class ReinstateBody:
    """The suspension ends."""

    body: UUID
    referenced: bool
    by: str
    on: date
    qualiopi_valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class ChangeDetails:
    """The body changes some of its details: `details` has only these, as the event says them."""

    details: TrainingBodyDetailsChanged
    referenced: bool


Command = SuspendBody | ReinstateBody | ChangeDetails


@dataclass(frozen=True, slots=True)
class Body:
    """A training body; `last_change` is compared with the next one."""

    suspended: bool = False
    last_change: TrainingBodyDetailsChanged | None = None


def decide(body: Body, command: Command) -> list[Event]:
    """Raises `Refused` for a body that is not referenced, or a suspension without reasons."""
    if not command.referenced:
        raise Refused(NOT_REFERENCED)
    match command:
        case SuspendBody() if not command.reasons:
            raise Refused(REASONS_MISSING, missing=[Missing("reason", "Motif de la suspension")])
        case SuspendBody() if not body.suspended:
            return [
                TrainingBodySuspended(
                    body_id=command.body,
                    cause=command.cause,
                    reasons=command.reasons,
                    suspended_on=command.on,
                    suspended_by=command.by,
                )
            ]
        case ReinstateBody() if body.suspended:
            return [
                TrainingBodyReinstated(
                    body_id=command.body,
                    reinstated_on=command.on,
                    reinstated_by=command.by,
                    qualiopi_valid_until=command.qualiopi_valid_until,
                )
            ]
        case ChangeDetails(details=details) if details != body.last_change:
            return [details]
    return []


def evolve(body: Body, event: Event) -> Body:
    """Total: what it does not need leaves the state as it is."""
    match event:
        case TrainingBodySuspended():
            return Body(True, body.last_change)
        case TrainingBodyReinstated():
            return Body(False, body.last_change)
        case TrainingBodyDetailsChanged():
            return Body(body.suspended, event)
    return body


DECIDER = Decider(Body(), decide, evolve)
