"""E-mail: what became of one that had to be sent; decided once, by the mail server or by us.  (R2)

Stream: `email-<email id>`, where the id is made from the event and the template.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

from shared.events import Event
from shared.events.notifications import EmailFailed, EmailSent
from shared.events.personal import AnyPersonal
from shared.runtime.decider import Decider


def email_id(cause: UUID, template: str, account: UUID | None = None) -> UUID:
    """The same event, template and account name the same e-mail."""
    return uuid5(cause, f"{template} {account}" if account else template)


@dataclass(frozen=True, slots=True)
class RecordSent:
    """A mail server took it over."""

    email: UUID
    to: AnyPersonal
    template: str
    cause: UUID
    cause_type: str
    message_id: str
    body: UUID | None
    account: UUID | None = None
    dossier: UUID | None = None


@dataclass(frozen=True, slots=True)
class RecordFailed:
    """It will not leave. `permanent`: refused by a mail server, so somebody must find out why."""

    email: UUID
    to: AnyPersonal
    template: str
    cause: UUID
    cause_type: str
    reason: str
    permanent: bool
    body: UUID | None
    account: UUID | None = None
    dossier: UUID | None = None


Command = RecordSent | RecordFailed


@dataclass(frozen=True, slots=True)
class Email:
    decided: bool = False


def decide(email: Email, command: Command) -> list[Event]:
    match email, command:
        case Email(decided=True), _:
            return []
        case _, RecordSent():
            return [
                EmailSent(
                    email_id=command.email, to=command.to, template=command.template, cause_id=command.cause,
                    cause_type=command.cause_type, message_id=command.message_id, body_id=command.body,
                    account_id=command.account, dossier_id=command.dossier,
                )
            ]  # fmt: skip
        case _, RecordFailed():
            return [
                EmailFailed(
                    email_id=command.email, to=command.to, template=command.template, cause_id=command.cause,
                    cause_type=command.cause_type, reason=command.reason, permanent=command.permanent,
                    body_id=command.body, account_id=command.account, dossier_id=command.dossier,
                )
            ]  # fmt: skip
    raise AssertionError(command)


def evolve(email: Email, event: Event) -> Email:
    match event:
        case EmailSent() | EmailFailed():
            return Email(decided=True)
        case _:
            return email


DECIDER = Decider(Email(), decide, evolve)
