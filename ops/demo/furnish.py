"""Data worth looking at for `formelie up --demo`: bodies whose stories stop at different places."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from ops.demo.client import connections
from ops.demo.doors import Door, door_of
from ops.demo.play import Play
from ops.demo.plot import Kind, day
from ops.demo.story import ACTS, Scene
from ops.demo.tell import Silent
from ops.demo.troupe import gather
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
NAMES = (
    "Institut du Val-Tilleul", "Cercle pédagogique des Trois-Rivières", "Compagnie de l'Encrier",
    "Association Ombrelle pour la formation continue des enseignants", "Atelier des Maîtres", "École de la Lande bleue",
    "Lire et dire",
)  # fmt: skip
"""Whose story, the scene before which it stops, and what is to be seen then. The first may do everything."""
SIDE_BY_SIDE = 2


async def furnish(endpoints: Endpoints) -> list[Door]:
    """Plays them; who may open what, the fullest first. Raises Unexpected, or Unanswered."""
    async with connections() as http:
        troupe = await gather(endpoints, http)
        turns = asyncio.Semaphore(SIDE_BY_SIDE)
        plays = [
            _named(troupe.play(kind, Silent()), name) for (kind, _, _), name in zip(STOPS, NAMES, strict=True)
        ]
        await asyncio.gather(
            *(_played(play, turns, kind, stop) for play, (kind, stop, _) in zip(plays, STOPS, strict=True))
        )
        await _around(plays)
        return [door_of(play.plot, shown) for play, (_, _, shown) in zip(plays, STOPS, strict=True)]


def _named(play: Play, name: str) -> Play:
    play.plot = replace(play.plot, named=name)
    return play


async def _played(play: Play, turns: asyncio.Semaphore, kind: Kind, stop: str) -> None:
    async with turns:
        for scene in scenes_before(kind, stop):
            await scene(play)


async def _around(plays: Sequence[Play]) -> None:
    """What Formiris's people find beside the dossiers: people who ask for help, a dossier handed over, an absence."""
    paid, _, certified, _, _, submitted, _ = plays
    lost = {"email": paid.plot.email, "kind": "lost-codes", "refusal": "sign-in-refused",
            "message": "Je n'arrive plus à me connecter depuis mon nouvel ordinateur."}  # fmt: skip
    moved = {"email": "nouvelle.direction@encrier.example", "kind": "email-changed",
             "message": f"Notre directrice est partie avec son adresse. SIRET {certified.plot.siret}."}  # fmt: skip
    for play, asked in ((paid, lost), (certified, moved)):
        await play.does(
            play.body,
            "asks",
            "registration",
            "POST",
            "/assistance-requests",
            f"asks-{asked['kind']}",
            json=asked,
        )
    regional = paid.staff.managers["bretagne"]
    await submitted.does(
        regional, "takes on", "notifications", "PUT", f"/dossiers/{submitted.known['body']}/follower", "takes-on",
        json={"to": "gestionnaire.bretagne", "note": "L'organisme attend une réponse avant la fin de la semaine."},
    )  # fmt: skip
    await paid.does(
        regional, "will be away", "notifications", "PUT", "/absences/gestionnaire.bretagne", "away",
        json={"starts_on": day("today+14"), "ends_on": day("today+25"), "replacement": "gestionnaire"},
    )  # fmt: skip


def scenes_before(kind: Kind, stop: str) -> list[Scene]:
    """The story up to a scene, without it. Raises LookupError when there is no such scene."""
    scenes = [scene for _, act in ACTS[kind] for scene in act]
    names = [scene.__name__ for scene in scenes]
    if stop not in names:
        raise LookupError(f"there is no scene {stop}")
    return scenes[: names.index(stop)]
