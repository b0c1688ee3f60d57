"""What a route needs before it decides: a stream as it is now, the day in Paris, and an answer given before."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from shared.events import Erased, Sealed, decode
from shared.events.parts import Reason
from shared.ledger import Appended, CommandReused
from shared.runtime.commands import Asked
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refused
from shared.runtime.refusals import KEY_REUSED, PERSON_ERASED
from shared.runtime.service import Runtime

CONTEXT = "registration"
PARIS = ZoneInfo("Europe/Paris")

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Dossier(Generic[S]):
    """An aggregate as its stream says it at this moment."""

    state: S
    version: int
    correlation: str


async def dossier(runtime: Runtime, decider: Decider[S, Any], stream: str) -> Dossier[S]:
    """Reads a stream, not a view: never behind. An empty stream gives the initial state at version 0."""
    stored = await runtime.ledger.stream(stream)
    events = [decode(row.record) for row in stored]
    state = decider.fold(envelope.data for envelope in events)
    return Dossier(state, len(events), events[0].correlationid if events else "")


async def first_answer(runtime: Runtime, asked: Asked) -> Appended | None:
    """What the command was answered before, for a route whose own checks may no longer pass."""
    try:
        return await runtime.ledger.answer(asked.command, asked.fingerprint)
    except CommandReused as error:
        raise Refused(KEY_REUSED) from error


async def reveal(runtime: Runtime, *values: Any) -> list[str | None]:
    """Personal values in clear, None for those of an erased person; `values` as events or views hold them."""
    sealed = [Sealed(**value) if isinstance(value, dict) else value for value in values]
    clear = await runtime.keyring.reveal([value for value in sealed if isinstance(value, Sealed)])
    return [getattr(clear.get(value), "value", None) for value in sealed]


async def reveal_or_refuse(runtime: Runtime, value: Sealed | Any) -> str:
    """One personal value in clear. Raises `Refused` when its person was erased."""
    (found,) = await reveal(runtime, value)
    if found is None or isinstance(value, Erased):
        raise Refused(PERSON_ERASED)
    return found


def today(moment: datetime) -> date:
    """The day it is in Paris."""
    return moment.astimezone(PARIS).date()


def reasons(words: list[str]) -> tuple[Reason, ...]:
    """Reasons as events carry them."""
    return tuple(Reason(text=each) for each in words)
