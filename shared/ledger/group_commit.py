"""Group commit: appends that wait ride together in one call.

Whatever queued while a partition's last call was in flight goes in the next one, with what waits for the other
partitions that are free. There is no timer: an append alone leaves at once, and the busier the ledger, the larger the
calls. A call does not wait for a head that somebody else holds: what needs it waits in a call of its own, so that it
delays nobody else.
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

LANES = 4
"""Calls in flight at most, each on a connection. One or two do the work; the others are left to wait for a head."""
MOST_IN_A_CALL = 2_000
LINGER = 0.5
"""Seconds a lane keeps its connection when there is nothing to do, up to twice that."""


class Commit(Protocol):
    """Commits appends on a connection: an outcome each, in order. None: somebody else holds the head.

    Appends of one partition wait for their head instead.
    """

    async def __call__(self, connection: Any, appends: Sequence[Append]) -> list[Outcome | None]: ...


@dataclass(slots=True, eq=False)
class _Waiting:
    partition: int
    append: Append
    answer: asyncio.Future[Appended]


class GroupCommit:
    """A queue a partition, emptied by a few lanes; each lane holds a connection of the pool while there is work."""

    def __init__(self, pool: Any, commit: Commit) -> None:
        self._pool = pool
        self._commit = commit
        self._lanes: set[asyncio.Task[None]] = set()
        self._idle: list[asyncio.Future[bool]] = []
        self._queues: dict[int, deque[_Waiting]] = {}
        self._ready: set[int] = set()
        self._contended: set[int] = set()
        self._in_flight: set[int] = set()
        self._called = False
        self._closing = False
        self._resting: set[asyncio.Future[bool]] = set()
        self._sweeper: asyncio.TimerHandle | None = None

    async def append(self, partition: int, append: Append) -> Appended:
        """Waits until the append is committed, or raises why it was not.

        Cancelling the wait changes nothing for others; the append itself is then left out, or is committed with
        its call if that already left.
        """
        waiting = _Waiting(partition, append, asyncio.get_running_loop().create_future())
        self._queues.setdefault(partition, deque()).append(waiting)
        if partition not in self._in_flight:
            self._ready.add(partition)
            self._call_a_lane()
        return await waiting.answer

    async def close(self) -> None:
        """Lets what is waiting and in flight finish, and gives the connections back."""
        self._closing = True
        for idle in [*self._idle]:
            self._dismiss(idle)
        await asyncio.gather(*self._lanes, return_exceptions=True)
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._sweeper, self._closing = None, False

    def _call_a_lane(self) -> None:
        """Wakes an idle lane or starts one, unless one that was called has not come yet."""
        if self._called:
            return
        if self._idle:
            self._called = True
            self._idle.pop().set_result(True)
        elif len(self._lanes) < LANES:
            self._called = True
            lane = asyncio.create_task(self._serve(), name="ledger-lane")
            self._lanes.add(lane)
            lane.add_done_callback(self._lanes.discard)

    async def _serve(self) -> None:
        connection = _Connection(self._pool)
        try:
            while self._ready or await self._more():
                await self._one_call(connection)
        finally:
            await connection.give_back()

    async def _more(self) -> bool:
        """Lingers; whether somebody called."""
        if self._closing:
            return False
        loop = asyncio.get_running_loop()
        idle: asyncio.Future[bool] = loop.create_future()
        self._idle.append(idle)
        if self._sweeper is None:
            self._sweeper = loop.call_later(LINGER, self._sweep)
        try:
            return await idle
        finally:
            self._dismiss(idle)

    def _sweep(self) -> None:
        """Dismisses the lanes that were idle the last time already: one timer for all, none an append."""
        for idle in self._resting.intersection(self._idle):
            self._dismiss(idle)
        self._resting = set(self._idle)
        self._sweeper = asyncio.get_running_loop().call_later(LINGER, self._sweep) if self._lanes else None

    def _dismiss(self, idle: asyncio.Future[bool]) -> None:
        if idle in self._idle:
            self._idle.remove(idle)
        if not idle.done():
            idle.set_result(False)

    async def _one_call(self, connection: "_Connection") -> None:
        self._called = False
        mine = self._choose()
        self._ready -= mine
        self._in_flight |= mine
        if self._ready:
            self._call_a_lane()
        try:
            if batch := self._take(mine):
                await self._settle(connection, batch)
        finally:
            self._in_flight -= mine
            self._ready |= {partition for partition in mine if self._queues[partition]}

    def _choose(self) -> set[int]:
        """All partitions that are ready; but one alone whose head was found held, to wait for it."""
        if free := self._ready - self._contended:
            return free
        chosen = {min(self._ready)} if self._ready else set()
        self._contended -= chosen
        return chosen

    def _take(self, partitions: set[int]) -> list[_Waiting]:
        """Empties the queues into a call; a stream's or a command's second append stays for the next one."""
        queues = [self._queues[partition] for partition in partitions]
        waiting = [each for queue in queues for each in queue if not each.answer.done()]  # done: cancelled
        taken, held = hold_back(waiting[:MOST_IN_A_CALL], attrgetter("append"))
        for queue in queues:
            queue.clear()
        for each in held + waiting[MOST_IN_A_CALL:]:
            self._queues[each.partition].append(each)
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
            self._answer(batch, outcomes)

    def _answer(self, batch: list[_Waiting], outcomes: list[Outcome | None]) -> None:
        """Those that need a held head go back to the front of their queues."""
        for waiting, outcome in reversed([*zip(batch, outcomes, strict=True)]):
            if outcome is None:
                self._contended.add(waiting.partition)
                self._queues[waiting.partition].appendleft(waiting)
            else:
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
