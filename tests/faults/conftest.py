"""A whole system for each module of fault tests: what a test breaks must be whole again at its end, and proven."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from ops.stack import Stack
from ops.stack.postgres import discard


@pytest_asyncio.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """PostgreSQL, Kafka, the five services and the mailbox, ready."""
    folder = tmp_path_factory.mktemp("faults")
    try:
        async with Stack.start(folder) as stack:
            await stack.wait_ready(90)
            yield stack
    finally:
        discard(folder)
