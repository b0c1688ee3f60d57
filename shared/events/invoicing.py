"""Invoicing: from the invoice to its payment; a submitted invoice never changes.  (R9, R11)

Streams: `invoice-<invoice id>`, `invoice-number-<body id>-<number>` (unique within the body) and
`invoicing-<session id>` (one live invoice a session).
"""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.event import Event, Part
from shared.events.parts import Address, Office, Reasons
from shared.events.personal import Personal
from shared.events.values import (
    Actor,
    CostType,
    Hours,
    InvoiceNumber,
    Line,
    Money,
    Nda,
    OrderNumber,
    Percent,
    Perimeter,
    Prose,
    Sha256,
    Siret,
    Territory,
)

VatMention = Literal["cgi-261-4-4-a", "cibs"]
"""The dated mention of the VAT exemption; the words belong to the reference data."""
InvoiceKind = Literal["380", "384", "381"]
"""UNTDID 1001: invoice, corrective invoice, credit note."""


class InvoiceReference(Part):
    """An earlier invoice that this one corrects or credits."""

    invoice_id: UUID
    number: InvoiceNumber
    issued_on: date


class AmountBasis(Part):
    """How the amount came about: price x quantity, never above the order's ceiling."""

    cost_type: CostType
    price: Money
    quantity: Hours
    """1 for a session, else trainees or trainee-hours as validated."""
    amount_ceiling: Money
    """Of the order."""


class Seller(Part):
    """The body as its invoice must name it, on the day it was submitted."""

    legal_name: Line
    siret: Siret
    address: Address
    nda: Nda
    """Activity declaration number, a mandatory mention of a training body."""
    legal_form: Line | None = None
    vat_number: Line | None = None
    iban: Personal | None = None
    """Of the account known since the referencing; shown masked."""


class VatShare(Part):
    """The VAT within the amount of a body that is liable to it: net + vat = amount."""

    rate: Percent
    net: Money
    vat: Money


class InvoiceSubmitted(Event):
    """The body invoiced a session whose certificates are validated (R9); from now on it stands as it is."""

    wire: ClassVar[str] = "org.formiris.invoicing.InvoiceSubmitted.v1"
    invoice_id: UUID
    number: InvoiceNumber
    """The body's own, unique within it."""
    kind: InvoiceKind
    body_id: UUID
    body_name: Line
    offering_id: UUID
    session_id: UUID
    order_id: UUID
    order_number: OrderNumber
    perimeter: Perimeter
    territory: Territory | None = None
    amount: Money
    """Due in all; of a credit note, what it takes off."""
    currency: Literal["EUR"]
    basis: AmountBasis | None = None
    """None for a credit note."""
    issued_on: date
    due_on: date
    vat_mention: VatMention
    origin: Literal["generated", "deposited"]
    submitted_by: Actor
    references: tuple[InvoiceReference, ...] | None = None
    """Exactly one for a 384, at least one for a 381, none for a 380."""
    amendment_id: UUID | None = None
    """The granted amendment that a 384 or a 381 carries out."""
    document_hash: Sha256 | None = None
    """Of a deposited invoice."""
    seller: Seller | None = None
    vat: VatShare | None = None
    """None: exempt, under the mention."""
    title: Line | None = None
    """Of the training."""
    starts_on: date | None = None
    ends_on: date | None = None
    """Of the session, the last day included."""
    remarks: Reasons | None = None
    """What was noticed in a deposited invoice without refusing it."""


class InvoiceNumberClaimed(Event):
    """An invoice of a body took its number: no other invoice of that body can have it."""

    wire: ClassVar[str] = "org.formiris.invoicing.InvoiceNumberClaimed.v1"
    body_id: UUID
    number: InvoiceNumber
    invoice_id: UUID


class SessionInvoicingClaimed(Event):
    """An invoice took hold of a session: no other invoices it until it is released, or corrected by that one."""

    wire: ClassVar[str] = "org.formiris.invoicing.SessionInvoicingClaimed.v1"
    session_id: UUID
    body_id: UUID
    invoice_id: UUID
    number: InvoiceNumber


class SessionInvoicingReleased(Event):
    """The session's invoice was rejected or credited: the session can be invoiced again."""

    wire: ClassVar[str] = "org.formiris.invoicing.SessionInvoicingReleased.v1"
    session_id: UUID
    body_id: UUID
    invoice_id: UUID
    number: InvoiceNumber


class InvoiceAccepted(Event):
    """Formiris will pay the invoice when it is due."""

    wire: ClassVar[str] = "org.formiris.invoicing.InvoiceAccepted.v1"
    invoice_id: UUID
    number: InvoiceNumber
    body_id: UUID
    session_id: UUID
    amount: Money
    due_on: date
    accepted_by: Actor
    accepted_on: date


