"""The proof is worth what it can see: a played system is altered in every place, and each alteration is named."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition

from ops.databases import dsn_of
from ops.demo.client import connections
from ops.demo.story import Times, live
from ops.demo.tell import Silent
from ops.demo.troupe import gather
from ops.proof import prove, quiet, replay, topics
from ops.proof.chains import verified
from ops.proof.finding import Finding
from ops.proof.system import System, audited
from ops.proof.topics import header, published
from ops.stack import Stack

TOPIC = "formelie.offerings"
Part = Callable[[System], Awaitable[Finding]]


async def look(stack: Stack, part: Part) -> Finding:
    """One part of the proof."""
    async with audited(stack.endpoints) as system:
        return await part(system)


@asynccontextmanager
async def altered(stack: Stack, context: str, alter: str, restore: str) -> AsyncIterator[None]:
    """A database changed behind everyone's back, and put right again."""
    connection = await asyncpg.connect(dsn_of(stack.admin_dsn, context))
    try:
        await connection.execute(alter)
        yield
        await connection.execute(restore)
    finally:
        await connection.close()


async def last_record(stack: Stack) -> "ConsumerRecord[bytes, bytes]":
    """The last record of the topic's first partition that has any."""
    for partition in range(8):
        records = [record async for record in published(stack.kafka, TopicPartition(TOPIC, partition))]
        if records:
            return records[-1]
    raise LookupError(TOPIC)


async def publish(
    stack: Stack, partition: int, key: bytes | None, value: bytes, headers: Sequence[tuple[str, bytes]] = ()
) -> None:
    """Writes to the topic as nobody should."""
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka)
    await producer.start()
    try:
        await producer.send_and_wait(TOPIC, value, key=key, partition=partition, headers=list(headers))
    finally:
        await producer.stop()


DEARER = "update views.invoices set amount = amount + 1 where status = 'paid'"
CHEAPER = "update views.invoices set amount = amount - 1 where status = 'paid'"
PARK = """
insert into messaging.parked (consumer, context, partition, reason, sequence, record)
values ('attendance.offerings', 'offerings', 0, 'failed', 1, '')
"""
FORGE = """
alter table ledger.events disable trigger all;
update ledger.events set record = record || ' '
where (partition, sequence) = (select partition, max(sequence) from ledger.events group by partition limit 1)
"""


@pytest.mark.timeout(300)
async def test_the_proof_names_every_alteration(running: Stack) -> None:
    """Views, parked events, repeats and strangers in Kafka, a rewritten ledger: each is seen for what it is."""
    async with connections() as http:
        troupe = await gather(running.endpoints, http)
        await asyncio.gather(*(live(play, Times()) for play in troupe.pair(Silent())))
    proof = await prove(running.endpoints)
    assert proof.holds, proof.findings

    async with altered(running, "invoicing", DEARER, CHEAPER):
        found = await look(running, replay.compare)
        assert "invoicing.invoices, only in service (2 rows)" in str(found.differences)

    async with altered(running, "attendance", PARK, "delete from messaging.parked"):
        assert len((await look(running, quiet.nothing_parked)).differences) == 1

    record = await last_record(running)
    await publish(running, record.partition, record.key, record.value or b"", record.headers)
    found = await look(running, topics.compare)
    assert found.holds
    assert "1 exact repeats" in found.counted

    await publish(running, record.partition, record.key, b"other", record.headers)
    found = await look(running, topics.compare)
    assert f"sequence {header(record, 'sequence')}: other bytes" in str(found.differences)

    async with altered(running, "registration", FORGE, "alter table ledger.events enable trigger all"):
        assert "registration" in str((await verified(running.endpoints.postgres)).differences)
        assert "formelie.registration" in str((await look(running, topics.compare)).differences)
