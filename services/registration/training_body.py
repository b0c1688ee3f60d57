"""Training body, once referenced: its details, its suspension (its Qualiopi certificate ended), its reinstatement."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from services.registration.refusals import (
    CERTIFICATE_EXPIRED,
    MERGER_IMPOSSIBLE,
    NOT_REFERENCED,
    PROOF_MISSING,
    REASONS_MISSING,
)
from shared.events import AnyPersonal, Clear, Event
from shared.events.parts import Reason
from shared.events.registration import (
    Contact,
    LegalRepresentative,
    TrainingBodyBankDetailsChanged,
    TrainingBodyDetailsChanged,
    TrainingBodyReinstated,
    TrainingBodySuspended,
)
from shared.runtime.decider import Decider
from shared.runtime.refusal import Missing, Refused

Cause = Literal["qualiopi-expired", "decision"]

RENEWED = "policy:qualiopi-renewed"
PROVEN: dict[str, str] = {
    "legal_name": "Raison sociale",
    "legal_form": "Forme juridique",
    "address": "Adresse",
    "nda": "Numéro de déclaration d'activité (NDA)",
    "vat_regime": "Régime de TVA",
    "vat_number": "Numéro de TVA",
    "qualiopi": "Certificat Qualiopi",
    "legal_representative": "Représentant légal",
    "iban": "IBAN",
    "bic": "BIC",
}
"""Details that change only with a document that proves them."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The body of which another one is a second record; `suspended`: it is not to be used either."""

    into: UUID
    name: str
    suspended: bool


@dataclass(frozen=True, slots=True)
class SuspendBody:
    """No more offerings from this body; `referenced` is whether its request was accepted.

    `merged`: because it is a second record of another body, which is used instead (L4).
    """

    body: UUID
    referenced: bool
    cause: Cause
    reasons: tuple[Reason, ...]
    by: str
    on: date
    merged: Merged | None = None


@dataclass(frozen=True, slots=True)
class SuspendExpired:
    """The certificate of the acceptance ended on `accepted_until`: the body is suspended, unless it gave another."""

    body: UUID
    referenced: bool
    accepted_until: date | None
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class ReinstateBody:
    """The suspension ends, with a certificate that is valid on the day: `qualiopi_valid_until`, or the one given."""

    body: UUID
    referenced: bool
    by: str
    on: date
    qualiopi_valid_until: date | None = None
    accepted_until: date | None = None


@dataclass(frozen=True, slots=True)
class ChangeDetails:
    """The body changes some of its details: `details` has only these, as the event says them.

    `told` is the administrative contact as it was before: it hears of a change of the IBAN.
    """

    details: TrainingBodyDetailsChanged
    referenced: bool
    on: date
    told: AnyPersonal | None = None


Command = SuspendBody | SuspendExpired | ReinstateBody | ChangeDetails


@dataclass(frozen=True, slots=True)
class Body:
    """A training body; `last_change` is compared with the next one, the rest is None until it changed."""

    suspended: Cause | None = None
    last_change: TrainingBodyDetailsChanged | None = None
    qualiopi_until: date | None = None
    iban: AnyPersonal | None = None
    bic: str | None = None
    contacts: tuple[Contact, ...] | None = None
    representative: LegalRepresentative | None = None

    def valid_until(self, accepted: date | None) -> date | None:
        """The last day of its certificate: the one given since, or the one of the acceptance."""
        return self.qualiopi_until or accepted


def decide(body: Body, command: Command) -> list[Event]:
    """Raises `Refused`: not referenced, a suspension without reasons, a change without proof, merged into itself."""
    if not command.referenced:
        raise Refused(NOT_REFERENCED)
    match command:
        case SuspendBody():
            return _suspend(body, command)
        case SuspendExpired():
            return _suspend_expired(body, command)
        case ReinstateBody():
            return _reinstate(body, command)
        case ChangeDetails():
            return _change(body, command)


