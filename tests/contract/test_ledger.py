"""What the ledger promises, however one appends: alone, in bulk, or all together."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from uuid import uuid4

import pytest
import pytest_asyncio

from shared.ledger import (
    Append,
    Appended,
    CommandReused,
    DuplicateInCall,
    Ledger,
    LedgerError,
    NewEvent,
    RecordTooLarge,
    VersionConflict,
)
from shared.ledger.verify import verify
from tests.appends import append
from tests.servers import ContextPool

Way = Callable[[Ledger, Append], Awaitable[Appended]]


async def alone(ledger: Ledger, one: Append) -> Appended:
    """With group commit."""
    return await ledger.append(one)


async def in_bulk(ledger: Ledger, one: Append) -> Appended:
    """Between others that have nothing to do with it."""
    outcome = (await ledger.append_each([append(), one, append()]))[1]
    if isinstance(outcome, LedgerError):
        raise outcome
    return outcome


async def together(ledger: Ledger, one: Append) -> Appended:
    """All or nothing with others."""
    return (await ledger.append_together([append(), one, append()]))[1]


async def in_my_transaction(ledger: Ledger, one: Append) -> Appended:
    """Inside a transaction of the caller's."""
    async with ledger._pool.acquire() as connection, connection.transaction():
        return (await ledger.append_together([one], connection))[0]


@pytest.fixture(params=[alone, in_bulk, together, in_my_transaction], ids=lambda way: way.__name__)
def way(request: pytest.FixtureRequest) -> Way:
    chosen: Way = request.param
    return chosen


@pytest_asyncio.fixture
async def ledger(context_db: ContextPool) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(context_db, "registration")
    yield opened
    await opened.close()


async def gathered(calls: Sequence[Awaitable[Appended]]) -> list[Appended | BaseException]:
    return await asyncio.gather(*calls, return_exceptions=True)


async def count(pool: ContextPool) -> int:
    return int(await pool.fetchval("select count(*) from ledger.events"))


async def assert_verifies(pool: ContextPool) -> None:
    report = await verify(pool.admin_dsn, deep=True)
    assert report.broken == []
    assert report.count == await count(pool)


# ── versions ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_streams_events_are_numbered_from_one(ledger: Ledger, way: Way) -> None:
    """Three events of a new stream take it to version 3, one more to 4."""
    assert (await way(ledger, append("order-1", 0, 3))).version == 3
    assert (await way(ledger, append("order-1", 3, 1))).version == 4
    assert [event.version for event in await ledger.stream("order-1")] == [1, 2, 3, 4]


async def test_an_append_that_expects_another_version_is_refused(ledger: Ledger, way: Way) -> None:
    """The conflict tells what was expected and what is, and nothing of the append is written."""
    await way(ledger, append("order-1", 0, 2))
    with pytest.raises(VersionConflict) as refused:
        await way(ledger, append("order-1", 1))
    assert (refused.value.stream, refused.value.expected, refused.value.actual) == ("order-1", 1, 2)
    assert len(await ledger.stream("order-1")) == 2


async def test_of_two_that_expect_the_same_version_one_wins(ledger: Ledger, way: Way) -> None:
    """Sixteen racing for a stream's first version: one is appended, fifteen conflict."""
    outcomes = await gathered([way(ledger, append("order-1", 0)) for _ in range(16)])
    assert Counter(type(outcome) for outcome in outcomes) == {Appended: 1, VersionConflict: 15}


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_repeated_command_gets_its_first_answer(ledger: Ledger, way: Way) -> None:
    """The same position again, marked as repeated, although the stream has moved on; nothing is written twice."""
    first = append("order-1", 0, 2)
    answer = await way(ledger, first)
    await way(ledger, append("order-1", 2))
    assert await way(ledger, first) == replace(answer, repeated=True)
    assert len(await ledger.stream("order-1")) == 3


async def test_a_command_is_known_in_every_partition(ledger: Ledger, way: Way) -> None:
    """Repeated for a stream of another partition, it gets the answer of the first."""
    first = append("order-1")
    answer = await way(ledger, first)
    elsewhere = next(name for name in map(str, range(99)) if ledger.partition_of(name) != answer.partition)
    assert await way(ledger, replace(first, stream=elsewhere)) == replace(answer, repeated=True)
    assert await ledger.stream(elsewhere) == []


async def test_a_command_without_events_is_remembered(ledger: Ledger, way: Way) -> None:
    """Its answer is the head and the version it saw; repeated later, it gets just that."""
    written = await way(ledger, append("order-1", 0, 2))
    nothing = append("order-1", 2, 0)
    answer = await way(ledger, nothing)
    assert (answer.partition, answer.version) == (written.partition, 2)
    assert answer.sequence >= written.sequence
    await way(ledger, append("order-1", 2))
    assert await way(ledger, nothing) == replace(answer, repeated=True)


async def test_a_command_without_events_checks_the_version_too(ledger: Ledger, way: Way) -> None:
    """What was decided on an old version is refused even if it was to do nothing."""
    await way(ledger, append("order-1"))
    with pytest.raises(VersionConflict):
        await way(ledger, append("order-1", 0, 0))


