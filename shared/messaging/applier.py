"""The one way events become effects: checkpoint and effects in one transaction, in order, exactly once.

Whoever brings records (Faust, a bulk read, the ledger itself) brings them here.
"""

import asyncio
import math
import time
from collections.abc import Mapping, Sequence

import asyncpg
import structlog

from shared.ledger.ledger import Connection
from shared.messaging import checkpoint, metrics
from shared.messaging.board import board_of
from shared.messaging.delivery import Subscription
from shared.messaging.effects import Delivery, Effects, HandlerFailed, deliveries
from shared.messaging.errors import StaleCheckpoint
from shared.messaging.faults import Backoff
from shared.messaging.kafka import Arrived
from shared.messaging.parked import Parking, park, streams
from shared.messaging.sequencing import Batch, Cursor, sequence

log = structlog.get_logger(__name__)


class Applier:
    """A subscription's cursors, and the transaction that moves them. `lock` is held by whoever applies.

    `reacts`: its effects may be appends, which the relay and the views of this process want to know of.
    """

    def __init__(self, pool: asyncpg.Pool, subscription: Subscription, *, reacts: bool) -> None:
        self.pool, self.subscription, self._reacts = pool, subscription, reacts
        self.name, self.context = subscription.name, subscription.context
        self.cursors: dict[int, Cursor] = {}
        self.unlinked: dict[int, Arrived] = {}
        self.lock = asyncio.Lock()
        self._parked: dict[int, set[str]] = {}
        self._parked_at: dict[int, int] = {}
        self._stale = False
        self._board = board_of(pool)
        self._board.join(self.name, self.context)

    async def open(self, partitions: Sequence[int]) -> None:
        """Make the checkpoint rows that are missing, read all. Raises what PostgreSQL raises."""
        async with self.pool.acquire() as connection:
            await checkpoint.create(connection, self.name, self.context, partitions)
            self.cursors = await checkpoint.load(connection, self.name, self.context, partitions)
        self._tell(self.cursors)

    def behind(self, ends: Mapping[int, int]) -> dict[int, int]:
        """How many offsets lie before Kafka's ends, where there are any; shown as the consumer's lag."""
        lags = {p: end - self.cursors[p].next_offset for p, end in ends.items()}
        for partition, lag in lags.items():
            metrics.CONSUMER_LAG.labels(self.name, partition).set(max(lag, 0))
        return {partition: lag for partition, lag in lags.items() if lag}

    def close(self) -> None:
        """Nobody waits for this consumer any more."""
        self._board.leave(self.name, self.context)

    async def refresh(self) -> None:
        """Read the cursors again: another process may have moved them."""
        fresh = await self.stored(list(self.cursors))
        self.cursors.update(fresh)
        self._stale = False
        self._tell(fresh)

    async def stored(self, partitions: Sequence[int]) -> dict[int, Cursor]:
        """The cursors as PostgreSQL has them."""
        async with self.pool.acquire() as connection:
            return await checkpoint.load(connection, self.name, self.context, partitions)

    async def apply(self, records: Sequence[Arrived], patience: float = math.inf) -> Batch:
        """Apply what comes next among `records`, trying for as long as it takes; gives what was found in them.

        The caller holds `lock`, and looks at the batch's `gaps`. Raises the fault that has not passed within
        `patience` seconds; then nothing was applied.
        """
        backoff = Backoff(self.name)
        until = time.monotonic() + patience
        narrowed = False
        while True:
            try:
                if self._stale:
                    await self.refresh()
                batch = sequence(self.cursors, records)
                if batch.moved:
                    await self._commit(batch, narrowed)
            except StaleCheckpoint:
                self._stale = True
            except (HandlerFailed, asyncpg.IntegrityConstraintViolationError) as error:
                self._stale = True
                if narrowed:
                    await backoff.wait(error, consumer=self.name)
                narrowed = True
            except Exception as error:
                self._stale = True
                if time.monotonic() >= until:
                    raise
                await backoff.wait(error, consumer=self.name)
            else:
                backoff.reset()
                self._done(batch)
                return batch

    async def _commit(self, batch: Batch, narrowed: bool) -> None:
        events = deliveries(self.subscription, batch.accepted)
        async with self.pool.acquire() as connection:
            if events or batch.malformed:
                async with connection.transaction():
                    effects = await self._effects(connection, batch, events, narrowed)
                self._remember(effects)
                if self._reacts:
                    self._board.effects_committed()
            else:
                await self._move(connection, batch)
        self.cursors.update(batch.moved)

    async def _move(self, connection: Connection, batch: Batch) -> dict[int, int]:
        return await checkpoint.move(connection, self.name, self.context, self.cursors, batch.moved.values())

    async def _effects(
        self, connection: Connection, batch: Batch, events: Sequence[Delivery], narrowed: bool
    ) -> Effects:
        counts = await self._move(connection, batch)
        effects = Effects(connection, self.subscription, await self._parked_streams(connection, counts))
        await (effects.narrowed if narrowed else effects.whole)(events)
        effects.parkings.extend(Parking(arrived, "malformed") for arrived in batch.malformed)
        await park(connection, self.name, self.context, effects.parkings)
        for partition in {partition for partition, _ in effects.newly}:
            await checkpoint.hold(connection, self.name, self.context, partition)
        return effects

    async def _parked_streams(self, connection: Connection, counts: dict[int, int]) -> dict[int, set[str]]:
        """The parked streams of these partitions: those known, unless their count says they changed."""
        changed = [p for p, count in counts.items() if self._parked_at.get(p) != count]
        if changed:
            self._parked.update(await streams(connection, self.name, self.context, changed))
            self._parked_at.update({p: counts[p] for p in changed})
        return {p: set(self._parked[p]) if self._parked[p] else set() for p in counts}

    def _remember(self, effects: Effects) -> None:
        """Streams parked by a batch that is committed: the next batch reads their count anew."""
        for partition, stream in effects.newly:
            self._parked_at.pop(partition, None)
            log.error(
                "event parked", consumer=self.name, context=self.context, partition=partition, stream=stream
            )

    def _done(self, batch: Batch) -> None:
        self._tell(batch.moved)
        self._report_links(batch)
        if batch.accepted:
            metrics.APPLIED.labels(self.name).inc(len(batch.accepted))
        if batch.duplicates:
            metrics.DUPLICATES.labels(self.name).inc(batch.duplicates)
        for arrived in batch.malformed:
            log.error(
                "malformed record", consumer=self.name, partition=arrived.partition, offset=arrived.offset
            )

    def _tell(self, cursors: dict[int, Cursor]) -> None:
        self._board.reached(self.name, self.context, ((p, cursor.sequence) for p, cursor in cursors.items()))

    def _report_links(self, batch: Batch) -> None:
        """A partition whose next record does not link stands still, aloud, until one that links is found."""
        for arrived in batch.accepted:
            if arrived.partition in self.unlinked:
                del self.unlinked[arrived.partition]
                metrics.STUCK.labels(self.name, arrived.partition).set(0)
                log.info("chain found again", consumer=self.name, partition=arrived.partition)
        for partition, arrived in batch.unlinked.items():
            if self.cursors[partition].sequence < arrived.sequence:
                self.unlinked[partition] = arrived
                metrics.STUCK.labels(self.name, partition).set(1)
                log.critical(
                    "the chain is broken",
                    consumer=self.name,
                    context=self.context,
                    partition=partition,
                    sequence=arrived.sequence,
                    offset=arrived.offset,
                )
