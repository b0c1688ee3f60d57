"""A lease a partition in PostgreSQL: one process at a time does a job.

The holder stops by its own clock a second before the lease ends in the database, so a process that was paused
finds its lease over before it does anything more. What it had under way is harmless: see `relay`.
"""

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence

import asyncpg
import structlog

from shared.messaging.faults import Backoff
from shared.sql import queries

SQL = queries(__file__, "lease.sql")
LASTS = 5.0
MARGIN = 1.0
RENEWED_EVERY = 1.5
LOOKED_EVERY = 0.25

log = structlog.get_logger(__name__)


class Lease:
    """The lease of one job on some partitions; `keep` renews it until cancelled."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        job: str,
        partitions: Sequence[int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool, self._job, self._partitions, self._clock = pool, job, list(partitions), clock
        self.holder = uuid.uuid4().hex
        self._until: dict[int, float] = {}
        self._changed = asyncio.Event()

    def held(self, partition: int) -> bool:
        return self._clock() < self._until.get(partition, 0.0)

    async def wait_held(self, partition: int) -> None:
        while not self.held(partition):
            await self._changed.wait()

    async def keep(self) -> None:
        """Take what is free, renew what is held, for ever; a fault of PostgreSQL only delays it."""
        backoff = Backoff(f"lease {self._job}", cap=1.0)
        while True:
            try:
                whole = await self.take()
            except Exception as error:  # noqa: BLE001 - without a lease nothing is done, so it is tried for ever
                await backoff.wait(error)
                continue
            backoff.reset()
            await asyncio.sleep(RENEWED_EVERY if whole else LOOKED_EVERY)

    async def take(self) -> bool:
        """One round. Whether all partitions are held."""
        if not self._due() and not await self._pool.fetchval(
            SQL.free, self._job, [p for p in self._partitions if not self.held(p)], self.holder
        ):
            return False
        asked = self._clock()
        rows = await self._pool.fetch(SQL.take, self._job, self._partitions, self.holder, LASTS)
        mine = {row["partition"] for row in rows}
        if mine - {p for p in self._partitions if self.held(p)}:
            log.info("lease taken", job=self._job, partitions=sorted(mine))
        self._until = dict.fromkeys(mine, asked + LASTS - MARGIN)
        self._changed.set()
        self._changed = asyncio.Event()
        return len(mine) == len(self._partitions)

    def _due(self) -> bool:
        soonest = min(self._until.values(), default=None)
        return soonest is not None and soonest - self._clock() < LASTS - MARGIN - RENEWED_EVERY

    async def hand_over(self) -> None:
        """Let another process take over at once."""
        self._until = {}
        await self._pool.execute(SQL.hand_over, self._job, self.holder)
