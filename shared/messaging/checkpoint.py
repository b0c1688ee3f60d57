"""Checkpoints: where each consumer is, moved by compare-and-set in the transaction of the effects."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.ledger.ledger import Connection
from shared.messaging.errors import StaleCheckpoint
from shared.messaging.sequencing import Cursor
from shared.sql import queries

SQL = queries(__file__, "checkpoint.sql")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The last position a consumer has applied in one partition of a context."""

    consumer: str
    context: str
    partition: int
    epoch: int
    sequence: int
    hash: bytes


async def checkpoints(connection: Connection) -> list[Checkpoint]:
    """Every checkpoint of this database."""
    return [Checkpoint(**row) for row in await connection.fetch(SQL.all)]


async def create(connection: Connection, consumer: str, context: str, partitions: Sequence[int]) -> None:
    await connection.execute(SQL.create, consumer, context, partitions)


async def load(
    connection: Connection, consumer: str, context: str, partitions: Sequence[int]
) -> dict[int, Cursor]:
    rows = await connection.fetch(SQL.load, consumer, context, partitions)
    return {row["partition"]: Cursor(**row) for row in rows}


async def move(
    connection: Connection,
    consumer: str,
    context: str,
    before: Mapping[int, Cursor],
    after: Iterable[Cursor],
) -> dict[int, int]:
    """Compare and set; gives each partition's count of parkings. Raises StaleCheckpoint: roll back and reload."""
    moved = list(after)
    rows = await connection.fetch(
        SQL.move,
        consumer,
        context,
        [cursor.partition for cursor in moved],
        [before[cursor.partition].sequence for cursor in moved],
        [cursor.epoch for cursor in moved],
        [cursor.sequence for cursor in moved],
        [cursor.hash for cursor in moved],
        [cursor.next_offset for cursor in moved],
    )
    if len(rows) < len(moved):
        raise StaleCheckpoint(f"{consumer}: moved by another process")
    return {row["partition"]: row["parkings"] for row in rows}


async def hold(connection: Connection, consumer: str, context: str, partition: int) -> int:
    """Lock the row to the end of the transaction and count one more parking."""
    count: int = await connection.fetchval(SQL.hold, consumer, context, partition)
    return count