class InvoiceRejected(Event):
    """Formiris will not pay the invoice, and says why."""

    wire: ClassVar[str] = "org.formiris.invoicing.InvoiceRejected.v1"
    invoice_id: UUID
    number: InvoiceNumber
    body_id: UUID
    session_id: UUID
    reasons: Reasons
    rejected_by: Actor
    rejected_on: date
    number_stays: bool | None = None
    """Whether the number remains taken."""


class InvoiceReturned(Event):
    """Formiris sent the invoice back without rejecting it: it keeps its number and its session.

    To recycle: it reached the wrong place or cannot be read, and is sent again as it is. Suspended: a paper or a word
    is missing beside it.
    """

    wire: ClassVar[str] = "org.formiris.invoicing.InvoiceReturned.v1"
    invoice_id: UUID
    number: InvoiceNumber
    body_id: UUID
    session_id: UUID
    kind: Literal["to-recycle", "suspended"]
    reasons: Reasons
    returned_by: Actor
    returned_on: date
    number_stays: bool
    """Whether the invoice comes back under the same number."""


class InvoiceResumed(Event):
    """The invoice that was sent back is before Formiris again, unchanged, with what was missing."""

    wire: ClassVar[str] = "org.formiris.invoicing.InvoiceResumed.v1"
    invoice_id: UUID
    number: InvoiceNumber
    body_id: UUID
    session_id: UUID
    after: Literal["to-recycle", "suspended"]
    resumed_by: Actor
    resumed_on: date
    answer: Prose | None = None
    document_hash: Sha256 | None = None
    """Of the same invoice, deposited anew."""
    supplement_hash: Sha256 | None = None
    """Of the paper that was missing."""
    perimeter: Perimeter | None = None
    territory: Territory | None = None


class InvoiceAmendmentRequested(Event):
    """The body asked for a change of a submitted invoice; the request goes where R11 says."""

    wire: ClassVar[str] = "org.formiris.invoicing.InvoiceAmendmentRequested.v1"
    amendment_id: UUID
    invoice_id: UUID
    number: InvoiceNumber
    body_id: UUID
    session_id: UUID
    routed_to: Office
    wish: Prose
    """What should change, and why."""
    requested_by: Actor
    perimeter: Perimeter | None = None
    territory: Territory | None = None


class InvoiceAmendmentGranted(Event):
    """The change may be made: by a corrective invoice or a credit note, never in the invoice (R11)."""

    wire: ClassVar[str] = "org.formiris.invoicing.InvoiceAmendmentGranted.v1"
    amendment_id: UUID
    invoice_id: UUID
    number: InvoiceNumber
    body_id: UUID
    session_id: UUID
    remedy: Literal["corrective-invoice", "credit-note"]
    granted_by: Actor


class InvoiceAmendmentRefused(Event):
    """The invoice stays as it is, and the body is told why."""

    wire: ClassVar[str] = "org.formiris.invoicing.InvoiceAmendmentRefused.v1"
    amendment_id: UUID
    invoice_id: UUID
    number: InvoiceNumber
    body_id: UUID
    session_id: UUID
    reasons: Reasons
    refused_by: Actor


class InvoiceCorrected(Event):
    """In the first invoice's stream: a corrective invoice (384) takes its place."""

    wire: ClassVar[str] = "org.formiris.invoicing.InvoiceCorrected.v1"
    invoice_id: UUID
    number: InvoiceNumber
    body_id: UUID
    session_id: UUID
    by_invoice_id: UUID
    by_number: InvoiceNumber
    amount_before: Money
    amount: Money
    """Due now."""


class InvoiceCredited(Event):
    """In the first invoice's stream: a credit note (381) takes an amount off it."""

    wire: ClassVar[str] = "org.formiris.invoicing.InvoiceCredited.v1"
    invoice_id: UUID
    number: InvoiceNumber
    body_id: UUID
    session_id: UUID
    by_invoice_id: UUID
    by_number: InvoiceNumber
    amount: Money
    """Taken off."""


class InvoicePaid(Event):
    """Formiris paid; the reference is the one on the bank statement."""

    wire: ClassVar[str] = "org.formiris.invoicing.InvoicePaid.v1"
    invoice_id: UUID
    number: InvoiceNumber
    body_id: UUID
    session_id: UUID
    amount: Money
    reference: Line
    paid_on: date


EVENTS: tuple[type[Event], ...] = (
    InvoiceSubmitted,
    InvoiceNumberClaimed,
    SessionInvoicingClaimed,
    SessionInvoicingReleased,
    InvoiceAccepted,
    InvoiceRejected,
    InvoiceReturned,
    InvoiceResumed,
    InvoiceAmendmentRequested,
    InvoiceAmendmentGranted,
    InvoiceAmendmentRefused,
    InvoiceCorrected,
    InvoiceCredited,
    InvoicePaid,
)
