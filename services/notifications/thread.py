"""What a body and Formiris write to each other about a dossier: each message has an owner and a delay.  (H5)

Stream: `thread-<dossier>`. A dossier that is over takes no new message, and says where to write; what was asked before
may still be answered. A wait ends with the answer to it, whoever of the side gives it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from services.notifications.refusals import NOT_TO_ANSWER, THREAD_CLOSED
from shared.events import Event
from shared.events.notifications import MessagePosted, MessageRead, Side
from shared.runtime.decider import Decider
from shared.runtime.refusal import Contact, Refused
from shared.runtime.working_days import working_day_after

ANSWERED_WITHIN = 3
"""Working days, that of the message not counted."""


def answer_by(day: date) -> date:
    """The last day to answer what is asked on `day`."""
    return working_day_after(day, ANSWERED_WITHIN)


def other(side: Side) -> Side:
    """Whoever reads what this side writes."""
    return "formiris" if side == "body" else "body"


@dataclass(frozen=True, slots=True)
class Post:
    """`over`: whom to write to instead, once the dossier is over."""

    message: MessagePosted
    over: Contact | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """Somebody of a side read what is there; messages of the other side that nobody of this one had read."""

    side: Side
    by: str


Command = Post | Read


@dataclass(frozen=True, slots=True)
class Thread:
    """`waits`: who must answer, by message; `unread`: by whom, by message."""

    known: frozenset[UUID] = frozenset()
    waits: Mapping[UUID, Side] = field(default_factory=dict)
    unread: Mapping[UUID, MessagePosted] = field(default_factory=dict)


def decide(thread: Thread, command: Command) -> list[Event]:
    """Raises `Refused` for a new message about a dossier that is over, and for an answer that nobody waits for."""
    match command:
        case Post():
            return _posted(thread, command)
        case Read():
            return [
                MessageRead(message_id=message.message_id, dossier_id=message.dossier_id, read_by=command.by)
                for message in thread.unread.values()
                if message.side == other(command.side)
            ]


def _posted(thread: Thread, command: Post) -> list[Event]:
    message, over = command.message, command.over
    if message.message_id in thread.known:
        return []
    if message.answers is not None and thread.waits.get(message.answers) != message.side:
        raise Refused(NOT_TO_ANSWER)
    if message.answers is None and over is not None:
        reached = " ou ".join(filter(None, (over.email, over.phone)))
        raise Refused(THREAD_CLOSED, contact=over, name=over.name, reached=reached, title=message.title)
    return [message]


def evolve(thread: Thread, event: Event) -> Thread:
    match event:
        case MessagePosted():
            waits = {asked: owner for asked, owner in thread.waits.items() if asked != event.answers}
            if event.owner is not None:
                waits[event.message_id] = event.owner
            return Thread(
                thread.known | {event.message_id}, waits, {**thread.unread, event.message_id: event}
            )
        case MessageRead():
            left = {each: message for each, message in thread.unread.items() if each != event.message_id}
            return replace(thread, unread=left)
        case _:
            return thread


DECIDER = Decider(Thread(), decide, evolve)
