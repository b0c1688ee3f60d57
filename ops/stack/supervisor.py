"""Keeps processes alive: starts each, watches that it is ready, restarts it with growing patience when it dies."""

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil

from ops.stack.processes import Command, Identity, end, spawn, sweep_session

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE, HEALTHY = 0.2, 10.0, 30.0  # seconds
PROBE_STARTING, PROBE_READY = 0.1, 1.0  # seconds

Changed = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Program:
    """Something to keep running. `prepare` is asked before every start; `ready` whether it serves."""

    name: str
    prepare: Callable[[], Awaitable[Command]]
    ready: Callable[[], Awaitable[bool]]
    port: int | None = None
    patience: float = 15.0  # seconds it is given to end by itself


@dataclass(slots=True)
class Watched:
    """A program and what became of it. Restarted for ever until `stop`."""

    program: Program
    changed: Changed
    identity: Identity | None = None
    since: datetime | None = None
    restarts: int = 0
    ready: bool = False
    trouble: str = ""
    _process: asyncio.subprocess.Process | None = None
    _command: Command | None = None
    _task: "asyncio.Task[None] | None" = None
    _stopping: bool = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name=f"keep-{self.program.name}")

    async def stop(self) -> None:
        """End it and stop restarting it."""
        self._stopping = True
        if self._process is not None and self._command is not None:
            await end(self._process, self._command.ends, self.program.patience)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._process is not None and self._command is not None:  # started in the meantime
            await end(self._process, self._command.ends, self.program.patience)
        self._set_ready(ready=False)

    def send(self, sign: signal.Signals) -> None:
        """Signal the process as it is now. Raises ProcessLookupError when there is none."""
        if self._process is None or self._process.returncode is not None:
            raise ProcessLookupError(self.program.name)
        self._process.send_signal(sign)
        if sign in {signal.SIGKILL, signal.SIGSTOP}:
            self._set_ready(ready=False)

    async def _keep(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping:
            began = time.monotonic()
            await self._run_once()
            if self._stopping:
                return
            if time.monotonic() - began > HEALTHY:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            self.restarts += 1

    async def _run_once(self) -> None:
        try:
            self._command = await self.program.prepare()
            self._process = await spawn(self._command)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and tried again
            self._fell(str(error))
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            self.identity = Identity.of(self._process.pid)
        self.since = datetime.now(UTC)
        self.changed()
        watching = asyncio.create_task(self._watch_readiness())
        try:
            code = await self._process.wait()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        sweep_session(self._process.pid)
        self._fell(f"ended with {_reason(code)}")

    async def _watch_readiness(self) -> None:
        while True:
            try:
                self._set_ready(ready=await self.program.ready())
            except Exception as error:  # noqa: BLE001 - a probe that breaks is an answer too: not ready, because
                self.trouble = str(error)
                self._set_ready(ready=False)
            await asyncio.sleep(PROBE_READY if self.ready else PROBE_STARTING)

    def _fell(self, why: str) -> None:
        self.identity, self.since, self.trouble = None, None, why
        self._set_ready(ready=False)
        self.changed()
        if not self._stopping:
            log.warning("%s %s", self.program.name, why)

    def _set_ready(self, *, ready: bool) -> None:
        if ready == self.ready:
            return
        self.ready = ready
        if ready:
            self.trouble = ""
        self.changed()


def _reason(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"
