"""Attendance: one certificate set a session, from its deposit to its validation.  (R7, R8)

Stream: `certificates-<session id>`. Order number, title, perimeter and territory come from the order, so that
whoever must tell an office or a body what happened needs no other event.
"""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from shared.events.event import Event, Part
from shared.events.parts import Reasons
from shared.events.values import (
    Actor,
    Code,
    Count,
    DocumentSize,
    Hours,
    Line,
    MediaType,
    OrderNumber,
    Perimeter,
    Prose,
    Revision,
    Sha256,
    TeacherNumber,
    Territory,
    UnitCode,
)


class CertificateLine(Part):
    """What one teacher did of one teaching unit."""

    teacher_number: TeacherNumber
    unit_code: UnitCode
    hours: Hours
    """Done; never above the hours planned."""
    starts_on: date
    ends_on: date


class LineRef(Part):
    """One line of a set: a teacher has one for each unit."""

    teacher_number: TeacherNumber
    unit_code: UnitCode


class CertificatesSubmitted(Event):
    """The body deposited the attendance certificates of a session whose order it had returned (R7)."""

    wire: ClassVar[str] = "org.formiris.attendance.CertificatesSubmitted.v1"
    session_id: UUID
    order_id: UUID
    offering_id: UUID
    body_id: UUID
    revision: Revision
    """1 for the first deposit, then one more for each correction."""
    lines: Annotated[tuple[CertificateLine, ...], Field(min_length=1)]
    """All those of the session, whether they were validated before or are new."""
    sheet_hash: Sha256
    """Of the signed attendance sheet."""
    deposited_by: Actor
    sheet_size: DocumentSize | None = None
    sheet_media_type: MediaType | None = None
    order_number: OrderNumber | None = None
    title: Line | None = None
    perimeter: Perimeter | None = None
    territory: Territory | None = None
    validated_lines: tuple[LineRef, ...] | None = None
    """Those that an earlier decision validated, as they were; only the others wait for a decision."""


class UnitTotal(Part):
    unit_code: UnitCode
    trainees: Count
    """Teachers with at least one validated hour in the unit."""
    hours: Hours
    """Trainee-hours: the sum over these teachers."""


class CertificatesValidated(Event):
    """Formiris validated the certificates: the session can be invoiced (R9), and the body is told (R10).

    It carries totals only: the lines with teacher numbers are not for every reader.
    """

    wire: ClassVar[str] = "org.formiris.attendance.CertificatesValidated.v1"
    session_id: UUID
    order_id: UUID
    offering_id: UUID
    body_id: UUID
    revision: Revision
    units: Annotated[tuple[UnitTotal, ...], Field(min_length=1)]
    trainees: Count
    """Distinct teachers with at least one validated hour in the session."""
    hours: Hours
    """Trainee-hours of all units."""
    validated_by: Actor
    validated_on: date
    order_number: OrderNumber | None = None
    title: Line | None = None
    perimeter: Perimeter | None = None
    territory: Territory | None = None


class LineReason(Part):
    """What is wrong with one line."""

    teacher_number: TeacherNumber
    unit_code: UnitCode
    text: Prose
    code: Code | None = None


class CertificatesRejected(Event):
    """Formiris rejected the certificates, as a whole or line by line; what was rejected comes again, corrected."""

    wire: ClassVar[str] = "org.formiris.attendance.CertificatesRejected.v1"
    session_id: UUID
    order_id: UUID
    offering_id: UUID
    body_id: UUID
    revision: Revision
    reasons: Reasons
    lines: tuple[LineReason, ...] | None = None
    rejected_by: Actor
    rejected_on: date
    order_number: OrderNumber | None = None
    title: Line | None = None
    perimeter: Perimeter | None = None
    territory: Territory | None = None
    validated_lines: tuple[LineRef, ...] | None = None
    """Those of the deposit that are right and stay so; only the others come again. None: all come again."""


EVENTS: tuple[type[Event], ...] = (CertificatesSubmitted, CertificatesValidated, CertificatesRejected)