def _suspend(body: Body, command: SuspendBody) -> list[Event]:
    if not command.reasons:
        raise Refused(REASONS_MISSING, missing=[Missing("reason", "Motif de la suspension")])
    if body.suspended:
        return []
    merged = command.merged
    if merged and (merged.into == command.body or merged.suspended):
        raise Refused(MERGER_IMPOSSIBLE)
    return [
        TrainingBodySuspended(
            body_id=command.body,
            cause=command.cause,
            reasons=command.reasons,
            suspended_on=command.on,
            suspended_by=command.by,
            merged_into=merged.into if merged else None,
            merged_into_name=merged.name if merged else None,
        )
    ]


def _suspend_expired(body: Body, command: SuspendExpired) -> list[Event]:
    until = body.valid_until(command.accepted_until)
    if until is None or until >= command.on:
        return []
    reason = Reason(
        text=f"Le certificat Qualiopi n'est plus valable depuis le {until:%d/%m/%Y} : déposez le nouveau dans les "
        "informations de votre organisme.",
        field="qualiopi",
    )
    return _suspend(
        body, SuspendBody(command.body, True, "qualiopi-expired", (reason,), command.by, command.on)
    )


def _reinstate(body: Body, command: ReinstateBody) -> list[Event]:
    if not body.suspended:
        return []
    until = command.qualiopi_valid_until or body.valid_until(command.accepted_until)
    unknown = until is None and body.suspended == "qualiopi-expired"
    if unknown or (until is not None and until < command.on):
        raise Refused(CERTIFICATE_EXPIRED, missing=[Missing("qualiopi", PROVEN["qualiopi"])])
    return [
        TrainingBodyReinstated(
            body_id=command.body,
            reinstated_on=command.on,
            reinstated_by=command.by,
            qualiopi_valid_until=until,
        )
    ]


def _change(body: Body, command: ChangeDetails) -> list[Event]:
    details = command.details
    if details == body.last_change:
        return []
    changed = [name for name in PROVEN if getattr(details, name) is not None]
    if changed and details.proof_hash is None:
        raise Refused(PROOF_MISSING, missing=[Missing("proof", PROVEN[name]) for name in changed])
    return [details, *_bank_details(command), *_renewed(body, command)]


def _renewed(body: Body, command: ChangeDetails) -> list[Event]:
    """What the end of a certificate suspended by itself, the next one ends by itself; its proof goes to the office."""
    given = command.details.qualiopi
    if body.suspended != "qualiopi-expired" or given is None or given.valid_until < command.on:
        return []
    return [
        TrainingBodyReinstated(
            body_id=command.details.body_id,
            reinstated_on=command.on,
            reinstated_by=RENEWED,
            qualiopi_valid_until=given.valid_until,
        )
    ]


def _bank_details(command: ChangeDetails) -> list[Event]:
    details = command.details
    if not isinstance(details.iban, Clear) or command.told is None:
        return []
    return [
        TrainingBodyBankDetailsChanged(
            body_id=details.body_id,
            body_name=details.body_name or "",
            to=command.told,
            iban_ends_with=details.iban.value[-4:],
            changed_by=details.changed_by,
            proof_hash=details.proof_hash,
            territory=details.territory,
        )
    ]


def evolve(body: Body, event: Event) -> Body:
    """Total: what it does not need leaves the state as it is."""
    match event:
        case TrainingBodySuspended():
            return replace(body, suspended=event.cause)
        case TrainingBodyReinstated():
            return replace(
                body, suspended=None, qualiopi_until=event.qualiopi_valid_until or body.qualiopi_until
            )
        case TrainingBodyDetailsChanged():
            given = event.qualiopi.valid_until if event.qualiopi else body.qualiopi_until
            return replace(
                body,
                last_change=event,
                qualiopi_until=given,
                iban=event.iban or body.iban,
                bic=event.bic or body.bic,
                representative=event.legal_representative or body.representative,
                contacts=event.contacts or body.contacts,
            )
    return body


DECIDER = Decider(Body(), decide, evolve)
