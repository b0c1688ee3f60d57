"""The local stack on its real servers: what is killed comes back, what is stopped leaves nothing but its data."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from ops.contexts import CONTEXTS
from ops.databases import LOGIN_ROLES, dsn_of, prepare
from ops.errors import AlreadyUp, PortsTaken
from ops.stack import Stack
from ops.stack.folder import STATE, Folder
from ops.stack.ports import is_open
from ops.stack.postgres import discard
from ops.stack.processes import ROOT
from ops.topics import admin_of, create_topics

HOLD = """
import asyncio, sys
from pathlib import Path
from ops.stack import Stack

async def hold():
    async with Stack.start(Path(sys.argv[1]), services=False):
        print("up", flush=True)
        await asyncio.Event().wait()

asyncio.run(hold())
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a space in its name; its data goes with it."""
    path = Path(tempfile.mkdtemp(prefix="formelie stack "))
    yield path
    discard(path)


async def _until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.05)


async def _fetch(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_killed_servers_come_back_with_what_they_held(folder: Path) -> None:
    """PostgreSQL and Kafka are started again after SIGKILL, on the same ports, and nothing committed is lost."""
    async with Stack.start(folder, services=False) as stack:
        await _fetch(stack.admin_dsn, "create table kept as select 42 as answer")
        await create_topics(stack.kafka, ["kept"], 2)
        before = dict(stack.endpoints.processes)
        for name in ("postgres", "kafka"):
            stack.kill(name)
        await _until(lambda: min(stack.restarts("postgres"), stack.restarts("kafka")) >= 1)
        await stack.wait_ready(60)
        assert await _fetch(stack.admin_dsn, "select answer from kept") == 42
        async with admin_of(stack.kafka) as admin:
            assert "kept" in await admin.list_topics()
        after = stack.endpoints.processes
        assert all(after[name] != before[name] for name in before)
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
        assert {name: one["identity"]["pid"] for name, one in state["processes"].items()} == after


async def test_a_paused_server_is_not_ready_until_it_is_resumed(folder: Path) -> None:
    """SIGSTOP is seen as not ready, without a restart; SIGCONT makes it serve again; a paused one can be stopped."""
    async with Stack.start(folder, services=False) as stack:
        stack.pause("postgres")
        await asyncio.sleep(1)
        assert not stack.is_ready("postgres")
        stack.resume("postgres")
        await stack.wait_ready(30)
        assert stack.restarts("postgres") == 0
        stack.pause("kafka")
        pid = stack.pid("kafka")
    assert not psutil.pid_exists(pid)


async def test_a_stopped_stack_leaves_its_data_and_nothing_else(folder: Path) -> None:
    """After a stop no process and no port is left; the next start has the same data, ports and passwords."""
    async with Stack.start(folder, services=False) as stack:
        await _fetch(stack.admin_dsn, "create table kept as select 7 as answer")
        first, ports, pids = stack.admin_dsn, stack.ports, stack.endpoints.processes
        with pytest.raises(AlreadyUp, match="already up"):
            async with Stack.start(folder, services=False):
                pass
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    assert not any(is_open(ports[name]) for name in ("postgres", "kafka", "kafka-controller"))
    async with Stack.start(folder, services=False) as stack:
        assert stack.admin_dsn == first
        assert await _fetch(stack.admin_dsn, "select answer from kept") == 7
        assert await _fetch(stack.admin_dsn, "show fsync") == "on"


async def test_nothing_outlives_a_killed_supervisor(folder: Path) -> None:
    """When the supervisor is SIGKILLed its servers end too, and the next start works on the same data."""
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD, str(folder), cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"up\n"
    state = Folder(folder).read(STATE)
    pids = [one["identity"]["pid"] for one in state["processes"].values()]
    assert len(pids) == 2
    holder.kill()
    await holder.wait()
    await _until(lambda: not any(psutil.pid_exists(pid) for pid in pids), 15)
    async with Stack.start(folder, services=False) as stack:
        assert await _fetch(stack.admin_dsn, "select 1") == 1


async def test_the_pid_file_of_another_program_is_no_obstacle(folder: Path) -> None:
    """A postmaster.pid left behind that names a living process of somebody else does not stop PostgreSQL."""
    async with Stack.start(folder, services=False):
        pass
    location = folder / "postgres.location"
    data = Path(location.read_text(encoding="utf-8").strip()) if location.exists() else folder / "postgres"
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n0\n5432\n\n127.0.0.1\n", encoding="utf-8")
    async with Stack.start(folder, services=False) as stack:
        assert stack.restarts("postgres") == 0


async def test_ports_that_are_taken_are_refused_when_asked_for(folder: Path) -> None:
    """--port-base with a port in use is refused at once, naming the port."""
    async with Stack.start(folder, services=False) as stack:
        taken = stack.ports["postgres"]
        other = Path(tempfile.mkdtemp())
        with pytest.raises(PortsTaken, match=str(taken)):
            async with Stack.start(other, services=False, port_base=taken):
                pass
        discard(other)


async def test_each_role_reaches_what_is_its_own_and_nothing_else(folder: Path) -> None:
    """A service connects to its database and the keyring only; preparing a second time changes nothing."""
    passwords = {role: f"of-{role}" for role in LOGIN_ROLES}
    async with Stack.start(folder, services=False) as stack:
        for _ in range(2):
            await prepare(stack.admin_dsn, passwords, 8)
        own = dsn_of(stack.admin_dsn, "invoicing", "invoicing", passwords["invoicing"])
        assert await _fetch(own, "select current_user") == "invoicing"
        keyring = dsn_of(stack.admin_dsn, "keyring", "invoicing", passwords["invoicing"])
        assert await _fetch(keyring, "select 1") == 1
        for other in (*[name for name in CONTEXTS if name != "invoicing"], "postgres"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await _fetch(dsn_of(stack.admin_dsn, other, "invoicing", passwords["invoicing"]), "select 1")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await _fetch(dsn_of(stack.admin_dsn, "invoicing", "invoicing", "wrong"), "select 1")
        auditor = dsn_of(stack.admin_dsn, "invoicing", "auditor", passwords["auditor"])
        assert await _fetch(auditor, "select count(*) from ledger.events") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _fetch(auditor, "delete from ledger.events returning 1")


async def test_passwords_are_on_no_command_line(folder: Path) -> None:
    """What `ps` shows of the stack's processes holds no secret, and the secrets' file is its owner's only."""
    async with Stack.start(folder, services=False) as stack:
        shown = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout  # noqa: ASYNC221 - an instant
        assert not any(password in shown for password in stack.secrets.passwords.values())
        assert (folder / "secrets.json").stat().st_mode & 0o077 == 0
