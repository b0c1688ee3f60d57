"""Any plug may be pulled while work goes on: nothing is lost, nothing happens twice, and the proof says so."""

import asyncio
import contextlib
import io
import signal
import time

import pytest
from rich.console import Console

from ops.contexts import CONTEXTS
from ops.demo.chaos import family_of, send
from ops.demo.run import Chaos, perform
from ops.demo.story import Times
from ops.demo.tell import Narrator
from ops.proof import prove
from ops.stack import Stack
from tests.faults.load import under_load

TARGETS = ("kafka", "postgres", *CONTEXTS)
COMMANDS = 2_000


async def pause(stack: Stack, name: str, seconds: float) -> None:
    """Stops a process and its children, and lets them go on."""
    family = family_of(stack.pid(name))
    send(family, signal.SIGSTOP)
    await asyncio.sleep(seconds)
    send(family, signal.SIGCONT)


async def hold_down(stack: Stack, name: str, seconds: float) -> None:
    """Kills a process whenever it comes back, for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(ProcessLookupError):
            stack.kill(name)
        await asyncio.sleep(0.2)


async def proven(stack: Stack) -> None:
    """The whole proof holds."""
    await stack.wait_ready(60)
    proof = await prove(stack.endpoints)
    assert proof.holds, [difference for finding in proof.findings for difference in finding.differences]


@pytest.mark.timeout(420)
async def test_each_process_is_killed_and_paused_under_load(running: Stack) -> None:
    """SIGKILL and SIGSTOP of every process, while at least 2,000 commands are answered."""
    async with under_load(running.endpoints, COMMANDS) as load:
        for name in TARGETS:
            running.kill(name)
            await asyncio.sleep(1.5)
            await running.wait_ready(60, [name])
            await pause(running, name, 3.0)
            await asyncio.sleep(0.5)
    assert load.troupe.traffic.commands >= COMMANDS
    await proven(running)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("server", ["postgres", "kafka"])
async def test_a_server_gone_for_twenty_seconds_only_delays(running: Stack, server: str) -> None:
    """Commands wait and are answered; what was accepted meanwhile arrives afterwards."""
    async with under_load(running.endpoints, 300):
        await asyncio.sleep(2)
        await hold_down(running, server, 20.0)
    await proven(running)


@pytest.mark.timeout(240)
async def test_a_seed_of_chaos_comes_to_the_same_end(running: Stack) -> None:
    """The demo under a random killer: every story ends as without it, and the proof holds."""
    told = io.StringIO()
    result = await perform(
        running.endpoints, Narrator(Console(file=told)), Times(), Chaos(2026, running, lasts=20.0)
    )
    assert result.holds, told.getvalue()[-2000:]
    assert sum(result.blows.values()) >= 3
