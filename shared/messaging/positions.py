"""Where the consumers of this process are, so that a reader can wait for what it wrote."""

import asyncio
from collections.abc import Iterable

import asyncpg

from shared.messaging.checkpoint import SQL


class Positions:
    """Positions by (consumer, context), moved after each commit."""

    def __init__(self) -> None:
        self._reached: dict[tuple[str, str], dict[int, int]] = {}
        self._moved = asyncio.Event()

    def register(self, consumer: str, context: str) -> None:
        self._reached.setdefault((consumer, context), {})

    def consumers(self, context: str) -> list[str]:
        return [consumer for consumer, of in self._reached if of == context]

    def reached(self, consumer: str, context: str, positions: Iterable[tuple[int, int]]) -> None:
        self._reached[consumer, context].update(positions)
        self._moved.set()
        self._moved = asyncio.Event()

    def passed(self, context: str, partition: int, sequence: int) -> bool:
        return all(
            of != context or reached.get(partition, 0) >= sequence
            for (_, of), reached in self._reached.items()
        )

    async def moved(self, timeout: float) -> None:
        """The next move of any consumer, or `timeout` seconds."""
        try:
            await asyncio.wait_for(self._moved.wait(), timeout)
        except TimeoutError:
            return


_OF_POOL: dict[int, Positions] = {}


def positions_of(pool: asyncpg.Pool) -> Positions:
    """The positions of the consumers that work through this pool."""
    return _OF_POOL.setdefault(id(pool), Positions())


async def wait_for(pool: asyncpg.Pool, context: str, partition: int, sequence: int, timeout: float) -> bool:
    """Whether, within `timeout` seconds, every consumer of this process that reads `context` is at the position.

    Told in-process after each commit. PostgreSQL is asked only when nothing was told for a while, since
    another process of the same service may own the partition: after 50 ms, then at doubled intervals. A
    process without consumers waits for those it finds in the database.
    """
    positions = positions_of(pool)
    mine = positions.consumers(context)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout
    pause, ask_at = 0.05, loop.time() + (0.05 if mine else 0)
    while not (mine and positions.passed(context, partition, sequence)):
        now = loop.time()
        if now >= ask_at:
            rows = await pool.fetch(SQL["reached"], context, partition)
            waited_for = [row["sequence"] for row in rows if not mine or row["consumer"] in mine]
            if waited_for and min(waited_for) >= sequence:
                return True
            pause, ask_at = pause * 2, loop.time() + pause
        if now >= deadline:
            return False
        await positions.moved(min(ask_at, deadline) - now)
    return True
