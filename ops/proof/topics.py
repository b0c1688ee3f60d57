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


async def compare(system: System) -> Finding:
    """Reads every partition of every ledger and of its topic side by side."""
    finding = Finding("Ledger and Kafka, position by position")
    tally = Tally()
    for context, database in system.databases.items():
        for partition in await ledgers.heads(database):
            place = TopicPartition(f"formelie.{context}", partition)
            try:
                await _partition(system.kafka, database, place, finding, tally)
            except Stalled as error:
                finding.differs(f"{context}/{partition}: {error}")
    finding.counted = f"{tally.positions} positions equal, {tally.repeats} exact repeats"
    return finding


async def _partition(
    kafka: str, database: asyncpg.Connection, place: TopicPartition, finding: Finding, tally: Tally
) -> None:
    told = f"{place.topic}/{place.partition}"
    stored = ledgers.rows(database, place.partition)
    last = 0
    async for record in published(kafka, place):
        sequence = header(record, "sequence")
        number = int(sequence) if sequence.isdigit() else 0
        if number == last + 1:
            row = await anext(stored, None)
            last = number
            tally.positions += 1
        else:
            row = await ledgers.row_at(database, place.partition, number) if 0 < number <= last else None
            tally.repeats += row is not None
        fault = "no event of the ledger comes here" if row is None else unlike(record, row)
        if fault:
            finding.differs(f"{told} offset {record.offset}, sequence {sequence or 'none'}: {fault}")
    async for row in stored:
        finding.differs(f"{told}: sequence {row.sequence} of the ledger is not in Kafka")


def unlike(record: "ConsumerRecord[bytes, bytes]", row: ledgers.Row) -> str:
    """How a Kafka record differs from the stored event of its sequence; empty when it does not."""
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
