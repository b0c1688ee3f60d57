"""The relay: ledger -> Kafka, every position, in order, as it was written.

A relay publishes a partition while it holds its lease. A paused relay that wakes up may still deliver the one
batch it had in flight: an exact repetition, or what the next relay is about to publish; consumers skip it.
"""

import asyncio
import contextlib
from collections.abc import Sequence

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer

from shared.ledger import Ledger, Stored, link
from shared.messaging import metrics
from shared.messaging.board import board_of, either
from shared.messaging.errors import LeaseLost, LedgerHole, RestoredBackup, TopicMissing, WrongPartitions
from shared.messaging.faults import Backoff
from shared.messaging.kafka import create_topic, topic_of
from shared.messaging.lease import Lease
from shared.messaging.publisher import Producer, batches
from shared.messaging.reader import Reader
from shared.messaging.tail import Published, published

log = structlog.get_logger(__name__)
PAGE = 1_000
POLL_FAST, POLL_SLOW = 0.002, 0.05
TOPIC_SEEN_EVERY = 2.0
REFUSED_FOR = 5.0
"""How long a relay that refused waits before it looks whether the ledger was recovered, in seconds."""


class Relay:
    """Publishes one context's ledger. `run` until `stop`; `ready` once every partition is somebody's business."""

    def __init__(self, ledger: Ledger, pool: asyncpg.Pool, kafka: str, *, replication: int = 1) -> None:
        self._ledger, self._address, self._replication = ledger, kafka, replication
        self._topic = topic_of(ledger.context)
        self._partitions = range(ledger.partitions)
        self.lease = Lease(pool, "relay", self._partitions)
        self._reader = Reader(kafka)
        self._producer = Producer(kafka, ledger.context)
        self._heads = dict.fromkeys(self._partitions, 0)
        self._published = dict.fromkeys(self._partitions, 0)
        self._epochs = dict.fromkeys(self._partitions, 1)
        self._wake = {partition: asyncio.Event() for partition in self._partitions}
        self._going: set[int] = set()
        self._doubted: set[int] = set()
        self._kafka_answers: bool | None = None  # None: not asked yet
        self._postgres_answers: bool | None = None
        self._running: asyncio.Task[None] | None = None
        self.refusals: dict[int, RestoredBackup] = {}
        self._look_now = asyncio.Event()
        ledger.on_append(self._appended)
        board_of(pool).on_effects(self._look_now.set)

    @property
    def ready(self) -> bool:
        """Whether every partition is published here, or leased by another process, and none is refused."""
        alive = self._running is not None and not self._running.done()
        if not alive or self.refusals or not self._kafka_answers or not self._postgres_answers:
            return False
        return all(
            partition in self._going or not self.lease.held(partition) for partition in self._partitions
        )

    async def start(self) -> None:
        """Run beside the caller."""
        self._running = asyncio.create_task(self.run(), name=f"relay {self._ledger.context}")

    async def run(self) -> None:
        """Until `stop` or cancelled; faults of Kafka and PostgreSQL are waited out."""
        self._running = asyncio.current_task()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch_topic())
                tasks.create_task(self.lease.keep())
                tasks.create_task(self._poll())
                for partition in self._partitions:
                    tasks.create_task(self._publish(partition))
        finally:
            await asyncio.shield(self._leave())

    async def stop(self) -> None:
        """Finish what is in flight as far as it goes, hand the leases over."""
        task, self._running = self._running, None
        if task is not None and not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _leave(self) -> None:
        with contextlib.suppress(Exception):  # whoever waits takes the lease when it ends
            await asyncio.wait_for(self.lease.hand_over(), 2)
        await self._producer.close()
        await self._reader.close()

    async def _watch_topic(self) -> None:
        """Make the topic if it is missing, and notice when Kafka was away: then its end is read again."""
        context, backoff = self._ledger.context, Backoff(f"topic {self._topic}")
        while True:
            try:
                await self._check_topic()
            except Exception as error:  # noqa: BLE001 - Kafka away, rights missing: seen in readiness, tried for ever
                self._kafka_answers = False
                await backoff.wait(error, context=context, message=str(error))
                continue
            if self._kafka_answers is False:
                self._doubted.update(self._partitions)
            self._kafka_answers = True
            backoff.reset()
            await asyncio.sleep(TOPIC_SEEN_EVERY)

    async def _check_topic(self) -> None:
        context, wanted = self._ledger.context, self._ledger.partitions
        try:
            there = len(await self._reader.partitions(context))
        except TopicMissing:
            self._kafka_answers = False
            await create_topic(self._address, context, wanted, self._replication)
            there = len(await self._reader.partitions(context))
        if there != wanted:
            raise WrongPartitions(self._topic, there, wanted)

    def _appended(self, partition: int, sequence: int) -> None:
        if sequence > self._heads[partition]:
            self._heads[partition] = sequence
            self._wake[partition].set()

    async def _poll(self) -> None:
        """Learn of appends by other processes: every 2 ms while there are any, every 50 ms while there are none."""
        pause = POLL_SLOW
        backoff = Backoff("relay heads")
        while True:
            self._look_now.clear()
            try:
                news = await self._look()
            except Exception as error:  # noqa: BLE001 - PostgreSQL away
                self._postgres_answers = False
                await backoff.wait(error, context=self._ledger.context)
                continue
            if self._postgres_answers is False:  # it may be another history that came back
                self._doubted.update(self._partitions)
            self._postgres_answers = True
            backoff.reset()
            pause = POLL_FAST if news else min(pause * 1.5, POLL_SLOW)
            await either(self._look_now, pause)

    async def _look(self) -> bool:
        """Ask for the heads of all partitions; whether any had moved unannounced."""
        news, before = False, dict(self._published)
        for head in await self._ledger.heads():
            self._epochs[head.partition] = head.epoch
            if head.sequence < before[head.partition]:
                self._doubted.add(head.partition)
                self._wake[head.partition].set()
            if head.sequence > self._heads[head.partition]:
                news = True
                self._appended(head.partition, head.sequence)
        return news

    async def _publish(self, partition: int) -> None:
        """Publish one partition for ever: take the lease, see where Kafka is, go on from there; again after a fault."""
        backoff = Backoff(f"relay {self._ledger.context}")
        while True:
            try:
                await self.lease.wait_held(partition)
                self._doubted.discard(partition)
                last = await self._resume(partition)
                backoff.reset()
                await self._follow(partition, last)
            except RestoredBackup as refusal:
                await self._refuse(partition, refusal)
            except LeaseLost:
                log.info("lease lost", context=self._ledger.context, partition=partition)
            except Exception as error:  # noqa: BLE001 - any refusal: a new producer, and Kafka says where it is
                await backoff.wait(error, context=self._ledger.context, partition=partition)
            finally:
                self._going.discard(partition)

    async def _refuse(self, partition: int, refusal: RestoredBackup) -> None:
        if partition not in self.refusals:
            log.critical("refusing to publish", message=str(refusal))
        self.refusals[partition] = refusal
        metrics.RELAY_REFUSED.labels(self._ledger.context, partition).set(1)
        await asyncio.sleep(REFUSED_FOR)

    async def _resume(self, partition: int) -> Published:
        """The last position that Kafka has; the head is read after the lease was taken, so it cannot be older."""
        for head in await self._ledger.heads():
            self._heads[head.partition], self._epochs[head.partition] = head.sequence, head.epoch
        last = await published(self._reader, self._ledger, partition, self._heads[partition])
        if self.refusals.pop(partition, None):
            metrics.RELAY_REFUSED.labels(self._ledger.context, partition).set(0)
            log.info("publishing again", context=self._ledger.context, partition=partition)
        self._going.add(partition)
        return last

    async def _follow(self, partition: int, last: Published) -> None:
        """Publish what comes after `last`, until there is a reason to ask Kafka again where it is."""
        client = await self._producer.get()
        lag = metrics.RELAY_LAG.labels(self._ledger.context, partition)
        pages = _Ahead(self._ledger, partition)
        try:
            while partition not in self._doubted:
                self._published[partition] = last.sequence
                lag.set(max(self._heads[partition] - last.sequence, 0))
                if self._heads[partition] <= last.sequence:
                    await self._woken(partition)
                    continue
                page = await pages.after(last.sequence)
                self._check(last, partition, page)
                await self._send(client, partition, page)
                last = Published(page[-1].sequence, page[-1].hash)
        except (LeaseLost, RestoredBackup, asyncio.CancelledError):
            raise
        except Exception:
            await self._producer.discard(client)
            raise
        finally:
            pages.close()

    async def _woken(self, partition: int) -> None:
        """Sleep until the head moves, or for a second. Raises LeaseLost."""
        self._wake[partition].clear()
        await either(self._wake[partition], 1.0)
        if not self.lease.held(partition):
            raise LeaseLost(f"partition {partition}")

    def _check(self, last: Published, partition: int, page: Sequence[Stored]) -> None:
        """The page goes on from what was published: the same history, without a hole."""
        if not page or page[0].sequence != last.sequence + 1:
            raise LedgerHole(self._ledger.context, partition, last.sequence + 1)
        if link(last.hash, page[0].sequence, page[0].record) != page[0].hash:
            raise RestoredBackup(self._ledger.context, partition, last.sequence, self._heads[partition])

    async def _send(self, client: AIOKafkaProducer, partition: int, page: Sequence[Stored]) -> None:
        """One batch in flight; the next is made meanwhile. Returns when Kafka has acknowledged the whole page."""
        flight: asyncio.Future[object] | None = None
        for batch in batches(client, page, self._epochs[partition]):
            if flight is not None:
                await flight
            if not self.lease.held(partition):
                raise LeaseLost(f"partition {partition}")
            flight = await client.send_batch(batch, self._topic, partition=partition)
        if flight is not None:
            await flight
        metrics.PUBLISHED.labels(self._ledger.context).inc(len(page))


class _Ahead:
    """Pages of a partition; after a full one the next is read while it is published."""

    def __init__(self, ledger: Ledger, partition: int) -> None:
        self._ledger, self._partition = ledger, partition
        self._following: asyncio.Task[list[Stored]] | None = None

    async def after(self, sequence: int) -> list[Stored]:
        following, self._following = self._following, None
        page = await following if following else []
        if not page:
            page = await self._ledger.page(self._partition, sequence, PAGE)
        if len(page) == PAGE:
            reading = self._ledger.page(self._partition, page[-1].sequence, PAGE)
            self._following = asyncio.create_task(reading)
            self._following.add_done_callback(_seen)
        return page

    def close(self) -> None:
        if self._following:
            self._following.cancel()


def _seen(task: asyncio.Task[list[Stored]]) -> None:
    """A fault of a page that nobody came for is no news: the next page meets it too."""
    if not task.cancelled():
        task.exception()
