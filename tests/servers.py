"""Where tests find PostgreSQL and Kafka: in the environment, in containers, else in the embedded stack.

FORMELIE_TEST_POSTGRES (a superuser's DSN) and FORMELIE_TEST_KAFKA (host:port) name running servers.
FORMELIE_TEST_SERVERS=embedded leaves a Docker engine alone.
"""

import asyncio
import contextlib
import hashlib
import logging
import os
import secrets
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from ops import databases
from ops.databases import dsn_of
from ops.stack import Stack
from ops.stack.ports import free_port
from ops.stack.postgres import discard
from ops.topics import admin_of, create_topics

PASSWORD = "made-up-for-tests"
PARTITIONS = 8


class ContextPool(asyncpg.Pool):
    """A pool as a context's service role on a fresh migrated database."""

    __slots__ = ("admin_dsn", "dsn")

    def __init__(self, dsn: str, admin_dsn: str) -> None:
        super().__init__(
            dsn,
            connection_class=asyncpg.Connection,
            record_class=asyncpg.Record,
            min_size=0,
            max_size=10,
            max_queries=50_000,
            max_inactive_connection_lifetime=0,
            loop=None,
        )
        self.dsn = dsn
        self.admin_dsn = admin_dsn


@dataclass(slots=True)
class Servers:
    """`admin_dsn`: the superuser's DSN of database postgres; `kafka`: host:port."""

    admin_dsn: str
    kafka: str
    _templates: dict[str, str] = field(default_factory=dict)
    _topics: list[str] = field(default_factory=list)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @contextlib.asynccontextmanager
    async def database(self, context: str) -> AsyncIterator[ContextPool]:
        """A fresh database of `context` (or "keyring"), migrated, dropped afterwards."""
        name = f"test_{context}_{secrets.token_hex(6)}"
        async with self._lock:
            template = self._templates.get(context) or await self._make_template(context)
            await self._run(f'create database "{name}" owner {context}_owner template "{template}"')
        role = "registration" if context == databases.KEYRING else context
        admin = dsn_of(self.admin_dsn, name)
        try:
            async with ContextPool(dsn_of(self.admin_dsn, name, role, PASSWORD), admin) as pool:
                yield pool
        finally:
            await self._run(f'drop database "{name}" with (force)')

    async def topic(self, partitions: int) -> str:
        """A new topic of its own, deleted at the end of the session."""
        name = f"test.{secrets.token_hex(6)}"
        await create_topics(self.kafka, [name], partitions)
        self._topics.append(name)
        return name

    async def clear(self) -> None:
        """Delete what only this session used."""
        if self._topics:
            async with admin_of(self.kafka) as admin:
                await admin.delete_topics(self._topics)

    async def _make_template(self, context: str) -> str:
        """The database every test's is cloned from; its name tells its migrations, so it never is a stale one."""
        folders = databases.migrations_of(context)
        content = hashlib.sha256()
        for path in sorted(path for folder in folders for path in folder.glob("*.sql")):
            content.update(path.read_bytes())
        name = f"template_{context}_{content.hexdigest()[:12]}"
        cluster = await asyncpg.connect(self.admin_dsn)
        try:
            await cluster.execute("select pg_advisory_lock(hashtext('formelie.databases'))")
            await databases.create_roles(cluster, dict.fromkeys(databases.LOGIN_ROLES, PASSWORD))
            await databases.create_database(cluster, name, of=context)
            await databases.migrate(dsn_of(self.admin_dsn, name), context, folders, PARTITIONS)
        finally:
            await cluster.close()
        self._templates[context] = name
        return name

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self.admin_dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextlib.asynccontextmanager
async def find_servers() -> AsyncIterator[Servers]:
    """The first that is there: the environment's, containers, the embedded stack."""
    async with contextlib.AsyncExitStack() as opened:
        postgres, kafka = os.environ.get("FORMELIE_TEST_POSTGRES"), os.environ.get("FORMELIE_TEST_KAFKA")
        addresses = (postgres, kafka) if postgres and kafka else opened.enter_context(_containers())
        if addresses is None:
            addresses = await opened.enter_async_context(_embedded())
        servers = Servers(*addresses)
        yield servers
        await servers.clear()


@contextlib.asynccontextmanager
async def _embedded() -> AsyncIterator[tuple[str, str]]:
    folder = Path(tempfile.mkdtemp(prefix="formelie-tests-"))
    try:
        async with Stack.start(folder, services=False) as stack:
            yield stack.admin_dsn, stack.kafka
    finally:
        discard(folder)


def _engine_answers() -> bool:
    try:
        done = subprocess.run(["docker", "info"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@contextlib.contextmanager
def _containers() -> Iterator[tuple[str, str] | None]:
    """PostgreSQL and Kafka in containers; None where no engine answers or its images cannot be had."""
    with contextlib.ExitStack() as started:
        found = None
        if os.environ.get("FORMELIE_TEST_SERVERS") != "embedded" and _engine_answers():
            try:
                found = (
                    started.enter_context(_postgres_container()),
                    started.enter_context(_kafka_container()),
                )
            except Exception as error:  # noqa: BLE001 - of the engine, its client or the registry
                started.close()
                logging.getLogger(__name__).warning("No containers, embedded servers instead: %s", error)
        yield found


@contextlib.contextmanager
def _postgres_container() -> Iterator[str]:
    from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415 - as above

    container = PostgresContainer(
        "postgres:18", username="postgres", password=PASSWORD, dbname="postgres", driver=None
    )
    with container.with_command("postgres -c max_connections=200"):
        yield container.get_connection_url().replace("localhost", "127.0.0.1")


@contextlib.contextmanager
def _kafka_container() -> Iterator[str]:
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - as above
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy  # noqa: PLC0415

    port = free_port()
    container = DockerContainer("apache/kafka:4.4.0").with_bind_ports(9092, port)
    for name, value in kafka_settings(port).items():
        container = container.with_env(name, value)
    with container.waiting_for(LogMessageWaitStrategy("Kafka Server started")):
        yield f"127.0.0.1:{port}"


def kafka_settings(port: int) -> dict[str, str]:
    """The whole set: any KAFKA_ variable drops the image's defaults. Host and container have a listener each."""
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": "HOST://0.0.0.0:9092,INTERNAL://localhost:9094,CONTROLLER://localhost:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"HOST://localhost:{port},INTERNAL://localhost:9094",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "HOST:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "INTERNAL",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }
