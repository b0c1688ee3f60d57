"""A context's own views, fed by its own ledger under the rules of every consumer."""

import asyncio
import contextlib

import asyncpg

from shared.ledger import Ledger
from shared.messaging.applier import Applier
from shared.messaging.board import board_of, either
from shared.messaging.delivery import Handler, Subscription
from shared.messaging.faults import Backoff
from shared.messaging.kafka import Arrived, from_ledger
from shared.messaging.redrive import redrive_requested

PAGE = 1_000
POLL_FAST, POLL_SLOW = 0.01, 0.25


class LedgerFeed:
    """One consumer of the context's own ledger: a millisecond behind this process, a poll behind others."""

    def __init__(
        self,
        ledger: Ledger,
        pool: asyncpg.Pool,
        name: str,
        handle: Handler,
        types: frozenset[str] | None = None,
    ) -> None:
        self._ledger, self._pool = ledger, pool
        self.applier = Applier(pool, Subscription(name, ledger.context, handle, types), reacts=False)
        self._heads: dict[int, int] = {}
        self._epochs: dict[int, int] = {}
        self._wake = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self.ready = False
        """Whether the feed has been at the head of the ledger, and is still running."""
        self._look_now = asyncio.Event()
        ledger.on_append(self._appended)
        board_of(pool).on_effects(self._look_now.set)

    async def start(self) -> None:
        """Run beside the caller."""
        self._running = asyncio.create_task(self.run(), name=f"feed {self.applier.name}")

    async def run(self) -> None:
        """Until `stop` or cancelled; faults of PostgreSQL are waited out."""
        self._running = asyncio.current_task()
        backoff = Backoff(f"feed {self.applier.name}")
        while True:
            try:
                self._heads.clear()
                await self.applier.open(range(self._ledger.partitions))
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._follow())
                    tasks.create_task(self._poll())
                    tasks.create_task(self._redrive())
            except Exception as error:  # noqa: BLE001 - PostgreSQL away
                await backoff.wait(error)
            finally:
                self.ready = False

    async def stop(self) -> None:
        task, self._running = self._running, None
        if task is not None and not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self.applier.close()

    def _appended(self, partition: int, sequence: int) -> None:
        if sequence > self._heads.get(partition, 0):
            self._heads[partition] = sequence
            self._wake.set()

    async def _follow(self) -> None:
        while True:
            self._wake.clear()
            records = await self._read()
            if records:
                async with self.applier.lock:
                    await self.applier.apply(records)
            else:
                self.ready = self.ready or bool(self._epochs)
                await self._wake.wait()

    async def _read(self) -> list[Arrived]:
        """A page of what the partitions hold beyond the checkpoints."""
        records: list[Arrived] = []
        for partition, cursor in self.applier.cursors.items():
            if cursor.sequence < self._heads.get(partition, 0) and len(records) < PAGE:
                page = await self._ledger.page(partition, cursor.sequence, PAGE - len(records))
                epoch = self._epochs.get(partition, cursor.epoch)
                records.extend(from_ledger(stored, epoch) for stored in page)
        return records

    async def _poll(self) -> None:
        """Learn of appends by other processes, and of checkpoints they moved."""
        pause = POLL_FAST
        while True:
            news = False
            self._look_now.clear()
            for head in await self._ledger.heads():
                self._epochs[head.partition] = head.epoch
                if head.sequence > self._heads.get(head.partition, 0):
                    news = True
                    self._appended(head.partition, head.sequence)
            if not self.ready:
                self._wake.set()
            pause = POLL_FAST if news else min(pause * 1.5, POLL_SLOW)
            await either(self._look_now, pause)

    async def _redrive(self) -> None:
        while True:
            await redrive_requested(self._pool, [self.applier])
            await asyncio.sleep(1.0)
