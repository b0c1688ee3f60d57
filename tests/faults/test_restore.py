"""PostgreSQL restored from an older backup: refused until `formelie recover` took the lost tail back from Kafka."""

import asyncio
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from ops.contexts import CONTEXTS
from ops.demo.client import connections
from ops.demo.story import Times, live
from ops.demo.tell import Silent
from ops.demo.troupe import gather
from ops.proof import prove
from ops.proof.system import audited
from ops.stack import Stack
from ops.stack.postgres import discard

ROOT = Path(__file__).resolve().parents[2]


async def play(stack: Stack) -> None:
    """Two bodies live their whole story."""
    async with connections() as http:
        troupe = await gather(stack.endpoints, http)
        await asyncio.gather(*(live(body, Times()) for body in troupe.pair(Silent())))


async def heads(stack: Stack) -> dict[str, list[tuple[int, bytes]]]:
    """Where every ledger ends."""
    query = "select sequence, hash from ledger.heads order by partition"
    async with audited(stack.endpoints) as system:
        return {
            context: [tuple(row) for row in await db.fetch(query)] for context, db in system.databases.items()
        }


def copied(source: Path, target: Path) -> None:
    """A cold copy, owners and all."""
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["cp", "-a", source, target], check=True)


def data_of(folder: Path) -> Path:
    """Where PostgreSQL keeps the stack's data."""
    elsewhere = folder / "postgres.location"
    return Path(elsewhere.read_text(encoding="utf-8").strip()) if elsewhere.exists() else folder / "postgres"


async def refused(stack: Stack, context: str) -> None:
    """The service says that it must not go on, and takes no command."""
    log = stack.folder.log(context)
    deadline = time.monotonic() + 30
    while f"formelie recover {context}" not in log.read_text(encoding="utf-8"):
        assert time.monotonic() < deadline, f"{context} did not refuse"
        await asyncio.sleep(0.2)
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"{stack.endpoints.http[context]}/readyz")).status_code == 503


@pytest.mark.timeout(300)
async def test_a_restored_backup_is_refused_then_recovered_from_kafka(tmp_path: Path) -> None:
    """Nothing is written to the restored ledgers before they are whole again; then all goes on, and is proven."""
    folder, backup = tmp_path / "stack", tmp_path / "backup"
    try:
        async with Stack.start(folder) as stack:
            await stack.wait_ready(90)
            await play(stack)
        copied(data_of(folder), backup)
        async with Stack.start(folder) as stack:
            await stack.wait_ready(90)
            await play(stack)
            assert (await prove(stack.endpoints)).holds
            lost = await heads(stack)
        copied(backup, data_of(folder))
        async with Stack.start(folder) as stack:
            for context in CONTEXTS:
                await refused(stack, context)
            assert await heads(stack) != lost
            for context in CONTEXTS:
                command = [sys.executable, "-m", "ops", "recover", context, "--dir", str(folder)]
                done = await asyncio.to_thread(
                    subprocess.run, command, cwd=ROOT, capture_output=True, text=True, check=False
                )
                assert done.returncode == 0, done.stdout + done.stderr
                assert "taken back from Kafka" in done.stdout
            await stack.wait_ready(60)
            assert await heads(stack) == lost
            await play(stack)
            proof = await prove(stack.endpoints)
            assert proof.holds, [
                difference for finding in proof.findings for difference in finding.differences
            ]
    finally:
        discard(folder)
