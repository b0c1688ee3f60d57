"""The relay against a real ledger and a real topic."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import asyncpg
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from shared.ledger import Stored
from shared.messaging import Relay, publisher, relay
from shared.messaging.errors import Unrecoverable
from shared.messaging.kafka import Arrived
from shared.messaging.reader import Reader
from shared.messaging.recovery import recover
from tests.messaging_stand import Stand, stand, until
from tests.servers import Servers


@pytest_asyncio.fixture
async def at(servers: Servers) -> AsyncIterator[Stand]:
    async with stand(servers) as made:
        yield made


@pytest_asyncio.fixture
async def running(at: Stand, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Relay]:
    monkeypatch.setattr(relay, "REFUSED_FOR", 0.3)
    made = Relay(at.ledger, at.pool, at.kafka)
    await made.start()
    yield made
    await made.stop()


async def test_records_arrive_as_they_were_written(at: Stand, running: Relay) -> None:
    """Key, value and headers are those of the ledger; anyone recomputes the chain from them."""
    await at.write(200)
    records = await everything(at)
    stored = await at.stored()
    assert [(r.partition, r.sequence, r.stream, r.hash, r.record, r.epoch) for r in records] == [
        (s.partition, s.sequence, s.stream, s.hash, s.record, 1) for s in stored
    ]


async def test_an_append_is_published_within_milliseconds(at: Stand, running: Relay) -> None:
    """An append of this process wakes the relay: no waiting for the next look at the heads."""
    await until(lambda: ready(running), 10, "ready")
    reader, took = Reader(at.kafka), []
    for _ in range(20):
        began = time.perf_counter()
        stored = await at.append("alert-1")
        await until(lambda s=stored: in_kafka(reader, at, s), 5, "published")  # type: ignore[misc]
        took.append(time.perf_counter() - began)
        await asyncio.sleep(0.1)
    await reader.close()
    assert sorted(took)[10] < 0.1


async def test_a_restarted_relay_repeats_nothing(at: Stand) -> None:
    """What Kafka holds is not published again, and what it lacks is."""
    stored = []
    for _ in range(3):
        await at.write(50)
        made = Relay(at.ledger, at.pool, at.kafka)
        await made.start()
        await everything(at)
        await made.stop()
        stored = await at.stored()
    assert len(await at.on_topic()) == len(stored)


async def test_a_stopped_relay_hands_over_at_once(at: Stand) -> None:
    """The next relay publishes long before the lease would have ended."""
    first, second = Relay(at.ledger, at.pool, at.kafka), Relay(at.ledger, at.pool, at.kafka)
    await first.start()
    await until(lambda: ready(first), 10, "the first is ready")
    await second.start()
    await asyncio.sleep(0.5)
    await first.stop()
    began = time.monotonic()
    await at.write(20)
    await everything(at)
    assert time.monotonic() - began < 3
    await second.stop()


async def test_foreign_records_and_old_copies_at_the_end_are_looked_through(at: Stand) -> None:
    """The relay goes on from the last record that is the ledger's."""
    await at.write(60)
    stored = await at.stored()
    await at.publish(stored)
    for s in stored[:10]:
        await at.publish([s])
    for partition in range(at.ledger.partitions):
        await at.put(
            partition, b"x", b"garbage", [("sequence", b"999"), ("epoch", b"1"), ("hash", b"ab" * 32)]
        )
        await at.put(partition, b"x", b"garbage", [])
    await at.write(20)
    made = Relay(at.ledger, at.pool, at.kafka)
    await made.start()
    records = await everything(at)
    await made.stop()
    assert made.refusals == {}
    assert {(r.partition, r.sequence) for r in records if r.sequence != 999} >= {
        (s.partition, s.sequence) for s in await at.stored()
    }


