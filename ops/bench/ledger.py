"""Speed of the ledger: append alone, in groups and in bulk, replay, verification, and whether a cost grows.

Every figure stands beside its floor, measured in turn with it, on the same server and the same record bytes.
"""

import asyncio
import json
import multiprocessing
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import uvloop

from ops import databases
from ops.bench.ground import Ground
from ops.bench.peers import PeerUnavailable, interpreter
from ops.bench.row import Row
from shared.events import decode
from shared.events.examples import EXAMPLES
from shared.events.registration import AccountActivated
from shared.ledger import Append, Ledger, NewEvent
from shared.ledger.verify import verify

CONTEXT = "registration"
RECORD = EXAMPLES[AccountActivated].record()
PEER = "eventsourcing[postgres]==9.5.6"
PEER_PROGRAM = Path(__file__).with_name("peer_eventsourcing.py")
MOST_CONNECTIONS = 64
RAW = """
create schema bench;
create table bench.raw (partition integer, sequence bigint, stream text, version bigint, event_id uuid, hash bytea,
                        record bytea, primary key (partition, sequence));
create table bench.events (like ledger.events including all);
create table bench.commands (like ledger.commands including all);
"""
INSERT = "insert into bench.raw values ($1, $2, $3, $4, $5, $6, $7)"
KEYSET = """
select sequence, record from ledger.events where partition = $1 and sequence > $2 order by sequence limit 2000
"""

ALONE, PAGES = ("append, one client", "events/s"), ("a page of 2,000 events", "pages/s")

Rate = Callable[[], Awaitable[float]]


async def rows(ground: Ground) -> Sequence[Row]:
    """Every line about the ledger, measured in uvloop as the services run. Raises OSError, asyncpg.PostgresError."""
    return await asyncio.to_thread(uvloop.run, _rows(ground.stack.admin_dsn, ground.quick))


async def _rows(admin_dsn: str, quick: bool) -> list[Row]:
    async with _bench(admin_dsn, "bench_ledger", quick=quick) as bench:
        measured = [await _one_client(bench)]
        measured += [
            await _clients(bench, 64, 1.4),
            await _clients(bench, 256, 2.0),
            await _rival(bench, admin_dsn),
        ]
        measured += await _bulk(bench)
    async with _bench(admin_dsn, "bench_history", quick=quick) as bench:
        measured += await _growth(bench)
        measured += [await _replay(bench), *await _verify(bench)]
    return measured


@dataclass(slots=True)
class Bench:
    """A ledger and a raw table in a database of their own. `times`: how often each side of a line is measured."""

    dsn: str
    pool: "asyncpg.Pool[Any]"
    raw: list[Any]
    ledger: Ledger
    quick: bool
    numbers: "count[int]"

    @property
    def times(self) -> int:
        return 1 if self.quick else 3

    async def beside(self, figure: Rate, floor: Rate) -> tuple[float, float]:
        """Medians, measured in turn; the first of each only warms up."""
        await figure()
        await floor()
        pairs = [(await figure(), await floor()) for _ in range(self.times)]
        return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


@asynccontextmanager
async def _bench(admin_dsn: str, name: str, *, quick: bool) -> AsyncIterator[Bench]:
    cluster = await asyncpg.connect(admin_dsn)
    dsn = databases.dsn_of(admin_dsn, name)
    await databases.create_roles(cluster, dict.fromkeys(databases.LOGIN_ROLES, os.urandom(16).hex()))
    await cluster.execute(f"drop database if exists {name} with (force)")
    await databases.create_database(cluster, name, of=CONTEXT)
    await databases.migrate(dsn, CONTEXT, databases.migrations_of(CONTEXT), 8)
    raw = [await asyncpg.connect(dsn) for _ in range(MOST_CONNECTIONS)]
    await raw[0].execute(RAW)
    try:
        async with asyncpg.create_pool(dsn, min_size=8, max_size=8) as pool:
            ledger = await Ledger.open(pool, CONTEXT)
            yield Bench(dsn, pool, raw, ledger, quick, count(1))
            await ledger.close()
    finally:
        await asyncio.gather(*(connection.close() for connection in raw))
        await cluster.execute(f"drop database {name} with (force)")
        await cluster.close()


# ── work ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _appends(bench: Bench, number: int) -> list[Append]:
    """One event each, of a stream and a command of their own."""
    ids = os.urandom(32 * number)
    return [
        Append(
            f"account-{next(bench.numbers)}",
            0,
            (NewEvent(_uuid(ids, 2 * n), RECORD),),
            _uuid(ids, 2 * n + 1),
            bytes(32),
        )
        for n in range(number)
    ]


def _uuid(drawn: bytes, n: int) -> UUID:
    return UUID(bytes=drawn[16 * n : 16 * n + 16])


def _raw_rows(bench: Bench, number: int) -> list[tuple[Any, ...]]:
    return [
        (0, next(bench.numbers), append.stream, 1, append.events[0].id, bytes(32), RECORD)
        for append in _appends(bench, number)
    ]


