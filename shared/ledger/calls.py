"""One call of an append function: appends in, an answer or a refusal each out."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from shared.ledger.errors import CommandReused, DuplicateInCall, LedgerError, RecordTooLarge, VersionConflict
from shared.ledger.model import Append, Appended
from shared.sql import queries

RECORD_LIMIT = 1_000_000
"""Bytes. Kafka's brokers take 1,048,588 by default, key, headers and framing included."""

CALL_TIMEOUT = 30.0
"""Seconds before a call's outcome is given up as unknown."""

Outcome = Appended | LedgerError
T = TypeVar("T")
SQL = queries(__file__, "ledger.sql")


def check(appends: Iterable[Append]) -> None:
    """Raises RecordTooLarge or DuplicateInCall for what must not reach the store."""
    for append in appends:
        seen: set[UUID] = set()
        for event in append.events:
            if len(event.record) > RECORD_LIMIT:
                raise RecordTooLarge(len(event.record), RECORD_LIMIT)
            if event.id in seen:
                raise DuplicateInCall(event.id)
            seen.add(event.id)


def hold_back(items: Iterable[T], append_of: Callable[[T], Append]) -> tuple[list[T], list[T]]:
    """What fits in one call, and what waits for the next: no stream and no command twice, a stream's order kept."""
    streams: set[str] = set()
    commands: set[UUID] = set()
    taken: list[T] = []
    held: list[T] = []
    for item in items:
        append = append_of(item)
        free = append.stream not in streams and append.command not in commands
        (taken if free else held).append(item)
        streams.add(append.stream)
        commands.add(append.command)
    return taken, held


async def call(
    connection: Any, place: Callable[[str], int], appends: Sequence[Append], *, together: bool = False
) -> list[Outcome]:
    """Appends, no stream and no command twice, in one statement; the outcomes in the order given.

    `together`: all or nothing; with a refusal among the outcomes nothing was written. A statement alone is its
    own transaction; inside the caller's, the heads of its partitions stay locked until the caller commits.
    """
    outcomes = await _call(connection, place, appends, together=together, wait=True)
    return [outcome for outcome in outcomes if outcome is not None]


async def call_what_is_free(
    connection: Any, place: Callable[[str], int], appends: Sequence[Append]
) -> list[Outcome | None]:
    """The same, without waiting for a head that somebody else holds: None for the appends that need it.

    Appends of one partition only do wait.
    """
    places = {place(append.stream) for append in appends}
    return await _call(connection, place, appends, together=False, wait=len(places) == 1)


async def _call(
    connection: Any, place: Callable[[str], int], appends: Sequence[Append], *, together: bool, wait: bool
) -> list[Outcome | None]:
    if len(appends) == 1:
        rows = await connection.fetch(SQL.append_one, *_one(place, appends[0]), timeout=CALL_TIMEOUT)
        return [_outcome(appends[0], rows[0])]
    places = [place(append.stream) for append in appends]
    order = sorted(range(len(appends)), key=places.__getitem__)
    arguments = _arrays([places[i] for i in order], [appends[i] for i in order])
    rows = await connection.fetch(SQL.append, *arguments, together, wait, timeout=CALL_TIMEOUT)
    outcomes = {i: _outcome(appends[i], row) for i, row in zip(order, rows, strict=True)}
    return [outcomes[i] for i in range(len(appends))]


def _one(place: Callable[[str], int], append: Append) -> tuple[Any, ...]:
    return (
        place(append.stream),
        append.stream,
        append.expected_version,
        append.command,
        append.fingerprint,
        [event.id for event in append.events],
        [event.record for event in append.events],
    )


def _arrays(places: list[int], appends: list[Append]) -> tuple[list[Any], ...]:
    return (
        places,
        [append.stream for append in appends],
        [append.expected_version for append in appends],
        [append.command for append in appends],
        [append.fingerprint for append in appends],
        [len(append.events) for append in appends],
        [event.id for append in appends for event in append.events],
        [event.record for append in appends for event in append.events],
    )


def _outcome(append: Append, row: asyncpg.Record) -> Outcome | None:
    outcome, partition, sequence, version = row
    match outcome:
        case "appended":
            return Appended(partition, sequence, version, repeated=False)
        case "repeated":
            return Appended(partition, sequence, version, repeated=True)
        case "conflict":
            return VersionConflict(append.stream, append.expected_version, version)
        case "reused":
            return CommandReused(append.command)
        case _:
            return None  # busy
