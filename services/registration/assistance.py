"""Assistance ticket: someone stuck asks, Assistance checks who asks, then acts.  (R4)"""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.registration.refusals import ALREADY_RESOLVED, CHECKS_MISSING
from shared.events import AnyPersonal, Event
from shared.events.registration import AssistanceRequested, AssistanceResolved
from shared.runtime.decider import Decider
from shared.runtime.refusal import Missing, Refused
from shared.runtime.refusals import NOT_FOUND

Subject = Literal["lost-codes", "email-no-longer-valid"]
Outcome = Literal["codes-reissued", "email-changed"]


@dataclass(frozen=True, slots=True)
class RequestAssistance:
    """Someone asks for help; `account` and `body` are those of the address given, when there is one."""

    ticket: UUID
    subject: Subject
    email: AnyPersonal
    message: AnyPersonal | None = None
    account: UUID | None = None
    body: UUID | None = None


@dataclass(frozen=True, slots=True)
class ResolveAssistance:
    """Assistance checked who asks, in the ways listed, and did what was needed to `account`."""

    outcome: Outcome
    checks: tuple[str, ...]
    by: str
    account: UUID | None


Command = RequestAssistance | ResolveAssistance


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket; `outcome` is how it ended."""

    status: Literal["none", "open", "resolved"] = "none"
    request: AssistanceRequested | None = None
    outcome: str | None = None


def decide(ticket: Ticket, command: Command) -> list[Event]:
    """Raises `Refused` for a resolution that names no check, or of a ticket that is closed."""
    match command:
        case RequestAssistance() if ticket.status == "none":
            return [_requested(command)]
        case RequestAssistance():
            return []
        case ResolveAssistance():
            return _resolve(ticket, command)


def _requested(command: RequestAssistance) -> Event:
    return AssistanceRequested(
        ticket_id=command.ticket,
        subject=command.subject,
        channel="extranet",
        requester_email=command.email,
        message=command.message,
        body_id=command.body,
        account_id=command.account,
    )


def _resolve(ticket: Ticket, command: ResolveAssistance) -> list[Event]:
    if ticket.request is None:
        raise Refused(NOT_FOUND)
    if ticket.status == "resolved":
        if ticket.outcome == command.outcome:
            return []
        raise Refused(ALREADY_RESOLVED)
    if not command.checks:
        raise Refused(CHECKS_MISSING, missing=[Missing("checks", "Vérifications")])
    return [
        AssistanceResolved(
            ticket_id=ticket.request.ticket_id,
            outcome=command.outcome,
            checks=command.checks,
            resolved_by=command.by,
            account_id=command.account,
        )
    ]


def evolve(ticket: Ticket, event: Event) -> Ticket:
    """Total: what it does not need leaves the state as it is."""
    match event:
        case AssistanceRequested():
            return Ticket("open", event)
        case AssistanceResolved():
            return Ticket("resolved", ticket.request, event.outcome)
    return ticket


DECIDER = Decider(Ticket(), decide, evolve)