def _same_partition(bench: Bench, batches: int, size: int) -> list[list[Append]]:
    """Batches of one partition each, so that four connections do not wait for each other's heads."""
    of_partition: dict[int, list[Append]] = {}
    full: list[list[Append]] = []
    while len(full) < batches:
        for append in _appends(bench, size):
            waiting = of_partition.setdefault(bench.ledger.partition_of(append.stream), [])
            waiting.append(append)
            if len(waiting) == size:
                full.append(of_partition.pop(bench.ledger.partition_of(append.stream)))
    return full[:batches]


async def _timed(clients: Iterable[Awaitable[None]], number: int) -> float:
    """Events a second."""
    started = time.perf_counter()
    await asyncio.gather(*clients)
    return number / (time.perf_counter() - started)


# ── one client, many clients ─────────────────────────────────────────────────────────────────────────────────────


def _group(bench: Bench, clients: int, number: int) -> Rate:
    """`clients` that each append one event, wait for the answer, and go on."""

    async def client(mine: list[Append]) -> None:
        for append in mine:
            await bench.ledger.append(append)

    async def rate() -> float:
        work = _appends(bench, number)
        return await _timed((client(work[n::clients]) for n in range(clients)), number)

    return rate


def _raw(bench: Bench, clients: int, number: int) -> Rate:
    """`clients` that each insert one row in a transaction of its own, over 64 connections at most."""
    free: asyncio.Queue[Any] = asyncio.Queue()
    for connection in bench.raw[:clients]:
        free.put_nowait(connection)

    async def client(mine: list[tuple[Any, ...]]) -> None:
        for row in mine:
            connection = await free.get()
            await connection.fetch(INSERT, *row)
            free.put_nowait(connection)

    async def rate() -> float:
        work = _raw_rows(bench, number)
        return await _timed((client(work[n::clients]) for n in range(clients)), number)

    return rate


async def _one_client(bench: Bench) -> Row:
    number = 1_000 if bench.quick else 4_000
    value, floor = await bench.beside(_group(bench, 1, number), _raw(bench, 1, number))
    return Row(f"append, one client, one event of {len(RECORD)} bytes with its command", value, "events/s",
               "raw INSERT of the record, one client, one row a transaction", floor, at_least=0.5)  # fmt: skip


async def _clients(bench: Bench, clients: int, target: float) -> Row:
    number = 8_000 if bench.quick else 30_000
    value, floor = await bench.beside(_group(bench, clients, number), _raw(bench, clients, number))
    over = f", over {MOST_CONNECTIONS} connections" if clients > MOST_CONNECTIONS else ""
    return Row(f"append with group commit, {clients} clients", value, "events/s",
               f"raw INSERT, {clients} clients{over}", floor, at_least=target,
               note=f"the clients and PostgreSQL share {os.cpu_count()} cores")  # fmt: skip


async def _rival(bench: Bench, admin_dsn: str) -> Row:
    """The one line whose peer is another event store."""
    number = 8_000 if bench.quick else 30_000
    figure = _group(bench, 64, number)
    peer = "pyeventsourcing 9.5 application recorder, 8 threads, one event a call"
    try:
        python = await interpreter(PEER)
        pairs = [
            (await figure(), await _rival_rate(python, admin_dsn, bench.quick)) for _ in range(bench.times)
        ]
    except PeerUnavailable as error:
        return Row(
            "append with group commit, 64 clients",
            await figure(),
            "events/s",
            peer,
            None,
            at_least=15,
            note=str(error),
        )
    return Row("append with group commit, 64 clients", median(pair[0] for pair in pairs), "events/s",
               peer, median(pair[1] for pair in pairs), at_least=15)  # fmt: skip


