"""What Kafka really holds of a ledger partition: where a relay goes on."""

from dataclasses import dataclass

import structlog

from shared.ledger import Ledger, Stored
from shared.ledger.chain import GENESIS, link
from shared.messaging.errors import RestoredBackup
from shared.messaging.kafka import Arrived
from shared.messaging.reader import Reader

log = structlog.get_logger(__name__)
WINDOW = 1_000


@dataclass(frozen=True, slots=True)
class Published:
    """The last position of the ledger that Kafka has."""

    sequence: int = 0
    hash: bytes = GENESIS


async def published(reader: Reader, ledger: Ledger, partition: int, head: int) -> Published:
    """The last position of this ledger in Kafka's partition; the beginning when there is none.

    Looks back from the end over duplicates and over what is no record of this ledger. Raises RestoredBackup
    when Kafka holds records of this chain that the ledger has not.
    """
    end = (await reader.ends(ledger.context, [partition]))[partition]
    first = (await reader.beginnings(ledger.context, [partition]))[partition]
    window, stop = WINDOW, end
    while stop > first:
        start = max(first, end - window)
        records = await records_between(reader, ledger.context, partition, start, end)
        last = await _last_of_chain(ledger, partition, head, records)
        if last.sequence > end - first and first == 0:
            log.error("Kafka lost records: publishing all again", context=ledger.context, partition=partition)
            return Published()
        if last.sequence:
            return last
        stop, window = start, window * 8
    return Published()


async def records_between(
    reader: Reader, context: str, partition: int, start: int, end: int
) -> list[Arrived]:
    """The records with a position, in Kafka's order."""
    pages = reader.read(context, {partition: start}, {partition: end})
    return [record async for page in pages for record in page if record.sequence]


async def _last_of_chain(ledger: Ledger, partition: int, head: int, records: list[Arrived]) -> Published:
    best = Published()
    hashes = {record.sequence: record.hash for record in records}
    for record in reversed(records):
        if record.sequence <= best.sequence:
            continue
        before, stored = await _around(ledger, partition, record.sequence, head)
        if stored and (stored.hash, stored.record) == (record.hash, record.record):
            best = Published(record.sequence, record.hash)
        elif _links(record, before or hashes.get(record.sequence - 1)):
            raise RestoredBackup(ledger.context, partition, record.sequence, head)
        else:
            log.warning(
                "foreign record on the topic",
                context=ledger.context,
                partition=partition,
                offset=record.offset,
            )
    return best


def _links(record: Arrived, before: bytes | None) -> bool:
    return before is not None and link(before, record.sequence, record.record) == record.hash


async def _around(
    ledger: Ledger, partition: int, sequence: int, head: int
) -> tuple[bytes | None, Stored | None]:
    """The hash before a sequence and what is stored there, as far as the ledger has them."""
    if sequence > head + 1:
        return None, None
    found = {stored.sequence: stored for stored in await ledger.page(partition, max(sequence - 2, 0), 2)}
    before = found.get(sequence - 1)
    return (GENESIS if sequence == 1 else before.hash if before else None), found.get(sequence)
