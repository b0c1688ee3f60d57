"""Laws of the ledger, over any history hypothesis can think of."""

import asyncio
from collections.abc import Awaitable
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.ledger import Append, Appended, Ledger, LedgerError
from shared.ledger.verify import verify
from tests.appends import append
from tests.servers import Servers

APPENDS = st.builds(
    append,
    st.sampled_from([f"order-{n}" for n in range(6)]),
    st.integers(0, 3),
    st.integers(0, 3),
    command=st.none() | st.integers(1, 8).map(lambda n: UUID(int=n)),
    asked=st.sampled_from(["sign", "cancel"]),
)
CALLS = st.lists(
    st.tuples(st.sampled_from(["alone", "each", "together"]), st.lists(APPENDS, max_size=5)), max_size=6
)


async def _do(ledger: Ledger, how: str, appends: list[Append]) -> list[Appended]:
    """The answers given; refusals are part of life here."""
    calls: list[Awaitable[Any]] = [*map(ledger.append, appends)]
    if how == "each":
        calls = [ledger.append_each(appends)]
    elif how == "together":
        calls = [ledger.append_together(appends)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    flat = [o for outcome in outcomes for o in (outcome if isinstance(outcome, list) else [outcome])]
    assert all(isinstance(outcome, Appended | LedgerError) for outcome in flat)
    return [outcome for outcome in flat if isinstance(outcome, Appended)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(waves=st.lists(CALLS, max_size=4))
async def test_any_interleaving_leaves_a_dense_verified_chain(
    servers: Servers, waves: list[list[tuple[str, list[Append]]]]
) -> None:
    """Calls of every kind, several at once, with conflicts, repetitions and reused ids: everything verifies.

    And no answer names a position that is not there.
    """
    async with servers.database("registration") as pool:
        ledger = await Ledger.open(pool, "registration")
        for calls in waves:
            answers = await asyncio.gather(*(_do(ledger, how, appends) for how, appends in calls))
            heads = {head.partition: head.sequence for head in await ledger.heads()}
            assert all(a.sequence <= heads[a.partition] for given_ in answers for a in given_)
        report = await verify(pool.admin_dsn, deep=True)
        assert report.broken == []
        await ledger.close()
