"""Reads of Kafka outside of any group: the end of a log, and what lies between two offsets of it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from types import TracebackType

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.messaging.errors import KafkaStalled, TopicMissing
from shared.messaging.kafka import Arrived, arrived, consumer, topic_of

PAGE = 1_000
STALLED_AFTER = 15.0


class Reader:
    """A client that reads when told to. Every method raises KafkaError, OSError or TimeoutError when Kafka is
    away; a new client is made at the next call."""

    def __init__(self, kafka: str) -> None:
        self._kafka = kafka
        self._client: AIOKafkaConsumer | None = None
        self._lock = asyncio.Lock()

    async def partitions(self, context: str) -> list[int]:
        """The partitions of the context's topic. Raises TopicMissing."""
        async with self._lock, self._using() as client:
            await client._client.force_metadata_update()  # noqa: SLF001 - there is no public way to ask again
            found = client.partitions_for_topic(topic_of(context))
        if not found:
            raise TopicMissing(topic_of(context))
        return sorted(found)

    async def ends(self, context: str, partitions: Iterable[int]) -> dict[int, int]:
        """The offset after the last record, by partition."""
        wanted = [TopicPartition(topic_of(context), partition) for partition in partitions]
        async with self._lock, self._using() as client:
            return {tp.partition: end for tp, end in (await client.end_offsets(wanted)).items()}

    async def beginnings(self, context: str, partitions: Iterable[int]) -> dict[int, int]:
        """The offset of the first record, by partition."""
        wanted = [TopicPartition(topic_of(context), partition) for partition in partitions]
        async with self._lock, self._using() as client:
            return {tp.partition: first for tp, first in (await client.beginning_offsets(wanted)).items()}

    async def read(
        self, context: str, start: Mapping[int, int], end: Mapping[int, int]
    ) -> AsyncIterator[list[Arrived]]:
        """Records from `start` to before `end`, by partition, in order within each, in pages of at most 1,000.

        Raises KafkaStalled when nothing comes for 15 s although there is something.
        """
        position = {partition: offset for partition, offset in start.items() if offset < end[partition]}
        if not position:
            return
        client = consumer(self._kafka)
        await client.start()
        try:
            client.assign([TopicPartition(topic_of(context), partition) for partition in position])
            for partition, offset in position.items():
                client.seek(TopicPartition(topic_of(context), partition), offset)
            async for page in _pages(client, context, position, end):
                yield page
        finally:
            await client.stop()

    async def close(self) -> None:
        client, self._client = self._client, None
        if client:
            await client.stop()

    def _using(self) -> "_Using":
        return _Using(self)


class _Using:
    """The shared client, started at first use and thrown away after a fault."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def __aenter__(self) -> AIOKafkaConsumer:
        reader = self._reader
        if reader._client is None:  # noqa: SLF001 - its other half
            client = consumer(reader._kafka)  # noqa: SLF001
            try:
                await client.start()
            except BaseException:
                await client.stop()
                raise
            reader._client = client  # noqa: SLF001
        return reader._client  # noqa: SLF001

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            await self._reader.close()


async def _pages(
    client: AIOKafkaConsumer, context: str, position: dict[int, int], end: Mapping[int, int]
) -> AsyncIterator[list[Arrived]]:
    loop = asyncio.get_running_loop()
    heard = loop.time()
    left = set(position)
    while left:
        page: list[Arrived] = []
        for tp, records in (await client.getmany(timeout_ms=500, max_records=PAGE)).items():
            for record in records:
                if record.offset < end[tp.partition]:
                    page.append(arrived(record, position[tp.partition]))
                position[tp.partition] = record.offset + 1
        left = {partition for partition in left if position[partition] < end[partition]}
        if page:
            heard = loop.time()
            yield page
        elif left and loop.time() - heard > STALLED_AFTER:
            raise KafkaStalled(f"{topic_of(context)}: nothing came from partitions {sorted(left)}")
