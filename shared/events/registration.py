"""Registration: from the referencing request to the body's accounts.  (R1 to R4)

Streams: `referencing-<request id>`, `draft-<request id>`, `body-<body id>`, `account-<account id>`,
`ticket-<ticket id>`, `siret-<siret>` (two bodies never share one), `administrators-<body id>` (a body is never without
one) and `person-<person id>`.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import StringConstraints

from shared.events.event import Event, Part
from shared.events.parts import Address, Office, QualiopiCertificate, Reasons
from shared.events.personal import Personal
from shared.events.values import (
    Actor,
    BodyKind,
    Code,
    Count,
    Email,
    Instant,
    Line,
    Nda,
    Perimeter,
    PersonId,
    Phone,
    Prose,
    Revision,
    Role,
    Sha256,
    Siret,
    Territory,
)

AccessRight = Literal["prepare", "sign", "invoice", "administer"]
"""What an account of a training body may do beside reading its dossiers."""


class Contact(Part):
    """A person of the training body whom Formiris may call."""

    purpose: Literal["teaching", "administrative"]
    name: Personal
    first_name: Personal
    email: Personal
    function: Line | None = None
    phone: Personal | None = None


class LegalRepresentative(Part):
    name: Personal
    first_name: Personal
    capacity: Line


class ReferencingForm(Part):
    """The referencing form as submitted (R3): header, then the tabs in their order."""

    name: Line
    perimeter: Perimeter
    kind: BodyKind
    siret: Siret
    legal_name: Line
    territory: Territory | None = None
    """Regional perimeter only."""

    acronym: Line | None = None
    legal_form: Line | None = None
    address: Address | None = None
    phone: Phone | None = None
    email: Email | None = None
    """The body's own mailbox; a person's goes into the contacts."""
    web_site: Line | None = None

    nda: Nda | None = None
    """Activity declaration number."""
    ape: Line | None = None
    vat_regime: Literal["exempt", "liable"] | None = None
    vat_number: Line | None = None
    qualiopi: QualiopiCertificate | None = None
    legal_representative: LegalRepresentative | None = None
    iban: Personal | None = None
    bic: Line | None = None

    domains: tuple[Line, ...] | None = None
    audiences: tuple[Line, ...] | None = None
    regions: tuple[Line, ...] | None = None
    trainers: Count | None = None
    references: Prose | None = None

    contacts: tuple[Contact, ...] | None = None


class ReferencingRequested(Event):
    """A body asked to be referenced; the request is routed to the office that will answer it (R1)."""

    wire: ClassVar[str] = "org.formiris.registration.ReferencingRequested.v1"
    request_id: UUID
    body_name: Line
    body_kind: BodyKind
    perimeter: Perimeter
    territory: Territory | None = None
    office: Office
    contact_name: Personal
    contact_email: Personal
    """Where the proposal and the decision are sent (R2)."""
    message: Personal | None = None


class ServiceProposalSent(Event):
    """The office sent its « Proposition d'offre de service », to be completed and returned (R1)."""

    wire: ClassVar[str] = "org.formiris.registration.ServiceProposalSent.v1"
    request_id: UUID
    body_name: Line
    office: Office
    to: Personal
    sent_by: Actor
    document_hash: Sha256 | None = None


class ReferencingSubmitted(Event):
    """The completed form came back, every mandatory field filled; a rejected one again, corrected (R3)."""

    wire: ClassVar[str] = "org.formiris.registration.ReferencingSubmitted.v1"
    request_id: UUID
    revision: Revision
    """1 for the first submission, then one more for each correction."""
    form: ReferencingForm
    office: Office


class DraftReminded(Event):
    """A body was reminded, once, of the form that it began and left for two weeks (F6)."""

    wire: ClassVar[str] = "org.formiris.registration.DraftReminded.v1"
    request_id: UUID
    body_name: Line


