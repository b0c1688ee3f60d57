"""Verification finds every way a history can be tampered with, and names the first bad position."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import asyncpg
import orjson
import pytest
import pytest_asyncio
from click.testing import CliRunner

from ops.verify import verify as command
from shared.ledger import Ledger, partition_of
from shared.ledger.verify import verify
from tests.appends import append
from tests.servers import ContextPool

PLACE = 3
STREAM = "order-{}"


@pytest_asyncio.fixture
async def history(context_db: ContextPool) -> AsyncIterator[ContextPool]:
    """Ten events in one partition, some in others."""
    ledger = await Ledger.open(context_db, "registration")
    names = [name for name in map(STREAM.format, range(500)) if ledger.partition_of(name) == PLACE]
    await ledger.append_each([append(name) for name in names[:10]])
    await ledger.append_each([append() for _ in range(20)])
    await ledger.close()
    yield context_db


async def tamper(pool: ContextPool, statement: str) -> None:
    """What an administrator with bad intentions can do."""
    admin = await asyncpg.connect(pool.admin_dsn)
    await admin.execute("set session_replication_role = replica")
    await admin.execute(statement)
    await admin.close()


@pytest.mark.parametrize(
    ("statement", "sequence", "reason"),
    [
        (
            "update ledger.events set record = record || ' ' where partition = 3 and sequence = 5",
            5,
            "hash differs",
        ),
        (
            "update ledger.events set hash = sha256('') where partition = 3 and sequence = 5",
            5,
            "hash differs",
        ),
        ("update ledger.events set sequence = -5 where partition = 3 and sequence = 1", 1, "gap"),
        ("delete from ledger.events where partition = 3 and sequence = 5", 5, "gap"),
        ("update ledger.heads set sequence = 99 where partition = 3", None, "head differs"),
        ("update ledger.heads set sequence = 4 where partition = 3", 5, "head differs"),
        ("update ledger.heads set hash = sha256('') where partition = 3", None, "head differs"),
    ],
)
async def test_a_break_of_the_chain_is_named(
    history: ContextPool, statement: str, sequence: int | None, reason: str
) -> None:
    """The context, the partition, the position, and why; the other partitions still verify."""
    await tamper(history, statement)
    report = await verify(history.admin_dsn)
    (broken,) = report.broken
    assert (broken.context, broken.partition) == ("registration", PLACE)
    assert sequence is None or broken.sequence == sequence
    assert broken.reason.startswith(reason)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (
            "update ledger.events set stream = 'other' where partition = 3 and sequence = 5",
            "column differs from the record: stream",
        ),
        (
            "update ledger.events set version = 7 where partition = 3 and sequence = 5",
            "column differs from the record: version",
        ),
        (
            "update ledger.events set event_id = gen_random_uuid() where partition = 3 and sequence = 5",
            "column differs from the record: event_id",
        ),
    ],
)
async def test_a_column_that_lies_is_found_by_deep_verification(
    history: ContextPool, statement: str, reason: str
) -> None:
    """The chain covers the record; deep verification compares its index with it."""
    await tamper(history, statement)
    assert (await verify(history.admin_dsn)).broken == []
    broken = (await verify(history.admin_dsn, deep=True)).broken[0]
    assert (broken.partition, broken.sequence, broken.reason) == (PLACE, 5, reason)


async def test_an_event_outside_every_chain_is_found(history: ContextPool) -> None:
    """Deep verification misses no partition that nobody counts."""
    await tamper(history, "update ledger.events set partition = 77 where partition = 3 and sequence = 10")
    reasons = [broken.reason for broken in (await verify(history.admin_dsn, deep=True)).broken]
    assert "no such partition" in reasons


async def test_a_stream_in_the_wrong_partition_is_found(history: ContextPool) -> None:
    """A writer that computes another hash of the stream's name is caught."""
    place = (PLACE + 1) % 8
    one = append(next(name for name in map(str, range(99)) if partition_of(name, 8) == PLACE))
    admin = await asyncpg.connect(history.admin_dsn)
    await admin.fetch(
        "select * from ledger.append_one($1, $2, 0, $3, $4, $5, $6)",
        place, one.stream, one.command, one.fingerprint, [one.events[0].id], [one.events[0].record],
    )  # fmt: skip
    await admin.close()
    (broken,) = (await verify(history.admin_dsn, deep=True)).broken
    assert (broken.partition, broken.reason) == (
        place,
        f"stream {one.stream} does not live in this partition",
    )


async def test_processes_share_the_partitions(history: ContextPool) -> None:
    """The same report, whoever does the work."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        assert await verify(history.admin_dsn, executor=executor) == await verify(history.admin_dsn)


async def test_the_auditors_role_is_enough(history: ContextPool) -> None:
    """SELECT on the schema, and no more."""
    admin = await asyncpg.connect(history.admin_dsn)
    assert await admin.fetchval("select has_table_privilege('auditor', 'ledger.events', 'select')")
    assert not await admin.fetchval("select has_table_privilege('auditor', 'ledger.events', 'insert')")
    await admin.close()


async def test_the_command_prints_a_table_and_fails_on_a_break(history: ContextPool, tmp_path: Path) -> None:
    """`formelie verify --endpoints FILE`: exit code 0, then 1 with the position."""
    file = tmp_path / "endpoints.json"
    system = {"kafka": "", "postgres": {"registration": history.admin_dsn}, "http": {}, "accounts": []}
    file.write_bytes(orjson.dumps(system))
    arguments = ["--endpoints", str(file), "--deep", "--processes", "1"]
    good = await asyncio.to_thread(CliRunner().invoke, command, arguments)
    assert (good.exit_code, "Every chain verifies." in good.output) == (0, True)
    await tamper(history, "delete from ledger.events where partition = 3 and sequence = 5")
    bad = await asyncio.to_thread(CliRunner().invoke, command, arguments)
    assert (bad.exit_code, f"registration/{PLACE}/5: gap" in bad.output) == (1, True)
