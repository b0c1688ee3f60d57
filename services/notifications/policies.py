"""From an event of any context to what is posted and what must be sent.  (R2, R10)

Pure: the tables are in telling.py (alerts) and mailing.py (e-mails).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid5

from services.notifications import alert, email
from services.notifications.mailing import EMAILS
from services.notifications.telling import ALERTS, Telling
from services.notifications.words import words_of
from shared.events import AnyPersonal, Envelope, Event
from shared.events.notifications import AlertPosted
from shared.runtime.asked import Asked, Part

TITLE_AT_MOST, TEXT_AT_MOST = 500, 20_000


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An e-mail to send: which one, to whom, and its words; the personal ones are not revealed yet."""

    id: UUID
    template: str
    to: AnyPersonal
    words: Mapping[str, str]
    personal: Mapping[str, AnyPersonal]
    cause: UUID
    cause_type: str
    correlation: str
    body: UUID | None


@dataclass(frozen=True, slots=True)
class Cause:
    """The event that people are told of, and the dossier it belongs to."""

    id: UUID
    event: Event
    correlation: str

    @classmethod
    def of(cls, envelope: Envelope) -> "Cause":
        """An event as it was delivered."""
        return cls(envelope.id, envelope.data, envelope.correlationid)


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


def outcome(command: email.Command, cause: UUID, correlation: str, now: datetime) -> tuple[Part, list[Part]]:
    """What became of an e-mail, and, for one refused for good, the alert to Assistance.

    Both under ids made from the e-mail: two senders that found the same write it once; that found otherwise, the
    second is refused, since the fingerprint tells the outcomes apart.
    """
    name = uuid5(command.email, "outcome")
    fingerprint = sha256(name.bytes + type(command).__name__.encode()).digest()
    asked = Asked(name, fingerprint, "policy:emails", now, correlation, str(cause))
    (event,) = email.DECIDER.decide(email.DECIDER.initial, command)
    told = Cause(uuid5(name, "0"), event, correlation)  # the event's id, as commands.py makes it
    return Part(email.DECIDER, f"email-{command.email}", command, asked), alerts(told, now)


def alerts(cause: Cause, now: datetime) -> list[Part]:
    """One alert for each (event, recipient)."""
    tellings = [telling for telling in ALERTS.get(type(cause.event), ()) if telling.when(cause.event)]
    if not tellings:
        return []
    words = words_of(cause.event)
    return [_posting(cause, _alert(cause, telling, words), now) for telling in tellings]


def _alert(cause: Cause, telling: Telling, words: Mapping[str, str]) -> AlertPosted:
    recipient = telling.to(cause.event)
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
    )


def _posting(cause: Cause, posted: AlertPosted, now: datetime) -> Part:
    to = posted.recipient
    asked = asked_for(cause, f"alerts {to.kind} {to.id}", now)
    return Part(alert.DECIDER, f"alert-{posted.alert_id}", alert.PostAlert(posted), asked)


def emails(cause: Cause) -> list[Outgoing]:
    """One e-mail for each (event, template)."""
    mailings = EMAILS.get(type(cause.event), ())
    words = words_of(cause.event) if mailings else {}
    return [
        Outgoing(
            id=email.email_id(cause.id, mailing.template),
            template=mailing.template,
            to=mailing.to(cause.event),
            words=words,
            personal={name: getattr(cause.event, name) for name in mailing.personal},
            cause=cause.id,
            cause_type=cause.event.wire,
            correlation=cause.correlation,
            body=getattr(cause.event, "body_id", None) or getattr(cause.event, "request_id", None),
        )
        for mailing in mailings
    ]
