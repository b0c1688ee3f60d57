"""A load on the whole system: bodies that live their whole story, and a stream of referencing requests beside them."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from ops.demo.client import NOBODY, connections
from ops.demo.outcome import Outcome, outcome_of
from ops.demo.play import Play
from ops.demo.plot import Kind
from ops.demo.story import Times, live
from ops.demo.tell import Silent
from ops.demo.troupe import PAIR, Troupe, gather
from ops.stack.endpoints import Endpoints

STORIES = 2  # pairs of bodies at a time
FLOOD = 8  # referencing requests at a time


@dataclass(slots=True)
class Load:
    """What was asked and answered so far."""

    troupe: Troupe
    calm: dict[Kind, Outcome]
    enough: int
    over: asyncio.Event = field(default_factory=asyncio.Event)
    plays: list[Play] = field(default_factory=list)
    requested: dict[str, UUID] = field(default_factory=dict)
    """Dossier by key, of the stream of requests: each key must have made one of its own."""

    @property
    def goes_on(self) -> bool:
        return not self.over.is_set() or self.troupe.traffic.commands < self.enough

    async def stories(self) -> None:
        """Whole lives, pair after pair."""
        while self.goes_on:
            pair = self.troupe.pair(Silent())
            await asyncio.gather(*(live(play, Times()) for play in pair))
            self.plays += pair

    async def flood(self, lane: int) -> None:
        """Referencing requests, one after the other."""
        play = self.troupe.play("regional", Silent())
        for number in itertools.count():
            if not self.goes_on:
                return
            key = f"flood-{lane}-{number}"
            answer = await play.client.command(
                "registration", "POST", "/referencing-requests", NOBODY, key, json=play.plot.request
            )
            assert answer.status == 201, answer.body
            self.requested[key] = UUID(answer["id"])


@asynccontextmanager
async def under_load(endpoints: Endpoints, commands: int) -> AsyncIterator[Load]:
    """Load for as long as the block lasts, and at least `commands` accepted commands; then what it came to is checked.

    Every story must come to the end of the one that was played in peace before, every request to a dossier of its own.
    """
    async with connections() as http:
        troupe = await gather(endpoints, http)
        pair = troupe.pair(Silent())
        await asyncio.gather(*(live(play, Times()) for play in pair))
        calm = dict(zip(PAIR, [await outcome_of(play) for play in pair], strict=True))
        load = Load(troupe, calm, commands)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(STORIES):
                tasks.create_task(load.stories())
            for lane in range(FLOOD):
                tasks.create_task(load.flood(lane))
            yield load
            load.over.set()
        for play in load.plays:
            assert await outcome_of(play) == calm[play.plot.kind]
        assert len(set(load.requested.values())) == len(load.requested)
