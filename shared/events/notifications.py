"""Notifications: alerts in the extranet and e-mails, each caused by an event of another context.  (R2, R10)

Streams: `alert-<alert id>`, `email-<email id>` and `preferences-<account>`; the first two ids are derived from
(event, recipient), so that an event delivered twice posts one alert and sends one e-mail. And what Formiris's people do
around dossiers (M1, M6, U1): `follow-<dossier>`, `absence-<manager>`, `reading-<dossier>`, `export-<export id>`.
And what a body and Formiris write to each other about a dossier (H5): `thread-<dossier>`.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events.event import Event, Part
from shared.events.personal import Personal
from shared.events.values import Actor, Code, Instant, Line, Path, Prose, Sha256, Territory

Frequency = Literal["at-once", "daily", "none"]
"""How often somebody wants e-mails about a theme."""

Side = Literal["body", "formiris"]
"""Of a thread: the training body, or whoever of Formiris writes."""


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
    theme: Code | None = None
    """What it is about, as people choose how often they are written to."""
    act: Code | None = None
    """What it calls for, in the table of acts; None when there is nothing to do."""
    act_words: Line | None = None
    """French, as read on the link."""
    subject: Line | None = None
    """What the act is done on, `session_id <id>`: whichever event does it names the same."""
    caused_at: Instant | None = None
    """When the event that caused it happened: an act done since then closes the alert."""
    dossier_id: UUID | None = None


class DecisionUnheard(Event):
    """A decision waits because its body has no account to be written to; it is sent once there is one."""

    wire: ClassVar[str] = "org.formiris.notifications.DecisionUnheard.v1"
    alert_id: UUID
    """The alert that says the decision."""
    body_id: UUID
    body_name: Line | None = None
    title: Line
    """Of the alert."""
    dossier_id: UUID | None = None
    territory: Territory | None = None
    """Whose office holds the dossier; None is national."""
    since: Instant


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
    account_id: UUID | None = None
    """Of an e-mail to somebody's account; None: to the address that the cause names."""
    dossier_id: UUID | None = None


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
    account_id: UUID | None = None
    dossier_id: UUID | None = None


class ThemeFrequency(Part):
    """How often about one theme."""

    theme: Code
    frequency: Frequency


class PreferencesChanged(Event):
    """Somebody chose how often they are written to; the themes that are not here stay as they were.

    Decisions are always sent.
    """

    wire: ClassVar[str] = "org.formiris.notifications.PreferencesChanged.v1"
    account: Line
    """Who is written to, as sign-in names them."""
    themes: Annotated[tuple[ThemeFrequency, ...], Field(min_length=1)]
    changed_by: Actor
    channel: Literal["extranet", "e-mail"]
    """E-mail: by the switch that every e-mail has."""


class DossierEntrusted(Event):
    """A manager took a dossier on, or handed it over; nobody named: nobody follows it any more (M1)."""

    wire: ClassVar[str] = "org.formiris.notifications.DossierEntrusted.v1"
    dossier_id: UUID
    to: Actor | None = None
    """Of Formiris, as sign-in names them."""
    note: Prose | None = None
    """What the next one should know."""
    entrusted_by: Actor


class AbsenceDeclared(Event):
    """A manager is away on these days; the last word counts, and what they follow is also the replacement's (M1)."""

    wire: ClassVar[str] = "org.formiris.notifications.AbsenceDeclared.v1"
    manager: Actor
    starts_on: date
    ends_on: date
    replacement: Actor | None = None
    declared_by: Actor


class DossierRead(Event):
    """Somebody read a dossier, its history, or took a proof of it away; said once an hour for each reader (U1)."""

    wire: ClassVar[str] = "org.formiris.notifications.DossierRead.v1"
    dossier_id: UUID
    what: Literal["dossier", "history", "extract"]
    read_by: Actor
    digest: Sha256 | None = None
    """Of an extract, so that it is known again."""


class ListExported(Event):
    """Somebody took a list away as a file (M6)."""

    wire: ClassVar[str] = "org.formiris.notifications.ListExported.v1"
    export_id: UUID
    address: Path
    """Of the list, with its filters."""
    rows: Annotated[int, Field(ge=0)]
    exported_by: Actor


class Pin(Part):
    """What of a dossier a message is about: a field of its form, a line of its certificates."""

    kind: Literal["field", "line"]
    name: Line
    label: Line
    """French, as read."""


class MessagePosted(Event):
    """One side of a dossier wrote to the other; `owner` must answer by `answer_by`, nobody where it is None (H5)."""

    wire: ClassVar[str] = "org.formiris.notifications.MessagePosted.v1"
    message_id: UUID
    dossier_id: UUID
    title: Line
    """Of the dossier."""
    body_id: UUID
    body_name: Line | None = None
    territory: Territory | None = None
    """Whose office holds the dossier; None is national."""
    side: Side
    posted_by: Actor
    text: Personal
    pinned_to: Pin | None = None
    answers: UUID | None = None
    """The message of the other side that waited for this one."""
    owner: Side | None = None
    answer_by: date | None = None


class MessageRead(Event):
    """Someone of the other side read the message, for the first time."""

    wire: ClassVar[str] = "org.formiris.notifications.MessageRead.v1"
    message_id: UUID
    dossier_id: UUID
    read_by: Actor


EVENTS: tuple[type[Event], ...] = (
    AlertPosted, AlertRead, DecisionUnheard, EmailSent, EmailFailed, PreferencesChanged, DossierEntrusted,
    AbsenceDeclared, DossierRead, ListExported, MessagePosted, MessageRead,
)  # fmt: skip
