"""Most events are ignored by most consumers: passing over them costs little, and loses nothing."""

import random
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from shared.messaging import LedgerFeed, Subscription, checkpoint
from shared.messaging.applier import SETTLED_EVERY, Applier
from shared.messaging.kafka import from_ledger
from tests.messaging_stand import READ, Stand, event, stand, until, writes
from tests.servers import Servers

NAME = "tests.effects"


@pytest_asyncio.fixture
async def at(servers: Servers) -> AsyncIterator[Stand]:
    async with stand(servers) as made:
        yield made


async def test_the_checkpoint_is_not_written_for_each(at: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """It follows now and then, and soon after the last of them."""
    written = 0
    move = checkpoint.move

    async def counted(*given: Any) -> dict[int, int]:
        nonlocal written
        written += 1
        return await move(*given)

    monkeypatch.setattr(checkpoint, "move", counted)
    feed = LedgerFeed(at.ledger, at.pool, NAME, writes(NAME), frozenset({"another"}))
    await feed.start()
    began = time.monotonic()
    for number in range(100):
        await at.append(f"alert-{number % 5}")
    await at.wait_applied(NAME)
    took = time.monotonic() - began
    await feed.stop()
    assert 0 < written <= 2 + took / SETTLED_EVERY


async def test_it_is_written_although_the_database_was_away(
    at: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a pause leaves unwritten is tried again until it is."""
    move, faults = checkpoint.move, iter([OSError(), ConnectionError()])

    async def failing(*given: Any) -> dict[int, int]:
        if written and (fault := next(faults, None)):
            raise fault
        written.append(True)
        return await move(*given)

    written: list[bool] = []
    monkeypatch.setattr(checkpoint, "move", failing)
    feed = LedgerFeed(at.ledger, at.pool, NAME, writes(NAME), frozenset({"another"}))
    await feed.start()
    await at.write(5)
    await at.wait_applied(NAME)
    await at.write(5)
    await at.wait_applied(NAME)
    await feed.stop()
    assert next(faults, None) is None


async def test_two_workers_in_turns_apply_each_event_once(at: Stand) -> None:
    """Whichever moves the checkpoint, the other notices, wherever it had passed over events on its own."""
    chance = random.Random(11)  # noqa: S311 - nothing secret
    ignored = set()
    for number in range(300):
        stream = f"alert-{number % 20}"
        if chance.random() < 0.7:
            version = at.versions.get(stream, 0) + 1
            record = event(at.context, stream, version).record.replace(READ.encode(), b"fr.formiris.another")
            stored = await at.append_bytes(stream, record)
            ignored.add((stored.partition, stored.sequence))
        else:
            await at.append(stream)
    subscription = Subscription(NAME, at.context, writes(NAME), frozenset({READ}))
    workers = [Applier(at.pool, subscription, reacts=False) for _ in range(2)]
    for worker in workers:
        await worker.open(range(at.ledger.partitions))

    async def turn() -> bool:
        worker, partition = chance.choice(workers), chance.randrange(at.ledger.partitions)
        cursor = worker.cursors[partition]
        page = await at.ledger.page(partition, cursor.sequence, chance.randint(1, 9))
        async with worker.lock:
            await worker.apply([from_ledger(stored, cursor.epoch) for stored in page])
            if chance.random() < 0.1:
                await worker.refresh()
        return await at.checkpoint_sum(NAME) == await at.head_sum()

    await until(turn, 60, "at the head")
    for worker in workers:
        worker.close()
    await at.assert_exact(NAME, sorted(ignored))
    assert len(ignored) > 100