class ReferencingAccepted(Event):
    """Formiris referenced the body: from now on it may submit offerings (R2)."""

    wire: ClassVar[str] = "org.formiris.registration.ReferencingAccepted.v1"
    request_id: UUID
    body_id: UUID
    siret: Siret
    name: Line
    legal_name: Line
    kind: BodyKind
    perimeter: Perimeter
    territory: Territory | None = None
    office: Office
    contact_name: Personal
    contact_email: Personal
    decided_by: Actor
    decided_on: date
    qualiopi_valid_until: date | None = None
    address: Address | None = None
    nda: Nda | None = None
    vat_regime: Literal["exempt", "liable"] | None = None


class ReferencingRejected(Event):
    """Formiris rejected the request, and says why; it may be corrected and submitted again (R2)."""

    wire: ClassVar[str] = "org.formiris.registration.ReferencingRejected.v1"
    request_id: UUID
    body_name: Line
    reasons: Reasons
    office: Office
    contact_name: Personal
    contact_email: Personal
    decided_by: Actor
    decided_on: date


class SiretClaimed(Event):
    """A request took hold of a SIRET: no other body can have it until it is released."""

    wire: ClassVar[str] = "org.formiris.registration.SiretClaimed.v1"
    siret: Siret
    request_id: UUID


class SiretReleased(Event):
    """The SIRET is free again: its request was rejected or corrected."""

    wire: ClassVar[str] = "org.formiris.registration.SiretReleased.v1"
    siret: Siret
    request_id: UUID


class TrainingBodyDetailsChanged(Event):
    """A referenced body changed its details, with proof where one is asked; only what changed is here."""

    wire: ClassVar[str] = "org.formiris.registration.TrainingBodyDetailsChanged.v1"
    body_id: UUID
    changed_by: Actor
    name: Line | None = None
    legal_name: Line | None = None
    address: Address | None = None
    phone: Phone | None = None
    email: Email | None = None
    web_site: Line | None = None
    nda: Nda | None = None
    vat_regime: Literal["exempt", "liable"] | None = None
    vat_number: Line | None = None
    qualiopi: QualiopiCertificate | None = None
    legal_representative: LegalRepresentative | None = None
    iban: Personal | None = None
    contacts: tuple[Contact, ...] | None = None
    """All of them, when any changed."""
    proof_hash: Sha256 | None = None
    acronym: Line | None = None
    legal_form: Line | None = None
    ape: Line | None = None
    bic: Line | None = None
    body_name: Line | None = None
    """The body's name before the change."""
    territory: Territory | None = None
    """Whose managers read the proof; None is the head office."""


class TrainingBodyBankDetailsChanged(Event):
    """The IBAN that is paid changed: whoever answered for the old one hears of it, in case it was not the body."""

    wire: ClassVar[str] = "org.formiris.registration.TrainingBodyBankDetailsChanged.v1"
    body_id: UUID
    body_name: Line
    to: Personal
    """The administrative contact as it was before the change."""
    iban_ends_with: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{4}$")]
    """Of the new one: enough to recognise it, not to use it."""
    changed_by: Actor
    proof_hash: Sha256 | None = None
    territory: Territory | None = None


class TrainingBodySuspended(Event):
    """The body may no longer submit offerings, for example because its Qualiopi certificate expired."""

    wire: ClassVar[str] = "org.formiris.registration.TrainingBodySuspended.v1"
    body_id: UUID
    cause: Literal["qualiopi-expired", "decision"]
    reasons: Reasons
    suspended_on: date
    suspended_by: Actor
    merged_into: UUID | None = None
    """The body of which this one is a second record: it is used instead, until this one is reinstated."""
    merged_into_name: Line | None = None


class TrainingBodyReinstated(Event):
    """The suspension is over."""

    wire: ClassVar[str] = "org.formiris.registration.TrainingBodyReinstated.v1"
    body_id: UUID
    reinstated_on: date
    reinstated_by: Actor
    qualiopi_valid_until: date | None = None


