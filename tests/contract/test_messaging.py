"""One suite for every way events reach their effects: Faust, the bulk read, the ledger's own feed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from shared.messaging import Consumers, Delivered, Handler, LedgerFeed, Relay, Subscription, consumers, parked
from shared.messaging.kafka import headers_of
from tests.messaging_stand import Stand, stand, until, writes
from tests.servers import Servers


class Way:
    """How events reach a consumer: started and stopped at will."""

    name = "tests.effects"

    def __init__(self, at: Stand, folder: Path) -> None:
        self.at, self.folder = at, folder
        self.relay: Relay | None = None
        self.consumer: Consumers | LedgerFeed | None = None

    async def start(self, handle: Handler | None = None) -> None:
        self.relay = Relay(self.at.ledger, self.at.pool, self.at.kafka)
        await self.relay.start()
        self.consumer = self.make(handle or writes(self.name))
        await self.consumer.start()

    def make(self, handle: Handler) -> Consumers | LedgerFeed:
        subscription = Subscription(self.name, self.at.context, handle)
        return Consumers(self.at.pool, self.at.kafka, [subscription], self.folder)

    async def stop(self) -> None:
        for running in (self.consumer, self.relay):
            if running is not None:
                await running.stop()


class Live(Way):
    """Faust."""


class Bulk(Way):
    """aiokafka: everything counts as far behind. (What comes after is live.)"""


class Own(Way):
    """The context's own ledger."""

    def make(self, handle: Handler) -> LedgerFeed:
        return LedgerFeed(self.at.ledger, self.at.pool, self.name, handle)


@pytest_asyncio.fixture
async def at(servers: Servers) -> AsyncIterator[Stand]:
    async with stand(servers) as made:
        yield made


@pytest_asyncio.fixture(params=[Live, Bulk, Own])
async def way(
    request: pytest.FixtureRequest, at: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Way]:
    if request.param is Bulk:
        monkeypatch.setattr(consumers, "FAR_BEHIND", 0)
    made: Way = request.param(at, tmp_path)
    yield made
    await made.stop()


async def test_each_event_has_its_effect_once_and_in_order(way: Way, at: Stand) -> None:
    """What was written before the start and after it is applied once, in order within each stream."""
    await at.write(300)
    await way.start()
    await at.wait_applied(way.name)
    await at.write(300)
    await at.wait_applied(way.name)
    await at.assert_exact(way.name)


async def test_a_poisoned_event_parks_its_stream_only(way: Way, at: Stand) -> None:
    """A lasting fault parks its event and what follows in the stream; other streams go on."""
    await at.write(200, streams=10)
    await way.start(poisoned("alert-3", 5))
    await at.wait_applied(way.name)
    effects = await at.effects(way.name)
    assert max(row["version"] for row in effects if row["stream"] == "alert-3") == 4
    assert len(effects) == 200 - 16
    async with at.pool.acquire() as connection:
        waiting = await parked.list(connection, way.name)
    assert [p.reason for p in waiting] == ["failed"] + ["behind"] * 15
    assert waiting[0].error == "the event cannot be handled"


async def test_a_redrive_applies_parked_events_in_order(way: Way, at: Stand) -> None:
    """Once the reason is gone, a redrive takes the stream's events in their order, and later ones follow."""
    poison = {"alert-3"}
    await at.write(100, streams=10)
    await way.start(poisoned("alert-3", 5, while_in=poison))
    await at.wait_applied(way.name)
    await redrive(at, way.name)
    await until(lambda: attempts(at, way.name, 2), 10, "tried again, failed again")
    poison.clear()
    await redrive(at, way.name)
    await until(lambda: none_parked(at), 10, "nothing parked")
    await at.write(50, streams=10)
    await at.wait_applied(way.name)
    await at.assert_exact(way.name)


async def test_a_transient_fault_is_tried_again_in_order(way: Way, at: Stand) -> None:
    """A fault that passes keeps everything behind it waiting; nothing is parked."""
    faults = iter([Passing(), asyncpg.DeadlockDetectedError(), OSError(), Passing()])
    plain = writes(way.name)

    async def handle(connection: asyncpg.Connection, events: Sequence[Delivered]) -> None:
        await plain(connection, events)
        fault = next(faults, None)
        if fault:
            raise fault

    await at.write(100)
    await way.start(handle)
    await at.wait_applied(way.name)
    await at.assert_exact(way.name)
    assert await none_parked(at)


async def test_types_that_were_not_asked_for_are_passed_over(at: Stand, tmp_path: Path) -> None:
    """A subscription is given the types it names; its checkpoint moves over the others."""
    await at.write(50)
    await at.publish(await at.stored())
    subscription = Subscription("tests.effects", at.context, writes("tests.effects"), frozenset({"another"}))
    running = Consumers(at.pool, at.kafka, [subscription], tmp_path)
    await running.start()
    await at.wait_applied("tests.effects")
    await running.stop()
    assert await at.effects("tests.effects") == []


class FromKafka(Way):
    """Without a relay: the test puts on the topic what it likes."""

    async def start(self, handle: Handler | None = None) -> None:
        self.consumer = self.make(handle or writes(self.name))
        await self.consumer.start()


@pytest_asyncio.fixture(params=["live", "bulk"])
async def from_kafka(
    request: pytest.FixtureRequest, at: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Way]:
    if request.param == "bulk":
        monkeypatch.setattr(consumers, "FAR_BEHIND", 0)
    made = FromKafka(at, tmp_path)
    yield made
    await made.stop()


