"""Parked events: set aside with their error, listed, shown, and handed to their consumer again.

While a stream has parked events, its later ones park behind them; so a redrive always finds them in order.
A redrive is asked for here and done by the running consumer, which has the handler.
"""

import json
import re
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import asyncpg

from shared.ledger.ledger import Connection
from shared.messaging.kafka import Arrived
from shared.sql import queries

SQL = queries(__file__, "parked.sql")
Reason = Literal["failed", "behind", "malformed"]


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as it may be kept: no value out of an event, no line of data."""

    type: str
    message: str
    traceback: str


def describe(error: BaseException) -> Fault:
    """The error without what people typed: quoted values, e-mails and numbers of its message are masked."""
    frames = traceback.extract_tb(error.__traceback__)
    where = "\n".join(f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
    return Fault(f"{type(error).__module__}.{type(error).__qualname__}", _masked(error), where)


VALUES = re.compile(r"""'[^']*'|"[^"]*"|\S+@\S+|\d{5,}""")


def _masked(error: BaseException) -> str:
    text, values = str(error), VALUES
    if isinstance(error, asyncpg.PostgresError):  # names of tables are quoted; the rows are in a DETAIL below
        text, values = f"{error.sqlstate}: {text}", re.compile(r"\d{6,}")
    return values.sub("…", text.split("\n", 1)[0])[:500]


@dataclass(frozen=True, slots=True)
class Parking:
    """An event to set aside, and why."""

    arrived: Arrived
    reason: Reason
    fault: Fault | None = None


async def park(connection: Connection, consumer: str, context: str, parkings: Sequence[Parking]) -> None:
    """Set events aside, in the transaction that moves the checkpoint past them."""
    if not parkings:
        return
    names = [_names(parking.arrived.record) for parking in parkings]
    faults = [parking.fault for parking in parkings]
    places = [parking.arrived for parking in parkings]
    sound = [parking.reason != "malformed" for parking in parkings]
    await connection.execute(
        SQL.park,
        consumer,
        context,
        [place.partition for place in places],
        [parking.reason for parking in parkings],
        [place.sequence if ok else None for place, ok in zip(places, sound, strict=True)],
        [place.epoch if ok else None for place, ok in zip(places, sound, strict=True)],
        [place.hash if ok else None for place, ok in zip(places, sound, strict=True)],
        [place.offset for place in places],
        [place.stream.replace("\x00", "�") for place in places],
        [name.get("id") for name in names],
        [name.get("type") for name in names],
        [place.record for place in places],
        [fault.type if fault else None for fault in faults],
        [fault.message if fault else None for fault in faults],
        [fault.traceback if fault else None for fault in faults],
        [0 if parking.reason == "behind" else 1 for parking in parkings],
    )


def _names(record: bytes) -> dict[str, str]:
    """The id and the type of the event, where the bytes have them."""
    try:
        event = json.loads(record)
    except ValueError:
        return {}
    if not isinstance(event, dict):
        return {}
    return {name: str(event[name])[:200].replace("\x00", "�") for name in ("id", "type") if name in event}


async def streams(
    connection: Connection, consumer: str, context: str, partitions: Iterable[int]
) -> dict[int, set[str]]:
    """The streams with parked events, by partition."""
    wanted = [*partitions]
    found: dict[int, set[str]] = {partition: set() for partition in wanted}
    for row in await connection.fetch(SQL.streams, consumer, context, wanted):
        found[row["partition"]].add(row["stream"])
    return found


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked event, as listed: without its record."""

    id: int
    consumer: str
    context: str
    partition: int
    sequence: int | None
    kafka_offset: int | None
    stream: str
    event_id: str | None
    event_type: str | None
    reason: Reason
    error_type: str | None
    error: str | None
    attempts: int
    parked_at: datetime
    redrive_requested_at: datetime | None


async def list(  # noqa: A001 - read as parked.list
    connection: Connection, consumer: str | None = None, stream: str | None = None
) -> "Sequence[Parked]":
    """What is parked in this database, in the order a redrive takes it."""
    return [Parked(**row) for row in await connection.fetch(SQL.list, consumer, stream)]


async def show(connection: Connection, id: int) -> dict[str, Any] | None:
    """One parked event with its record and its error's traceback."""
    row = await connection.fetchrow(SQL.show, id)
    return dict(row) if row else None


async def redrive(
    connection: Connection,
    consumer: str | None = None,
    stream: str | None = None,
    *,
    dry_run: bool = False,
) -> "Sequence[Parked]":
    """Ask the running consumers to take these events again, each stream in its order; gives what was asked for.

    A stream is taken whole: an event cannot overtake an earlier one. Malformed records are evidence, not events,
    and are never taken. Needs the rights of the service, except for a dry run.
    """
    if dry_run:
        return [parked for parked in await list(connection, consumer, stream) if parked.reason != "malformed"]
    return [Parked(**row) for row in await connection.fetch(SQL.request, consumer, stream)]
