"""One running system for all end-to-end tests; each test plays with bodies of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from ops.demo.client import connections
from ops.demo.play import Play
from ops.demo.plot import Kind
from ops.demo.story import ACTS
from ops.demo.tell import Silent
from ops.demo.troupe import Troupe, gather
from ops.stack import Stack
from ops.stack.postgres import discard
from tests.clamd import clamd
from tests.second_step import add_to

Until = Callable[[Kind, str], Awaitable[Play]]


@pytest_asyncio.fixture(scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The whole system, started once, with a scanner of viruses of the tests and an account that has a second step."""
    folder: Path = tmp_path_factory.mktemp("e2e")
    add_to(folder)
    try:
        async with clamd() as scanner, AsyncExitStack() as exits:
            with (
                pytest.MonkeyPatch.context() as environment
            ):  # of this system alone: other tests start others
                environment.setenv("FORMELIE_CLAMD", scanner)
                stack = await exits.enter_async_context(Stack.start(folder))
            await stack.wait_ready(90)
            yield stack
    finally:
        discard(folder)


@pytest_asyncio.fixture(scope="session")
async def troupe(running: Stack) -> AsyncIterator[Troupe]:
    """Formiris's people signed in, ready to play."""
    async with connections() as http:
        yield await gather(running.endpoints, http)


@pytest.fixture
def played_until(troupe: Troupe) -> Until:
    """A new body whose story was played up to a scene, without it: `await played_until("regional", "is_ordered")`."""

    async def play_until(kind: Kind, scene: str) -> Play:
        play = troupe.play(kind, Silent())
        for step in (step for _, scenes in ACTS[kind] for step in scenes):
            if step.__name__ == scene:
                return play
            await step(play)
        raise LookupError(f"there is no scene {scene}")

    return play_until
