"""The local stack: PostgreSQL, Kafka, the mailbox and the five services, each a supervised OS process.

async with Stack.start(folder) as stack:
    await stack.wait_ready()
    stack.endpoints.http["registration"]
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path

import asyncpg
from aiokafka.errors import KafkaError

from ops.contexts import CONTEXTS
from ops.databases import DATABASES, dsn_of, prepare
from ops.errors import NotReady
from ops.stack import programs
from ops.stack.endpoints import Endpoints
from ops.stack.folder import ENDPOINTS, STATE, Folder
from ops.stack.kafka import Kafka, jars
from ops.stack.logs import tail
from ops.stack.ports import HOST, choose
from ops.stack.postgres import Postgres
from ops.stack.processes import Identity
from ops.stack.secret import Secrets, secrets_of
from ops.stack.state import as_json, end_leftovers
from ops.stack.supervisor import Program, Watched
from ops.topics import TOPICS, create_topics

Say = Callable[[str], None]
PARTITIONS = 8
SERVERS = ("postgres", "kafka")
ATTEMPTS = 5  # to prepare databases and topics, a second apart


class Stack:
    """A running stack. Made by `Stack.start`, gone when its block is left; its data stays in `folder`."""

    def __init__(
        self, folder: Folder, names: Sequence[str], ports: dict[str, int], partitions: int, say: Say
    ) -> None:
        self.folder = folder
        self.partitions = partitions
        self.ports = ports
        self.secrets: Secrets = secrets_of(folder)
        self.say = say
        self._names = names
        self._identity = Identity.of(os.getpid())
        self._watched: dict[str, Watched] = {}
        self.postgres = Postgres(folder.path, ports["postgres"], self.secrets.passwords["postgres"])
        self.broker = Kafka(folder.path, ports["kafka"], ports["kafka-controller"])

    @classmethod
    @contextlib.asynccontextmanager
    async def start(
        cls,
        folder: Path,
        *,
        services: bool | Iterable[str] = True,
        partitions: int = PARTITIONS,
        port_base: int | None = None,
        say: Say = lambda _: None,
    ) -> "AsyncIterator[Stack]":
        """Start the servers, prepare databases and topics, then start `services` (and the mailbox with them).

        Services may still be starting when the block is entered: see `wait_ready`. Raises AlreadyUp, PortsTaken,
        PostgresUnusable, KafkaUnusable, NotReady, DatabasesUnready.
        """
        place = Folder.made(folder)
        wanted = CONTEXTS if services is True else tuple(services or ())
        names = [
            *SERVERS,
            *(["mailbox", *wanted] if wanted else []),
            *(["extranet"] if services is True else []),
        ]
        with place.held():
            await asyncio.to_thread(end_leftovers, place)
            ports = choose(programs.PORTS, place.read(STATE).get("ports", {}), port_base)
            stack = cls(place, names, ports, partitions, say)
            try:
                await stack._start()
                yield stack
            finally:
                await stack._stop()

    @property
    def admin_dsn(self) -> str:
        return self.postgres.admin_dsn

    @property
    def kafka(self) -> str:
        return self.broker.address

    @property
    def endpoints(self) -> Endpoints:
        """As written to DIR/endpoints.json."""
        passwords = self.secrets.passwords
        return Endpoints(
            kafka=self.kafka,
            postgres={
                name: dsn_of(self.admin_dsn, name, "auditor", passwords["auditor"]) for name in DATABASES
            },
            http={name: f"http://{HOST}:{self.ports[name]}" for name in self._names if name not in SERVERS},
            accounts=self.secrets.accounts,
            processes={name: one.identity.pid for name, one in self._watched.items() if one.identity},
        )

    def pid(self, name: str) -> int:
        """The process of `name` now. Raises ProcessLookupError when there is none at this moment."""
        identity = self._watched[name].identity
        if identity is None:
            raise ProcessLookupError(name)
        return identity.pid

    def restarts(self, name: str) -> int:
        return self._watched[name].restarts

    def is_ready(self, name: str) -> bool:
        return self._watched[name].ready

    def kill(self, name: str, sign: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal; what dies of it is restarted. Raises ProcessLookupError when it is down already."""
        self._watched[name].send(sign)

    def pause(self, name: str) -> None:
        self.kill(name, signal.SIGSTOP)

    def resume(self, name: str) -> None:
        self.kill(name, signal.SIGCONT)

    def troubles(self) -> dict[str, str]:
        """What is not ready, and what is known of why."""
        return {
            name: one.trouble or ("starting" if one.identity else "not running")
            for name, one in self._watched.items()
            if not one.ready
        }

    async def wait_ready(
        self, timeout: float = 60.0, names: Iterable[str] | None = None, falls: int | None = None
    ) -> None:
        """Wait until everything (or `names`) serves.

        Raises NotReady after `timeout` seconds, or as soon as one of them fell `falls` times, when given.
        """
        wanted = list(self._watched if names is None else names)
        before = {name: self.restarts(name) for name in wanted}
        deadline = time.monotonic() + timeout
        while waiting := [name for name in wanted if not self.is_ready(name)]:
            hopeless = [name for name in waiting if falls and self.restarts(name) - before[name] >= falls]
            if hopeless or time.monotonic() > deadline:
                raise NotReady(self._why(hopeless or waiting))
            await asyncio.sleep(0.05)

    def _why(self, names: Sequence[str]) -> str:
        """What each of these said last."""
        told = [
            f"  {name}: {self.troubles().get(name, '')}\n{tail(self.folder.log(name), 3)}" for name in names
        ]
        return f"Not ready (logs are in {self.folder.logs}):\n" + "\n".join(told)

    async def _start(self) -> None:
        self.say("Starting PostgreSQL and Kafka")
        self._launch(programs.postgres(self.postgres))
        await asyncio.to_thread(jars, self.say)  # once, so that a fetch that fails is told at once
        self._launch(programs.kafka(self.broker, self.say))
        await self.wait_ready(120, SERVERS, falls=4)
        services = [name for name in self._names if name in CONTEXTS]
        if services:
            await self._prepare_data()
            self.say(f"Starting {len(services)} services, the mailbox and the extranet")
            self._launch(programs.mailbox(self))
            for name in services:
                self._launch(programs.service(self, name))
            if "extranet" in self._names:
                self._launch(programs.extranet(self))

    async def _prepare_data(self) -> None:
        """Databases and topics; a server that falls in the middle is waited for and the step done again."""
        self.say("Preparing databases and topics")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await prepare(self.admin_dsn, self.secrets.passwords, self.partitions)
                await create_topics(self.kafka, TOPICS, self.partitions)
            except (OSError, asyncpg.PostgresError, KafkaError) as error:
                if attempt == ATTEMPTS:
                    raise NotReady(f"The databases or topics could not be prepared: {error}") from error
                await asyncio.sleep(1)
            else:
                return

    def _launch(self, program: Program) -> None:
        one = Watched(program, self._write)
        self._watched[program.name] = one
        one.start()

    async def _stop(self) -> None:
        """Services and the mailbox first, together; then Kafka; PostgreSQL last."""
        clients = [one for name, one in self._watched.items() if name not in SERVERS]
        if clients:
            self.say("Stopping the services")
            await asyncio.gather(*(one.stop() for one in clients))
        self.say("Stopping Kafka and PostgreSQL")
        await asyncio.gather(*(self._watched[name].stop() for name in SERVERS if name in self._watched))
        (self.folder.path / ENDPOINTS).unlink(missing_ok=True)
        self._write_state()

    def _write(self) -> None:
        self._write_state()
        if any(name in CONTEXTS for name in self._watched):
            self.folder.write(ENDPOINTS, self.endpoints.as_json())

    def _write_state(self) -> None:
        self.folder.write(STATE, as_json(self._identity, self.ports, self._watched))
