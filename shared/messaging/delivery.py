"""What a subscriber gives and gets."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import asyncpg

from shared.events import Envelope


class Delivered(NamedTuple):
    """An event at its position. (A tuple: a quarter of the cost of a frozen dataclass, once an event.)"""

    context: str
    partition: int
    sequence: int
    epoch: int
    hash: bytes
    record: bytes
    event: Envelope


Handler = Callable[[asyncpg.Connection, Sequence[Delivered]], Awaitable[None]]
"""The effects of a batch, inside the checkpoint's transaction. May be called again after a rollback.

An exception with `retriable = True`, or a passing fault of PostgreSQL or the network, is tried again for ever,
in order; any other parks the event it belongs to, and what follows it in its stream.
"""


@dataclass(frozen=True, slots=True)
class Subscription:
    """`name` (`attendance.offerings`) is the consumer's identity; `context` whose topic; `types` which wire
    types reach `handle` (None: all that are known)."""

    name: str
    context: str
    handle: Handler
    types: frozenset[str] | None = None
