"""Referencing request: asked, answered by a proposal, submitted, then accepted or rejected.  (R1 to R3)"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from services.registration.refusals import (
    ALREADY_ACCEPTED,
    NOT_SUBMITTED,
    PROPOSAL_NOT_SENT,
    REASONS_MISSING,
    REJECTED_OTHERWISE,
    UNDER_REVIEW,
)
from shared.events import AnyPersonal, Event
from shared.events.parts import Office, Reason
from shared.events.registration import (
    ReferencingAccepted,
    ReferencingForm,
    ReferencingRejected,
    ReferencingRequested,
    ReferencingSubmitted,
    ServiceProposalSent,
)
from shared.events.values import BodyKind, Perimeter
from shared.runtime.decider import Decider
from shared.runtime.refusal import Contact, Missing, Refusal, Refused
from shared.runtime.refusals import NOT_FOUND


@dataclass(frozen=True, slots=True)
class RequestReferencing:
    """A body asks to be referenced; `office` is who will answer (R1)."""

    request: UUID
    name: str
    kind: BodyKind
    perimeter: Perimeter
    territory: str | None
    office: Office
    contact_name: AnyPersonal
    contact_email: AnyPersonal


@dataclass(frozen=True, slots=True)
class SendProposal:
    """The office sends its « Proposition d'offre de service »; `document` is the sha256 of the PDF."""

    by: str
    document: str | None = None


@dataclass(frozen=True, slots=True)
class SubmitReferencing:
    """The body returns the form, complete; `office` is who decides on it."""

    form: ReferencingForm
    office: Office


@dataclass(frozen=True, slots=True)
class AcceptReferencing:
    """Formiris references the body. `office` and `territory` are those of the day, if another answers by now."""

    by: str
    on: date
    office: Office | None = None
    territory: str | None = None


@dataclass(frozen=True, slots=True)
class RejectReferencing:
    """Formiris rejects the request, and says why."""

    reasons: tuple[Reason, ...]
    by: str
    on: date


Command = RequestReferencing | SendProposal | SubmitReferencing | AcceptReferencing | RejectReferencing
Status = Literal["none", "requested", "proposed", "submitted", "accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class Request:
    """A referencing request; `asked` is how it came, `form` what was last submitted."""

    status: Status = "none"
    asked: ReferencingRequested | None = None
    office: Office | None = None
    form: ReferencingForm | None = None
    revision: int = 0
    reasons: tuple[Reason, ...] = ()
    document: str | None = None
    accepted: ReferencingAccepted | None = None

    @property
    def territory(self) -> str | None:
        """Whose managers act on it; None is the head office."""
        if self.accepted:
            return self.accepted.territory
        if self.form:
            return self.form.territory
        return self.asked.territory if self.asked else None

    @property
    def siret(self) -> str | None:
        """The SIRET that the request holds, if it holds one."""
        return self.form.siret if self.form and self.status in ("submitted", "accepted") else None


def decide(request: Request, command: Command) -> list[Event]:
    """Raises `Refused` for a step out of turn, saying whose turn it is."""
    if isinstance(command, RequestReferencing):
        return [_requested(command)] if request.status == "none" else []
    asked = request.asked
    if asked is None:
        raise Refused(NOT_FOUND)
    match command:
        case SendProposal():
            return _propose(request, asked, command)
        case SubmitReferencing():
            return _submit(request, asked, command)
        case AcceptReferencing():
            return _accept(request, asked, command)
        case RejectReferencing():
            return _reject(request, asked, command)


def _requested(command: RequestReferencing) -> Event:
    return ReferencingRequested(
        request_id=command.request,
        body_name=command.name,
        body_kind=command.kind,
        perimeter=command.perimeter,
        territory=command.territory,
        office=command.office,
        contact_name=command.contact_name,
        contact_email=command.contact_email,
    )


def _propose(request: Request, asked: ReferencingRequested, command: SendProposal) -> list[Event]:
    if request.status != "requested":
        return []
    return [
        ServiceProposalSent(
            request_id=asked.request_id,
            body_name=asked.body_name,
            office=asked.office,
            to=asked.contact_email,
            sent_by=command.by,
            document_hash=command.document,
        )
    ]


def _submit(request: Request, asked: ReferencingRequested, command: SubmitReferencing) -> list[Event]:
    match request.status:
        case "submitted" if (request.form, request.office) == (command.form, command.office):
            return []
        case "proposed" | "rejected":
            return [
                ReferencingSubmitted(
                    request_id=asked.request_id,
                    revision=request.revision + 1,
                    form=command.form,
                    office=command.office,
                )
            ]
        case "requested":
            raise _held_by(request.office, PROPOSAL_NOT_SENT)
        case "submitted":
            raise _held_by(request.office, UNDER_REVIEW)
        case _:
            raise Refused(ALREADY_ACCEPTED)


def _accept(request: Request, asked: ReferencingRequested, command: AcceptReferencing) -> list[Event]:
    if request.status == "accepted":
        return []
    form, office = _to_decide(request)
    return [
        ReferencingAccepted(
            request_id=asked.request_id,
            body_id=asked.request_id,
            siret=form.siret,
            name=form.name,
            legal_name=form.legal_name,
            kind=form.kind,
            perimeter=form.perimeter,
            territory=command.territory if command.office else form.territory,
            office=command.office or office,
            contact_name=asked.contact_name,
            contact_email=asked.contact_email,
            decided_by=command.by,
            decided_on=command.on,
            qualiopi_valid_until=form.qualiopi.valid_until if form.qualiopi else None,
            address=form.address,
            nda=form.nda,
            vat_regime=form.vat_regime,
        )
    ]


def _reject(request: Request, asked: ReferencingRequested, command: RejectReferencing) -> list[Event]:
    if not command.reasons:
        raise Refused(REASONS_MISSING, missing=[Missing("reasons", "Motifs du rejet")])
    if request.status == "accepted":
        raise Refused(ALREADY_ACCEPTED)
    if request.status == "rejected" and request.reasons == command.reasons:
        return []
    form, office = _to_decide(request)
    return [
        ReferencingRejected(
            request_id=asked.request_id,
            body_name=form.name,
            reasons=command.reasons,
            office=office,
            contact_name=asked.contact_name,
            contact_email=asked.contact_email,
            decided_by=command.by,
            decided_on=command.on,
        )
    ]


def _to_decide(request: Request) -> tuple[ReferencingForm, Office]:
    if request.status == "rejected":
        raise Refused(REJECTED_OTHERWISE)
    if request.status != "submitted" or request.form is None or request.office is None:
        raise Refused(NOT_SUBMITTED)
    return request.form, request.office


def _held_by(office: Office | None, refusal: Refusal) -> Refused:
    """A refusal that says which office has the next step, and how to reach it."""
    if office is None:
        return Refused(refusal)
    return Refused(refusal, holder=office.name, contact=Contact(office.name, office.email, office.phone))


def evolve(request: Request, event: Event) -> Request:
    """Total: what it does not need leaves the state as it is."""
    match event:
        case ReferencingRequested():
            return Request("requested", event, event.office)
        case ServiceProposalSent():
            return replace(request, status="proposed", document=event.document_hash)
        case ReferencingSubmitted():
            return replace(
                request, status="submitted", form=event.form, office=event.office, revision=event.revision
            )
        case ReferencingAccepted():
            return replace(request, status="accepted", accepted=event)
        case ReferencingRejected():
            return replace(request, status="rejected", reasons=event.reasons)
    return request


DECIDER = Decider(Request(), decide, evolve)
