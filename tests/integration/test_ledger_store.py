"""The ledger in the world: other processes, lost connections, cancelled callers, roles, and a server that dies."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import asyncpg
import pytest
import pytest_asyncio

from shared.ledger import Appended, Ledger, NewEvent, StoreUnavailable, VersionConflict, WrongLedger
from shared.ledger.verify import verify
from tests.appends import append
from tests.servers import ContextPool


@pytest_asyncio.fixture
async def ledger(context_db: ContextPool) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(context_db, "registration")
    yield opened
    await opened.close()


async def assert_verifies(pool: ContextPool, count: int) -> None:
    report = await verify(pool.admin_dsn, deep=True)
    assert report.broken == []
    assert report.count == count


# ── group commit ─────────────────────────────────────────────────────────────────────────────────────────────────


async def transactions(pool: ContextPool) -> int:
    """How many transactions wrote to the ledger."""
    return int(await pool.fetchval("select count(distinct xmin::text) from ledger.events"))


async def test_appends_that_wait_ride_together(ledger: Ledger, context_db: ContextPool) -> None:
    """400 at once leave in some dozens of transactions."""
    await asyncio.gather(*(ledger.append(append()) for _ in range(400)))
    assert await transactions(context_db) <= 60
    await assert_verifies(context_db, 400)


async def test_an_append_alone_leaves_at_once(ledger: Ledger) -> None:
    """There is no timer to wait for: twenty in a row take well under what any would make of it."""
    await ledger.append(append())
    async with asyncio.timeout(2):
        for _ in range(20):
            await ledger.append(append())


async def test_a_busy_partition_does_not_starve_a_quiet_one(ledger: Ledger) -> None:
    """While one partition is kept busy without pause, an append to another is answered."""
    busy = ledger.partition_of("order-0")
    names = [name for name in (f"order-{n}" for n in range(20_000)) if ledger.partition_of(name) == busy]
    quiet = next(name for name in (f"quiet-{n}" for n in range(99)) if ledger.partition_of(name) != busy)

    async def load() -> None:
        for version in range(1_000):
            await asyncio.gather(*(ledger.append(append(name, version)) for name in names[:300]))

    loading = asyncio.create_task(load())
    await asyncio.sleep(0.1)
    async with asyncio.timeout(2):
        await ledger.append(append(quiet))
    loading.cancel()
    await asyncio.gather(loading, return_exceptions=True)


async def test_a_stream_that_waits_twice_goes_in_order(ledger: Ledger) -> None:
    """The second append of a stream rides in a later call than the first."""
    outcomes = await asyncio.gather(*(ledger.append(append("order-1", version)) for version in range(12)))
    assert [outcome.version for outcome in outcomes] == list(range(1, 13))


async def test_cancelling_some_neither_loses_nor_doubles_others(
    ledger: Ledger, context_db: ContextPool
) -> None:
    """A third is cancelled while queued or in flight: the others are answered, and each is there once."""
    appends = [append() for _ in range(300)]
    tasks = [asyncio.create_task(ledger.append(one)) for one in appends]
    for n, task in enumerate(tasks):
        if n % 30 == 0:
            await asyncio.sleep(0.001)
        if n % 3 == 0:
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for n, (task, one) in enumerate(zip(tasks, appends, strict=True)):
        stored = await ledger.stream(one.stream)
        assert task.cancelled() or len(stored) == 1
        assert task.cancelled() == (n % 3 == 0) or task.done()
    again = await asyncio.gather(*(ledger.append(one) for one in appends))
    assert all(answer.version == 1 for answer in again)
    await assert_verifies(context_db, 300)


# ── faults ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def terminate_others(pool: ContextPool) -> None:
    """Ends every connection to the database but this one."""
    admin = await asyncpg.connect(pool.admin_dsn)
    await admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    await admin.close()


async def test_lost_connections_are_not_seen_by_callers(ledger: Ledger, context_db: ContextPool) -> None:
    """Connections end again and again in the middle of appends: each is answered, and is there once."""
    appends = [append() for _ in range(1_500)]

    async def client(mine: int) -> list[Appended]:
        return [await ledger.append(one) for one in appends[mine::50]]

    clients = asyncio.gather(*(client(n) for n in range(50)))
    for _ in range(5):
        await asyncio.sleep(0.02)
        await terminate_others(context_db)
    answers = [answer for each in await clients for answer in each]
    assert len({(answer.partition, answer.sequence) for answer in answers}) == 1_500
    await assert_verifies(context_db, 1_500)


async def test_a_store_that_is_away_is_told_to_each_caller(context_db: ContextPool) -> None:
    """StoreUnavailable, retriable, after a few attempts; the same command later is done once."""
    ledger = await Ledger.open(context_db, "registration")
    one, many = append(), [append() for _ in range(5)]
    await alter(context_db, allow=False)
    outcomes = await asyncio.gather(
        *map(ledger.append, many), ledger.append_each([one]), return_exceptions=True
    )
    assert all(isinstance(outcome, StoreUnavailable) and outcome.retriable for outcome in outcomes)
    await alter(context_db, allow=True)
    assert [answer.version for answer in await asyncio.gather(*map(ledger.append, [one, *many]))] == [1] * 6
    await ledger.close()
    await assert_verifies(context_db, 6)


async def alter(pool: ContextPool, *, allow: bool) -> None:
    """Lets nobody into the database, or everybody again."""
    name = pool.dsn.rpartition("/")[2]
    admin = await asyncpg.connect(pool.admin_dsn.replace(name, "postgres"))
    await admin.execute(f'alter database "{name}" connection limit {-1 if allow else 0}')
    if not allow:
        await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
    await admin.close()


async def test_a_lock_held_by_another_only_delays(ledger: Ledger, context_db: ContextPool) -> None:
    """While someone holds a partition's head, appends to the others go on."""
    held = ledger.partition_of("order-1")
    other = next(name for name in map(str, range(99)) if ledger.partition_of(name) != held)
    async with context_db.acquire() as connection, connection.transaction():
        await ledger.append_together([append("order-1")], connection)
        waiting = asyncio.create_task(ledger.append(append("order-1", 1)))
        await ledger.append(append(other))
        assert not waiting.done()
    assert (await waiting).version == 2


