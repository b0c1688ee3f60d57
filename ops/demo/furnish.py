"""Data worth looking at for `formelie up --demo`: bodies whose stories stop at different places."""

import asyncio
from collections.abc import Sequence

from ops.demo.client import connections
from ops.demo.doors import Door, door_of
from ops.demo.plot import Kind
from ops.demo.story import ACTS, Scene
from ops.demo.tell import Silent
from ops.demo.troupe import Troupe, gather
from ops.stack.endpoints import Endpoints

STOPS: Sequence[tuple[Kind, str, str]] = (
    ("regional", "is_answered", "paid, with an e-mail for every step"),
    ("national", "is_sent", "may invoice; its certificates were redone and validated"),
    ("national", "are_rejected_once", "certificates deposited, for Formiris to decide"),
    ("regional", "returns_the_order", "an order to return, refused once without its stamp"),
    ("national", "proposes", "referenced, with a formation to propose"),
    ("regional", "is_accepted", "rejected once, submitted again, for Formiris to decide"),
    ("national", "completes_the_form", "a referencing form to fill in"),
)
"""Whose story, the scene before which it stops, and what is to be seen then. The first may do everything."""
SIDE_BY_SIDE = 2


async def furnish(endpoints: Endpoints) -> list[Door]:
    """Plays them; who may open what, the fullest first. Raises Unexpected, or Unanswered."""
    async with connections() as http:
        troupe = await gather(endpoints, http)
        turns = asyncio.Semaphore(SIDE_BY_SIDE)
        return await asyncio.gather(*(_played(troupe, turns, *stop) for stop in STOPS))


async def _played(troupe: Troupe, turns: asyncio.Semaphore, kind: Kind, stop: str, shown: str) -> Door:
    play = troupe.play(kind, Silent())
    async with turns:
        for scene in scenes_before(kind, stop):
            await scene(play)
    return door_of(play.plot, shown)


def scenes_before(kind: Kind, stop: str) -> list[Scene]:
    """The story up to a scene, without it. Raises LookupError when there is no such scene."""
    scenes = [scene for _, act in ACTS[kind] for scene in act]
    names = [scene.__name__ for scene in scenes]
    if stop not in names:
        raise LookupError(f"there is no scene {stop}")
    return scenes[: names.index(stop)]
