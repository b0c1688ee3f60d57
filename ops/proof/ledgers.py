"""Ledgers as they are read by the proof: heads, and pages of stored events."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg

PAGE = 2000


@dataclass(frozen=True, slots=True)
class Position:
    """The end of a partition."""

    sequence: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """A stored event: what Kafka must hold at this sequence."""

    sequence: int
    stream: str
    hash: bytes
    record: bytes


async def heads(database: asyncpg.Connection) -> dict[int, Position]:
    """The head of each partition."""
    rows = await database.fetch("select partition, sequence, hash from ledger.heads order by partition")
    return {row["partition"]: Position(row["sequence"], row["hash"]) for row in rows}


async def page(database: asyncpg.Connection, partition: int, after: int) -> list[Row]:
    """The next rows of a partition."""
    rows = await database.fetch(
        "select sequence, stream, hash, record from ledger.events"
        " where partition = $1 and sequence > $2 order by sequence limit $3",
        partition, after, PAGE,
    )  # fmt: skip
    return [Row(**row) for row in rows]


async def rows(database: asyncpg.Connection, partition: int) -> AsyncIterator[Row]:
    """A whole partition in order, a page in memory at a time."""
    after = 0
    while found := await page(database, partition, after):
        for row in found:
            yield row
        after = found[-1].sequence


async def row_at(database: asyncpg.Connection, partition: int, sequence: int) -> Row | None:
    """One stored event."""
    row = await database.fetchrow(
        "select sequence, stream, hash, record from ledger.events where partition = $1 and sequence = $2",
        partition, sequence,
    )  # fmt: skip
    return Row(**row) if row else None
