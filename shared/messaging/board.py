"""What the parts of one process tell each other: how far each consumer is, and that something was committed.

So a reader waits for what it wrote without asking PostgreSQL, and what a reaction appended in its own transaction
is published and folded at once.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from shared.messaging.checkpoint import SQL


@dataclass(eq=False, slots=True)
class _Reader:
    """Somebody who waits for a position."""

    context: str
    partition: int
    sequence: int
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Board:
    """The notice board of those who work through one pool."""

    def __init__(self) -> None:
        self._reached: dict[tuple[str, str], dict[int, int]] = {}
        self._moved = asyncio.Event()
        self._readers: set[_Reader] = set()
        self._wakes: list[Callable[[], None]] = []

    def join(self, consumer: str, context: str) -> None:
        self._reached.setdefault((consumer, context), {})

    def leave(self, consumer: str, context: str) -> None:
        self._reached.pop((consumer, context), None)

    def on_effects(self, wake: Callable[[], None]) -> None:
        """Calls `wake` in this process after a consumer's effects were committed."""
        self._wakes.append(wake)

    def effects_committed(self) -> None:
        for wake in self._wakes:
            wake()

    def consumers(self, context: str) -> list[str]:
        return [consumer for consumer, of in self._reached if of == context]

    def reached(self, consumer: str, context: str, positions: Iterable[tuple[int, int]]) -> None:
        self._reached.setdefault((consumer, context), {}).update(positions)
        self._moved.set()
        self._moved = asyncio.Event()
        for reader in self._readers:
            if reader.context == context and self.passed(context, reader.partition, reader.sequence):
                reader.woken.set()

    def passed(self, context: str, partition: int, sequence: int) -> bool:
        return all(
            of != context or reached.get(partition, 0) >= sequence
            for (_, of), reached in self._reached.items()
        )

    async def moved(self, timeout: float) -> None:
        """The next move of any consumer, or `timeout` seconds."""
        await either(self._moved, timeout)

    async def passing(self, context: str, partition: int, sequence: int, timeout: float) -> None:
        """A position that has not been passed is, or `timeout` seconds; nobody is woken for what others wait for."""
        reader = _Reader(context, partition, sequence)
        self._readers.add(reader)
        try:
            await either(reader.woken, timeout)
        finally:
            self._readers.discard(reader)


async def either(event: asyncio.Event, timeout: float) -> None:
    """Return when the event is set, or after `timeout` seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout):
            await event.wait()


_BOARDS: dict[int, tuple["asyncpg.Pool[Any]", Board]] = {}
"""By the pool's id; the pool is kept beside, so that no other gets its id. (It cannot be referred to weakly.)"""


def board_of(pool: "asyncpg.Pool[Any]") -> Board:
    """The board of those who work through this pool: a process has one."""
    return _BOARDS.setdefault(id(pool), (pool, Board()))[1]


async def wait_for(pool: asyncpg.Pool, context: str, partition: int, sequence: int, timeout: float) -> bool:
    """Whether, within `timeout` seconds, every consumer of this process that reads `context` is at the position.

    Told in-process after each commit. PostgreSQL is asked only when nothing was told for a while, since
    another process of the same service may own the partition: after 50 ms, then at doubled intervals. A
    process without consumers waits for those it finds in the database.
    """
    board = board_of(pool)
    mine = board.consumers(context)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout
    pause, ask_at = 0.05, loop.time() + (0.05 if mine else 0)
    while not (mine and board.passed(context, partition, sequence)):
        now = loop.time()
        if now >= ask_at:
            rows = await pool.fetch(SQL["reached"], context, partition)
            waited_for = [row["sequence"] for row in rows if not mine or row["consumer"] in mine]
            if waited_for and min(waited_for) >= sequence:
                return True
            pause, ask_at = pause * 2, loop.time() + pause
        if now >= deadline:
            return False
        await board.passing(context, partition, sequence, min(ask_at, deadline) - now)
    return True
