"""The system that something is played on: one of its own, gone afterwards; one that stays up; or a running one."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.demo.chaos import Victims
from ops.demo.kept import Kept
from ops.stack import Stack
from ops.stack.endpoints import Endpoints
from ops.stack.folder import default_folder
from ops.stack.postgres import discard
from ops.up import READY_WITHIN

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Where:
    """As the command line says it: the `endpoints` of a running system, or a `folder`, and whether to `keep` it up."""

    endpoints: Path | None = None
    folder: Path | None = None
    keep: bool = False


@asynccontextmanager
async def system(
    where: Where, say: Say, started: Callable[[], None]
) -> AsyncIterator[tuple[Endpoints, Victims | None]]:
    """The system, and what of it may be killed; `started` is called once it is ready. Raises OpsError."""
    if where.endpoints:
        yield Endpoints.read(where.endpoints), None
    elif where.keep:
        kept = await Kept.up(where.folder or default_folder())
        started()
        try:
            yield kept.endpoints, kept
        finally:
            say(kept.farewell())
    else:
        async with _own_folder(where.folder) as folder, Stack.start(folder, say=say) as stack:
            await stack.wait_ready(READY_WITHIN)
            started()
            yield stack.endpoints, stack


@asynccontextmanager
async def _own_folder(given: Path | None) -> AsyncIterator[Path]:
    """The folder that was given, or one that is gone afterwards."""
    if given:
        yield given
        return
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="formelie-demo-"))
    try:
        yield folder
    finally:
        await asyncio.to_thread(discard, folder)
