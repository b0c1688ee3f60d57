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
SETTLED_EVERY = 0.25
"""Seconds for which the checkpoint may lag behind events that have no effect; an effect moves it in its transaction."""


class Applier:
    """A subscription's cursors, and the transaction that moves them. `lock` is held by whoever applies.

    `reacts`: its effects may be appends, which the relay and the views of this process want to know of.
    Most events are ignored by most consumers: a write for each would cost more than the effects of the others.
    """

    def __init__(self, pool: asyncpg.Pool, subscription: Subscription, *, reacts: bool) -> None:
        self.pool, self.subscription, self._reacts = pool, subscription, reacts
        self.name, self.context = subscription.name, subscription.context
        self.cursors: dict[int, Cursor] = {}
        self._stored: dict[int, Cursor] = {}
        self._settled = 0.0
        self._settling: asyncio.Task[None] | None = None
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
            self._stored = await checkpoint.load(connection, self.name, self.context, partitions)
        self.cursors = dict(self._stored)
        self._tell(self.cursors)

    def behind(self, ends: Mapping[int, int]) -> dict[int, int]:
        """How many offsets lie before Kafka's ends, where there are any; shown as the consumer's lag."""
        lags = {p: end - self.cursors[p].next_offset for p, end in ends.items()}
        for partition, lag in lags.items():
            metrics.CONSUMER_LAG.labels(self.name, partition).set(max(lag, 0))
        return {partition: lag for partition, lag in lags.items() if lag}

    def close(self) -> None:
        """Nobody waits for this consumer any more."""
        if self._settling is not None:
            self._settling.cancel()
        self._board.leave(self.name, self.context)

    async def refresh(self) -> None:
        """Read the cursors again: another process may have moved them. Where none has, nothing is passed over twice."""
        fresh = await self.stored(list(self.cursors))
        passed = {
            p: cursor
            for p, cursor in self._unsettled().items()
            if p in fresh and fresh[p].sequence == self._stored[p].sequence
        }
        self._stored.update(fresh)
        self.cursors.update(fresh | passed)
        self._stale = False
        self._tell(self.cursors)

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
        ahead = self._unsettled() | batch.moved
        if not events and not batch.malformed:
            await self._pass_over(batch.moved, ahead)
            return
        async with self.pool.acquire() as connection, connection.transaction():
            effects = await self._effects(connection, batch, ahead, events, narrowed)
        self._wrote(ahead)
        self._remember(effects)
        if self._reacts:
            self._board.effects_committed()

    async def _pass_over(self, moved: dict[int, Cursor], ahead: dict[int, Cursor]) -> None:
        """Events without effect: written now and then, and soon after the last of them."""
        if time.monotonic() - self._settled > SETTLED_EVERY:
            await self._settle(ahead)
            return
        self.cursors.update(moved)
        if self._settling is None or self._settling.done():
            self._settling = asyncio.create_task(self._settle_later())

    def _unsettled(self) -> dict[int, Cursor]:
        """Cursors that events without effect have moved since they were written."""
        return {p: cursor for p, cursor in self.cursors.items() if cursor is not self._stored[p]}

    def _wrote(self, cursors: dict[int, Cursor]) -> None:
        self.cursors.update(cursors)
        self._stored.update(cursors)
        self._settled = time.monotonic()

    async def _settle_later(self) -> None:
        """What a pause would leave unwritten, however often PostgreSQL must be asked."""
        backoff = Backoff(f"checkpoint of {self.name}")
        await asyncio.sleep(SETTLED_EVERY)
        while True:
            try:
                async with self.lock:
                    return await self._settle_now()
            except Exception as error:  # noqa: BLE001 - PostgreSQL away: asked again, for ever
                await backoff.wait(error, consumer=self.name)

    async def _settle_now(self) -> None:
        try:
            if ahead := self._unsettled():
                await self._settle(ahead)
        except StaleCheckpoint:
            await self.refresh()

    async def _settle(self, ahead: dict[int, Cursor]) -> None:
        async with self.pool.acquire() as connection:
            await self._move(connection, ahead)
        self._wrote(ahead)

    async def _move(self, connection: Connection, ahead: dict[int, Cursor]) -> dict[int, int]:
        return await checkpoint.move(connection, self.name, self.context, self._stored, ahead.values())

    async def _effects(
        self,
        connection: Connection,
        batch: Batch,
        ahead: dict[int, Cursor],
        events: Sequence[Delivery],
        narrowed: bool,
    ) -> Effects:
        counts = await self._move(connection, ahead)
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
