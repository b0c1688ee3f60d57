"""Read models against their replay: built again from the first event by the same handlers, compared row by row.

The scratch database gets a copy of the ledger; then every consumer reads everything again. What its reactions
ask for was already answered, each under the same command, so the copied ledger must not grow by one event.
"""

import io
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, cast

import asyncpg
from aiokafka import TopicPartition

from ops.databases import KEYRING, dsn_of
from ops.proof import ledgers, topics
from ops.proof.finding import Finding
from ops.proof.readers import idle_runtime, services
from ops.proof.scratch import scratch_server
from ops.proof.system import System
from shared.events import UnknownType, decode
from shared.ledger import Keyring, Ledger
from shared.messaging import Delivered, Handler
from shared.runtime.commands import Commands
from shared.runtime.service import Runtime, Service

BATCH = 500
COPIED = ("events", "commands", "heads")
NOT_DERIVED = "not derived from events"
"""A table or a column whose comment begins so is left out; the comment goes on to say why."""


async def compare(system: System) -> Finding:
    """Builds every context's views again and compares them with those in service. Raises OpsError, OSError."""
    finding = Finding("Read models equal to their replay")
    rows = tables = 0
    partitions = len(await ledgers.heads(next(iter(system.databases.values()))))
    async with scratch_server(partitions) as admin:
        for context, service in services().items():
            live = system.databases[context]
            async with AsyncExitStack() as stack:
                runtime = await scratch_runtime(stack, service, admin)
                await copy_ledger(live, runtime.pool)
                before = await _heads(runtime.pool)
                await replay(system, runtime, finding)
                if await _heads(runtime.pool) != before:
                    finding.differs(
                        f"{context}: replayed, its reactions wrote events that the ledger does not have"
                    )
                for table in await tables_of(live):
                    tables += 1
                    rows += await compare_table(context, table, live, runtime.pool, finding)
    finding.counted = f"{rows} rows of {tables} tables"
    return finding


async def scratch_runtime(stack: AsyncExitStack, service: Service, admin: str) -> Runtime:
    """A runtime like that of the service's process, on scratch databases, without network."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="formelie-proof-")))
    runtime = idle_runtime(service, folder)
    runtime.pool = await stack.enter_async_context(
        asyncpg.create_pool(dsn_of(admin, service.context), min_size=1, max_size=4)
    )
    keyring = await stack.enter_async_context(
        asyncpg.create_pool(dsn_of(admin, KEYRING), min_size=1, max_size=2)
    )
    runtime.ledger = await Ledger.open(runtime.pool, service.context)
    runtime.keyring = Keyring(keyring, runtime.settings.keyring_secret.get_secret_value())
    runtime.commands = Commands(runtime.ledger, runtime.keyring)
    return runtime


async def copy_ledger(live: asyncpg.Connection, scratch: asyncpg.Pool) -> None:
    """The ledger's own tables, as they are."""
    async with scratch.acquire() as connection:
        await connection.execute("delete from ledger.heads")
        for table in COPIED:
            columns = await _columns(live, "ledger", table)
            buffer = io.BytesIO()
            chosen = ", ".join(columns)
            await live.copy_from_query(f"select {chosen} from ledger.{table}", output=buffer, format="binary")  # noqa: S608 - names of our own tables
            buffer.seek(0)
            await connection.copy_to_table(
                table, schema_name="ledger", columns=columns, source=buffer, format="binary"
            )


async def replay(system: System, runtime: Runtime, finding: Finding) -> None:
    """Every consumer of a context, from the first event of what it reads."""
    service = runtime.service
    await _feed(runtime, service.views, partial(_among, None), _stored(system, service.context), finding)
    for subscription in service.subscriptions(runtime):
        types = subscription.types
        await _feed(
            runtime, subscription.handle, partial(_among, types),
            _published(system, subscription.context), finding,
        )  # fmt: skip


def _among(types: frozenset[str] | None, kind: str) -> bool:
    return types is None or kind in types


async def _feed(
    runtime: Runtime,
    handle: Handler,
    wanted: Callable[[str], bool],
    source: AsyncIterator[Delivered],
    finding: Finding,
) -> None:
    batch: list[Delivered] = []
    async for delivered in source:
        if wanted(delivered.event.type):
            batch.append(delivered)
        if len(batch) == BATCH:
            await _apply(runtime, handle, batch, finding)
            batch = []
    await _apply(runtime, handle, batch, finding)


