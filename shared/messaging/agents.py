"""The live path: one Faust app in this loop, an agent a subscription.

Measured: an exception out of an agent loses its batch and stalls the group, so nothing leaves an agent; what
Faust or Kafka commit is only a hint of where to start, so every event is acknowledged once it was applied.
An agent hands events over as they come and never holds them; the applying loop takes whatever has gathered.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import faust
import structlog
from faust.transport.drivers import aiokafka as driver

from shared.messaging.applier import Applier
from shared.messaging.board import either
from shared.messaging.gaps import heal
from shared.messaging.kafka import Arrived, arrived, topic_of
from shared.messaging.reader import Reader

log = structlog.get_logger(__name__)
BATCH = 1_000
HELD = 4_000
STREAMING, GATHERED_FOR = 1_000, 0.03
"""From so many events a second on, a batch gathers for so many seconds; below, an event is applied as it comes."""
SETTINGS: dict[str, Any] = {
    "store": "memory://",
    "web_enabled": False,
    "topic_disable_leader": True,
    "topic_allow_declare": False,
    "consumer_auto_offset_reset": "earliest",
    "broker_commit_interval": 0.5,
    "broker_session_timeout": 10,
    "broker_heartbeat_interval": 2,
    "stream_wait_empty": True,
    "stream_buffer_maxsize": HELD,
    "key_serializer": "raw",
    "value_serializer": "raw",
}
PATIENCE = 3.0
"""Seconds that a live batch may keep Faust, and with it the group's next rebalance, waiting."""
Starts = Callable[[str, Sequence[int]], Awaitable[dict[int, int]]]


class Live:
    """The live side of one subscription: gathers, applies, acknowledges."""

    def __init__(self, applier: Applier, reader: Reader) -> None:
        self.applier, self._reader = applier, reader
        self._gathered: list[tuple[Any, Any]] = []
        self._taken: list[tuple[Any, Any]] = []
        self._some, self._full, self._room = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._heard: dict[int, float] = {}
        self.doubted: set[int] = set()
        """Partitions to read on from the checkpoint, because what arrived could not be dealt with."""

    def quiet(self, partition: int, seconds: float) -> bool:
        return not self._gathered and time.monotonic() - self._heard.get(partition, 0.0) > seconds

    async def agent(self, stream: Any) -> None:
        """The agent's body: never raises but to be cancelled."""
        manual = stream.noack()
        async for event in manual.events():
            self._gathered.append((manual, event))
            self._some.set()
            if len(self._gathered) >= BATCH:
                self._full.set()
            if len(self._gathered) >= HELD:
                self._room.clear()
                await self._room.wait()

    async def work(self) -> None:
        """Apply what has gathered, for ever."""
        began, count = time.monotonic(), 0
        while True:
            await self._some.wait()
            if count > STREAMING * (time.monotonic() - began):
                await either(self._full, GATHERED_FOR)
            began, count = time.monotonic(), min(len(self._gathered), BATCH)
            self._full.clear()
            self._taken, self._gathered = self._gathered[:BATCH], self._gathered[BATCH:]
            if not self._gathered:
                self._some.clear()
            self._room.set()
            await self._apply([event.message for _, event in self._taken])
            await self._acknowledge()

    async def leave(self) -> None:
        """Instead of `work`, for ever: acknowledge without applying, so that Faust can stop. The checkpoints know."""
        while True:
            self._taken, self._gathered = self._taken + self._gathered, []
            self._room.set()
            await self._acknowledge()
            await asyncio.sleep(0.05)

    async def _acknowledge(self) -> None:
        taken, self._taken = self._taken, []
        for stream, event in taken:
            await stream.ack(event)

    async def _apply(self, messages: Sequence[Any]) -> None:
        """Apply within `PATIENCE`: the group must not be kept waiting longer. Then the tail watcher goes on trying."""
        now = time.monotonic()
        records = [arrived(message, message.offset) for message in messages]
        for record in records:
            self._heard[record.partition] = now
        known = [record for record in records if record.partition in self.applier.cursors]
        try:
            async with asyncio.timeout(PATIENCE):
                await self.applier.lock.acquire()
            try:
                await self._apply_locked(known)
            finally:
                self.applier.lock.release()
        except Exception as error:  # noqa: BLE001 - nothing leaves an agent; the tail watcher reads it again
            log.warning("left to the tail watcher", consumer=self.applier.name, error=type(error).__name__)

    async def _apply_locked(self, records: Sequence[Arrived]) -> None:
        batch = await self.applier.apply(records, PATIENCE)
        gaps = [partition for partition in batch.gaps if partition not in self.doubted]
        if gaps:
            self.doubted.update(gaps)
            await heal(self.applier, self._reader, gaps)


def app(group: str, kafka: str, datadir: Path, lives: Sequence[Live], starts: Starts) -> faust.App:
    """A Faust app that begins at our checkpoints, with an agent a subscription."""
    made = faust.App(
        group,
        broker=f"kafka://{kafka}",
        datadir=str(datadir),
        **SETTINGS,
    )
    made.transport = _transport(made, starts)
    for live in lives:
        topic = made.topic(topic_of(live.applier.context), key_type=bytes, value_type=bytes)
        made.agent(topic, name=live.applier.name, concurrency=1)(live.agent)
    return made


def _transport(made: faust.App, starts: Starts) -> driver.Transport:
    """Faust's transport, with a consumer that begins at our checkpoints after every rebalance.

    Seeking from a signal races with Faust's own seek to the committed offsets; taking its place does not.
    """

    class Consumer(driver.Consumer):
        async def seek_to_committed(self) -> Mapping[Any, int]:
            wanted: dict[str, list[int]] = {}
            for tp in self.assignment():
                wanted.setdefault(tp.topic, []).append(tp.partition)
            try:
                offsets = {
                    self._new_topicpartition(topic, partition): offset
                    for topic, partitions in wanted.items()
                    for partition, offset in (await starts(topic, partitions)).items()
                }
                await self.seek_wait(offsets)
            except Exception as error:  # noqa: BLE001 - a hint only: the rules of gaps and duplicates hold anyway
                log.warning("began at the committed offsets", error=type(error).__name__)
                committed: Mapping[Any, int] = await super().seek_to_committed()
                return committed
            return offsets

    class Transport(driver.Transport):
        pass

    Transport.Consumer = Consumer
    return Transport(made.conf.broker, made)
