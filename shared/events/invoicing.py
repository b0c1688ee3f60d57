"""Invoicing: from the invoice to its payment; a submitted invoice never changes.  (R9, R11)

Streams: `invoice-<invoice id>`, `invoice-number-<body id>-<number>` (unique within the body) and
`invoicing-<session id>` (one live invoice a session).
"""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.event import Event, Part
from shared.events.parts import Office, Reasons
from shared.events.values import (
    Actor,
    CostType,
    Hours,
    InvoiceNumber,
    Line,
    Money,
    OrderNumber,
    Perimeter,
    Prose,
    Sha256,
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
    InvoiceAmendmentRequested,
    InvoiceAmendmentGranted,
    InvoiceAmendmentRefused,
    InvoiceCorrected,
    InvoiceCredited,
    InvoicePaid,
)
