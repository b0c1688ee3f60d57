"""Parked events taken again, when somebody asked for it: by the process that has the handler."""

import asyncpg
import structlog

from shared.ledger.ledger import Connection
from shared.messaging import checkpoint, metrics
from shared.messaging.applier import Applier
from shared.messaging.effects import deliveries
from shared.messaging.faults import transient
from shared.messaging.kafka import Arrived
from shared.messaging.parked import SQL, describe

log = structlog.get_logger(__name__)


async def redrive_requested(pool: asyncpg.Pool, appliers: list[Applier]) -> None:
    """Take every requested stream, each event in its own transaction, in order, until one fails again."""
    rows = await pool.fetch(SQL["count"], [applier.name for applier in appliers])
    counted = {row["consumer"]: row for row in rows}
    for applier in appliers:
        row = counted.get(applier.name)
        metrics.PARKED.labels(applier.name).set(row["events"] if row else 0)
        if row and row["requested"]:
            for wanted in await pool.fetch(SQL["requested"], applier.name):
                await _stream(pool, applier, wanted["partition"], wanted["stream"])


async def _stream(pool: asyncpg.Pool, applier: Applier, partition: int, stream: str) -> None:
    done = 0
    while await _next(pool, applier, partition, stream):
        done += 1
    log.info("redriven", consumer=applier.name, partition=partition, stream=stream, events=done)


async def _next(pool: asyncpg.Pool, applier: Applier, partition: int, stream: str) -> bool:
    """The stream's first parked event, once more. The checkpoint's row is held, so no batch runs beside it."""
    async with pool.acquire() as connection, connection.transaction():
        await checkpoint.hold(connection, applier.name, applier.context, partition)
        row = await connection.fetchrow(SQL["next"], applier.name, applier.context, partition, stream)
        if row is None:
            return False
        fault = await _attempt(connection, applier, row)
        if fault is None:
            await connection.execute(SQL["remove"], row["id"])
            return True
        what = describe(fault)
        await connection.execute(SQL["fail_again"], row["id"], what.type, what.message, what.traceback)
        await connection.execute(SQL["withdraw"], row["id"])
        return False


async def _attempt(connection: Connection, applier: Applier, row: asyncpg.Record) -> Exception | None:
    arrived = Arrived(
        row["partition"],
        0,
        0,
        row["stream"].encode(),
        row["record"],
        row["sequence"],
        row["epoch"],
        row["hash"],
    )
    try:
        async with connection.transaction():
            for delivery in deliveries(applier.subscription, [arrived]):
                if delivery.delivered is None:
                    return delivery.fault
                await applier.subscription.handle(connection, [delivery.delivered])
            await connection.execute("set constraints all immediate; set constraints all deferred")
    except Exception as error:
        if transient(error) or connection.is_closed():
            raise
        return error
    return None