async def test_duplicates_have_no_effect(from_kafka: Way, at: Stand) -> None:
    """Records that Kafka holds twice, near and far, are applied once."""
    await at.write(120)
    stored = await at.stored()
    await at.publish([copy for s in stored for copy in (s, s)])
    await at.publish(stored[:60])
    await from_kafka.start()
    await at.wait_applied(from_kafka.name)
    await at.publish(stored[30:90])
    more = [await at.append(f"alert-{n}") for n in range(20)]
    await at.publish(more)
    await at.wait_applied(from_kafka.name)
    await at.assert_exact(from_kafka.name)


async def test_a_gap_is_healed_once_the_missing_record_is_there(from_kafka: Way, at: Stand) -> None:
    """Nothing beyond a missing position is applied; when it comes late, everything is, in order."""
    await at.write(60)
    stored = await at.stored()
    first = [s for s in stored if s.partition == stored[0].partition]
    late, others = first[2], [s for s in stored if s is not first[2]]
    await at.publish(others)
    await from_kafka.start()
    await until(lambda: applied(at, from_kafka.name, 60 - len(first) + 2), 15, "everything before the gap")
    await asyncio.sleep(0.5)
    assert len(await at.effects(from_kafka.name)) == 60 - len(first) + 2
    await at.publish([late])
    await at.wait_applied(from_kafka.name)
    await at.assert_exact(from_kafka.name)


async def test_garbage_is_parked_and_the_consumer_goes_on(from_kafka: Way, at: Stand) -> None:
    """What is no event of the chain is kept as evidence under its offset, and moves no checkpoint."""
    await at.write(40)
    stored = await at.stored()
    sound = headers_of(stored[0], b"1")
    await at.publish(stored[:20])
    await at.put(0, b"key", b"\xff\x00 nonsense", [])
    await at.put(0, b"", None, sound[1:3])
    await at.put(1, b"\xff", b"{}", [("sequence", b"-4"), ("epoch", b"one"), ("hash", b"zz")])
    ahead = [("sequence", b"%d" % (stored[-1].sequence + 1)), ("epoch", b"1"), ("hash", b"00" * 32)]
    await at.put(stored[-1].partition, b"key", b"not an event, at the next position", ahead)
    await at.publish(stored[20:])
    await from_kafka.start()
    await at.wait_applied(from_kafka.name)
    await at.publish([await at.append(f"alert-{n}") for n in range(20)])
    await at.wait_applied(from_kafka.name)
    await at.assert_exact(from_kafka.name)
    async with at.pool.acquire() as connection:
        assert {p.reason for p in await parked.list(connection)} == {"malformed"}


async def test_an_unreadable_event_of_the_chain_is_parked(from_kafka: Way, at: Stand) -> None:
    """A position whose record is no event that can be read is parked with its place in the chain."""
    await at.write(10)
    odd = await at.append_bytes("alert-3", b'{"specversion": "1.0"}')
    await at.write(20)
    await at.publish(await at.stored())
    await from_kafka.start()
    await at.wait_applied(from_kafka.name)
    async with at.pool.acquire() as connection:
        waiting = await parked.list(connection)
    assert (waiting[0].partition, waiting[0].sequence, waiting[0].reason) == (
        odd.partition,
        odd.sequence,
        "failed",
    )
    assert {p.stream for p in waiting} == {"alert-3"}


async def test_a_record_that_does_not_link_stops_its_partition(from_kafka: Way, at: Stand) -> None:
    """An altered record is not applied, nor anything after it there; the process says it is not ready."""
    await at.write(40)
    stored = await at.stored()
    first = [s for s in stored if s.partition == stored[0].partition]
    altered = first[1]._replace(record=first[1].record.replace(b"tester", b"forger"))
    await at.publish([altered if s is first[1] else s for s in stored])
    await from_kafka.start()
    await until(lambda: applied(at, from_kafka.name, 40 - len(first) + 1), 15, "the other partitions")
    running = from_kafka.consumer
    assert isinstance(running, Consumers)
    await until(lambda: stands_still(running), 15, "the altered record is met")
    assert not running.ready
    await at.publish([first[1]])
    await at.wait_applied(from_kafka.name)
    await until(lambda: is_ready(running), 15, "ready again")
    await at.assert_exact(from_kafka.name)
    assert await none_parked(at)


class Passing(Exception):
    retriable = True


def poisoned(stream: str, version: int, while_in: set[str] | None = None) -> Handler:
    """A handler that cannot handle one event (while the stream is in a set), after it already did a part of it."""
    plain, sick = writes("tests.effects"), {stream} if while_in is None else while_in

    async def handle(connection: asyncpg.Connection, events: Sequence[Delivered]) -> None:
        await plain(connection, events)
        for e in events:
            if (e.event.subject, e.event.streamversion) == (stream, version) and stream in sick:
                raise ValueError("the event cannot be handled")

    return handle


async def redrive(at: Stand, consumer: str) -> None:
    async with at.pool.acquire() as connection:
        assert await parked.redrive(connection, consumer)


async def none_parked(at: Stand) -> bool:
    return bool(await at.pool.fetchval("select count(*) = 0 from messaging.parked"))


async def attempts(at: Stand, consumer: str, count: int) -> bool:
    found = await at.pool.fetchval("select max(attempts) from messaging.parked where consumer = $1", consumer)
    return bool(found == count)


async def stands_still(running: Consumers) -> bool:
    return any(live.applier.unlinked for live in running.lives)


async def is_ready(running: Consumers) -> bool:
    return running.ready


async def applied(at: Stand, consumer: str, count: int) -> bool:
    return len(await at.effects(consumer)) >= count
