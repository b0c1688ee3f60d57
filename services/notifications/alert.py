"""Alert: someone was told of something in the extranet, once for each (event, recipient), and read it.  (R10)

Stream: `alert-<alert id>`, where the id is made from the event and the recipient.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

from services.notifications.refusals import NOT_POSTED
from shared.events import Event
from shared.events.notifications import AlertPosted, AlertRead, Recipient
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refused


def alert_id(cause: UUID, recipient: Recipient) -> UUID:
    """The same event and recipient name the same alert, whatever is delivered twice."""
    return uuid5(cause, f"{recipient.kind} {recipient.id}")


@dataclass(frozen=True, slots=True)
class PostAlert:
    alert: AlertPosted


@dataclass(frozen=True, slots=True)
class ReadAlert:
    by: str


Command = PostAlert | ReadAlert


@dataclass(frozen=True, slots=True)
class Alert:
    posted: AlertPosted | None = None
    read: bool = False


def decide(alert: Alert, command: Command) -> list[Event]:
    match alert, command:
        case Alert(posted=None), PostAlert():
            return [command.alert]
        case Alert(posted=AlertPosted() as posted, read=False), ReadAlert():
            return [AlertRead(alert_id=posted.alert_id, recipient=posted.recipient, read_by=command.by)]
        case Alert(posted=None), ReadAlert():
            raise Refused(NOT_POSTED)
        case _:
            return []


def evolve(alert: Alert, event: Event) -> Alert:
    match event:
        case AlertPosted():
            return Alert(event)
        case AlertRead():
            return Alert(alert.posted, read=True)
        case _:
            return alert


DECIDER = Decider(Alert(), decide, evolve)
