"""Read models of registration: requests, bodies, accounts and tickets, folded from its own events.

The acceptance and the suspension of a body are in two streams, read in any order: each writes its own columns.
"""

import unicodedata
from collections.abc import Sequence

import asyncpg

from shared.events import Personal
from shared.events.registration import (
    AccountActivated,
    AccountClosed,
    AccountCodesReissued,
    AccountEmailChanged,
    AccountLocked,
    AccountOpened,
    AccountRightsChanged,
    AccountSessionsEnded,
    AssistanceIdentityChecked,
    AssistanceRequested,
    AssistanceResolved,
    PasswordReset,
    PasswordResetRequested,
    PersonErased,
    ReferencingAccepted,
    ReferencingRejected,
    ReferencingRequested,
    ReferencingSubmitted,
    ServiceProposalSent,
    TrainingBodyBankDetailsChanged,
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
BODY = (
    ReferencingAccepted, TrainingBodySuspended, TrainingBodyReinstated, TrainingBodyDetailsChanged,
    TrainingBodyBankDetailsChanged,
)  # fmt: skip
ACCOUNT = (
    AccountOpened, AccountActivated, AccountCodesReissued, AccountEmailChanged, AccountLocked, AccountRightsChanged,
    AccountClosed, AccountSessionsEnded, PasswordResetRequested, PasswordReset,
)  # fmt: skip
TICKET = (AssistanceRequested, AssistanceIdentityChecked, AssistanceResolved)


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
        case ServiceProposalSent() as event:
            return version | {"status": "proposed", "document": event.document_hash}
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
        case ReferencingAccepted() as event:
            answers = {"territory": event.territory, "office": event.office.model_dump()}
            return version | {"status": "accepted"} | answers
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
    "name", "legal_name", "acronym", "legal_form", "address", "phone", "email", "web_site", "nda", "ape", "vat_regime",
    "vat_number", "qualiopi", "bic",
}  # fmt: skip
_BESIDE = {"body_id", "changed_by", "proof_hash", "body_name", "territory"}


def body(before: Row, delivered: Delivered) -> Row:
    """A training body: as accepted, what changed since, and whether it is suspended."""
    version = {"version": delivered.event.streamversion}
    match delivered.event.data:
        case ReferencingAccepted() as event:
            accepted = event.model_dump(mode="json", include=_ACCEPTED)
            return {
                "accepted": accepted,
                "accepted_on": event.decided_on,
                "territory": event.territory,
                "correlation": delivered.event.correlationid,
                "words": _words(accepted, before.get("details")),
            }
        case TrainingBodySuspended() as event:
            reasons = [reason.model_dump() for reason in event.reasons]
            suspension: Row = {"cause": event.cause, "reasons": reasons, "on": str(event.suspended_on)}
            if event.merged_into:
                suspension["merged_into"] = {"id": str(event.merged_into), "name": event.merged_into_name}
            return version | {"suspension": suspension}
        case TrainingBodyReinstated() as event:
            until = event.qualiopi_valid_until or before.get("renewed_until")
            return version | {"suspension": None, "renewed_until": until}
        case TrainingBodyDetailsChanged() as event:
            return version | _details(before, delivered, event)
    return version


def _details(before: Row, delivered: Delivered, event: TrainingBodyDetailsChanged) -> Row:
    changed = event.model_dump(mode="json", include=_CHANGED, exclude_none=True)
    details = (before.get("details") or {}) | changed
    row: Row = {"details": details, "words": _words(before.get("accepted"), details)}
    if event.qualiopi:
        row["renewed_until"] = event.qualiopi.valid_until
    if event.proof_hash:
        fields = sorted(name for name in event.model_fields_set - _BESIDE if getattr(event, name) is not None)
        proof = {"sha256": event.proof_hash, "fields": fields, "at": str(delivered.event.time)}
        row["proofs"] = [*(before.get("proofs") or []), proof]
    return row


def _words(accepted: Row | None, details: Row | None) -> str:
    known = {**(accepted or {}), **(details or {})}
    return searched(" ".join(str(known.get(name) or "") for name in ("name", "legal_name", "siret")))


def searched(typed: str) -> str:
    """Small letters without accents, and nothing that a pattern would understand: what a search compares."""
    letters = unicodedata.normalize("NFKD", typed.casefold())
    kept = (letter for letter in letters if not unicodedata.combining(letter) and letter not in "%_\\\0")
    return " ".join("".join(kept).split())


def account(_before: Row, delivered: Delivered) -> Row:
    """An account, and under which ids its credentials are."""
    version, ref = {"version": delivered.event.streamversion}, delivered.event.id
    match delivered.event.data:
        case AccountOpened() as event:
            return version | {
                "status": "waiting",
                "body": event.body_id,
                "login": sealed(event.login),
                "login_ref": ref,
                "code_ref": ref,
                "opened_at": delivered.event.time,
                "name": sealed(event.name),
                "first_name": sealed(event.first_name),
                "rights": event.rights,
            }
        case AccountActivated():
            return version | {"status": "active", "password_ref": ref}
        case AccountCodesReissued():
            return version | {
                "status": "waiting", "code_ref": ref, "password_ref": None, "locked_until": None,
            }  # fmt: skip
        case AccountEmailChanged() as event:
            return version | {"login": sealed(event.new_email), "login_ref": ref}
        case AccountLocked() as event:
            return version | {"status": "locked", "locked_until": event.until}
        case AccountRightsChanged() as event:
            return version | {"rights": event.rights}
        case PasswordReset():
            return version | {"status": "active", "password_ref": ref, "locked_until": None}
        case AccountClosed():
            return version | {"status": "closed", "password_ref": None}
    return version


def ticket(before: Row, delivered: Delivered) -> Row:
    """A request for assistance, each check that was made, and how it ended."""
    version, at = {"version": delivered.event.streamversion}, str(delivered.event.time)
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
                "dossier": event.dossier,
                "refusal": event.refusal,
                "happened_at": event.happened_at,
            }
        case AssistanceIdentityChecked() as event:
            check = {"check": event.check, "passed": event.passed, "by": event.checked_by, "at": at}
            return version | {"checks": [*before["checks"], check]}
        case AssistanceResolved() as event:
            made = [
                {"check": check, "passed": True, "by": event.resolved_by, "at": at} for check in event.checks
            ]
            return version | {
                "status": "resolved",
                "outcome": event.outcome,
                "checks": before["checks"] or made,
                "answer": sealed(event.answer),
            }
    return version


def sealed(value: Personal | None) -> Row | None:
    """A personal value as it is on the wire: the view reveals nothing."""
    return None if value is None else {"person": value.person, "sealed": getattr(value, "sealed", None)}
