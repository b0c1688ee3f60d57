"""A small year on the running system: played, played again, proven."""

from datetime import datetime
from io import StringIO

import asyncpg
import pytest
from rich.console import Console

from ops.contexts import CONTEXTS
from ops.demo.plot import PARIS
from ops.proof import prove
from ops.simulate.cli import play
from ops.simulate.memory import Memory
from ops.simulate.play import Stage
from ops.simulate.year import Year, last_complete
from ops.stack import Stack

SEED = 11


async def heads(running: Stack) -> dict[str, list[tuple[int, bytes]]]:
    """The end of each ledger: as many events, with the same hash."""
    found = {}
    for context in CONTEXTS:
        connection = await asyncpg.connect(running.endpoints.postgres[context])
        rows = await connection.fetch("select sequence, hash from ledger.heads order by partition")
        found[context] = [(row["sequence"], row["hash"]) for row in rows]
        await connection.close()
    return found


@pytest.mark.timeout(300)
async def test_a_year_comes_from_its_seed_and_played_again_changes_nothing(running: Stack) -> None:
    """Every answer is as meant, the same the second time, no event more; and the proof of the demo holds."""
    year = Year(SEED, bodies=4, courses=8, teachers=60, begins=last_complete(datetime.now(PARIS).date()))
    first, memory = await _played(running, year)
    assert first.tally.done.total() == 12
    assert first.tally.refused.total() > 5
    assert memory.taken["offerings"].peak >= memory.taken["offerings"].end > 10
    proof = await prove(running.endpoints)
    assert proof.holds, proof.findings

    before = await heads(running)
    again, _ = await _played(running, year)
    assert await heads(running) == before
    assert again.tally.fingerprint == first.tally.fingerprint
    assert (again.tally.done, again.tally.euros) == (first.tally.done, first.tally.euros)


async def _played(running: Stack, year: Year) -> tuple[Stage, Memory]:
    """Without a word, and without a surprise."""
    played = await play(running.endpoints, year, lanes=6, console=Console(file=StringIO()))
    assert not played[0].tally.surprises, "\n".join(played[0].tally.surprises)
    return played
