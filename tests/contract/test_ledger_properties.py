"""Laws of the ledger, over any history hypothesis can think of."""

import asyncio
from collections.abc import Awaitable
from typing import Any
from uuid import UUID, uuid4, uuid5

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.ledger import Append, Appended, Ledger, LedgerError
from shared.ledger.verify import verify
from tests.appends import append
from tests.servers import ContextPool

Asked = tuple[int, int, int, int | None, str]
"""Stream, expected version, events, command if it is to come again, what is asked."""

ASKED = st.tuples(
    st.integers(0, 5),
    st.integers(0, 3),
    st.integers(0, 3),
    st.none() | st.integers(1, 8),
    st.sampled_from(["sign", "cancel"]),
)
CALLS = st.lists(
    st.tuples(st.sampled_from(["alone", "each", "together"]), st.lists(ASKED, max_size=5)), max_size=6
)


def _append(history: UUID, asked: Asked) -> Append:
    """Of streams and commands of this history's own."""
    stream, expected, events, command, what = asked
    known = command and uuid5(history, str(command))
    return append(f"{history}-{stream}", expected, events, command=known or None, asked=what)


async def _do(ledger: Ledger, how: str, appends: list[Append]) -> list[Appended]:
    """The answers given; refusals are part of life here."""
    calls: list[Awaitable[Any]]
    match how:
        case "alone":
            calls = [ledger.append(one) for one in appends]
        case "each":
            calls = [ledger.append_each(appends)]
        case _:
            calls = [ledger.append_together(appends)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    flat = [o for outcome in outcomes for o in (outcome if isinstance(outcome, list) else [outcome])]
    assert all(isinstance(outcome, Appended | LedgerError) for outcome in flat)
    return [outcome for outcome in flat if isinstance(outcome, Appended)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(waves=st.lists(CALLS, max_size=4))
async def test_any_interleaving_leaves_a_dense_verified_chain(
    context_db: ContextPool, waves: list[list[tuple[str, list[Asked]]]]
) -> None:
    """Calls of every kind, several at once, with conflicts, repetitions and reused ids: everything verifies.

    And no answer names a position that is not there.
    """
    ledger, history = await Ledger.open(context_db, "registration"), uuid4()
    for calls in waves:
        done = (_do(ledger, how, [_append(history, each) for each in asked]) for how, asked in calls)
        answers = await asyncio.gather(*done)
        heads = {head.partition: head.sequence for head in await ledger.heads()}
        assert all(answer.sequence <= heads[answer.partition] for each in answers for answer in each)
    await ledger.close()
    report = await verify(context_db.admin_dsn, deep=True)
    assert report.broken == []
