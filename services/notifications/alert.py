"""Alert: someone was told of something in the extranet, once for each (event, recipient), and read it.  (R10)

Stream: `alert-<alert id>`, where the id is made from the event and the recipient.
"""

from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from services.notifications.refusals import NOT_POSTED
from shared.events import Event
from shared.events.notifications import AlertPosted, AlertRead, DecisionUnheard, Recipient
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


@dataclass(frozen=True, slots=True)
class NoteUnheard:
    """Nobody of the body can be written to about a decision."""

    unheard: DecisionUnheard


Command = PostAlert | ReadAlert | NoteUnheard


@dataclass(frozen=True, slots=True)
class Alert:
    posted: AlertPosted | None = None
    read: bool = False
    unheard: bool = False


def decide(alert: Alert, command: Command) -> list[Event]:
    match alert, command:
        case Alert(unheard=False), NoteUnheard():
            return [command.unheard]
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
            return replace(alert, posted=event)
        case AlertRead():
            return replace(alert, read=True)
        case DecisionUnheard():
            return replace(alert, unheard=True)
        case _:
            return alert


DECIDER = Decider(Alert(), decide, evolve)
