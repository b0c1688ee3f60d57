"""Read models of registration and offerings: whatever the batches and the order between streams, the same rows."""

import random
from collections.abc import Awaitable, Callable
from itertools import groupby
from typing import cast

import asyncpg
import pytest

from services.offerings import views as offerings
from services.registration import views as registration
from shared.events import decode
from shared.events.examples import EXAMPLES
from shared.events.offerings import SessionCancelled
from shared.messaging import Delivered, Handler
from tests.servers import ContextPool

TABLES = {
    "registration": ("requests", "bodies", "accounts", "tickets", "erased"),
    "offerings": ("bodies", "offerings", "sessions", "assignments", "assignment_sets", "orders"),
}


def story() -> dict[str, list[Delivered]]:
    """Every example, by stream, in order; but for a session that its offering does not have."""
    delivered = []
    for example in (example for event, example in EXAMPLES.items() if event is not SessionCancelled):
        record = example.record()
        event = decode(record)
        delivered.append(Delivered(event.source.rpartition("/")[2], 0, 1, 1, bytes(32), record, event))
    delivered.sort(key=lambda each: (each.event.subject, each.event.streamversion, each.event.time))
    return {stream: list(each) for stream, each in groupby(delivered, lambda each: each.event.subject)}


def shuffled(streams: dict[str, list[Delivered]], chance: random.Random) -> list[Delivered]:
    """All of them, in an order that keeps each stream's."""
    turns = [name for name, events in streams.items() for _ in events]
    chance.shuffle(turns)
    waiting = {name: iter(events) for name, events in streams.items()}
    return [next(waiting[name]) for name in turns]


async def rows(
    pool: ContextPool, handlers: dict[str, Handler], events: list[Delivered], batch: int
) -> list[list[str]]:
    """The tables of a fresh database once each handler was fed its context's events."""
    for context, handle in handlers.items():
        own = [each for each in events if each.context == context]
        for start in range(0, len(own), batch):
            async with pool.acquire() as connection, connection.transaction():
                await handle(cast("asyncpg.Connection", connection), own[start : start + batch])
    found = []
    for table in TABLES[list(handlers)[-1]]:
        query = f"select to_jsonb(t)::text as row from views.{table} t"  # noqa: S608 - one of our tables
        found.append(sorted(row["row"] for row in await pool.fetch(query)))
    return found


@pytest.mark.parametrize(
    "handlers",
    [
        {"registration": registration.own},
        {"registration": offerings.registration, "offerings": offerings.own},
    ],
    ids=["registration", "offerings"],
)
async def test_a_view_equals_its_replay(
    handlers: dict[str, Handler], make_context_db: Callable[[str], Awaitable[ContextPool]]
) -> None:
    """One event at a time, all at once, and in any order between streams."""
    context, streams = list(handlers)[-1], story()
    one_by_one = [each for events in streams.values() for each in events]
    expected = await rows(await make_context_db(context), handlers, one_by_one, 1)
    assert all(expected[:-1])
    for seed in range(3):
        events = shuffled(streams, random.Random(seed))  # noqa: S311 - a test's shuffle
        found = await rows(await make_context_db(context), handlers, events, 1 + 7 * seed)
        assert found == expected
