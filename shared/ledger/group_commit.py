"""Group commit: appends that wait for the same partition ride together in one call.

Whatever queued while the partition's last call was in flight goes in its next one. There is no timer: an append
alone leaves at once, and the busier the partition, the larger the calls. A few lanes, each with a connection,
serve the partitions in the order they became ready, so that a busy partition cannot starve a quiet one.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any, Protocol, TypeVar

from shared.ledger.calls import Outcome, hold_back
from shared.ledger.errors import StoreUnavailable
from shared.ledger.faults import attempted
from shared.ledger.model import Append, Appended

T = TypeVar("T")

MOST_IN_A_CALL = 1_000
LINGER = 1.0
"""Seconds a lane keeps its connection when there is nothing to do."""


class Commit(Protocol):
    """Commits appends of one partition on a connection: an outcome each, in order."""

    async def __call__(self, connection: Any, appends: Sequence[Append]) -> list[Outcome]: ...


@dataclass(slots=True, eq=False)
class _Waiting:
    append: Append
    answer: asyncio.Future[Appended]


class GroupCommit:
    """Queues, a partition each, served by `lanes` connections of the pool at most."""

    def __init__(self, pool: Any, commit: Commit, lanes: int) -> None:
        self._pool = pool
        self._commit = commit
        self._most_lanes = lanes
        self._lanes: set[asyncio.Task[None]] = set()
        self._idle: list[asyncio.Future[None]] = []
        self._queues: dict[int, deque[_Waiting]] = {}
        self._ready: deque[int] = deque()
        self._scheduled: set[int] = set()

    async def append(self, partition: int, append: Append) -> Appended:
        """Waits until the append is committed, or raises why it was not.

        Cancelling the wait changes nothing for others; the append itself is then left out, or is committed with
        its call if that already left.
        """
        waiting = _Waiting(append, asyncio.get_running_loop().create_future())
        self._queues.setdefault(partition, deque()).append(waiting)
        if partition not in self._scheduled:
            self._scheduled.add(partition)
            self._schedule(partition)
        return await waiting.answer

    async def close(self) -> None:
        """Lets the calls in flight and those waiting finish, and gives the connections back."""
        for idle in self._idle:
            idle.cancel()
        self._idle.clear()
        self._most_lanes = max(1, len(self._lanes))
        await asyncio.gather(*self._lanes, return_exceptions=True)

    def _schedule(self, partition: int) -> None:
        self._ready.append(partition)
        while self._idle:
            idle = self._idle.pop()
            if not idle.done():
                idle.set_result(None)
                return
        if len(self._lanes) < self._most_lanes:
            lane = asyncio.create_task(self._serve(), name="ledger-lane")
            self._lanes.add(lane)
            lane.add_done_callback(self._lanes.discard)

    async def _serve(self) -> None:
        connection = _Connection(self._pool)
        try:
            while self._ready or await self._more():
                partition = self._ready.popleft()
                if batch := self._take(self._queues[partition]):
                    await self._settle(connection, batch)
                if self._queues[partition]:
                    self._schedule(partition)
                else:
                    self._scheduled.discard(partition)
        finally:
            await connection.give_back()

    async def _more(self) -> bool:
        """Lingers for more work; False when none came."""
        loop = asyncio.get_running_loop()
        idle: asyncio.Future[None] = loop.create_future()
        self._idle.append(idle)
        timer = loop.call_later(LINGER, idle.cancel)
        try:
            await idle
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            return bool(self._ready)
        finally:
            timer.cancel()
            if idle in self._idle:
                self._idle.remove(idle)
        return bool(self._ready)

    @staticmethod
    def _take(queue: deque[_Waiting]) -> list[_Waiting]:
        """Empties the queue into a call; a stream's or a command's second append stays for the next one."""
        waiting = [queue.popleft() for _ in range(min(len(queue), MOST_IN_A_CALL))]
        wanted = (
            each for each in waiting if not each.answer.done()
        )  # the others were cancelled before they left
        taken, held = hold_back(wanted, attrgetter("append"))
        queue.extendleft(reversed(held))
        return taken

    async def _settle(self, connection: "_Connection", batch: list[_Waiting]) -> None:
        """Gives every append of the batch its answer, or its own reason."""
        appends = [waiting.append for waiting in batch]
        try:
            outcomes = await attempted(partial(connection.use, partial(self._commit, appends=appends)))
        except asyncio.CancelledError:
            for waiting in batch:
                waiting.answer.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - handed to whoever waits, never swallowed
            await self._tell(connection, batch, error)
        else:
            for waiting, outcome in zip(batch, outcomes, strict=True):
                _resolve(waiting, outcome)

    async def _tell(self, connection: "_Connection", batch: list[_Waiting], error: Exception) -> None:
        """A failed call: the store is away for all of them, or one is unacceptable, and only that one shall fail."""
        if isinstance(error, StoreUnavailable):
            for waiting in batch:
                _resolve(waiting, StoreUnavailable(str(error)))
        elif len(batch) == 1:
            _resolve(batch[0], error)
        else:
            for waiting in batch:
                await self._settle(connection, [waiting])


def _resolve(waiting: _Waiting, outcome: Outcome | Exception) -> None:
    if waiting.answer.done():
        return  # whoever waited was cancelled
    if isinstance(outcome, Appended):
        waiting.answer.set_result(outcome)
    else:
        waiting.answer.set_exception(outcome)


class _Connection:
    """A connection of the pool, kept for as long as its lane lives and the connection works."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._held: Any = None

    async def use(self, act: Callable[[Any], Awaitable[T]]) -> T:
        if self._held is None:
            self._held = await self._pool.acquire(timeout=10)
        try:
            return await act(self._held)
        except Exception:
            await self.give_back()
            raise

    async def give_back(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            await self._pool.release(held, timeout=10)
