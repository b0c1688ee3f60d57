"""The event store of one context: append, read, wake whoever publishes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from shared.ledger.calls import SQL, Outcome, call, call_what_is_free, check, hold_back
from shared.ledger.chain import GENESIS
from shared.ledger.errors import CommandReused, LedgerError, WrongLedger
from shared.ledger.faults import attempted, translated
from shared.ledger.group_commit import GroupCommit
from shared.ledger.model import Append, Appended, Head, Stored
from shared.ledger.murmur2 import partition_of

Connection = Any
"""An asyncpg connection, or the pool's proxy of one."""
Wake = Callable[[int, int], None]
T = TypeVar("T", bound=Outcome)


class Ledger:
    """A context's history in `partitions` partitions; every append of it by this process goes through here."""

    def __init__(self, pool: "asyncpg.Pool[Any]", context: str, partitions: int) -> None:
        self.context = context
        self.partitions = partitions
        self._pool = pool
        self._wakes: list[Wake] = []
        self._group = GroupCommit(pool, self._commit)

    @classmethod
    async def open(cls, pool: "asyncpg.Pool[Any]", context: str) -> "Ledger":
        """The ledger in the pool's database. Raises WrongLedger when that is another context's, or none's."""
        with translated():
            settings = await pool.fetchrow(SQL.settings)
        if settings is None or settings["context"] != context:
            raise WrongLedger(f"not the ledger of {context}: {settings and settings['context']}")
        return cls(pool, context, settings["partitions"])

    async def close(self) -> None:
        """Lets appends under way finish, and gives the connections back to the pool at once."""
        await self._group.close()

    def partition_of(self, stream: str) -> int:
        """Where a stream lives: 0 to partitions - 1, the same in Kafka."""
        return partition_of(stream, self.partitions)

    def on_append(self, wake: Wake) -> None:
        """Calls `wake(partition, sequence)` in this process, soon after each commit that wrote events."""
        self._wakes.append(wake)

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────

    async def append(self, append: Append) -> Appended:
        """Appends with group commit. Repeated with the same command id, it gives the first answer.

        Raises VersionConflict, CommandReused, RecordTooLarge, DuplicateInCall; StoreUnavailable when the outcome
        is unknown or PostgreSQL is away: then ask again, with the same command id.
        """
        check((append,))
        return await self._group.append(self.partition_of(append.stream), append)

    async def append_each(self, appends: Sequence[Append], connection: Connection = None) -> list[Outcome]:
        """Appends in bulk, in one transaction; each succeeds or is refused alone, in the order given.

        On `connection` it is part of the caller's transaction (read committed); announce() the answers after its
        commit. Raises RecordTooLarge, DuplicateInCall or StoreUnavailable for all of them.
        """
        check(appends)
        write = partial(self._write, appends=appends, together=False)
        return self._announced(await self._transact(write, connection), connection)

    async def append_together(
        self, appends: Sequence[Append], connection: Connection = None
    ) -> list[Appended]:
        """Appends all or nothing, in one transaction. Raises the first refusal, and nothing is written.

        On `connection` it is part of the caller's transaction (read committed), which stays usable after a
        refusal; announce() the answers after its commit. Call it once a transaction: heads are locked in
        ascending order within a call only.
        """
        check(appends)
        write = partial(self._write, appends=appends, together=True)
        return self._announced(accepted(await self._transact(write, connection)), connection)

    def announce(self, answers: Iterable[Outcome | None]) -> None:
        """Wakes the listeners of on_append; for whoever appended in a transaction of their own, once committed."""
        latest: dict[int, int] = {}
        for answer in answers:
            if isinstance(answer, Appended) and not answer.repeated:
                latest[answer.partition] = max(answer.sequence, latest.get(answer.partition, 0))
        loop = asyncio.get_running_loop()
        for partition, sequence in latest.items():
            for wake in self._wakes:
                loop.call_soon(wake, partition, sequence)

    def _announced(self, answers: list[T], connection: Connection) -> list[T]:
        if connection is None:
            self.announce(answers)
        return answers

    async def _commit(self, connection: Connection, appends: Sequence[Append]) -> list[Outcome | None]:
        outcomes = await call_what_is_free(connection, self.partition_of, appends)
        self.announce(outcomes)
        return outcomes

    async def _write(
        self, connection: Connection, appends: Sequence[Append], *, together: bool
    ) -> list[Outcome]:
        """In one statement where no stream or command comes twice; otherwise in a transaction or savepoint."""
        taken, held = hold_back(range(len(appends)), appends.__getitem__)
        if not held:
            return await call(connection, self.partition_of, appends, together=together)
        outcomes: dict[int, Outcome] = {}
        async with connection.transaction():
            while taken:
                batch = [appends[i] for i in taken]
                answers = await call(connection, self.partition_of, batch, together=together)
                outcomes.update(zip(taken, accepted(answers) if together else answers, strict=True))
                taken, held = hold_back(held, appends.__getitem__)
        return [outcomes[i] for i in range(len(appends))]

    async def _transact(
        self, write: Callable[[Connection], Awaitable[list[Outcome]]], connection: Connection
    ) -> list[Outcome]:
        if connection is not None:
            with translated():
                return await write(connection)

        async def act() -> list[Outcome]:
            async with self._pool.acquire(timeout=10) as own:
                return await write(own)

        return await attempted(act)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────

    async def answer(self, command: UUID, fingerprint: bytes) -> Appended | None:
        """The first answer of a command, None if it is new. Raises CommandReused when it asked something else."""
        with translated():
            row = await self._pool.fetchrow(SQL.answer, command)
        if row is None:
            return None
        if row["fingerprint"] != fingerprint:
            raise CommandReused(command)
        return Appended(row["partition"], row["sequence"], row["version"], repeated=True)

    async def stream(self, stream: str, after: int = 0) -> list[Stored]:
        """A stream's events, by version, after a version."""
        with translated():
            return _stored(await self._pool.fetch(SQL.stream, stream, after))

    async def streams(self, streams: Sequence[str], connection: Connection = None) -> dict[str, list[Stored]]:
        """The events of several streams, by version, in one query; an empty list for a stream without any."""
        with translated():
            rows = _stored(await (connection or self._pool).fetch(SQL.streams, list(streams)))
        found: dict[str, list[Stored]] = {stream: [] for stream in streams}
        for event in rows:
            found[event.stream].append(event)
        return found

    async def linked(
        self, streams: Sequence[str], after: tuple[str, int] | None, limit: int
    ) -> list[tuple[Stored, bytes]]:
        """Events of streams after one of them, by stream and version, each with the hash that it is chained to."""
        with translated():
            rows = await self._pool.fetch(SQL.linked, list(streams), *(after or (None, None)), limit)
        return [(Stored(*row[:-1]), row["previous"] or GENESIS) for row in rows]

    async def page(self, partition: int, after: int, limit: int = 2000) -> list[Stored]:
        """At most `limit` events of a partition that follow sequence `after`. Its cost does not depend on where."""
        with translated():
            return _stored(await self._pool.fetch(SQL.page, partition, after, limit))

    async def replay(self, partition: int, after: int = 0, size: int = 2000) -> AsyncIterator[list[Stored]]:
        """A partition's events after a sequence, page by page; the next page is read while one is worked on."""
        async for rows in self._pages("page", partition, after, size):
            yield _stored(rows)

    async def records(
        self, partition: int, after: int = 0, size: int = 2000
    ) -> AsyncIterator[list[tuple[int, bytes]]]:
        """The same, of (sequence, record) only: what a fold needs, a third faster."""
        async for rows in self._pages("records", partition, after, size):
            yield rows

    async def _pages(self, query: str, partition: int, after: int, size: int) -> AsyncIterator[list[Any]]:
        with translated():
            rows = await self._pool.fetch(SQL[query], partition, after, size)
            while rows:
                fetching = self._pool.fetch(SQL[query], partition, rows[-1]["sequence"], size)
                following = asyncio.ensure_future(fetching)
                await asyncio.sleep(0)  # lets the query leave before the page is worked on
                try:
                    yield rows
                    rows = await following
                finally:
                    following.cancel()

    async def heads(self) -> list[Head]:
        """The last position of every partition, ascending."""
        with translated():
            return [Head(*row) for row in await self._pool.fetch(SQL.heads)]


def accepted(outcomes: Iterable[Outcome]) -> list[Appended]:
    """The answers; raises the first refusal."""
    answers = []
    for outcome in outcomes:
        if isinstance(outcome, LedgerError):
            raise outcome
        answers.append(outcome)
    return answers


def _stored(rows: Iterable[Any]) -> list[Stored]:
    return list(map(Stored._make, rows))