async def test_a_refused_command_is_not_remembered(ledger: Ledger, way: Way) -> None:
    """After a conflict, the same command may be decided again on the new version."""
    command = uuid4()
    await way(ledger, append("order-1"))
    with pytest.raises(VersionConflict):
        await way(ledger, append("order-1", 0, command=command))
    assert (await way(ledger, append("order-1", 1, command=command))).version == 2


async def test_a_commands_id_serves_one_purpose(ledger: Ledger, way: Way) -> None:
    """The same id with another fingerprint is refused, in whatever stream."""
    first = append("order-1", asked="sign")
    await way(ledger, first)
    for stream in ("order-1", "order-2"):
        with pytest.raises(CommandReused) as refused:
            await way(ledger, append(stream, 0, command=first.command, asked="cancel"))
        assert refused.value.command == first.command


async def test_the_first_answer_can_be_asked_for(ledger: Ledger, way: Way) -> None:
    """None for a new command, the answer for a known one, a refusal for another fingerprint."""
    one = append("order-1")
    assert await ledger.answer(one.command, one.fingerprint) is None
    answer = await way(ledger, one)
    assert await ledger.answer(one.command, one.fingerprint) == replace(answer, repeated=True)
    with pytest.raises(CommandReused):
        await ledger.answer(one.command, bytes(32))


async def test_one_command_given_many_times_at_once_is_done_once(
    ledger: Ledger, way: Way, context_db: ContextPool
) -> None:
    """Sixteen at a time, in one stream: all get the same answer, and its event is there once."""
    one = append("order-1")
    outcomes = await gathered([way(ledger, one) for _ in range(16)])
    assert {outcome.sequence for outcome in outcomes if isinstance(outcome, Appended)} == {
        (await ledger.stream("order-1"))[0].sequence
    }
    assert sum(isinstance(outcome, Appended) for outcome in outcomes) == 16
    await assert_verifies(context_db)


async def test_a_command_racing_in_many_partitions_is_done_once(
    ledger: Ledger, context_db: ContextPool
) -> None:
    """The same new command for forty streams at once: one is written, and all get its answer."""
    command = uuid4()
    for way in (alone, in_bulk, together):
        command = uuid4()
        outcomes = await gathered([way(ledger, append(command=command)) for _ in range(40)])
        answers = {(o.partition, o.sequence) for o in outcomes if isinstance(o, Appended)}
        assert [o for o in outcomes if not isinstance(o, Appended)] == []
        assert len(answers) == 1
    await assert_verifies(context_db)