class AccountOpened(Event):
    """Someone may sign in once the account is activated; the code is e-mailed to the login."""

    wire: ClassVar[str] = "org.formiris.registration.AccountOpened.v1"
    account_id: UUID
    login: Personal
    """The e-mail address that signs in."""
    role: Role
    body_id: UUID | None = None
    territory: Territory | None = None
    """Of a manager; None is national."""
    name: Personal | None = None
    activation_code: Personal
    activation_expires_at: Instant
    first_name: Personal | None = None
    rights: tuple[AccessRight, ...] | None = None
    """Of a body's user; None: all of them, as the first account of a body has."""
    opened_by: Actor | None = None
    """The administrator who invited the person; None: Formiris, with its proposal."""


class AccountActivated(Event):
    """The person used the code and chose a password."""

    wire: ClassVar[str] = "org.formiris.registration.AccountActivated.v1"
    account_id: UUID
    body_id: UUID | None = None


class AccountCodesReissued(Event):
    """Assistance gave new codes to someone who had lost them; the old ones are void (R4)."""

    wire: ClassVar[str] = "org.formiris.registration.AccountCodesReissued.v1"
    account_id: UUID
    login: Personal
    activation_code: Personal
    activation_expires_at: Instant
    reissued_by: Actor
    ticket_id: UUID | None = None
    body_id: UUID | None = None


class AccountEmailChanged(Event):
    """The registered address was no longer valid and Assistance changed it; both hear of it (R4)."""

    wire: ClassVar[str] = "org.formiris.registration.AccountEmailChanged.v1"
    account_id: UUID
    old_email: Personal
    new_email: Personal
    changed_by: Actor
    ticket_id: UUID | None = None
    body_id: UUID | None = None
    undo_code: Personal | None = None
    """Told to the old address alone: whoever still reads it takes the change back, until `undo_until`."""
    undo_until: Instant | None = None


class AccountLocked(Event):
    """Nobody signs in with this account until `until`, or until its codes are reissued."""

    wire: ClassVar[str] = "org.formiris.registration.AccountLocked.v1"
    account_id: UUID
    cause: Literal["too-many-attempts", "assistance", "person-erased"]
    locked_by: Actor
    until: Instant | None = None
    body_id: UUID | None = None


class AccountRightsChanged(Event):
    """An administrator of the body gave or took rights: these are all that the account has now."""

    wire: ClassVar[str] = "org.formiris.registration.AccountRightsChanged.v1"
    account_id: UUID
    body_id: UUID
    rights: tuple[AccessRight, ...]
    changed_by: Actor


class AccountClosed(Event):
    """Nobody signs in with this account any more, and its address may have another one."""

    wire: ClassVar[str] = "org.formiris.registration.AccountClosed.v1"
    account_id: UUID
    body_id: UUID
    login: Personal
    closed_by: Actor


class AccountSessionsEnded(Event):
    """Whoever is signed in with this account, wherever, has to sign in again."""

    wire: ClassVar[str] = "org.formiris.registration.AccountSessionsEnded.v1"
    account_id: UUID
    body_id: UUID | None = None
    ended_by: Actor


class StaffAddressGiven(Event):
    """Someone of Formiris is written to at this address from now on."""

    wire: ClassVar[str] = "org.formiris.registration.StaffAddressGiven.v1"
    account_id: UUID
    account: Line
    """Who it is, as sign-in names them; never an address."""
    role: Role
    territory: Territory | None = None
    """Of a manager; None is national."""
    address: Personal


class StaffAddressWithdrawn(Event):
    """Someone of Formiris is written to no more."""

    wire: ClassVar[str] = "org.formiris.registration.StaffAddressWithdrawn.v1"
    account_id: UUID
    account: Line


class PasswordResetRequested(Event):
    """Someone forgot the password; a code is e-mailed to the login, if that address still lives."""

    wire: ClassVar[str] = "org.formiris.registration.PasswordResetRequested.v1"
    account_id: UUID
    body_id: UUID | None = None
    login: Personal
    reset_id: UUID
    reset_code: Personal
    reset_expires_at: Instant


