"""The command line of parked events, on a real database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from click.testing import CliRunner, Result

from ops import parked as command
from shared.messaging import parked
from shared.messaging.kafka import Arrived
from shared.messaging.parked import Parking, describe
from tests.messaging_stand import event
from tests.servers import ContextPool

CONSUMER = "registration.offerings"


@pytest_asyncio.fixture
async def db(context_db: ContextPool, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ContextPool]:
    """Two events of a stream, one behind the other, and garbage."""
    monkeypatch.setattr(command, "CONTEXTS", ("registration",))
    monkeypatch.setattr(command, "_dsn", lambda *_, **__: context_db.dsn)
    fault = describe(ValueError("no order 'order-123' of jeanne@example.org, 12345678"))
    events = [event("registration", "order-1", version).record for version in (1, 2)]
    places = [
        Arrived(3, 40 + n, 40 + n, b"order-1", record, 7 + n, 1, bytes(32)) for n, record in enumerate(events)
    ]
    garbage = Arrived(3, 50, 50, None, b"\xff garbage", 0, 0, b"")
    async with context_db.acquire() as connection:
        await parked.park(
            connection,
            CONSUMER,
            "offerings",
            [
                Parking(places[0], "failed", fault),
                Parking(places[1], "behind"),
                Parking(garbage, "malformed"),
            ],
        )
    yield context_db


async def run(*arguments: str) -> Result:
    """The command runs a loop of its own."""
    import asyncio  # noqa: PLC0415 - only here

    return await asyncio.to_thread(lambda: CliRunner().invoke(command.parked, list(arguments)))


async def test_the_list_is_in_the_order_of_a_redrive(db: ContextPool) -> None:
    """A line an event: where it is, what it is, why; nothing that somebody typed."""
    result = await run("list")
    lines = result.output.splitlines()
    assert result.exit_code == 0, result.output
    assert [word in line for word, line in zip(("failed", "behind", "malformed"), lines, strict=False)] == [
        True
    ] * 3
    assert "offerings/3/7" in lines[0]
    assert "offset 50" in lines[2]
    assert "jeanne" not in result.output
    assert "123" not in lines[0].split("failed")[1]


async def test_a_page_shows_the_event_the_error_and_what_to_do(db: ContextPool) -> None:
    """The record as JSON, the error with its frames, the command that comes next."""
    number = await db.fetchval("select id from messaging.parked where reason = 'failed'")
    result = await run("show", "registration", str(number))
    assert result.exit_code == 0, result.output
    for text in ('"type": "org.formiris', "builtins.ValueError", "formelie parked redrive", "order-1"):
        assert text in result.output
    assert "jeanne" not in result.output


async def test_a_dry_run_asks_for_nothing(db: ContextPool) -> None:
    """It says what would be taken, garbage left out; then the redrive asks for just that."""
    dry = await run("redrive", "--dry-run", "--stream", "order-1")
    assert "2 would be taken again" in dry.output
    assert await asked(db) == 0
    wet = await run("redrive", "--stream", "order-1")
    assert "2 asked for" in wet.output
    assert await asked(db) == 2
    assert "Nothing to take again" in (await run("redrive", "--stream", "order-2")).output


async def test_parking_the_same_position_twice_keeps_the_first(db: ContextPool) -> None:
    """A batch tried again after a lost answer parks nothing twice."""
    place = Arrived(3, 90, 90, b"order-1", b"{}", 7, 1, bytes(32))
    async with db.acquire() as connection:
        await parked.park(connection, CONSUMER, "offerings", [Parking(place, "behind")])
        assert len(await parked.list(connection)) == 3


def test_an_error_is_kept_without_values() -> None:
    """Quoted text, addresses and long numbers are masked; PostgreSQL's detail, which quotes the row, is left out."""
    error = asyncpg.UniqueViolationError('duplicate key value violates unique constraint "alerts_pkey"')
    assert describe(error).message.endswith('constraint "alerts_pkey"')
    assert describe(ValueError(f"{datetime.now(UTC):%Y} 'Jeanne' 123456\nsecond line")).message[5:] == "… …"
    assert Path(__file__).name not in describe(error).traceback


async def asked(db: ContextPool) -> int:
    found: int = await db.fetchval(
        "select count(*) from messaging.parked where redrive_requested_at is not null"
    )
    return found
