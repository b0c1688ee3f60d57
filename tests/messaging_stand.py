"""A ledger, a topic and a place for effects of their own, for the tests of the messaging."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4, uuid5

import asyncpg
from aiokafka import AIOKafkaProducer

from shared.events import encode
from shared.events.notifications import AlertRead, Recipient
from shared.ledger import Append, Ledger, NewEvent, Stored
from shared.messaging import Delivered
from shared.messaging.kafka import Arrived, Headers, create_topic, headers_of, topic_of
from shared.messaging.reader import Reader
from tests.servers import ContextPool, Servers

ALERT = UUID("6a8f3a52-9a61-5b0e-bd0f-0d7f5c0a9e11")
THEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
READ = AlertRead.wire

EFFECTS = """
create table views.effects (
    ordinal bigserial, consumer text not null, context text not null, partition int not null,
    sequence bigint not null, stream text not null, version bigint not null,
    primary key (consumer, context, partition, sequence))
"""


def event(context: str, stream: str, version: int, actor: str = "tester") -> NewEvent:
    """An event whose data is small and plain."""
    data = AlertRead(alert_id=ALERT, recipient=Recipient(kind="body", id="b-1"), read_by=actor)
    name = uuid5(ALERT, f"{context}/{stream}/{version}")
    record = encode(
        data, id=name, source="/formelie/registration", stream=stream, version=version, time=THEN,
        correlation=str(uuid5(ALERT, stream)), causation=str(name), actor=actor,
    )  # fmt: skip
    return NewEvent(name, record)


@dataclass(slots=True)
class Stand:
    """One context of its own: `pool` is the service role's, `admin_dsn` the superuser's on the same database."""

    context: str
    kafka: str
    pool: ContextPool
    ledger: Ledger
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def topic(self) -> str:
        return topic_of(self.context)

    async def write(self, count: int, streams: int = 20, prefix: str = "alert-") -> None:
        """Append `count` events, spread evenly over streams."""
        for start in range(0, count, 200):
            appends = []
            for number in range(start, min(start + 200, count)):
                stream = f"{prefix}{number % streams}"
                version = self.versions.get(stream, 0) + 1
                self.versions[stream] = version
                made = event(self.context, stream, version)
                appends.append(Append(stream, version - 1, (made,), uuid4(), bytes(32)))
            for answer in await self.ledger.append_each(appends):
                assert not isinstance(answer, Exception), answer

    async def append(self, stream: str, actor: str = "tester") -> Stored:
        version = self.versions.get(stream, 0) + 1
        self.versions[stream] = version
        made = event(self.context, stream, version, actor)
        await self.ledger.append(Append(stream, version - 1, (made,), uuid4(), bytes(32)))
        return (await self.ledger.stream(stream, version - 1))[0]

    async def append_bytes(self, stream: str, record: bytes) -> Stored:
        """A record that no event would make."""
        version = self.versions.get(stream, 0) + 1
        self.versions[stream] = version
        await self.ledger.append(
            Append(stream, version - 1, (NewEvent(uuid4(), record),), uuid4(), bytes(32))
        )
        return (await self.ledger.stream(stream, version - 1))[0]

    async def stored(self) -> list[Stored]:
        """Every event of the ledger, partition by partition."""
        return [s for p in range(self.ledger.partitions) for s in await self.ledger.page(p, 0, 1_000_000)]

    async def publish(self, records: Sequence[Stored], epoch: int = 1) -> None:
        """Put records on the topic as a relay would, in the order given, without a relay."""
        for stored in records:
            await self.put(
                stored.partition, stored.stream.encode(), stored.record, headers_of(stored, b"%d" % epoch)
            )

    async def put(self, partition: int, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka)
        await producer.start()
        try:
            await producer.send_and_wait(self.topic, value, key, partition, headers=headers)
        finally:
            await producer.stop()

    async def on_topic(self, partition: int | None = None) -> list[Arrived]:
        """What Kafka holds, in its order, partition by partition."""
        reader = Reader(self.kafka)
        wanted = range(self.ledger.partitions) if partition is None else [partition]
        ends = await reader.ends(self.context, wanted)
        pages = reader.read(self.context, dict.fromkeys(ends, 0), ends)
        found = [record async for page in pages for record in page]
        await reader.close()
        return sorted(found, key=lambda record: record.partition)

    async def effects(self, consumer: str) -> list[asyncpg.Record]:
        return await self.pool.fetch(
            "select * from views.effects where consumer = $1 order by ordinal", consumer
        )

    async def checkpoint_sum(self, consumer: str) -> int:
        done: int = await self.pool.fetchval(
            "select coalesce(sum(sequence), 0)::bigint from messaging.checkpoints where consumer = $1",
            consumer,
        )
        return done

    async def head_sum(self) -> int:
        return sum(head.sequence for head in await self.ledger.heads())

    async def wait_applied(self, consumer: str, timeout: float = 30) -> None:
        """Until the consumer's checkpoints are at the ledger's heads."""
        await until(lambda: self._applied(consumer), timeout, f"{consumer} at the head")

    async def _applied(self, consumer: str) -> bool:
        return await self.checkpoint_sum(consumer) == await self.head_sum()

    async def assert_exact(self, consumer: str, but: Sequence[tuple[int, int]] = ()) -> None:
        """Every event had its effect once, in order within its stream."""
        effects = await self.effects(consumer)
        expected = [
            (s.partition, s.sequence) for s in await self.stored() if (s.partition, s.sequence) not in but
        ]
        assert sorted((row["partition"], row["sequence"]) for row in effects) == expected
        seen: dict[str, int] = {}
        for row in effects:
            assert row["version"] > seen.get(row["stream"], 0), f"{row['stream']} out of order"
            seen[row["stream"]] = row["version"]


def writes(consumer: str) -> Callable[[asyncpg.Connection, Sequence[Delivered]], Awaitable[None]]:
    """A handler that notes what it was given; its table refuses the same position twice."""

    async def handle(connection: asyncpg.Connection, events: Sequence[Delivered]) -> None:
        await connection.executemany(
            "insert into views.effects (consumer, context, partition, sequence, stream, version) "
            "values ($1, $2, $3, $4, $5, $6)",
            [
                (consumer, e.context, e.partition, e.sequence, e.event.subject, e.event.streamversion)
                for e in events
            ],
        )

    return handle


async def until(done: Callable[[], Awaitable[bool]], timeout: float, what: str) -> None:
    deadline = asyncio.get_running_loop().time() + timeout
    while not await done():
        assert asyncio.get_running_loop().time() < deadline, f"not within {timeout} s: {what}"
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def stand(servers: Servers, partitions: int = 4) -> AsyncIterator[Stand]:
    """A fresh ledger with a name of its own, and its topic."""
    context = f"registration_{secrets.token_hex(4)}"
    async with servers.database("registration") as pool:
        admin = await asyncpg.connect(pool.admin_dsn)
        try:
            await admin.execute(
                "update ledger.settings set context = $1, partitions = $2", context, partitions
            )
            await admin.execute("delete from ledger.heads where partition >= $1", partitions)
            await admin.execute("create schema if not exists views; " + EFFECTS)
            await admin.execute(
                "grant usage on schema views to formelie_service; grant all on all tables in schema views to "
                "formelie_service; grant usage on all sequences in schema views to formelie_service"
            )
        finally:
            await admin.close()
        await create_topic(servers.kafka, context, partitions, 1)
        servers._topics.append(topic_of(context))
        ledger = await Ledger.open(pool, context)
        try:
            yield Stand(context, servers.kafka, pool, ledger)
        finally:
            await ledger.close()