class PasswordReset(Event):
    """The code came back with another password; whoever was signed in has to sign in again."""

    wire: ClassVar[str] = "org.formiris.registration.PasswordReset.v1"
    account_id: UUID
    body_id: UUID | None = None
    login: Personal
    reset_id: UUID


class AdministratorNamed(Event):
    """One more account of the body administers the others."""

    wire: ClassVar[str] = "org.formiris.registration.AdministratorNamed.v1"
    body_id: UUID
    account_id: UUID


class AdministratorRemoved(Event):
    """The account administers no more; another one of the body still does."""

    wire: ClassVar[str] = "org.formiris.registration.AdministratorRemoved.v1"
    body_id: UUID
    account_id: UUID


class Retention(Part):
    """What the law keeps in spite of the erasure."""

    what: Line
    law: Line
    until: date


class PersonErased(Event):
    """The person's key was destroyed: their values read `Erased`, and every view drops its copies."""

    wire: ClassVar[str] = "org.formiris.registration.PersonErased.v1"
    person: PersonId
    requested_on: date
    erased_by: Actor
    kept: tuple[Retention, ...] | None = None


class AssistanceRequested(Event):
    """Someone stuck asked Assistance for help (R4)."""

    wire: ClassVar[str] = "org.formiris.registration.AssistanceRequested.v1"
    ticket_id: UUID
    subject: Literal["lost-codes", "email-no-longer-valid", "no-assignment", "other"]
    channel: Literal["extranet", "e-mail", "telephone"]
    requester_name: Personal | None = None
    requester_email: Personal | None = None
    message: Personal | None = None
    body_id: UUID | None = None
    account_id: UUID | None = None
    refusal: Code | None = None
    """The refusal that brought the person here."""
    dossier: Line | None = None
    """What the person was looking at, for example `/sessions/<id>`."""
    happened_at: Instant | None = None
    """When the person was refused."""


class AssistanceIdentityChecked(Event):
    """Assistance checked who asks, in one way, and says whether the person passed (R4)."""

    wire: ClassVar[str] = "org.formiris.registration.AssistanceIdentityChecked.v1"
    ticket_id: UUID
    check: Line
    """In words that name nobody."""
    passed: bool
    checked_by: Actor


class AssistanceResolved(Event):
    """Assistance checked who asks and did what was needed, or says why not (R4)."""

    wire: ClassVar[str] = "org.formiris.registration.AssistanceResolved.v1"
    ticket_id: UUID
    outcome: Literal["codes-reissued", "email-changed", "answered", "identity-not-proven"]
    checks: tuple[Line, ...]
    """How the identity was checked, in words that name nobody."""
    resolved_by: Actor
    answer: Personal | None = None
    account_id: UUID | None = None
    requester_email: Personal | None = None
    """Where the answer goes."""
    body_id: UUID | None = None


EVENTS: tuple[type[Event], ...] = (
    ReferencingRequested,
    ServiceProposalSent,
    ReferencingSubmitted,
    DraftReminded,
    ReferencingAccepted,
    ReferencingRejected,
    SiretClaimed,
    SiretReleased,
    TrainingBodyDetailsChanged,
    TrainingBodyBankDetailsChanged,
    TrainingBodySuspended,
    TrainingBodyReinstated,
    AccountOpened,
    AccountActivated,
    AccountCodesReissued,
    AccountEmailChanged,
    AccountLocked,
    AccountRightsChanged,
    AccountClosed,
    AccountSessionsEnded,
    StaffAddressGiven,
    StaffAddressWithdrawn,
    PasswordResetRequested,
    PasswordReset,
    AdministratorNamed,
    AdministratorRemoved,
    PersonErased,
    AssistanceRequested,
    AssistanceIdentityChecked,
    AssistanceResolved,
)
