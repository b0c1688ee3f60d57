"""Offerings: what a body teaches, who is assigned to it, and the order that pays for it.  (R5, R6, R8)

Streams: `offering-<offering id>`, `draft-<offering id>`, `assignments-<session id>` and `order-<order id>`.
Title, perimeter and territory are repeated where an office or a body must be told what happened: topics are
read apart, so no reader may count on having seen an earlier event of another one.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events.event import Event, Part
from shared.events.parts import Reasons
from shared.events.personal import Personal
from shared.events.values import (
    Actor,
    CostType,
    Count,
    DocumentSize,
    Hours,
    Line,
    MediaType,
    Money,
    OrderNumber,
    Perimeter,
    Prose,
    Revision,
    Sha256,
    TeacherNumber,
    Territory,
    UnitCode,
)


class TeachingUnit(Part):
    code: UnitCode
    title: Line
    hours: Hours
    """Planned, for each trainee."""


Units = Annotated[tuple[TeachingUnit, ...], Field(min_length=1)]


class Session(Part):
    session_id: UUID
    starts_on: date
    ends_on: date
    """The last day, included."""
    place: Line
    price: Money
    """For one session, one trainee or one trainee-hour: the offering's cost type says which."""
    units: Units
    timetable: Prose | None = None


class OfferingSubmitted(Event):
    """A referenced body proposed a training; a rejected one again, corrected (R5)."""

    wire: ClassVar[str] = "org.formiris.offerings.OfferingSubmitted.v1"
    offering_id: UUID
    body_id: UUID
    body_name: Line
    revision: Revision
    title: Line
    perimeter: Perimeter
    territory: Territory | None = None
    kind: Literal["inter-school", "intra-school", "individual"]
    total_hours: Hours
    """The hours of a session's units add up to it."""
    cost_type: CostType
    sessions: Annotated[tuple[Session, ...], Field(min_length=1)]

    objectives: Prose | None = None
    programme: Prose | None = None
    audience: Prose | None = None
    prerequisites: Prose | None = None
    methods: Prose | None = None
    assessment: Prose | None = None
    trainers: Personal | None = None
    group_minimum: Count | None = None
    group_maximum: Count | None = None
    registration_deadline: date | None = None
    conditions: Prose | None = None
    summary: Prose | None = None
    keywords: tuple[Line, ...] | None = None
    description: Prose | None = None
    mode: Literal["on-site", "remote", "hybrid"] | None = None
    accessibility: Prose | None = None


class OfferingAccepted(Event):
    """Formiris accepted the offering: its sessions can be ordered."""

    wire: ClassVar[str] = "org.formiris.offerings.OfferingAccepted.v1"
    offering_id: UUID
    body_id: UUID
    title: Line
    decided_by: Actor
    decided_on: date


class OfferingRejected(Event):
    """Formiris rejected the offering, and says why; it may be corrected and submitted again."""

    wire: ClassVar[str] = "org.formiris.offerings.OfferingRejected.v1"
    offering_id: UUID
    body_id: UUID
    title: Line
    reasons: Reasons
    decided_by: Actor
    decided_on: date


class OfferingWithdrawn(Event):
    """The body took its offering back."""

    wire: ClassVar[str] = "org.formiris.offerings.OfferingWithdrawn.v1"
    offering_id: UUID
    body_id: UUID
    title: Line
    withdrawn_by: Actor
    cause: Prose | None = None
    perimeter: Perimeter | None = None
    territory: Territory | None = None


class DraftReminded(Event):
    """A body was reminded, once, of an offering that it began and has not submitted (F6)."""

    wire: ClassVar[str] = "org.formiris.offerings.DraftReminded.v1"
    offering_id: UUID
    """That it will have, once submitted."""
    body_id: UUID
    title: Line
    """« sans intitulé » while there is none."""
    deadline: date | None = None
    """The first day that the draft names; None: it names none, and was left for two weeks."""


class DraftGivenUp(Event):
    """A body erased a draft of which it had been reminded."""

    wire: ClassVar[str] = "org.formiris.offerings.DraftGivenUp.v1"
    offering_id: UUID
    body_id: UUID
    given_up_by: Actor


class SessionRescheduled(Event):
    """A session moved to other days, or another place."""

    wire: ClassVar[str] = "org.formiris.offerings.SessionRescheduled.v1"
    offering_id: UUID
    session_id: UUID
    body_id: UUID
    starts_on: date
    ends_on: date
    previous_starts_on: date
    previous_ends_on: date
    rescheduled_by: Actor
    place: Line | None = None
    """None when the place stays."""
    cause: Prose | None = None
    title: Line | None = None
    perimeter: Perimeter | None = None
    territory: Territory | None = None


class SessionCancelled(Event):
    """A session will not take place."""

    wire: ClassVar[str] = "org.formiris.offerings.SessionCancelled.v1"
    offering_id: UUID
    session_id: UUID
    body_id: UUID
    cancelled_by: Actor
    cause: Prose
    title: Line | None = None
    perimeter: Perimeter | None = None
    territory: Territory | None = None


