"""A PostgreSQL of its own, where read models are built again: nothing of the proven system is touched."""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ops.databases import LOGIN_ROLES, prepare
from ops.stack import programs
from ops.stack.ports import free_port
from ops.stack.postgres import Postgres, discard
from ops.stack.supervisor import Watched


@asynccontextmanager
async def scratch_server(partitions: int) -> AsyncIterator[str]:
    """A cluster with every context's empty database, gone afterwards; the superuser's DSN. Raises OpsError."""
    folder = await asyncio.to_thread(_folder)
    server = Postgres(folder, free_port(), secrets.token_urlsafe(16))
    watched = Watched(programs.postgres(server), lambda: None)
    watched.start()
    try:
        await _ready(watched)
        await prepare(server.admin_dsn, dict.fromkeys(LOGIN_ROLES, secrets.token_urlsafe(16)), partitions)
        yield server.admin_dsn
    finally:
        await watched.stop()
        discard(folder)


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="formelie-proof-"))
    folder.chmod(0o711)  # PostgreSQL's user passes through
    return folder


async def _ready(watched: Watched) -> None:
    async with asyncio.timeout(30):
        while not watched.ready:  # noqa: ASYNC110 - the supervisor offers no event
            await asyncio.sleep(0.05)