async def _rival_rate(python: Path, admin_dsn: str, quick: bool) -> float:
    parts = urlsplit(admin_dsn)
    settings = {
        "host": parts.hostname,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password or "",
        "dbname": "bench_ledger",
        "record": RECORD.decode(),
        "seconds": 2 if quick else 4,
        "threads": 8,
    }
    process = await asyncio.create_subprocess_exec(
        python, PEER_PROGRAM, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await process.communicate(json.dumps(settings).encode())
    if process.returncode != 0:
        raise PeerUnavailable(f"{PEER}: {errors.decode(errors='replace').strip().splitlines()[-1:]}")
    return float(output)


# ── bulk ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _in_bulk(bench: Bench, batches: int) -> Rate:
    async def lane(mine: list[list[Append]]) -> None:
        for batch in mine:
            await bench.ledger.append_each(batch)

    async def rate() -> float:
        work = _same_partition(bench, batches, 200)
        return await _timed((lane(work[n::4]) for n in range(4)), 200 * batches)

    return rate


async def _bulk(bench: Bench) -> list[Row]:
    """Beside COPY into a table with its primary key, then beside COPY of all that an append writes."""
    batches = 100 if bench.quick else 400
    what = "bulk append, 200 commands a call, 4 connections, a partition a call"
    value, floor = await bench.beside(_in_bulk(bench, batches), _copied(bench, batches, ["raw"]))
    again, same = await bench.beside(
        _in_bulk(bench, batches), _copied(bench, batches, ["events", "commands"])
    )
    return [
        Row(what, value, "events/s", "raw COPY, 1,000 rows a transaction, one client", floor, at_least=0.65,
            note="an append also keeps a command, two more indexes, looks both up and hashes: see the next line"),
        Row("the same", again, "events/s",
            "COPY of the same events and commands into tables and indexes like the ledger's", same),
    ]  # fmt: skip


def _copied(bench: Bench, batches: int, tables: Sequence[str]) -> Rate:
    """The same number of events, 1,000 rows a COPY, by one client that computes no hash and looks nothing up."""

    async def client(work: list[dict[str, list[Any]]]) -> None:
        for each in work:
            async with bench.raw[0].transaction():
                for table in tables:
                    await bench.raw[0].copy_records_to_table(table, schema_name="bench", records=each[table])

    async def rate() -> float:
        events = [_raw_rows(bench, 1_000) for _ in range(batches // 5)]
        work = [
            {
                "raw": rows,
                "events": rows,
                "commands": [
                    (_uuid(os.urandom(16), 0), bytes(32), *row[:1], row[2], row[1], 1) for row in rows
                ],
            }
            for rows in events
        ]
        return await _timed([client(work)], 200 * batches)

    return rate


# ── growth ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def _growth(bench: Bench) -> list[Row]:
    """Grows the history, measuring at both ends; it is then what replay and verification read."""
    few, many = 10_000, 100_000 if bench.quick else 1_000_000
    measured = []
    for size in (few, many):
        have = sum(head.sequence for head in await bench.ledger.heads())
        await _in_bulk(bench, (size - have) // 200 + 1)()
        await bench.raw[0].execute("analyze ledger.events, ledger.commands")
        appends = [await _group(bench, 1, 500)() for _ in range(5)]
        measured.append((median(appends), await _page_rate(bench)))
    return [
        _grown(what, unit, before, after, few, many)
        for (what, unit), before, after in zip((ALONE, PAGES), *measured, strict=True)
    ]


def _grown(what: str, unit: str, before: float, after: float, few: int, many: int) -> Row:
    slope = (1 / after - 1 / before) * 1e6
    return Row(f"{what}, with {many:,} events in the ledger", after, unit, f"with {few:,}", before,
               note=f"{slope:+.0f} µs each while the history grew {many // few} times")  # fmt: skip


async def _page_rate(bench: Bench) -> float:
    """Pages a second, from the middle of each partition."""
    rates = []
    for head in await bench.ledger.heads():
        after = max(0, head.sequence // 2 - 1_000)
        started = time.perf_counter()
        page = await bench.ledger.page(head.partition, after, 1_000)
        rates.append(len(page) / 2_000 / (time.perf_counter() - started))
    return median(rates)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def _replay(bench: Bench) -> Row:
    """One partition, as a view is rebuilt from it."""
    events = (await bench.ledger.heads())[0].sequence

    async def replay() -> float:
        accounts: dict[UUID, int] = {}
        started = time.perf_counter()
        async for page in bench.ledger.records(0):
            for _, record in page:
                match decode(record).data:
                    case AccountActivated(account_id=account_id):
                        accounts[account_id] = accounts.get(account_id, 0) + 1
        return events / (time.perf_counter() - started)

    async def floor() -> float:
        after, started = 0, time.perf_counter()
        while found := await bench.raw[0].fetch(KEYSET, 0, after):
            for _, record in found:
                decode(record)
            after = found[-1]["sequence"]
        return events / (time.perf_counter() - started)

    value, beside = await bench.beside(replay, floor)
    return Row("replay of a partition: read, decode, fold", value, "events/s",
               "keyset read of the records and pydantic decode, no fold", beside, at_least=0.9,
               note=f"{events:,} events; the fewer, the more the first page weighs")  # fmt: skip


async def _verify(bench: Bench) -> list[Row]:
    """The whole ledger in one process, and in two that are already running."""
    records = [RECORD[:-1] + b"%d}" % n for n in range(200_000)]

    async def floor() -> float:
        started = time.perf_counter()
        for record in records:
            sha256(record).digest()
        return len(records) / (time.perf_counter() - started)

    async def in_one() -> float:
        started = time.perf_counter()
        report = await verify(bench.dsn)
        return report.count / (time.perf_counter() - started)

    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:

        async def in_two() -> float:
            started = time.perf_counter()
            report = await verify(bench.dsn, executor=executor)
            return report.count / (time.perf_counter() - started)

        one, beside_one = await bench.beside(in_one, floor)
        two, beside_two = await bench.beside(in_two, floor)
    peer = "hashlib.sha256 over records of the same size in memory, one process"
    return [
        Row("verify the ledger, one process", one, "events/s", peer, beside_one, at_least=0.35),
        Row(
            "verify the ledger, two processes",
            two,
            "events/s",
            peer,
            beside_two,
            at_least=0.6,
            note=f"two readers and their two back ends share {os.cpu_count()} cores",
        ),
    ]