class TeacherAssigned(Event):
    """A teacher is expected in a teaching unit of a session: without this, no certificate for them (R8)."""

    wire: ClassVar[str] = "org.formiris.offerings.TeacherAssigned.v1"
    offering_id: UUID
    session_id: UUID
    body_id: UUID
    unit_code: UnitCode
    teacher_number: TeacherNumber
    import_id: UUID | None = None
    """Of the CSV it came in, one for all its lines."""


class TeacherUnassigned(Event):
    """The teacher is no longer expected in that unit."""

    wire: ClassVar[str] = "org.formiris.offerings.TeacherUnassigned.v1"
    offering_id: UUID
    session_id: UUID
    body_id: UUID
    unit_code: UnitCode
    teacher_number: TeacherNumber
    import_id: UUID | None = None
    cause: Prose | None = None


class OrderIssued(Event):
    """First step (R6): Formiris submitted the purchase order to the body, for stamp and signature."""

    wire: ClassVar[str] = "org.formiris.offerings.OrderIssued.v1"
    order_id: UUID
    number: OrderNumber
    body_id: UUID
    body_name: Line
    offering_id: UUID
    title: Line
    session_id: UUID
    starts_on: date
    ends_on: date
    place: Line
    perimeter: Perimeter
    territory: Territory | None = None
    cost_type: CostType
    price: Money
    """For one unit of the cost type."""
    amount_ceiling: Money
    """No invoice of this order goes above it."""
    units: Units
    document_hash: Sha256
    """Of the document to sign."""
    issued_by: Actor
    planned_trainees: Count | None = None
    payment_days: Count | None = None
    """30 unless said, 60 at most."""


class OrderSigned(Event):
    """Second step (R6): the body returned the order signed and stamped; certificates may follow (R7).

    A scan is evidence of who deposited what and when; it is not an electronic signature.
    """

    wire: ClassVar[str] = "org.formiris.offerings.OrderSigned.v1"
    order_id: UUID
    number: OrderNumber
    body_id: UUID
    offering_id: UUID
    session_id: UUID
    document_hash: Sha256
    """Of the returned document."""
    document_size: DocumentSize
    document_media_type: MediaType
    signatory: Personal
    """Name of who signed on paper."""
    signed_on: date
    deposited_by: Actor
    title: Line | None = None
    perimeter: Perimeter | None = None
    territory: Territory | None = None
    amendment: Revision | None = None
    """The amendment that was signed; None: the order as issued."""
    recognised: bool | None = None
    """Whether the order's number was read on the document, as text or QR code; None: nobody looked."""


class OrderSignatureRefused(Event):
    """Formiris refused the returned order, for example unstamped; it must be returned again (R6)."""

    wire: ClassVar[str] = "org.formiris.offerings.OrderSignatureRefused.v1"
    order_id: UUID
    number: OrderNumber
    body_id: UUID
    offering_id: UUID
    session_id: UUID
    document_hash: Sha256
    """Of the document refused."""
    reasons: Reasons
    refused_by: Actor
    title: Line | None = None
    perimeter: Perimeter | None = None
    territory: Territory | None = None


class OrderAmended(Event):
    """Its session moved: the order keeps its number, and an amendment says the new period and place.

    The amendment is to be signed, stamped and returned as the order was (R6); until then certificates wait (R7).
    """

    wire: ClassVar[str] = "org.formiris.offerings.OrderAmended.v1"
    order_id: UUID
    number: OrderNumber
    body_id: UUID
    offering_id: UUID
    session_id: UUID
    amendment: Revision
    """1 for the first one of the order."""
    starts_on: date
    ends_on: date
    place: Line
    document_hash: Sha256
    """Of the amendment to sign."""
    amended_by: Actor
    title: Line | None = None
    perimeter: Perimeter | None = None
    territory: Territory | None = None
    cause: Prose | None = None


class OrderCancelled(Event):
    """The order binds nobody any more."""

    wire: ClassVar[str] = "org.formiris.offerings.OrderCancelled.v1"
    order_id: UUID
    number: OrderNumber
    body_id: UUID
    offering_id: UUID
    session_id: UUID
    cancelled_by: Actor
    cause: Prose
    title: Line | None = None
    perimeter: Perimeter | None = None
    territory: Territory | None = None


EVENTS: tuple[type[Event], ...] = (
    OfferingSubmitted,
    OfferingAccepted,
    OfferingRejected,
    OfferingWithdrawn,
    DraftReminded,
    DraftGivenUp,
    SessionRescheduled,
    SessionCancelled,
    TeacherAssigned,
    TeacherUnassigned,
    OrderIssued,
    OrderSigned,
    OrderSignatureRefused,
    OrderAmended,
    OrderCancelled,
)
