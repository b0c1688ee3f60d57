"""From an event of any context to what is posted and what must be sent.  (R2, R10)

Pure: the tables are in telling.py (alerts) and mailing.py (e-mails).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid5

from services.notifications import alert
from services.notifications.email import email_id
from services.notifications.mailing import EMAILS
from services.notifications.telling import ALERTS, Telling
from services.notifications.words import words_of
from shared.events import AnyPersonal, Envelope
from shared.events.notifications import AlertPosted
from shared.runtime.commands import Asked, Part

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


def asked_for(cause: Envelope, policy: str, now: datetime) -> Asked:
    """The identity of a policy's command: made from the event, so that a second delivery repeats it."""
    command = uuid5(cause.id, policy)
    return Asked(
        command=command,
        fingerprint=sha256(command.bytes).digest(),
        actor=f"policy:{policy.partition(' ')[0]}",
        now=now,
        correlation=cause.correlationid,
        causation=str(cause.id),
    )


def asked_for_email(email: UUID, cause: UUID, correlation: str, now: datetime) -> Asked:
    """The identity of the command that records an e-mail's outcome: one for each e-mail, whoever sent it."""
    command = uuid5(email, "outcome")
    fingerprint = sha256(command.bytes).digest()
    return Asked(command, fingerprint, "policy:emails", now, correlation, str(cause))


def alerts(cause: Envelope, now: datetime) -> list[Part]:
    """One alert for each (event, recipient)."""
    tellings = [telling for telling in ALERTS.get(type(cause.data), ()) if telling.when(cause.data)]
    if not tellings:
        return []
    words = words_of(cause.data)
    return [_posting(cause, _alert(cause, telling, words), now) for telling in tellings]


def _alert(cause: Envelope, telling: Telling, words: Mapping[str, str]) -> AlertPosted:
    recipient = telling.to(cause.data)
    return AlertPosted(
        alert_id=alert.alert_id(cause.id, recipient),
        recipient=recipient,
        cause_id=cause.id,
        cause_type=cause.type,
        code=telling.code,
        title=telling.title.format_map(words)[:TITLE_AT_MOST],
        text=telling.text.format_map(words)[:TEXT_AT_MOST],
        link=telling.link.format_map(words),
        faq=telling.faq.id if telling.faq else None,
    )


def _posting(cause: Envelope, posted: AlertPosted, now: datetime) -> Part:
    to = posted.recipient
    asked = asked_for(cause, f"alerts {to.kind} {to.id}", now)
    return Part(alert.DECIDER, f"alert-{posted.alert_id}", alert.PostAlert(posted), asked)


def emails(cause: Envelope) -> list[Outgoing]:
    """One e-mail for each (event, template)."""
    mailings = EMAILS.get(type(cause.data), ())
    words = words_of(cause.data) if mailings else {}
    return [
        Outgoing(
            id=email_id(cause.id, mailing.template),
            template=mailing.template,
            to=mailing.to(cause.data),
            words=words,
            personal={name: getattr(cause.data, name) for name in mailing.personal},
            cause=cause.id,
            cause_type=cause.type,
            correlation=cause.correlationid,
            body=getattr(cause.data, "body_id", None) or getattr(cause.data, "request_id", None),
        )
        for mailing in mailings
    ]