async def _apply(runtime: Runtime, handle: Handler, batch: Sequence[Delivered], finding: Finding) -> None:
    if not batch:
        return
    try:
        async with runtime.pool.acquire() as connection, connection.transaction():
            await handle(cast("asyncpg.Connection", connection), batch)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is a difference, told with where
        first = batch[0]
        finding.differs(
            f"{runtime.service.context}: {first.context}/{first.partition} from {first.sequence} on could not be"
            f" replayed: {type(error).__name__}: {error}"
        )


async def _stored(system: System, context: str) -> AsyncIterator[Delivered]:
    database = system.databases[context]
    for partition in await ledgers.heads(database):
        async for row in ledgers.rows(database, partition):
            if delivered := _delivered(context, partition, row.sequence, row.hash, row.record):
                yield delivered


async def _published(system: System, context: str) -> AsyncIterator[Delivered]:
    """Every position once, in the order of each partition, as Kafka has it."""
    partitions = await ledgers.heads(system.databases[context])
    last = dict.fromkeys(partitions, 0)
    places = [TopicPartition(f"formelie.{context}", partition) for partition in partitions]
    async for record in topics.published(system.kafka, *places):
        partition, sequence = record.partition, int(topics.header(record, "sequence") or 0)
        if sequence <= last[partition]:
            continue
        last[partition] = sequence
        hash_ = bytes.fromhex(topics.header(record, "hash"))
        if delivered := _delivered(context, partition, sequence, hash_, record.value or b""):
            yield delivered


def _delivered(context: str, partition: int, sequence: int, hash_: bytes, record: bytes) -> Delivered | None:
    try:
        return Delivered(context, partition, sequence, 1, hash_, record, decode(record))
    except UnknownType:
        return None


async def tables_of(database: asyncpg.Connection) -> list[str]:
    """The tables of a context's views that are made from events."""
    rows = await database.fetch(
        "select relname from pg_class where relnamespace = 'views'::regnamespace and relkind in ('r', 'p')"
        " and coalesce(obj_description(oid, 'pg_class'), '') not like $1 || '%' order by relname",
        NOT_DERIVED,
    )
    return [row["relname"] for row in rows]


async def compare_table(
    context: str, table: str, live: asyncpg.Connection, scratch: asyncpg.Pool, finding: Finding
) -> int:
    """Compares a table row by row, whatever the order; how many rows there are."""
    left_out = await _left_out(live, table)
    query = f'select (to_jsonb(t) - $1::text[])::text as row from views."{table}" t'  # noqa: S608 - a name from the catalogue
    served = Counter(row["row"] for row in await live.fetch(query, left_out))
    replayed = Counter(row["row"] for row in await scratch.fetch(query, left_out))
    for what, rows in (("only in service", served - replayed), ("only in the replay", replayed - served)):
        for row in list(rows)[:3]:
            finding.differs(f"{context}.{table}, {what} ({rows.total()} rows): {_shortened(row)}")
    return served.total()


async def _left_out(database: asyncpg.Connection, table: str) -> list[str]:
    rows = await database.fetch(
        "select attname from pg_attribute where attrelid = format('views.%I', $1::text)::regclass"
        " and coalesce(col_description(attrelid, attnum), '') like $2 || '%'",
        table, NOT_DERIVED,
    )  # fmt: skip
    return [row["attname"] for row in rows]


async def _columns(database: asyncpg.Connection, schema: str, table: str) -> list[str]:
    rows = await database.fetch(
        "select column_name from information_schema.columns where table_schema = $1 and table_name = $2"
        " order by ordinal_position",
        schema, table,
    )  # fmt: skip
    return [row["column_name"] for row in rows]


async def _heads(pool: asyncpg.Pool) -> list[Any]:
    return [
        tuple(row)
        for row in await pool.fetch("select partition, sequence, hash from ledger.heads order by partition")
    ]


def _shortened(row: str) -> str:
    return row if len(row) < 400 else f"{row[:400]}..."
