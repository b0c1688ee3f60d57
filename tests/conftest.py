"""Fixtures on real servers, for every folder of tests. The machinery is in servers.py."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
import structlog
from hypothesis import settings

from tests.servers import ContextPool, Servers, find_servers

settings.register_profile("formelie", deadline=None)  # how long a busy machine takes says nothing of the code
settings.load_profile("formelie")


@pytest.fixture(scope="session", autouse=True)
def plain_tracebacks() -> None:
    """An error that is logged is told as Python tells it: drawn with every local variable it costs half a minute."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, renderer]
    )


@pytest_asyncio.fixture(scope="session")
async def servers() -> AsyncIterator[Servers]:
    """PostgreSQL and Kafka for the whole session: `admin_dsn`, `kafka`."""
    async with find_servers() as found:
        yield found


@pytest_asyncio.fixture
async def make_context_db(servers: Servers) -> AsyncIterator[Callable[[str], Awaitable[ContextPool]]]:
    """Makes fresh migrated databases: `await make_context_db("invoicing")` is a pool as its service role."""
    async with AsyncExitStack() as opened:

        async def make(context: str) -> ContextPool:
            return await opened.enter_async_context(servers.database(context))

        yield make


@pytest_asyncio.fixture
async def context_db(servers: Servers) -> AsyncIterator[ContextPool]:
    """A pool as the service role on a fresh migrated database of registration: `.dsn`, `.admin_dsn`."""
    async with servers.database("registration") as pool:
        yield pool


@pytest_asyncio.fixture
async def keyring_db(servers: Servers) -> AsyncIterator[ContextPool]:
    """A pool as a service's role on a fresh keyring database: `.dsn`, `.admin_dsn`."""
    async with servers.database("keyring") as pool:
        yield pool


@pytest_asyncio.fixture
async def make_topic(servers: Servers) -> Callable[..., Awaitable[str]]:
    """Makes topics: `await make_topic(partitions=8)` is the unique name of a new one."""

    async def make(partitions: int = 8) -> str:
        return await servers.topic(partitions)

    return make
