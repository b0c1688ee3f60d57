"""What did not arrive is read again from Kafka, from the checkpoint on.

Three reasons to read: a gap before a record that arrived, a tail that nobody delivered, and being far behind
at the start. All three are the same walk.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable

import structlog

from shared.messaging import metrics
from shared.messaging.applier import Applier
from shared.messaging.delivery import Subscription
from shared.messaging.effects import asked_for, decoded
from shared.messaging.kafka import Arrived
from shared.messaging.reader import Reader

log = structlog.get_logger(__name__)


async def catch_up(applier: Applier, reader: Reader, partitions: Iterable[int]) -> int:
    """Read and apply from the checkpoints to Kafka's end; gives how many positions were applied.

    The caller holds the applier's lock. Raises KafkaError, OSError, TimeoutError or KafkaStalled when Kafka
    cannot be read: what was applied stays so, and the walk may begin again at any time.
    """
    wanted = list(partitions)
    ends = await reader.ends(applier.context, wanted)
    applied = 0
    while True:
        moved, beyond = await _walk(applier, reader, ends)
        applied += moved
        if not moved or not beyond:
            return applied


async def _walk(applier: Applier, reader: Reader, ends: dict[int, int]) -> tuple[int, bool]:
    """One pass. Whether records lay beyond a gap: they are found again by the next pass, once it is closed."""
    starts = {p: _start(applier, p, end) for p, end in ends.items()}
    applied, beyond = 0, False
    pages = _ahead(applier.subscription, reader.read(applier.context, starts, ends))
    async for page in pages:
        batch = await applier.apply(page)
        applied += len(batch.accepted)
        beyond = beyond or bool(batch.gaps)
    return applied, beyond


async def _ahead(
    subscription: Subscription, pages: AsyncIterator[list[Arrived]]
) -> AsyncIterator[list[Arrived]]:
    """The same pages; the next one is read and decoded while PostgreSQL works on the one before."""
    following = asyncio.ensure_future(_next(subscription, pages))
    try:
        while (page := await following) is not None:
            following = asyncio.ensure_future(_next(subscription, pages))
            yield page
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _next(subscription: Subscription, pages: AsyncIterator[list[Arrived]]) -> list[Arrived] | None:
    page = await anext(pages, None)
    for arrived in page or ():
        if arrived.sequence and asked_for(subscription, arrived):
            decoded(arrived)
    return page


def _start(applier: Applier, partition: int, end: int) -> int:
    """The checkpoint's offset; or the beginning, when Kafka ends before it: then it is another log."""
    cursor = applier.cursors[partition]
    if cursor.next_offset > end:
        cursor.next_offset = 0
    return cursor.next_offset


async def heal(applier: Applier, reader: Reader, partitions: Iterable[int]) -> None:
    """Close gaps, as far as Kafka holds what is missing. The caller holds the applier's lock."""
    for partition in partitions:
        if await catch_up(applier, reader, [partition]):
            metrics.GAPS_HEALED.labels(applier.name).inc()
            log.info("gap healed", consumer=applier.name, partition=partition)
