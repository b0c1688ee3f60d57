"""Every ledger against its Kafka topic, position by position: the same bytes, in the same order, none missing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from ops.proof import ledgers
from ops.proof.finding import Finding
from ops.proof.system import System

STALLED = 20.0  # seconds without a record, while Kafka says there are more


class Stalled(Exception):
    """Kafka announced records that it did not give."""


@dataclass(slots=True)
class Tally:
    """What was compared."""

    positions: int = 0
    repeats: int = 0


@dataclass(slots=True)
class Walk:
    """A partition of a ledger, followed as its topic is read."""

    database: asyncpg.Connection
    place: TopicPartition
    stored: AsyncIterator[ledgers.Row]
    last: int = 0

    async def step(self, record: "ConsumerRecord[bytes, bytes]", finding: Finding, tally: Tally) -> None:
        """One record: the next position, or an exact repeat of an earlier one; anything else is a difference."""
        text = header(record, "sequence")
        sequence = int(text) if text.isdigit() else 0
        if sequence == self.last + 1:
            row = await anext(self.stored, None)
            self.last = sequence
            tally.positions += 1
        else:
            known = 0 < sequence <= self.last
            row = await ledgers.row_at(self.database, self.place.partition, sequence) if known else None
            tally.repeats += row is not None
        if fault := unlike(record, row):
            where = f"{record.topic}/{record.partition} offset {record.offset}"
            finding.differs(f"{where}, sequence {text or 'none'}: {fault}")

    async def end(self, finding: Finding) -> None:
        """What the ledger has beyond the topic."""
        async for row in self.stored:
            finding.differs(
                f"{self.place.topic}/{self.place.partition}: sequence {row.sequence} is not in Kafka"
            )


async def compare(system: System) -> Finding:
    """Reads every ledger and its topic side by side."""
    finding, tally = Finding("Ledger and Kafka, position by position"), Tally()
    for context, database in system.databases.items():
        walks = {}
        for partition in await ledgers.heads(database):
            place = TopicPartition(f"formelie.{context}", partition)
            walks[place] = Walk(database, place, ledgers.rows(database, partition))
        try:
            async for record in published(system.kafka, *walks):
                await walks[TopicPartition(record.topic, record.partition)].step(record, finding, tally)
        except Stalled as error:
            finding.differs(f"{context}: {error}")
        for walk in walks.values():
            await walk.end(finding)
    finding.counted = f"{tally.positions} positions equal, {tally.repeats} exact repeats"
    return finding


def unlike(record: "ConsumerRecord[bytes, bytes]", row: ledgers.Row | None) -> str:
    """How a Kafka record differs from the stored event of its sequence; empty when it does not."""
    if row is None:
        return "no event of the ledger belongs here"
    if record.value != row.record:
        return "other bytes"
    if header(record, "hash") != row.hash.hex():
        return "another hash"
    if record.key != row.stream.encode():
        return "another key"
    return ""


def header(record: "ConsumerRecord[bytes, bytes]", name: str) -> str:
    """A header's text; empty when it is not there."""
    return next((value.decode("ascii", "replace") for key, value in record.headers if key == name), "")


async def published(kafka: str, *places: TopicPartition) -> AsyncIterator["ConsumerRecord[bytes, bytes]"]:
    """What the topic's partitions hold now, each from its first record to its end. Raises Stalled."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        await consumer.seek_to_beginning(*places)
        while await _behind(consumer, ends):
            for record in await _next(consumer):
                if record.offset < ends[TopicPartition(record.topic, record.partition)]:
                    yield record
    finally:
        await consumer.stop()


async def _behind(consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> bool:
    return any([await consumer.position(place) < end for place, end in ends.items()])


async def _next(consumer: AIOKafkaConsumer) -> Sequence["ConsumerRecord[bytes, bytes]"]:
    try:
        async with asyncio.timeout(STALLED):
            while not (batch := await consumer.getmany(timeout_ms=500, max_records=2000)):
                pass
    except TimeoutError:
        raise Stalled(f"no record for {STALLED:.0f} s, though there are more") from None
    return [record for records in batch.values() for record in records]
