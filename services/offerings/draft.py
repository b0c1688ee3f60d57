"""The draft of an offering, as far as the ledger knows it: somebody was reminded of it, and it was given up.  (F6)

What is typed is no event: it is kept in a table, and erased. The ledger holds only what people were told, and what
ends it; a draft of which nobody was reminded leaves no trace there.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.events import Event
from shared.events.offerings import DraftGivenUp, DraftReminded
from shared.runtime.decider import Decider


@dataclass(frozen=True, slots=True)
class RemindOfDraft:
    """The day of its reminder has come."""

    offering: UUID
    body: UUID
    title: str
    deadline: date | None


@dataclass(frozen=True, slots=True)
class GiveUpDraft:
    """The body erases it."""

    body: UUID
    by: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What was last said of it."""

    reminded: DraftReminded | None = None
    given_up: bool = False


def decide(draft: Draft, command: RemindOfDraft | GiveUpDraft) -> list[Event]:
    """One reminder, ever; giving up says something only to those who were reminded."""
    match command:
        case RemindOfDraft() if draft.reminded is None:
            return [
                DraftReminded(
                    offering_id=command.offering,
                    body_id=command.body,
                    title=command.title,
                    deadline=command.deadline,
                )
            ]
        case GiveUpDraft() if (
            draft.reminded and draft.reminded.body_id == command.body and not draft.given_up
        ):
            told = draft.reminded
            return [DraftGivenUp(offering_id=told.offering_id, body_id=told.body_id, given_up_by=command.by)]
    return []


def evolve(draft: Draft, event: Event) -> Draft:
    """Total: what it does not need leaves the state as it is."""
    match event:
        case DraftReminded():
            return Draft(event)
        case DraftGivenUp():
            return Draft(draft.reminded, given_up=True)
    return draft


DECIDER = Decider(Draft(), decide, evolve)
