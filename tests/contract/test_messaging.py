"""One suite for every way events reach their effects: Faust, the bulk read, the ledger's own feed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from shared.messaging import Consumers, Handler, LedgerFeed, Relay, Subscription, consumers
from tests.messaging_stand import Stand, stand, writes
from tests.servers import Servers


class Way:
    """How events reach a consumer: started and stopped at will."""

    name = "tests.effects"

    def __init__(self, at: Stand, folder: Path) -> None:
        self.at, self.folder = at, folder
        self.relay: Relay | None = None
        self.consumer: Consumers | LedgerFeed | None = None

    async def start(self, handle: Handler | None = None) -> None:
        self.relay = Relay(self.at.ledger, self.at.pool, self.at.kafka)
        await self.relay.start()
        self.consumer = self.make(handle or writes(self.name))
        await self.consumer.start()

    def make(self, handle: Handler) -> Consumers | LedgerFeed:
        subscription = Subscription(self.name, self.at.context, handle)
        return Consumers(self.at.pool, self.at.kafka, [subscription], self.folder)

    async def stop(self) -> None:
        for running in (self.consumer, self.relay):
            if running is not None:
                await running.stop()


class Live(Way):
    """Faust."""


class Bulk(Way):
    """aiokafka: everything counts as far behind. (What comes after is live.)"""


class Own(Way):
    """The context's own ledger."""

    def make(self, handle: Handler) -> LedgerFeed:
        return LedgerFeed(self.at.ledger, self.at.pool, self.name, handle)


@pytest_asyncio.fixture
async def at(servers: Servers) -> AsyncIterator[Stand]:
    async with stand(servers) as made:
        yield made


@pytest_asyncio.fixture(params=[Live, Bulk, Own])
async def way(
    request: pytest.FixtureRequest, at: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Way]:
    if request.param is Bulk:
        monkeypatch.setattr(consumers, "FAR_BEHIND", 0)
    made: Way = request.param(at, tmp_path)
    yield made
    await made.stop()


async def test_each_event_has_its_effect_once_and_in_order(way: Way, at: Stand) -> None:
    """What was written before the start and after it is applied once, in order within each stream."""
    await at.write(300)
    await way.start()
    await at.wait_applied(way.name)
    await at.write(300)
    await at.wait_applied(way.name)
    await at.assert_exact(way.name)
