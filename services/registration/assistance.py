"""Assistance ticket: someone stuck asks, Assistance checks who asks, then acts or answers.  (R4)"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.registration.refusals import ALREADY_RESOLVED, ANSWER_MISSING, CHECKS_MISSING
from shared.events import AnyPersonal, Event
from shared.events.registration import AssistanceIdentityChecked, AssistanceRequested, AssistanceResolved
from shared.runtime.decider import Decider
from shared.runtime.refusal import Missing, Refused
from shared.runtime.refusals import NOT_FOUND

Subject = Literal["lost-codes", "email-no-longer-valid", "no-assignment", "other"]
Outcome = Literal["codes-reissued", "email-changed", "answered", "identity-not-proven"]


@dataclass(frozen=True, slots=True)
class RequestAssistance:
    """Someone asks for help; `account` and `body` are those of the address given, when there is one.

    `dossier`, `refusal` and `happened_at` say what the person was refused, where and when.
    """

    ticket: UUID
    subject: Subject
    email: AnyPersonal
    message: AnyPersonal | None = None
    account: UUID | None = None
    body: UUID | None = None
    dossier: str | None = None
    refusal: str | None = None
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordCheck:
    """Assistance checked who asks, in this way; `passed` says whether the person proved it."""

    check: str
    passed: bool
    by: str


@dataclass(frozen=True, slots=True)
class ResolveAssistance:
    """Assistance did what was needed to `account`, answered, or could not; `checks` are ways not recorded yet."""

    outcome: Outcome
    checks: tuple[str, ...]
    by: str
    account: UUID | None
    answer: AnyPersonal | None = None


Command = RequestAssistance | RecordCheck | ResolveAssistance
ACTS: frozenset[Outcome] = frozenset({"codes-reissued", "email-changed"})
"""Outcomes that open an account to somebody: never without proof."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket; `outcome` is how it ended, `checks` are the ways tried, with their results."""

    status: Literal["none", "open", "resolved"] = "none"
    request: AssistanceRequested | None = None
    outcome: str | None = None
    checks: tuple[tuple[str, bool], ...] = ()


def decide(ticket: Ticket, command: Command) -> list[Event]:
    """Raises `Refused` for a resolution that names no check, or of a ticket that is closed."""
    if isinstance(command, RequestAssistance):
        return [_requested(command)] if ticket.status == "none" else []
    if ticket.request is None:
        raise Refused(NOT_FOUND)
    if isinstance(command, RecordCheck):
        return _record(ticket, ticket.request, command)
    return _resolve(ticket, ticket.request, command)


def _requested(command: RequestAssistance) -> Event:
    return AssistanceRequested(
        ticket_id=command.ticket,
        subject=command.subject,
        channel="extranet",
        requester_email=command.email,
        message=command.message,
        body_id=command.body,
        account_id=command.account,
        refusal=command.refusal,
        dossier=command.dossier,
        happened_at=command.happened_at,
    )


def _record(ticket: Ticket, request: AssistanceRequested, command: RecordCheck) -> list[Event]:
    if (command.check, command.passed) in ticket.checks:
        return []
    if ticket.status == "resolved":
        raise Refused(ALREADY_RESOLVED)
    return [_checked(request.ticket_id, command.check, command.passed, command.by)]


def _checked(ticket: UUID, check: str, passed: bool, by: str) -> Event:
    return AssistanceIdentityChecked(ticket_id=ticket, check=check, passed=passed, checked_by=by)


def _resolve(ticket: Ticket, request: AssistanceRequested, command: ResolveAssistance) -> list[Event]:
    if ticket.status == "resolved":
        if ticket.outcome == command.outcome:
            return []
        raise Refused(ALREADY_RESOLVED)
    passed = command.outcome != "identity-not-proven"
    new = [check for check in dict.fromkeys(command.checks) if (check, passed) not in ticket.checks]
    made = (*ticket.checks, *((check, passed) for check in new))
    _require(command, made)
    resolved = AssistanceResolved(
        ticket_id=request.ticket_id,
        outcome=command.outcome,
        checks=tuple(check for check, result in made if result or not passed),
        resolved_by=command.by,
        answer=command.answer,
        account_id=command.account,
        requester_email=request.requester_email,
        body_id=request.body_id,
    )
    return [*(_checked(request.ticket_id, check, passed, command.by) for check in new), resolved]


def _require(command: ResolveAssistance, made: Sequence[tuple[str, bool]]) -> None:
    """No code and no address without a check that was passed; no « not proven » without one that was tried."""
    if command.outcome == "answered":
        if command.answer is None:
            raise Refused(ANSWER_MISSING, missing=[Missing("answer", "Réponse")])
        return
    proven = [result for _, result in made if result or command.outcome not in ACTS]
    if not proven:
        raise Refused(CHECKS_MISSING, missing=[Missing("checks", "Vérifications")])


def evolve(ticket: Ticket, event: Event) -> Ticket:
    """Total: what it does not need leaves the state as it is."""
    match event:
        case AssistanceRequested():
            return Ticket("open", event)
        case AssistanceIdentityChecked():
            return replace(ticket, checks=(*ticket.checks, (event.check, event.passed)))
        case AssistanceResolved():
            return replace(ticket, status="resolved", outcome=event.outcome)
    return ticket


DECIDER = Decider(Ticket(), decide, evolve)
