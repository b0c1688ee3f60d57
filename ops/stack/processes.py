"""Processes of the local stack: born with a log, dead with their parent, known by pid and birth."""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE")


@dataclass(frozen=True, slots=True)
class Command:
    """What to run, as whom, and which signal ends it (`ends`) or follows its parent's death (`orphaned`)."""

    argv: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    ends: signal.Signals = signal.SIGTERM
    orphaned: signal.Signals = signal.SIGKILL


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The few variables any process needs, and `extra`: nothing else of the caller's reaches a child."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {**kept, **extra}


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _dying_with_parent(sign: signal.Signals) -> Callable[[], None]:
    """Runs in the child before exec, after its user was changed (which would clear the setting)."""
    parent, libc = os.getpid(), _libc()

    def arm() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, int(sign))
            if os.getppid() != parent:  # the parent died in between: its death will not be told
                os._exit(1)

    return arm


def run(argv: Sequence[str], user: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Run a short program to its end, from the root folder, as `user` when given. Raises OSError."""
    return subprocess.run(
        argv,
        cwd="/",
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        user=user,
        group=user,
        extra_groups=[] if user else None,
    )


async def spawn(command: Command) -> asyncio.subprocess.Process:
    """Start it in its own session, output appended to its log. Raises OSError when it cannot be started."""
    command.log.parent.mkdir(parents=True, exist_ok=True)
    with command.log.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *command.argv,
            env=environment(command.environment),
            cwd="/" if command.user else ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_dying_with_parent(command.orphaned),
            user=command.user,
            group=command.user,
            extra_groups=[] if command.user else None,
        )


async def end(process: asyncio.subprocess.Process, sign: signal.Signals, patience: float) -> None:
    """Ask with `sign`, wait `patience` seconds, then kill; whatever it left in its session goes with it."""
    if process.returncode is None:
        _send(process.pid, sign)
        _send(process.pid, signal.SIGCONT)  # one that was paused could not hear it
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), patience)
    if process.returncode is None:
        _send(process.pid, signal.SIGKILL)
        await process.wait()
    sweep_session(process.pid)


def sweep_session(leader: int) -> None:
    """Kill what is left of a dead leader's process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _send(pid: int, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, sign)


@dataclass(frozen=True, slots=True)
class Identity:
    """A process that can be found again without mistaking another for it: a pid is reused, a birth is not."""

    pid: int
    born: float  # seconds since the epoch

    @classmethod
    def of(cls, pid: int) -> "Identity":
        """Raises psutil.NoSuchProcess."""
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The living process, or None."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.born) < 1.0
            return found if same and found.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None

    def end(self, sign: signal.Signals, patience: float) -> bool:
        """End what is left of an earlier run; True when there was something to end."""
        process = self.process()
        if process is None:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(sign)
            process.send_signal(signal.SIGCONT)
            try:
                process.wait(patience)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(5)
        return True