# ── the chain ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_sequences_are_dense_under_concurrency_and_conflicts(
    ledger: Ledger, way: Way, context_db: ContextPool
) -> None:
    """200 appends on 20 streams at once, most of them in conflict: no gap, and the chain verifies."""
    calls = [way(ledger, append(f"order-{n % 20}", n // 20 % 3, n % 4)) for n in range(200)]
    outcomes = await gathered(calls)
    assert {type(outcome) for outcome in outcomes} == {Appended, VersionConflict}
    await assert_verifies(context_db)


async def test_the_chain_is_recomputed_from_outside(ledger: Ledger, way: Way) -> None:
    """hash = sha256(previous || sequence as int64 big-endian || record), from 32 zero bytes, up to the head."""
    for n in range(30):
        await way(ledger, append(f"order-{n}", 0, n % 3))
    for head in await ledger.heads():
        previous = bytes(32)
        for place, event in enumerate(await ledger.page(head.partition, 0), start=1):
            assert event.sequence == place
            previous = sha256(previous + place.to_bytes(8, "big") + event.record).digest()
            assert event.hash == previous
        assert head.hash == previous


async def test_a_stream_lives_in_its_partition(ledger: Ledger, way: Way) -> None:
    """Where the answer says, where partition_of says, and where reading finds it."""
    answer = await way(ledger, append("order-1", 0, 2))
    assert answer.partition == ledger.partition_of("order-1")
    last = (await ledger.page(answer.partition, answer.sequence - 1, 1))[0]
    assert (last.stream, last.version, last.sequence) == ("order-1", 2, answer.sequence)


# ── refusals before the store ────────────────────────────────────────────────────────────────────────────────────


async def test_a_record_kafka_would_refuse_never_enters(ledger: Ledger, way: Way) -> None:
    """1,000,000 bytes pass, one more is refused."""
    one = append("order-1")
    largest = replace(one, events=(NewEvent(one.events[0].id, bytes(1_000_000)),))
    assert (await way(ledger, largest)).version == 1
    with pytest.raises(RecordTooLarge) as refused:
        await way(ledger, replace(append("order-2"), events=(NewEvent(uuid4(), bytes(1_000_001)),)))
    assert (refused.value.size, refused.value.limit) == (1_000_001, 1_000_000)


async def test_an_event_id_twice_in_an_append_is_refused(ledger: Ledger, way: Way) -> None:
    """It is a mistake of the caller's, and nothing is written."""
    one = append("order-1")
    with pytest.raises(DuplicateInCall):
        await way(ledger, replace(one, events=one.events * 2))
    assert await ledger.stream("order-1") == []


async def test_one_that_the_store_cannot_take_fails_alone(ledger: Ledger) -> None:
    """A stream's name with a NUL in the middle of a group: the others are appended."""
    outcomes = await gathered([ledger.append(append(f"order-{n}" + "\0" * (n == 7))) for n in range(40)])
    assert [n for n, outcome in enumerate(outcomes) if not isinstance(outcome, Appended)] == [7]


# ── in bulk and together ─────────────────────────────────────────────────────────────────────────────────────────


async def test_in_bulk_each_is_refused_alone(ledger: Ledger, context_db: ContextPool) -> None:
    """A conflict and a reused command between good ones: the outcomes stand in the order given."""
    known = append("order-1", asked="sign")
    await ledger.append(known)
    reused = append("order-9", command=known.command, asked="cancel")
    outcomes = await ledger.append_each(
        [append("order-2"), append("order-1"), reused, append("order-3", 0, 2)]
    )
    assert [type(outcome) for outcome in outcomes] == [Appended, VersionConflict, CommandReused, Appended]
    await assert_verifies(context_db)


async def test_in_bulk_a_stream_may_come_again(ledger: Ledger) -> None:
    """Its appends are done in the order given, and a repeated command gets the answer of the one before it."""
    first, second = append("order-1", 0, 2), append("order-1", 2)
    one, two, again = await ledger.append_each([first, second, first])
    assert [one, two, again] == [one, two, replace(one, repeated=True)]  # type: ignore[type-var]  # all are answers
    assert [event.version for event in await ledger.stream("order-1")] == [1, 2, 3]


async def test_together_one_refusal_keeps_all_out(ledger: Ledger, context_db: ContextPool) -> None:
    """Nothing is written, and no command remembered, even where a stream comes twice."""
    await ledger.append(append("order-1"))
    for batch in (
        [append("order-2"), append("order-1")],
        [append("order-2"), append("order-2", 1), append("order-1")],
        [append("order-2"), append("order-2", 5)],
    ):
        with pytest.raises(VersionConflict):
            await ledger.append_together(batch)
        assert await ledger.answer(batch[0].command, batch[0].fingerprint) is None
    assert await count(context_db) == 1


async def test_together_joins_the_callers_transaction(ledger: Ledger, context_db: ContextPool) -> None:
    """Rolled back with it; and after a refusal the transaction is still good for something else."""
    async with context_db.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await ledger.append_together([append("order-1")], connection)
        await transaction.rollback()
        assert await ledger.stream("order-1") == []
        async with connection.transaction():
            with pytest.raises(VersionConflict):
                await ledger.append_together([append("order-1", 0), append("order-1", 4)], connection)
            await ledger.append_together([append("order-1", 0)], connection)
            assert len((await ledger.streams(["order-1"], connection))["order-1"]) == 1
    assert len(await ledger.stream("order-1")) == 1


async def test_crossing_partitions_both_ways_does_not_deadlock(ledger: Ledger) -> None:
    """Many that write to the same streams in opposite orders all get through: heads are locked in one order."""
    names = [f"order-{n}" for n in range(16)]
    batches = [[append(name, n) for name in (names if n % 2 else names[::-1])] for n in range(8)]
    outcomes = await asyncio.gather(*(ledger.append_each(batch) for batch in batches))
    assert sum(isinstance(outcome, Appended) for batch in outcomes for outcome in batch) >= len(names)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_streams_are_read_many_at_once(ledger: Ledger) -> None:
    """By version, an empty list where nothing is."""
    await ledger.append_each([append("order-1", 0, 3), append("order-2", 0, 1)])
    found = await ledger.streams(["order-2", "order-1", "order-3"])
    assert {name: [event.version for event in events] for name, events in found.items()} == {
        "order-1": [1, 2, 3],
        "order-2": [1],
        "order-3": [],
    }
    assert [event.version for event in await ledger.stream("order-1", after=2)] == [3]


async def test_a_replay_gives_a_partition_page_by_page(ledger: Ledger) -> None:
    """Every event once, in order, whatever the size of a page, from wherever one starts."""
    await ledger.append(append("order-1", 0, 25))
    place = ledger.partition_of("order-1")
    for after, size in ((0, 7), (0, 25), (10, 5), (25, 5)):
        pages = [page async for page in ledger.replay(place, after, size)]
        assert [event.sequence for page in pages for event in page] == list(range(after + 1, 26))
        assert all(len(page) <= size for page in pages)
        records = [pair async for pairs in ledger.records(place, after, size) for pair in pairs]
        assert records == [(event.sequence, event.record) for page in pages for event in page]


async def test_listeners_hear_of_what_was_committed(ledger: Ledger) -> None:
    """With the partition and its last sequence; not of refusals or repetitions."""
    heard: list[tuple[int, int]] = []
    ledger.on_append(lambda partition, sequence: heard.append((partition, sequence)))
    one = append("order-1", 0, 3)
    answer = await ledger.append(one)
    await ledger.append(one)
    await ledger.append_each([append("order-1", 0)])
    await asyncio.sleep(0)
    assert heard == [(answer.partition, answer.sequence)]
