"""From events to the facts of a dossier: what each stream that has a say last said.

A dossier's facts lie apart by stream (its own, its orders', its invoices'), so that they are the same in whatever
order contexts are heard: only within a stream is an order given. Pure; facts are JSON.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from shared.events import Event
from shared.events import attendance as a
from shared.events import invoicing as i
from shared.events import offerings as o
from shared.events import registration as r

Kind = Literal["referencing", "offering", "session", "order", "invoice", "ticket"]
Facts = dict[str, Any]

_OWN: Mapping[type[Event], tuple[Kind, str]] = {
    **dict.fromkeys(
        (r.ReferencingRequested, r.ServiceProposalSent, r.ReferencingSubmitted, r.ReferencingAccepted,
         r.ReferencingRejected), ("referencing", "request_id"),
    ),
    **dict.fromkeys((r.TrainingBodySuspended, r.TrainingBodyReinstated), ("referencing", "body_id")),
    **dict.fromkeys(
        (r.AssistanceRequested, r.AssistanceIdentityChecked, r.AssistanceResolved), ("ticket", "ticket_id"),
    ),
    **dict.fromkeys(
        (o.OfferingSubmitted, o.OfferingAccepted, o.OfferingRejected, o.OfferingWithdrawn),
        ("offering", "offering_id"),
    ),
    **dict.fromkeys((o.SessionRescheduled, o.SessionCancelled), ("session", "session_id")),
    **dict.fromkeys(
        (o.OrderIssued, o.OrderSigned, o.OrderSignatureRefused, o.OrderAmended, o.OrderCancelled),
        ("order", "order_id"),
    ),
    **dict.fromkeys(
        (a.CertificatesSubmitted, a.CertificatesValidated, a.CertificatesRejected), ("session", "session_id"),
    ),
    **dict.fromkeys(
        (i.InvoiceSubmitted, i.InvoiceAccepted, i.InvoiceRejected, i.InvoiceReturned, i.InvoiceResumed,
         i.InvoiceAmendmentRequested, i.InvoiceAmendmentGranted, i.InvoiceAmendmentRefused, i.InvoiceCorrected,
         i.InvoiceCredited, i.InvoicePaid), ("invoice", "invoice_id"),
    ),
}  # fmt: skip
"""Each event that moves a dossier, and the dossier that it is about."""

MOVING = frozenset(_OWN)

NO_STANDING: Mapping[type[Event], str] = {
    r.DraftReminded: "the request stands as it did",
    o.DraftReminded: "a draft is no dossier yet",
    o.DraftGivenUp: "likewise",
    r.SiretClaimed: "goes with the submission",
    r.SiretReleased: "goes with the rejection",
    r.TrainingBodyDetailsChanged: "the body stands as it did",
    r.TrainingBodyBankDetailsChanged: "the body stands as it did",
    **dict.fromkeys(
        (r.AccountOpened, r.AccountActivated, r.AccountCodesReissued, r.AccountEmailChanged, r.AccountLocked,
         r.AccountRightsChanged, r.AccountClosed, r.AccountSessionsEnded, r.PasswordResetRequested, r.PasswordReset,
         r.AdministratorNamed, r.AdministratorRemoved, r.StaffAddressGiven, r.StaffAddressWithdrawn),
        "an account is no dossier",
    ),
    r.PersonErased: "a person is no dossier",
    o.TeacherAssigned: "a session is ordered with its assignments, or refused",
    o.TeacherUnassigned: "likewise",
    i.InvoiceNumberClaimed: "goes with the submission",
    i.SessionInvoicingClaimed: "goes with the submission",
    i.SessionInvoicingReleased: "goes with the rejection or the credit note",
}  # fmt: skip


def dossier_of(event: Event) -> UUID | None:
    """The dossier that an event is about, also when it does not move it: whoever is told looks there."""
    if own := _OWN.get(type(event)):
        about: UUID = getattr(event, own[1])
        return about
    names = ("dossier_id", "body_id", "request_id")
    return next((named for name in names if (named := getattr(event, name, None))), None)


def moved(event: Event) -> Iterator[tuple[UUID, Kind]]:
    """Every dossier that an event moves: its own, and those that stand as it does."""
    own = _OWN.get(type(event))
    if own is None:
        return
    kind, name = own
    yield getattr(event, name), kind
    match event:
        case o.OfferingSubmitted():
            yield from ((session.session_id, "session") for session in event.sessions)
        case o.SessionCancelled():
            yield event.offering_id, "offering"
    if kind == "order":
        yield getattr(event, "offering_id"), "offering"  # noqa: B009 - of every event of an order
    if kind in ("order", "invoice"):
        yield getattr(event, "session_id"), "session"  # noqa: B009 - of every event of an order or an invoice


def folded(kind: Kind, id: UUID, facts: Facts, event: Event, at: datetime) -> Facts:
    """The facts of a dossier after an event that moves it."""
    match event:
        case r.TrainingBodySuspended() | r.TrainingBodyReinstated():
            return facts | {"suspension": _suspension(event, at)}
        case o.SessionRescheduled():
            return facts | {"moved": {"starts_on": str(event.starts_on), "ends_on": str(event.ends_on)}}
        case o.SessionCancelled() if kind == "session":
            return facts | {"cancelled": {"at": at.isoformat(), "cause": event.cause}}
        case o.SessionCancelled():
            return facts | {"cancelled": sorted({*facts.get("cancelled", []), str(event.session_id)})}
        case o.OfferingSubmitted() if kind == "session":
            return facts | {"plan": _plan(id, event, at)}
    part, key = _PARTS[_OWN[type(event)][0]]
    if kind == _OWN[type(event)][0] and key is None:
        return facts | {part: _step(facts.get(part, {}), event, at)}
    if key is None:
        return facts
    of = str(getattr(event, key))
    parts = facts.get(part, {})
    return facts | {part: parts | {of: _step(parts.get(of, {}), event, at)}}


_PARTS: Mapping[Kind, tuple[str, str | None]] = {
    "referencing": ("request", None),
    "ticket": ("ticket", None),
    "offering": ("offering", None),
    "session": ("certificates", None),
    "order": ("orders", "order_id"),
    "invoice": ("invoices", "invoice_id"),
}
"""Where an event of a dossier of this kind is noted; by which id, where a dossier may have several."""


def _plan(session_id: UUID, event: o.OfferingSubmitted, at: datetime) -> Facts:
    (session,) = (each for each in event.sessions if each.session_id == session_id)
    return {
        "offering": str(event.offering_id), "title": event.title, "starts_on": str(session.starts_on),
        "ends_on": str(session.ends_on), "at": at.isoformat(), **_place(event),
    }  # fmt: skip


def _suspension(event: r.TrainingBodySuspended | r.TrainingBodyReinstated, at: datetime) -> Facts:
    if isinstance(event, r.TrainingBodyReinstated):
        return {"on": False, "at": at.isoformat()}
    merged = {"merged_into": event.merged_into_name} if event.merged_into else {}
    return {"on": True, "at": at.isoformat(), "cause": event.cause, **_reasons(event), **merged}


_STATUS: Mapping[type[Event], str] = {
    r.ReferencingRequested: "requested", r.ServiceProposalSent: "proposed", r.ReferencingSubmitted: "submitted",
    r.ReferencingAccepted: "accepted", r.ReferencingRejected: "rejected",
    r.AssistanceRequested: "requested", r.AssistanceIdentityChecked: "checked", r.AssistanceResolved: "resolved",
    o.OfferingSubmitted: "submitted", o.OfferingAccepted: "accepted", o.OfferingRejected: "rejected",
    o.OfferingWithdrawn: "withdrawn",
    o.OrderIssued: "issued", o.OrderSigned: "signed", o.OrderSignatureRefused: "signature-refused",
    o.OrderAmended: "amended", o.OrderCancelled: "cancelled",
    a.CertificatesSubmitted: "submitted", a.CertificatesValidated: "validated", a.CertificatesRejected: "rejected",
    i.InvoiceSubmitted: "submitted", i.InvoiceAccepted: "accepted", i.InvoiceRejected: "rejected",
    i.InvoiceReturned: "returned", i.InvoiceResumed: "submitted", i.InvoiceCorrected: "corrected",
    i.InvoiceCredited: "credited", i.InvoicePaid: "paid",
}  # fmt: skip
_AMENDMENT: Mapping[type[Event], str] = {
    i.InvoiceAmendmentRequested: "requested",
    i.InvoiceAmendmentGranted: "granted",
    i.InvoiceAmendmentRefused: "refused",
}
_FOUNDING = (
    r.ReferencingRequested,
    r.AssistanceRequested,
    o.OfferingSubmitted,
    o.OrderIssued,
    i.InvoiceSubmitted,
)
"""The first event of a dossier, which says what the later ones need not repeat."""


def _step(before: Facts, event: Event, at: datetime) -> Facts:
    """What a stream last said: its status, since when, why; and what its first event said of it."""
    moment = at.isoformat()
    if type(event) in _AMENDMENT:
        return before | {"amendment": {"status": _AMENDMENT[type(event)], "at": moment}}
    step = before | {"status": _STATUS[type(event)], "at": moment} | _reasons(event) | _place(event)
    match event:
        case i.InvoiceSubmitted():
            step["document"] = event.kind
        case i.InvoiceReturned():
            step["returned"] = event.kind
        case o.OfferingSubmitted():
            step["sessions"] = sorted(str(session.session_id) for session in event.sessions)
    if isinstance(event, _FOUNDING) and "first_at" not in step:
        step["first_at"] = moment
    return step | {name: word for name in _KEPT if (word := _text(getattr(event, name, None))) is not None}


_KEPT = (
    "number", "title", "name", "body_name", "starts_on", "ends_on", "amount", "due_on", "paid_on", "cause", "subject",
    "session_id", "order_number", "by_number", "outcome",
)  # fmt: skip


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _reasons(event: Event) -> Facts:
    return {"reasons": [reason.text for reason in getattr(event, "reasons", None) or ()]}


def _place(event: Event) -> Facts:
    """Whose dossier it is, and which office's, as far as the event says."""
    said: Any = getattr(event, "form", event)
    place: Facts = {}
    if getattr(said, "perimeter", None):
        place |= {"perimeter": said.perimeter, "territory": said.territory}
    if body := getattr(event, "body_id", None) or getattr(event, "request_id", None):
        place["body"] = str(body)
    if office := getattr(event, "office", None):
        place["office"] = office.model_dump()
    return place
