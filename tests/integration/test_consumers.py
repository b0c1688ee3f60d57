"""A service's consumers as a whole, on real servers."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import asyncpg
import pytest_asyncio

from shared.ledger import is_transient
from shared.messaging import Consumers, Delivered, LedgerFeed, Relay, Subscription, checkpoints, wait_for
from tests.messaging_stand import Stand, stand, until, writes
from tests.servers import Servers


@pytest_asyncio.fixture
async def at(servers: Servers) -> AsyncIterator[Stand]:
    async with stand(servers) as made:
        yield made


@pytest_asyncio.fixture
async def relay(at: Stand) -> AsyncIterator[Relay]:
    running = Relay(at.ledger, at.pool, at.kafka)
    await running.start()
    yield running
    await running.stop()


async def test_two_subscriptions_of_one_topic_each_get_everything(
    at: Stand, relay: Relay, tmp_path: Path
) -> None:
    """Consumers are told apart by their names; each has its own checkpoint and its own effects."""
    names = ("tests.policy", "tests.view")
    running = Consumers(at.pool, at.kafka, [Subscription(n, at.context, writes(n)) for n in names], tmp_path)
    await running.start()
    await at.write(300)
    for name in names:
        await at.wait_applied(name)
        await at.assert_exact(name)
    async with at.pool.acquire() as connection:
        found = {(c.consumer, c.context) for c in await checkpoints(connection)}
    assert found == {(name, at.context) for name in names}
    await until(lambda: _ready(running), 10, "ready")
    await running.stop()
    assert not running.ready


async def test_far_behind_is_caught_up_in_bulk(at: Stand, relay: Relay, tmp_path: Path) -> None:
    """More than 5,000 records are read directly, by one process of the two; then both are live."""
    await at.write(6_000, streams=300)
    running = [
        Consumers(
            at.pool,
            at.kafka,
            [Subscription("tests.view", at.context, writes("tests.view"))],
            tmp_path / str(n),
        )
        for n in range(2)
    ]
    for each in running:
        await each.start()
    await at.wait_applied("tests.view", 40)
    await at.write(100, streams=300)
    await at.wait_applied("tests.view", 20)
    await at.assert_exact("tests.view")
    for each in running:
        await each.stop()


async def test_a_reader_waits_for_what_it_wrote(at: Stand) -> None:
    """wait_for returns as soon as the view is there, and says when it is not in time."""
    feed = LedgerFeed(at.ledger, at.pool, "tests.views", writes("tests.views"))
    await feed.start()
    await until(lambda: _ready(feed), 10, "ready")
    took = []
    for _ in range(20):
        stored = await at.append("alert-1")
        began = time.perf_counter()
        assert await wait_for(at.pool, at.context, stored.partition, stored.sequence, 2.0)
        took.append(time.perf_counter() - began)
    assert sorted(took)[10] < 0.05
    began = time.perf_counter()
    assert not await wait_for(at.pool, at.context, stored.partition, stored.sequence + 1, 0.3)
    assert 0.25 < time.perf_counter() - began < 1
    await feed.stop()


async def test_what_another_process_applied_counts_too(at: Stand) -> None:
    """The position is looked up when this process has not seen it pass."""
    feed = LedgerFeed(at.ledger, at.pool, "tests.views", writes("tests.views"))
    await feed.start()
    stored = await at.append("alert-1")
    await at.wait_applied("tests.views")
    await feed.stop()
    assert await wait_for(at.pool, at.context, stored.partition, stored.sequence, 1.0)


async def test_a_stop_does_not_wait_for_a_fault_to_pass(at: Stand, relay: Relay, tmp_path: Path) -> None:
    """A consumer that is retrying stops at once, and applies its events after the next start."""

    async def never(connection: asyncpg.Connection, events: Sequence[Delivered]) -> None:
        raise ConnectionError

    assert is_transient(ConnectionError())
    await at.write(50)
    running = Consumers(at.pool, at.kafka, [Subscription("tests.view", at.context, never)], tmp_path)
    await running.start()
    await until(lambda: _ready(running), 20, "ready")
    await asyncio.sleep(0.5)
    began = time.monotonic()
    await running.stop()
    assert time.monotonic() - began < 12
    again = Consumers(
        at.pool, at.kafka, [Subscription("tests.view", at.context, writes("tests.view"))], tmp_path
    )
    await again.start()
    await at.wait_applied("tests.view", 30)
    await again.stop()
    await at.assert_exact("tests.view")


async def _ready(running: Consumers | LedgerFeed) -> bool:
    return running.ready
