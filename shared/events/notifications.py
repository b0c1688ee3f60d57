"""Notifications: alerts in the extranet and e-mails, each caused by an event of another context.  (R2, R10)

Streams: `alert-<alert id>` and `email-<email id>`; both ids are derived from (event, recipient), so that an
event delivered twice posts one alert and sends one e-mail.
"""

from typing import ClassVar, Literal
from uuid import UUID

from shared.events.event import Event, Part
from shared.events.personal import Personal
from shared.events.values import Actor, Code, Line, Path, Prose


class Recipient(Part):
    kind: Literal["body", "office", "assistance"]
    id: Line
    """A body's id, an office's territory code or `national`, `assistance`."""


class AlertPosted(Event):
    """A recipient was told of something in the extranet: one alert for each (event, recipient) (R10)."""

    wire: ClassVar[str] = "org.formiris.notifications.AlertPosted.v1"
    alert_id: UUID
    recipient: Recipient
    cause_id: UUID
    """The event that caused it."""
    cause_type: Line
    code: Code
    """Which alert, in the table of who is told what."""
    title: Line
    """French, as read."""
    text: Prose
    """French, as read."""
    link: Path
    """Where in the extranet the act it calls for is done."""
    faq: Code | None = None
    """The FAQ's answer (R12)."""


class AlertRead(Event):
    """Someone of the recipient's read the alert."""

    wire: ClassVar[str] = "org.formiris.notifications.AlertRead.v1"
    alert_id: UUID
    recipient: Recipient
    read_by: Actor


class EmailSent(Event):
    """A mail server took the e-mail over (R2)."""

    wire: ClassVar[str] = "org.formiris.notifications.EmailSent.v1"
    email_id: UUID
    to: Personal
    template: Code
    cause_id: UUID
    cause_type: Line
    message_id: Line
    """The Message-ID header."""
    body_id: UUID | None = None


class EmailFailed(Event):
    """The e-mail did not leave, or came back; a permanent failure becomes an alert to Assistance."""

    wire: ClassVar[str] = "org.formiris.notifications.EmailFailed.v1"
    email_id: UUID
    to: Personal
    template: Code
    cause_id: UUID
    cause_type: Line
    reason: Line
    """The server's code and class, without the address."""
    permanent: bool
    body_id: UUID | None = None


EVENTS: tuple[type[Event], ...] = (AlertPosted, AlertRead, EmailSent, EmailFailed)
