"""From an event of any context to what is posted and what must be sent.  (R2, R10)

Pure: the tables are in telling.py (alerts) and mailing.py (e-mails).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from services.notifications import alert, email
from services.notifications.facts import dossier_of
from services.notifications.mailing import EMAILS
from services.notifications.telling import ALERTS, Telling
from services.notifications.words import words_of
from shared.events import AnyPersonal, Envelope, Event
from shared.events.notifications import AlertPosted, DecisionUnheard
from shared.runtime.asked import Asked, Part

TITLE_AT_MOST, TEXT_AT_MOST = 500, 20_000


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An e-mail to send: which one, to whom, and its words; the personal ones are not revealed yet.

    `to` is an address, or `account` somebody whose address is looked up to send. Without `theme` nobody can decline it.
    """

    id: UUID
    template: str
    to: AnyPersonal | None
    words: Mapping[str, Any]
    personal: Mapping[str, AnyPersonal]
    cause: UUID
    cause_type: str
    correlation: str
    body: UUID | None
    dossier: UUID | None = None
    account: UUID | None = None
    theme: str | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """An alert of which the recipient's accounts are to be written to, each as it prefers, a decision in any case."""

    posted: AlertPosted
    decision: bool
    correlation: str
    body: UUID | None

    @property
    def words(self) -> Mapping[str, str | None]:
        """What the e-mail says."""
        alert = self.posted
        return {"title": alert.title, "text": alert.text, "link": alert.link, "act": alert.act_words}


@dataclass(frozen=True, slots=True)
class Cause:
    """The event that people are told of, and the dossier it belongs to."""

    id: UUID
    event: Event
    correlation: str
    at: datetime

    @classmethod
    def of(cls, envelope: Envelope) -> "Cause":
        """An event as it was delivered."""
        return cls(envelope.id, envelope.data, envelope.correlationid, envelope.time)


def asked_for(cause: Cause, policy: str, now: datetime) -> Asked:
    """The identity of a policy's command: made from the event, so that a second delivery repeats it."""
    command = uuid5(cause.id, policy)
    return Asked(
        command=command,
        fingerprint=sha256(command.bytes).digest(),
        actor=f"policy:{policy.partition(' ')[0]}",
        now=now,
        correlation=cause.correlation,
        causation=str(cause.id),
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What notifications says of its own work: the event, and the alerts and e-mails that follow from it."""

    part: Part
    alerts: tuple[Part, ...]
    announcements: tuple[Announcement, ...]

    @classmethod
    def of(cls, part: Part) -> "Said":
        """Its event is told as that of another context is; its id is as commands.py makes it."""
        (event,) = part.decider.decide(part.decider.initial, part.command)
        return cls.as_decided(part, event)

    @classmethod
    def as_decided(cls, part: Part, event: Event) -> "Said":
        """The same, of an event that the command brings with it."""
        asked = part.asked
        cause = Cause(uuid5(asked.command, "0"), event, asked.correlation, asked.now)
        return cls(part, tuple(alerts(cause, asked.now)), tuple(announcements(cause)))


def outcome(command: email.Command, cause: UUID, correlation: str, now: datetime) -> Said:
    """What became of an e-mail, and, for one refused for good, the alert to Assistance.

    Both under ids made from the e-mail: two senders that found the same write it once; that found otherwise, the
    second is refused, since the fingerprint tells the outcomes apart.
    """
    name = uuid5(command.email, "outcome")
    fingerprint = sha256(name.bytes + type(command).__name__.encode()).digest()
    asked = Asked(name, fingerprint, "policy:emails", now, correlation, str(cause))
    return Said.of(Part(email.DECIDER, f"email-{command.email}", command, asked))


def unheard(event: DecisionUnheard, correlation: str, now: datetime) -> Said:
    """That a decision reached nobody, once for each, and the alerts that ask for an account."""
    name = uuid5(event.alert_id, "unheard")
    asked = Asked(
        name, sha256(name.bytes).digest(), "policy:decisions", now, correlation, str(event.alert_id)
    )
    return Said.of(Part(alert.DECIDER, f"alert-{event.alert_id}", alert.NoteUnheard(event), asked))


def alerts(cause: Cause, now: datetime) -> list[Part]:
    """One alert for each (event, recipient)."""
    return [_posting(cause, posted, now) for _, posted in _told(cause)]


def announcements(cause: Cause) -> list[Announcement]:
    """What the recipients of the alerts are written to about; where the cause has a letter of its own, that is it."""
    if type(cause.event) in EMAILS:
        return []
    body = _body(cause.event)
    return [
        Announcement(posted, telling.decision, cause.correlation, body) for telling, posted in _told(cause)
    ]


def _told(cause: Cause) -> list[tuple[Telling, AlertPosted]]:
    tellings = [telling for telling in ALERTS.get(type(cause.event), ()) if telling.when(cause.event)]
    words = words_of(cause.event) if tellings else {}
    return [(telling, _alert(cause, telling, words)) for telling in tellings]


def _alert(cause: Cause, telling: Telling, words: Mapping[str, str]) -> AlertPosted:
    recipient, act = telling.to(cause.event), telling.act
    return AlertPosted(
        alert_id=alert.alert_id(cause.id, recipient),
        recipient=recipient,
        cause_id=cause.id,
        cause_type=cause.event.wire,
        code=telling.code,
        title=telling.title.format_map(words)[:TITLE_AT_MOST],
        text=telling.text.format_map(words)[:TEXT_AT_MOST],
        link=telling.link.format_map(words),
        faq=telling.faq.id if telling.faq else None,
        theme=telling.theme,
        act=act.code if act else None,
        act_words=act.words if act else None,
        subject=act.subject(cause.event) if act else None,
        caused_at=cause.at,
        dossier_id=dossier_of(cause.event),
    )


def _posting(cause: Cause, posted: AlertPosted, now: datetime) -> Part:
    to = posted.recipient
    asked = asked_for(cause, f"alerts {to.kind} {to.id}", now)
    return Part(alert.DECIDER, f"alert-{posted.alert_id}", alert.PostAlert(posted), asked)


def emails(cause: Cause) -> list[Outgoing]:
    """One letter for each (event, template)."""
    mailings = [each for each in EMAILS.get(type(cause.event), ()) if each.when(cause.event)]
    words = words_of(cause.event) if mailings else {}
    return [
        Outgoing(
            id=email.email_id(cause.id, mailing.template),
            template=mailing.template,
            to=mailing.to(cause.event),
            words=words,
            personal={
                name: value for name in mailing.personal if (value := getattr(cause.event, name)) is not None
            },
            cause=cause.id,
            cause_type=cause.event.wire,
            correlation=cause.correlation,
            body=_body(cause.event),
            dossier=dossier_of(cause.event),
        )
        for mailing in mailings
    ]


def _body(event: Event) -> UUID | None:
    return getattr(event, "body_id", None) or getattr(event, "request_id", None)
