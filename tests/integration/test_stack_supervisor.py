"""The supervisor with small stand-in programs."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil

from ops.stack.ports import free_port, is_open
from ops.stack.processes import Command, Identity
from ops.stack.supervisor import Program, Watched

SERVER = "import http.server, sys; http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()"  # noqa: E501 - a program
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
FAMILY = (
    "import subprocess, sys, time; subprocess.Popen(['sleep', '60']); print('on', flush=True); time.sleep(60)"
)


def _watched(
    folder: Path, code: str, *arguments: str, ready: Callable[[], Awaitable[bool]] | None = None
) -> Watched:
    command = Command([sys.executable, "-c", code, *arguments], folder / "out.log")

    async def prepare() -> Command:
        return command

    async def told() -> bool:
        return "on" in command.log.read_text(encoding="utf-8")

    return Watched(Program("stand-in", prepare, ready or told, patience=1.0), lambda: None)


async def _until(holds: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.02)


async def test_a_dead_process_is_started_again_and_becomes_ready(tmp_path: Path) -> None:
    """A killed server is restarted with a new pid, and counted."""
    port = free_port()

    async def ready() -> bool:
        return is_open(port)

    one = _watched(tmp_path, SERVER, str(port), ready=ready)
    one.start()
    try:
        await _until(lambda: one.ready)
        first = one.identity
        one.send(signal.SIGKILL)
        await _until(lambda: one.restarts == 1 and one.ready)
        assert one.identity != first
    finally:
        await one.stop()
    assert not is_open(port)


async def test_what_keeps_dying_is_tried_less_and_less_often(tmp_path: Path) -> None:
    """Pauses double from 0.2 s, and the reason is kept for whoever asks."""
    one = _watched(tmp_path, "import sys; sys.exit(3)")
    one.start()
    began = time.monotonic()
    await _until(lambda: one.restarts == 3)
    try:
        assert time.monotonic() - began > 0.2 + 0.4 + 0.8
        assert "exit code 3" in one.trouble or one.identity
        assert not one.ready
    finally:
        await one.stop()


async def test_what_cannot_be_started_is_reported_and_tried_again(tmp_path: Path) -> None:
    """A program that is missing is no crash of the supervisor."""
    command = Command(["/nonexistent/program"], tmp_path / "out.log")

    async def prepare() -> Command:
        return command

    async def never() -> bool:
        return False

    one = Watched(Program("stand-in", prepare, never), lambda: None)
    one.start()
    try:
        await _until(lambda: one.restarts >= 1)
        assert "/nonexistent/program" in one.trouble
    finally:
        await one.stop()


async def test_a_stubborn_process_is_killed_after_its_patience(tmp_path: Path) -> None:
    """SIGTERM first; SIGKILL when it is ignored; no restart after a stop."""
    one = _watched(tmp_path, STUBBORN)
    one.start()
    await _until(lambda: one.ready)
    assert one.identity is not None
    pid = one.identity.pid
    await one.stop()
    assert not psutil.pid_exists(pid)
    assert one.restarts == 0


async def test_the_children_of_a_process_go_with_it(tmp_path: Path) -> None:
    """What a process left in its session is ended when it is stopped."""
    one = _watched(tmp_path, FAMILY)
    one.start()
    await _until(lambda: one.ready)
    assert one.identity is not None
    (child,) = psutil.Process(one.identity.pid).children()
    await one.stop()
    await _until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


async def test_a_reused_pid_is_not_mistaken_for_the_process(tmp_path: Path) -> None:
    """A recorded process is only ended when its birth agrees, never for its number alone."""
    process = subprocess.Popen(["sleep", "60"])  # noqa: ASYNC220 - it only sleeps
    identity = Identity.of(process.pid)
    assert not Identity(identity.pid, identity.born - 100).end(signal.SIGTERM, 1)
    assert process.poll() is None
    assert await asyncio.to_thread(identity.end, signal.SIGTERM, 5)
    assert not psutil.pid_exists(process.pid)
    process.wait()
