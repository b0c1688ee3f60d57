"""Registration and offerings as real processes, for the tests of their APIs."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from ops.stack import Stack
from ops.stack.postgres import discard
from tests.integration.callers import Scene
from tests.second_step import add_to


@pytest_asyncio.fixture(scope="session")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """Both services up, Formiris's people signed in, except one whose account has a second step."""
    folder = tmp_path_factory.mktemp("services")
    accounts = add_to(folder)
    try:
        async with (
            Stack.start(folder, services=["registration", "offerings"]) as stack,
            httpx.AsyncClient(timeout=20, trust_env=False) as http,
        ):
            await stack.wait_ready(90)
            scene = Scene(stack, http, {})
            for account in accounts:
                given = {"login": account.login, "password": account.password}
                scene.staff[account.login] = (
                    await scene.someone().done("POST", "registration/tokens", given)
                )["access_token"]
            yield scene
    finally:
        discard(folder)
