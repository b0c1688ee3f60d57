"""Heavy or hostile work in a process of its own: PDF, XSLT, spreadsheets, documents as deposited.

A service process never imports such libraries (each weighs as much as the service), and a document that eats memory
or time takes the worker with it, nothing else. There is one worker a service process, started by the first piece of
work, gone after a quiet minute, and told none of the service's secrets.

WorkerError
├── TookTooLong      also a TimeoutError: to a caller that says no more, "try again"
├── Died             also a ConnectionError, as above: killed by the system, or out of memory
└── Failed           the function raised something that it should not
"""

import asyncio
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
SECONDS = 20.0
IDLE = 60.0
STARTING = 30.0  # seconds; only a machine that starts everything at once comes near
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")


class WorkerAway(ConnectionError):
    """The process cannot be started now: a passing fault, whatever the work."""


class WorkerError(Exception):
    """A piece of work has no answer."""


class TookTooLong(WorkerError, TimeoutError):
    """It was stopped after the time it was given."""


class Died(WorkerError, ConnectionError):
    """The worker ended in the middle of it."""


class Failed(WorkerError):
    """The function raised; `where` is its traceback, without the values that a message may hold."""

    def __init__(self, function: str, error: str, where: str) -> None:
        super().__init__(f"{function}: {error}\n{where}")
        self.function, self.error, self.where = function, error, where


class Worker:
    """One process, one piece of work at a time, in the order asked."""

    def __init__(self, idle: float = IDLE) -> None:
        self._idle = idle
        self._line = ThreadPoolExecutor(1, "worker")
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None

    async def run(self, function: str, *arguments: object, timeout: float = SECONDS) -> Any:
        """What `module:function` answers to these arguments; all of it must be picklable.

        Raises `Refused` as the function did, or a `WorkerError`. The time starts with the work, not in the queue.
        """
        work = partial(self._work, function, arguments, timeout)
        return await asyncio.get_running_loop().run_in_executor(self._line, work)

    def stop(self) -> None:
        """Ends the process; the next piece of work starts another."""
        if self._connection:
            self._connection.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        self._connection = self._process = None

    @property
    def pid(self) -> int | None:
        """The process that serves now, if any."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def _work(self, function: str, arguments: tuple[object, ...], timeout: float) -> Any:
        try:
            answer = self._exchange((function, arguments), timeout)
        except (TookTooLong, WorkerAway):
            raise
        except (EOFError, OSError) as error:
            if not self._left_in_peace():
                raise Died(function) from error
            answer = self._exchange((function, arguments), timeout)
        return _told(function, answer)

    def _exchange(self, work: object, timeout: float) -> Any:
        """An answer that nobody waits for any more would be taken for that of the next work: its process ends."""
        connection = self._connection or self._start()
        connection.send(work)
        if not connection.poll(timeout):
            self.stop()
            raise TookTooLong(f"more than {timeout:g} s")
        return connection.recv()

    def _start(self) -> Connection:
        ours, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  this interpreter, this project's own module
                [sys.executable, "-m", "shared.runtime.worker", str(theirs.fileno()), str(self._idle)],
                cwd=ROOT, env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        self._connection = ours
        if not _greeted(ours):
            self.stop()
            raise WorkerAway
        return ours

    def _left_in_peace(self) -> bool:
        """Whether the process had ended of its own accord, idle, before it was asked."""
        code = None
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                code = self._process.wait(5)
        self.stop()
        return code == 0


def _greeted(connection: Connection) -> bool:
    """Whether the process is there, in time."""
    with suppress(EOFError):
        if connection.poll(STARTING):
            connection.recv()
            return True
    return False


def _told(function: str, answer: tuple[str, Any]) -> Any:
    match answer:
        case "answer", value:
            return value
        case "refused", refused:
            raise refused
        case _, (error, where):
            raise Failed(function, error, where)


_WORKER = Worker()


async def run(function: str, *arguments: object, timeout: float = SECONDS) -> Any:
    """`Worker.run` of this process's worker; nothing is started before the first call."""
    return await _WORKER.run(function, *arguments, timeout=timeout)
