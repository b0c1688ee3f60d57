"""A referencing form that was begun and not submitted: its body was reminded, once, ever.  (F6)"""

from dataclasses import dataclass
from uuid import UUID

from shared.events import Event
from shared.events.registration import DraftReminded
from shared.runtime.decider import Decider


@dataclass(frozen=True, slots=True)
class RemindOfForm:
    """It has been left for long."""

    request: UUID
    body_name: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Whether somebody was reminded."""

    reminded: bool = False


def decide(draft: Draft, command: RemindOfForm) -> list[Event]:
    """The second time changes nothing."""
    if draft.reminded:
        return []
    return [DraftReminded(request_id=command.request, body_name=command.body_name)]


def evolve(draft: Draft, event: Event) -> Draft:
    """Total: what it does not need leaves the state as it is."""
    return Draft(reminded=True) if isinstance(event, DraftReminded) else draft


DECIDER = Decider(Draft(), decide, evolve)
