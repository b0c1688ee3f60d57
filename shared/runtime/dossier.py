"""What a route needs before it decides: a stream as it is now, an answer given before."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from shared.events import decode
from shared.ledger import Appended, CommandReused
from shared.runtime.asked import Asked
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refused
from shared.runtime.refusals import KEY_REUSED
from shared.runtime.service import Runtime

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Dossier(Generic[S]):
    """An aggregate as its stream says it at this moment; `made_by` is the id of its first event."""

    state: S
    version: int
    correlation: str
    made_by: UUID | None


async def dossier(runtime: Runtime, decider: Decider[S, Any], stream: str) -> Dossier[S]:
    """Reads a stream, not a view: never behind. An empty stream gives the initial state at version 0."""
    events = [decode(row.record) for row in await runtime.ledger.stream(stream)]
    state = decider.fold(envelope.data for envelope in events)
    first = events[0] if events else None
    return Dossier(state, len(events), first.correlationid if first else "", first.id if first else None)


async def first_answer(runtime: Runtime, asked: Asked) -> Appended | None:
    """What the command was answered before, for a route whose own checks may no longer pass.

    Raises `Refused` when the key was used for something else.
    """
    try:
        return await runtime.ledger.answer(asked.command, asked.fingerprint)
    except CommandReused as error:
        raise Refused(KEY_REUSED) from error
