"""Proves a ledger from outside: recomputes every partition's chain and names the first bad position.

Deep verification also checks that the columns agree with the records, that a stream lives where it must, that
its versions are dense and that no event id comes twice.
"""

import asyncio
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uvloop

from shared.ledger.chain import Break, Link, follow
from shared.ledger.errors import ChainBroken, WrongLedger
from shared.ledger.faults import translated
from shared.ledger.model import Head
from shared.ledger.murmur2 import partition_of
from shared.sql import queries

SQL = queries(__file__, "verify.sql")
PAGE = 2_000


@dataclass(frozen=True, slots=True)
class Fault:
    """A position that does not verify, and why."""

    sequence: int
    reason: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A partition: how many events verify from the first one on, its head, and the first fault if any."""

    partition: int
    count: int
    head: Head
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class Report:
    """A context's partitions, ascending."""

    context: str
    partitions: list[Verified]
    astray: list[ChainBroken] = field(default_factory=list)
    """What only deep verification finds, across partitions."""

    @property
    def count(self) -> int:
        return sum(each.count for each in self.partitions)

    @property
    def broken(self) -> list[ChainBroken]:
        """Every partition's first bad position; empty when the ledger verifies."""
        faults = ((each.partition, each.fault) for each in self.partitions if each.fault)
        return [
            ChainBroken(self.context, place, fault.sequence, fault.reason) for place, fault in faults
        ] + self.astray


async def verify(dsn: str, *, deep: bool = False, executor: Executor | None = None) -> Report:
    """Verifies the ledger of a database, each partition in one snapshot, while others append.

    With an executor of N processes, N partitions at a time. Raises StoreUnavailable, WrongLedger.
    """
    with translated():
        context, partitions = await _settings(dsn)
        if executor is None:
            verified = await verify_partitions(dsn, partitions, len(partitions), deep=deep)
        else:
            loop = asyncio.get_running_loop()
            tasks = (
                loop.run_in_executor(executor, _in_process, dsn, [n], len(partitions), deep)
                for n in partitions
            )
            verified = [each for group in await asyncio.gather(*tasks) for each in group]
        astray = await _astray(dsn, context) if deep else []
    return Report(context, verified, astray)


async def verify_partitions(
    dsn: str, wanted: Iterable[int], partitions: int, *, deep: bool = False
) -> list[Verified]:
    """Verifies some partitions of a ledger of `partitions`; the next page is read while one is hashed."""
    connection = await asyncpg.connect(dsn)
    try:
        verified = []
        for partition in wanted:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                (head,) = await connection.fetch(SQL.head, partition)
                verified.append(await _walk(connection, Head(*head), partitions, deep=deep))
        return verified
    finally:
        await connection.close()


async def _walk(connection: Any, head: Head, partitions: int, *, deep: bool) -> Verified:
    query = SQL["deep_page" if deep else "page"]
    end = Link()
    rows = await connection.fetch(query, head.partition, 0, PAGE)
    while rows:
        following = asyncio.ensure_future(connection.fetch(query, head.partition, rows[-1]["sequence"], PAGE))
        await asyncio.sleep(0)  # lets the query leave before the hashing starts
        fault, end = _check(rows, end, head.partition, partitions, deep=deep)
        rows = await following
        if fault:
            return Verified(head.partition, end.sequence, head, fault)
    return Verified(head.partition, end.sequence, head, _head_fault(head, end))


def _check(
    rows: list[Any], after: Link, partition: int, partitions: int, *, deep: bool
) -> tuple[Fault | None, Link]:
    """A page: its first fault, and how far it verifies."""
    end = follow(after, ((row[0], row[1], row[2]) for row in rows) if deep else rows)
    fault = None
    if isinstance(end, Break):
        fault = Fault(end.sequence, end.reason)
        good = end.sequence - after.sequence - 1
        rows = rows[:good]
        end = Link(after.sequence + good, rows[-1]["hash"]) if rows else after
    if deep and (lie := first_lie(rows, partition, partitions)):
        return lie, Link(lie.sequence - 1)
    return fault, end


def first_lie(rows: Iterable[Any], partition: int, partitions: int) -> Fault | None:
    """The first of rows (sequence, hash, record, stream, version, event_id) whose columns differ from its record."""
    for sequence, _, record, stream, version, event_id in rows:
        try:
            told = orjson.loads(record)
            truth = (told["subject"], told["streamversion"], UUID(told["id"]))
        except (ValueError, KeyError, TypeError):
            return Fault(sequence, "the record is not a CloudEvent")
        columns = zip(("stream", "version", "event_id"), truth, (stream, version, event_id), strict=True)
        if wrong := [name for name, true, column in columns if true != column]:
            return Fault(sequence, f"column differs from the record: {', '.join(wrong)}")
        if partition_of(stream, partitions) != partition:
            return Fault(sequence, f"stream {stream} does not live in this partition")
    return None


def _head_fault(head: Head, end: Link) -> Fault | None:
    if head.sequence > end.sequence:
        return Fault(
            end.sequence + 1, f"head differs: it says {head.sequence}, the last event is {end.sequence}"
        )
    if head.sequence < end.sequence:
        return Fault(
            head.sequence + 1, f"head differs: it says {head.sequence}, the last event is {end.sequence}"
        )
    if head.hash != end.hash:
        return Fault(head.sequence, "head differs: another hash than the last event's")
    return None


async def _settings(dsn: str) -> tuple[str, list[int]]:
    connection = await asyncpg.connect(dsn)
    try:
        context = await connection.fetchval(SQL.context)
        if context is None:
            raise WrongLedger("the ledger is not initialised")
        return context, [row["partition"] for row in await connection.fetch(SQL.partitions)]
    finally:
        await connection.close()


async def _astray(dsn: str, context: str) -> list[ChainBroken]:
    connection = await asyncpg.connect(dsn)
    try:
        found = [await connection.fetchrow(SQL[name]) for name in ("astray", "stream_gap", "twice")]
    finally:
        await connection.close()
    return [ChainBroken(context, row["partition"], row["sequence"], row["reason"]) for row in found if row]


def _in_process(dsn: str, wanted: list[int], partitions: int, deep: bool) -> list[Verified]:
    return uvloop.run(verify_partitions(dsn, wanted, partitions, deep=deep))
