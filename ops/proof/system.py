"""What the proof reads: the auditor's connections to every context's database, and where Kafka is."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncpg

from ops.contexts import CONTEXTS
from ops.stack.endpoints import Endpoints


@dataclass(frozen=True, slots=True)
class System:
    """A running system as its auditor sees it."""

    kafka: str
    databases: Mapping[str, asyncpg.Connection]


@asynccontextmanager
async def audited(endpoints: Endpoints) -> AsyncIterator[System]:
    """Connections that can read and nothing else. Raises OSError, asyncpg.PostgresError."""
    async with AsyncExitStack() as stack:
        databases = {}
        for context in CONTEXTS:
            databases[context] = await asyncpg.connect(endpoints.postgres[context], timeout=10)
            stack.push_async_callback(databases[context].close)
        yield System(endpoints.kafka, databases)