# ── other processes ──────────────────────────────────────────────────────────────────────────────────────────────


def work(dsn: str, worker: int) -> list[tuple[int, int]]:
    """A process: races for forty shared streams, and appends to its own; the positions it was given."""

    async def main() -> list[tuple[int, int]]:
        async with asyncpg.create_pool(dsn, min_size=0, max_size=6) as pool:
            ledger = await Ledger.open(pool, "registration")
            shared = [ledger.append(append(f"shared-{n}")) for n in range(40)]
            own = [ledger.append(append(f"own-{worker}-{n}")) for n in range(150)]
            bulk = ledger.append_each([append(f"bulk-{worker}-{n}", 0, 2) for n in range(50)])
            *outcomes, many = await asyncio.gather(*shared, *own, bulk, return_exceptions=True)
            await ledger.close()
        assert isinstance(many, list)
        done = [outcome for outcome in [*outcomes, *many] if isinstance(outcome, Appended)]
        refused = [outcome for outcome in outcomes if not isinstance(outcome, Appended)]
        assert all(isinstance(outcome, VersionConflict) for outcome in refused)
        return [(answer.partition, answer.sequence) for answer in done]

    return asyncio.run(main())


async def test_two_processes_append_at_once(context_db: ContextPool) -> None:
    """One wins each shared stream, no position is given twice, and the whole verifies."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as executor:
        loop = asyncio.get_running_loop()
        given = await asyncio.gather(
            *(loop.run_in_executor(executor, work, context_db.dsn, n) for n in range(2))
        )
    assert len({place for each in given for place in each}) == 40 + 2 * 200
    await assert_verifies(context_db, 40 + 2 * (150 + 100))


# ── roles, and what the store itself refuses ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "attempt",
    [
        "insert into ledger.events select * from ledger.events",
        "update ledger.events set version = version",
        "delete from ledger.events",
        "truncate ledger.events",
        "update ledger.heads set sequence = 0",
        "delete from ledger.commands",
        "update ledger.settings set partitions = 9",
        "select ledger.raise_epoch()",
        "select ledger.initialise('registration', 8)",
        "alter table ledger.events disable trigger history_is_not_rewritten",
    ],
)
async def test_a_service_cannot_rewrite_history(context_db: ContextPool, attempt: str) -> None:
    """It reads, and appends through the functions; nothing else."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await context_db.execute(attempt)


async def test_not_even_the_owner_rewrites_history_by_mistake(
    ledger: Ledger, context_db: ContextPool
) -> None:
    """Updates, deletions and truncation are refused by the table itself."""
    await ledger.append(append())
    admin = await asyncpg.connect(context_db.admin_dsn)
    for attempt in (
        "update ledger.events set record = ''",
        "delete from ledger.events",
        "truncate ledger.events",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="history is not rewritten"):
            await admin.execute(attempt)
    await admin.close()


async def test_the_number_of_partitions_is_fixed(context_db: ContextPool) -> None:
    """Initialising again is harmless, with another number or another context it is refused."""
    admin = await asyncpg.connect(context_db.admin_dsn)
    await admin.execute("select ledger.initialise('registration', 8)")
    for other in ("('registration', 16)", "('offerings', 8)"):
        with pytest.raises(asyncpg.RaiseError):
            await admin.execute(f"select ledger.initialise{other}")
    await admin.close()


async def test_the_ledger_of_another_context_is_refused(
    context_db: ContextPool, keyring_db: ContextPool
) -> None:
    """And a database that holds none."""
    with pytest.raises(WrongLedger):
        await Ledger.open(context_db, "offerings")
    with pytest.raises(WrongLedger):
        await Ledger.open(keyring_db, "registration")


async def test_the_store_itself_refuses_a_record_that_is_too_large(
    ledger: Ledger, context_db: ContextPool
) -> None:
    """Whoever calls the function directly meets the same limit."""
    one = append("order-1")
    large = replace(one, events=(NewEvent(one.events[0].id, bytes(1_000_001)),))
    with pytest.raises(asyncpg.CheckViolationError):
        await ledger._group.append(0, large)


async def test_a_restore_raises_the_epoch(ledger: Ledger, context_db: ContextPool) -> None:
    """Of every partition, and of nothing else."""
    before = await ledger.heads()
    admin = await asyncpg.connect(context_db.admin_dsn)
    assert await admin.fetchval("select ledger.raise_epoch()") == 2
    await admin.close()
    assert await ledger.heads() == [replace(head, epoch=2) for head in before]


async def test_people_read_records_as_json(ledger: Ledger, context_db: ContextPool) -> None:
    """The view takes the bytes apart."""
    await ledger.append(append("order-1"))
    assert await context_db.fetchval("select record ->> 'subject' from ledger.readable") == "order-1"
