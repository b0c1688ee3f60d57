"""A whole system for each fault test: what one breaks, no other finds broken."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from ops.stack import Stack
from ops.stack.postgres import discard


@pytest_asyncio.fixture
async def running(tmp_path: Path) -> AsyncIterator[Stack]:
    """PostgreSQL, Kafka, the five services and the mailbox, ready."""
    try:
        async with Stack.start(tmp_path) as stack:
            await stack.wait_ready(90)
            yield stack
    finally:
        discard(tmp_path)
