"""A decider: what an aggregate is to the machinery, three pure things."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Generic, TypeVar

from shared.events import Event

S = TypeVar("S")
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Decider(Generic[S, C]):
    """`decide` says what happens (or raises `Refused`); `evolve` folds what happened. Neither does any I/O."""

    initial: S
    decide: Callable[[S, C], Sequence[Event]]
    evolve: Callable[[S, Event], S]

    def fold(self, events: Iterable[Event]) -> S:
        """The state after `events`, from the beginning."""
        return reduce(self.evolve, events, self.initial)
