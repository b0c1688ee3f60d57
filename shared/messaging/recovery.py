"""After PostgreSQL was restored from an older backup: the tail that the ledger lost is taken back from Kafka.

Every record is verified by the chain, from the restored head on. What Kafka does not hold, or holds otherwise, is
never made up: then nothing is imported.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from shared.ledger import link
from shared.messaging.errors import Unrecoverable
from shared.messaging.kafka import Arrived
from shared.messaging.reader import Reader
from shared.sql import queries

SQL = queries(__file__, "recovery.sql")
WINDOW = 5_000


@dataclass(frozen=True, slots=True)
class Recovered:
    """Positions `first` to `last` of a partition were taken back from Kafka."""

    partition: int
    first: int
    last: int


async def recover(connection: asyncpg.Connection, reader: Reader, context: str) -> list[Recovered]:
    """Take back what the ledger lost, in one transaction, and raise the epoch; nothing to do gives [].

    `connection` is that of the database's owner. Raises Unrecoverable, and nothing is written: the ledger wrote
    other events since the restore, or Kafka's records do not link. Idempotency keys of the lost commands are not
    in Kafka: such a command, sent again, meets the state it made.
    """
    async with connection.transaction():
        tails = []
        for head in await connection.fetch(SQL.lock):
            tail = await _lost(reader, context, head["partition"], head["sequence"], head["hash"])
            if tail:
                await _import(connection, head["partition"], tail)
                tails.append(Recovered(head["partition"], tail[0].sequence, tail[-1].sequence))
        if tails:
            await connection.fetchval(SQL.raise_epoch)
        return tails


async def _lost(reader: Reader, context: str, partition: int, head: int, tip: bytes) -> list[Arrived]:
    """Kafka's records after the ledger's head, each linking to the one before. Raises Unrecoverable."""
    records = await _since(reader, context, partition, head)
    if head and any(record.sequence == head and record.hash != tip for record in records):
        raise Unrecoverable(context, partition, head, "the ledger holds another event there than Kafka")
    tail: list[Arrived] = []
    for record in sorted(records, key=lambda record: record.sequence):
        if record.sequence == head + 1 and link(tip, record.sequence, record.record) == record.hash:
            head, tip = record.sequence, record.hash
            tail.append(record)
    if any(record.sequence > head for record in records):
        raise Unrecoverable(context, partition, head + 1, "what Kafka holds from there on does not link")
    return tail


async def _since(reader: Reader, context: str, partition: int, sequence: int) -> list[Arrived]:
    """The records from the one with `sequence` on, looking back from the end."""
    end = (await reader.ends(context, [partition]))[partition]
    first = (await reader.beginnings(context, [partition]))[partition]
    records: list[Arrived] = []
    start = end
    while start > first:
        stop, start = start, max(first, start - WINDOW)
        pages = reader.read(context, {partition: start}, {partition: stop})
        window = [record async for page in pages for record in page if record.sequence]
        records[:0] = window
        if any(record.sequence == sequence for record in window):
            break
    return records


async def _import(connection: asyncpg.Connection, partition: int, tail: Sequence[Arrived]) -> None:
    envelopes = [json.loads(record.record) for record in tail]
    await connection.execute(
        SQL.import_tail,
        partition,
        [record.sequence for record in tail],
        [envelope["subject"] for envelope in envelopes],
        [envelope["streamversion"] for envelope in envelopes],
        [UUID(envelope["id"]) for envelope in envelopes],
        [record.hash for record in tail],
        [record.record for record in tail],
    )
    await connection.execute(SQL.advance, partition, tail[-1].sequence, tail[-1].hash)
