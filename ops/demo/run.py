"""One run of the demo on a running system: the story told once, repeated under chaos if asked, then the proof."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from ops.contexts import CONTEXTS
from ops.demo.chaos import Killer, Victims, blows
from ops.demo.client import connections
from ops.demo.doors import Door, door_of
from ops.demo.outcome import Outcome, differences, outcome_of
from ops.demo.play import Play
from ops.demo.plot import Kind
from ops.demo.scenes import mischief
from ops.demo.story import Times, live
from ops.demo.tell import Narrator, Silent
from ops.demo.troupe import PAIR, Troupe, gather
from ops.proof import Proof, prove
from ops.stack.endpoints import Endpoints

LANES = 3  # pairs that live at the same time
TARGETS = ("kafka", "postgres", *CONTEXTS)


@dataclass(slots=True)
class Result:
    """What the report shows."""

    proof: Proof
    times: Times
    bodies: int
    requests: int
    repeated: int
    blows: dict[str, int] = field(default_factory=dict)
    unlike: list[str] = field(default_factory=list)
    """Stories whose outcome is not that of the calm ones."""
    doors: list[Door] = field(default_factory=list)
    """Logins of the bodies whose story was told."""

    @property
    def holds(self) -> bool:
        return self.proof.holds and not self.unlike


@dataclass(frozen=True, slots=True)
class Chaos:
    """What to kill and pause, as `seed` chooses; new stories begin for `lasts` seconds."""

    seed: int
    victims: Victims
    lasts: float = 75.0


async def perform(
    endpoints: Endpoints, narrator: Narrator, times: Times, chaos: Chaos | None = None
) -> Result:
    """Plays and proves. Raises Unexpected, or Unanswered."""
    async with connections() as http:
        troupe = await gather(endpoints, http)
        pair = troupe.pair(narrator)
        for play in pair:
            await live(play, times)
        await mischief.meets_an_outsider(*pair)
        calm = dict(zip(PAIR, [await outcome_of(play) for play in pair], strict=True))
        struck, unlike = await _under(chaos, troupe, calm, narrator, times) if chaos else ({}, [])
    narrator.scene("The proof")
    began = time.monotonic()
    proof = await prove(endpoints)
    times.add("Proof", began)
    traffic = troupe.traffic
    opened = [door_of(play.plot, "paid") for play in pair]
    return Result(proof, times, troupe.played, traffic.requests, traffic.repeated, struck, unlike, opened)


async def _under(
    chaos: Chaos, troupe: Troupe, calm: Mapping[Kind, Outcome], narrator: Narrator, times: Times
) -> tuple[dict[str, int], list[str]]:
    """The story again and again while the killer is at work; what it did, and which ends were not the calm ones."""
    narrator.scene(
        f"Chaos, seed {chaos.seed}: the same story again and again, while processes are killed and paused"
    )
    began = time.monotonic()
    lanes = [asyncio.create_task(_again_and_again(troupe, narrator, chaos.lasts)) for _ in range(LANES)]
    async with striking(chaos, narrator.say) as killer:
        await asyncio.wait(lanes, timeout=chaos.lasts, return_when=asyncio.FIRST_EXCEPTION)
    narrator.say(
        f"  The chaos ends after {time.monotonic() - began:.0f} s; what was under way goes on in peace."
    )
    plays = [play for lane in await asyncio.gather(*lanes) for play in lane]
    ends = [(play, await outcome_of(play)) for play in plays]
    unlike = [
        f"{play.plot.name}: {how}" for play, end in ends for how in differences(calm[play.plot.kind], end)
    ]
    verdict = "came to the same end as without chaos" if not unlike else "did not all come to the same end"
    narrator.step(f"{len(plays)} bodies", verdict)
    times.add("Chaos", began)
    return dict(killer.done), unlike


async def _again_and_again(troupe: Troupe, narrator: Narrator, seconds: float) -> list[Play]:
    """Pair after pair, as long as there is chaos."""
    plays: list[Play] = []
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        pair = troupe.pair(Silent())
        await asyncio.gather(*(live(play, Times()) for play in pair))
        plays += pair
        narrator.step("two more bodies", f"went all the way, after {time.monotonic() - began:.0f} s")
    return plays


@asynccontextmanager
async def striking(chaos: Chaos, say: Callable[[str], None]) -> AsyncIterator[Killer]:
    """A killer at work for as long as the block lasts; nothing stays paused after it."""
    killer = Killer(chaos.victims, lambda text: say(f"  ! {text}"))
    task = asyncio.create_task(killer.run(blows(chaos.seed, TARGETS)), name="chaos")
    try:
        yield killer
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
