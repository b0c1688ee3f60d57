"""Relays and consumers killed and paused under load: nothing lost, nothing twice, nothing out of order."""

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest_asyncio

from shared.messaging import Relay
from tests.faults.messaging_process import NAME
from tests.messaging_stand import Stand, stand, until
from tests.servers import Servers

ROOT = Path(__file__).resolve().parents[2]
LOAD = 2_400
Process = asyncio.subprocess.Process
Start = Callable[[str], Awaitable[Process]]


@pytest_asyncio.fixture
async def at(servers: Servers) -> AsyncIterator[Stand]:
    async with stand(servers) as made:
        yield made


@pytest_asyncio.fixture
async def start(at: Stand, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts a process; whatever is left of it at the end is killed."""
    started: list[Process] = []

    async def one(role: str) -> Process:
        folder = tmp_path / str(len(started))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.messaging_process",
            role, at.pool.dsn, at.kafka, at.context, folder, cwd=ROOT,
        )  # fmt: skip
        started.append(process)
        return process

    yield one
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest_asyncio.fixture
async def relay(at: Stand) -> AsyncIterator[Relay]:
    running = Relay(at.ledger, at.pool, at.kafka)
    await running.start()
    yield running
    await running.stop()


async def load(at: Stand, events: int = LOAD) -> None:
    """A steady load for some seconds."""
    for _ in range(events // 40):
        await at.write(40)
        await asyncio.sleep(0.05)


async def some_applied(at: Stand, count: int) -> None:
    async def enough() -> bool:
        return await at.checkpoint_sum(NAME) >= count

    await until(enough, 40, f"{count} applied")


async def test_a_consumer_killed_again_and_again_applies_exactly_once(
    at: Stand, start: Start, relay: Relay
) -> None:
    """SIGKILL four times in the middle of 2,400 events."""
    loading = asyncio.create_task(load(at))
    for done in (50, 600, 1_200, 1_800):
        process = await start("consumer")
        await some_applied(at, done)
        await asyncio.sleep(random.random() * 0.05)  # noqa: S311 - no secret
        process.kill()
        await process.wait()
    await loading
    await start("consumer")
    await at.wait_applied(NAME, 60)
    await at.assert_exact(NAME)


async def test_two_consumers_share_and_one_is_killed(at: Stand, start: Start, relay: Relay) -> None:
    """Two processes of a group, one killed: the other takes its partitions over."""
    first = await start("consumer")
    await start("consumer")
    loading = asyncio.create_task(load(at))
    await some_applied(at, 400)
    first.kill()
    await loading
    await at.wait_applied(NAME, 60)
    await at.assert_exact(NAME)


async def test_a_paused_consumer_that_wakes_up_changes_nothing(at: Stand, start: Start, relay: Relay) -> None:
    """SIGSTOP for longer than the group waits: its partitions go on elsewhere, and its old batch cannot apply."""
    zombie = await start("consumer")
    loading = asyncio.create_task(load(at))
    await some_applied(at, 200)
    zombie.send_signal(signal.SIGSTOP)
    await start("consumer")
    await loading
    await at.wait_applied(NAME, 60)
    zombie.send_signal(signal.SIGCONT)
    await load(at, 200)
    await at.wait_applied(NAME, 60)
    await asyncio.sleep(1)
    await at.assert_exact(NAME)


async def test_a_killed_relay_is_followed_by_another(at: Stand, start: Start) -> None:
    """SIGKILL of the relay that publishes: another goes on from what Kafka really has."""
    first = await start("relay")
    await until(lambda: leased(at), 30, "the first relay has the lease")
    await start("relay")
    loading = asyncio.create_task(load(at))
    await until(lambda: published(at, 300), 30, "300 published")
    first.kill()
    await loading
    await until(lambda: all_published(at), 40, "everything published")
    await assert_in_order(at)


async def test_a_paused_relay_that_wakes_up_only_repeats(at: Stand, start: Start) -> None:
    """SIGSTOP for longer than its lease: what it still sends is an exact repetition."""
    zombie = await start("relay")
    await until(lambda: leased(at), 30, "the first relay has the lease")
    await start("relay")
    loading = asyncio.create_task(load(at))
    await until(lambda: published(at, 300), 30, "300 published")
    zombie.send_signal(signal.SIGSTOP)
    await loading
    await until(lambda: all_published(at), 40, "everything published by the other")
    zombie.send_signal(signal.SIGCONT)
    await load(at, 200)
    await until(lambda: all_published(at), 40, "everything published")
    await asyncio.sleep(1)
    await assert_in_order(at)


async def published(at: Stand, count: int) -> bool:
    return len({(r.partition, r.sequence) for r in await at.on_topic()}) >= count


async def all_published(at: Stand) -> bool:
    return await published(at, await at.head_sum())


async def leased(at: Stand) -> bool:
    return bool(await at.pool.fetchval("select count(*) from messaging.leases"))


async def assert_in_order(at: Stand) -> None:
    """Kafka has every position, first seen in order, and each copy is exact."""
    seen: dict[tuple[int, int], tuple[bytes, bytes]] = {}
    last: dict[int, int] = {}
    for record in await at.on_topic():
        place = (record.partition, record.sequence)
        if place not in seen:
            assert record.sequence == last.get(record.partition, 0) + 1
            last[record.partition] = record.sequence
        assert seen.setdefault(place, (record.hash, record.record)) == (record.hash, record.record)
    assert seen == {(s.partition, s.sequence): (s.hash, s.record) for s in await at.stored()}