async def test_a_refused_batch_is_followed_by_a_new_producer(
    at: Stand, running: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that Kafka refuses (here, a garbled one) loses nothing and leaves no hole."""
    await until(lambda: ready(running), 10, "ready")
    plain, spoilt = publisher.batches, 2

    def spoiling(client: AIOKafkaProducer, page: Sequence[Stored], epoch: int) -> object:
        nonlocal spoilt
        if spoilt:
            spoilt -= 1
            builder = client.create_batch()
            builder.append(timestamp=None, key=b"x", value=bytes(1_200_000), headers=[])
            return iter([builder])
        return plain(client, page, epoch)

    monkeypatch.setattr(relay, "batches", spoiling)
    await at.write(120)
    records = await everything(at)
    assert spoilt == 0
    assert len({(r.partition, r.sequence) for r in records}) == 120
    assert [r.sequence for r in records if r.partition == 0] == sorted(
        r.sequence for r in records if r.partition == 0
    )


async def test_a_missing_topic_is_made(at: Stand) -> None:
    """Without its topic the relay makes it, and publishes all."""
    admin = AIOKafkaAdminClient(bootstrap_servers=at.kafka)
    await admin.start()
    await admin.delete_topics([at.topic])
    await admin.close()
    await asyncio.sleep(0.5)
    await at.write(30)
    made = Relay(at.ledger, at.pool, at.kafka)
    await made.start()
    await until(lambda: ready(made), 20, "ready")
    assert len(await everything(at)) == 30
    await made.stop()


async def test_a_restored_ledger_is_not_published_until_it_is_recovered(at: Stand, running: Relay) -> None:
    """Kafka ahead of the ledger: the relay refuses and says so; recover takes the tail back, then it goes on."""
    await at.write(100)
    await everything(at)
    lost = await restore_older(at, 7)
    await until(lambda: refused(running), 15, "refused")
    assert not running.ready
    assert f"formelie recover {at.context}" in str(next(iter(running.refusals.values())))
    admin, reader = await asyncpg.connect(at.pool.admin_dsn), Reader(at.kafka)
    recovered = await recover(admin, reader, at.context)
    await admin.close()
    await reader.close()
    assert sum(part.last - part.first + 1 for part in recovered) == len(lost)
    assert [s for s in await at.stored() if (s.partition, s.sequence) in lost] == list(lost.values())
    assert {head.epoch for head in await at.ledger.heads()} == {2}
    await until(lambda: ready(running), 15, "ready again")
    await at.write(20)
    assert {r.epoch for r in (await everything(at))} == {1, 2}


async def test_a_ledger_that_went_on_after_a_restore_is_not_recovered(at: Stand) -> None:
    """Two histories cannot both be true: nothing is imported, and the position is named."""
    await at.write(40)
    await at.publish(await at.stored())
    await restore_older(at, 5)
    stream = next(s.stream for s in await at.stored() if s.partition == 0)
    at.versions[stream] = len(await at.ledger.stream(stream))
    await at.append(stream, actor="someone-else")
    admin, reader = await asyncpg.connect(at.pool.admin_dsn), Reader(at.kafka)
    with pytest.raises(Unrecoverable):
        await recover(admin, reader, at.context)
    await admin.close()
    await reader.close()


async def restore_older(at: Stand, events: int) -> dict[tuple[int, int], Stored]:
    """Take the last events of each partition out of the database, as an older backup would; and its sessions."""
    stored = await at.stored()
    heads = {head.partition: head.sequence for head in await at.ledger.heads()}
    lost = {(s.partition, s.sequence): s for s in stored if s.sequence > heads[s.partition] - events}
    admin = await asyncpg.connect(at.pool.admin_dsn)
    await admin.execute("alter table ledger.events disable trigger all")
    for partition, head in heads.items():
        kept = max(head - events, 0)
        await admin.execute(
            "delete from ledger.events where partition = $1 and sequence > $2", partition, kept
        )
        await admin.execute(
            "update ledger.heads set sequence = $2, hash = coalesce((select hash from ledger.events "
            "where partition = $1 and sequence = $2), decode(repeat('00', 32), 'hex')) where partition = $1",
            partition, kept,
        )  # fmt: skip
    await admin.execute("alter table ledger.events enable trigger all")
    await admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
        "and pid <> pg_backend_pid()"
    )
    await admin.close()
    await at.pool.expire_connections()
    return lost


async def everything(at: Stand) -> list[Arrived]:
    """The topic, once it has every position of the ledger."""

    async def there() -> bool:
        found = {(r.partition, r.sequence) for r in await at.on_topic()}
        return found >= {(s.partition, s.sequence) for s in await at.stored()}

    await until(there, 30, "everything published")
    return await at.on_topic()


async def in_kafka(reader: Reader, at: Stand, stored: Stored) -> bool:
    return (await reader.ends(at.context, [stored.partition]))[stored.partition] >= stored.sequence


async def ready(made: Relay) -> bool:
    return made.ready


async def refused(made: Relay) -> bool:
    return bool(made.refusals)
