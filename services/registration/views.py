"""Read models of registration: requests, bodies, accounts and tickets, folded from its own events.

The acceptance and the suspension of a body are in two streams, read in any order: each writes its own columns.
"""

from collections.abc import Sequence

import asyncpg

from shared.events import Personal
from shared.events.registration import (
    AccountActivated,
    AccountCodesReissued,
    AccountEmailChanged,
    AccountLocked,
    AccountOpened,
    AssistanceRequested,
    AssistanceResolved,
    PersonErased,
    ReferencingAccepted,
    ReferencingRejected,
    ReferencingRequested,
    ReferencingSubmitted,
    ServiceProposalSent,
    TrainingBodyDetailsChanged,
    TrainingBodyReinstated,
    TrainingBodySuspended,
)
from shared.messaging import Delivered
from shared.runtime.projection import Change, Row, fold
from shared.sql import queries

SQL = queries(__file__)

REFERENCING = (
    ReferencingRequested, ServiceProposalSent, ReferencingSubmitted, ReferencingAccepted, ReferencingRejected,
)  # fmt: skip
BODY = (ReferencingAccepted, TrainingBodySuspended, TrainingBodyReinstated, TrainingBodyDetailsChanged)
ACCOUNT = (AccountOpened, AccountActivated, AccountCodesReissued, AccountEmailChanged, AccountLocked)
TICKET = (AssistanceRequested, AssistanceResolved)


async def own(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Folds a batch of registration's own events into its read models."""
    requests: list[Change] = []
    bodies: list[Change] = []
    accounts: list[Change] = []
    tickets: list[Change] = []
    erased: list[str] = []
    for each in delivered:
        event = each.event.data
        if isinstance(event, REFERENCING):
            requests.append((event.request_id, each))
        if isinstance(event, BODY):
            bodies.append((event.body_id, each))
        if isinstance(event, ACCOUNT):
            accounts.append((event.account_id, each))
        if isinstance(event, TICKET):
            tickets.append((event.ticket_id, each))
        if isinstance(event, PersonErased):
            erased.append(event.person)
    await fold(connection, SQL.load_requests, SQL.save_requests, requests, request)
    await fold(connection, SQL.load_bodies, SQL.save_bodies, bodies, body)
    await fold(connection, SQL.load_accounts, SQL.save_accounts, accounts, account)
    await fold(connection, SQL.load_tickets, SQL.save_tickets, tickets, ticket)
    if erased:
        await connection.execute(SQL.erase_persons, erased)
        await connection.execute(SQL.forget_credentials, erased)


def request(_before: Row, delivered: Delivered) -> Row:
    """A referencing request and where it stands."""
    version = {"version": delivered.event.streamversion}
    match delivered.event.data:
        case ReferencingRequested() as event:
            return version | {
                "status": "requested",
                "name": event.body_name,
                "kind": event.body_kind,
                "perimeter": event.perimeter,
                "territory": event.territory,
                "office": event.office.model_dump(),
                "contact_name": sealed(event.contact_name),
                "contact_email": sealed(event.contact_email),
                "revision": 0,
                "reasons": [],
                "correlation": delivered.event.correlationid,
                "requested_at": delivered.event.time,
            }
        case ServiceProposalSent():
            return version | {"status": "proposed"}
        case ReferencingSubmitted(form=form) as event:
            return version | {
                "status": "submitted",
                "name": form.name,
                "kind": form.kind,
                "perimeter": form.perimeter,
                "territory": form.territory,
                "office": event.office.model_dump(),
                "siret": form.siret,
                "revision": event.revision,
                "reasons": [],
            }
        case ReferencingAccepted():
            return version | {"status": "accepted"}
        case ReferencingRejected() as event:
            return version | {
                "status": "rejected",
                "reasons": [reason.model_dump() for reason in event.reasons],
            }
    return version


_ACCEPTED = {
    "name", "legal_name", "siret", "kind", "perimeter", "territory", "office", "qualiopi_valid_until", "address",
    "nda", "vat_regime",
}  # fmt: skip
_CHANGED = {
    "name",
    "legal_name",
    "address",
    "phone",
    "email",
    "web_site",
    "nda",
    "vat_regime",
    "vat_number",
    "qualiopi",
}


def body(before: Row, delivered: Delivered) -> Row:
    """A training body: as accepted, what changed since, and whether it is suspended."""
    version = {"version": delivered.event.streamversion}
    match delivered.event.data:
        case ReferencingAccepted() as event:
            return {
                "accepted": event.model_dump(mode="json", include=_ACCEPTED),
                "accepted_on": event.decided_on,
                "territory": event.territory,
                "correlation": delivered.event.correlationid,
            }
        case TrainingBodySuspended() as event:
            reasons = [reason.model_dump() for reason in event.reasons]
            suspension = {"cause": event.cause, "reasons": reasons, "on": str(event.suspended_on)}
            return version | {"suspension": suspension}
        case TrainingBodyReinstated():
            return version | {"suspension": None}
        case TrainingBodyDetailsChanged() as event:
            changed = event.model_dump(mode="json", include=_CHANGED, exclude_none=True)
            return version | {"details": (before.get("details") or {}) | changed}
    return {}


def account(_before: Row, delivered: Delivered) -> Row:
    """An account, and under which ids its credentials are."""
    version, ref = {"version": delivered.event.streamversion}, delivered.event.id
    match delivered.event.data:
        case AccountOpened() as event:
            opened = {"status": "waiting", "body": event.body_id, "login": sealed(event.login)}
            return version | opened | {"login_ref": ref, "code_ref": ref, "opened_at": delivered.event.time}
        case AccountActivated():
            return version | {"status": "active", "password_ref": ref}
        case AccountCodesReissued():
            return version | {"status": "waiting", "code_ref": ref, "password_ref": None}
        case AccountEmailChanged() as event:
            return version | {"login": sealed(event.new_email), "login_ref": ref}
        case AccountLocked():
            return version | {"status": "locked"}
    return version


def ticket(_before: Row, delivered: Delivered) -> Row:
    """A request for assistance and how it ended."""
    version = {"version": delivered.event.streamversion}
    match delivered.event.data:
        case AssistanceRequested() as event:
            return version | {
                "status": "open",
                "subject": event.subject,
                "email": sealed(event.requester_email),
                "message": sealed(event.message),
                "account": event.account_id,
                "body": event.body_id,
                "checks": [],
                "requested_at": delivered.event.time,
            }
        case AssistanceResolved() as event:
            return version | {"status": "resolved", "outcome": event.outcome, "checks": list(event.checks)}
    return version


def sealed(value: Personal | None) -> Row | None:
    """A personal value as it is on the wire: the view reveals nothing."""
    return None if value is None else {"person": value.person, "sealed": getattr(value, "sealed", None)}
