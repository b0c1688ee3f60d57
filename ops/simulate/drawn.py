"""What a year draws: everything by its own name, from the seed, so that nothing depends on who came first."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")

SHARES: Mapping[str, float] = {
    # referencing: of all bodies
    "national": 0.30,
    "public": 60 / 460,
    "referencing form incomplete": 0.45,
    "SIRET forgotten": 0.60,  # of the incomplete ones: it is blue
    "referencing rejected": 0.15,
    "referencing given up": 0.02,  # rejected, and not heard of again
    "codes lost": 0.05,
    "address no longer valid": 0.02,
    "wrong password": 0.10,
    "details changed": 0.06,
    "suspended a while": 0.02,
    "asks twice": 0.03,  # a colleague asks again for a body that is referenced already
    # offerings: of all courses
    "offering incomplete": 0.30,
    "cost type forgotten": 0.60,  # of the incomplete ones: it is blue
    "offering rejected": 0.10,
    "offering withdrawn": 0.010,
    "rescheduled": 0.05,
    "session cancelled": 0.012,
    "bad assignment lines": 0.08,
    "late assignment": 0.10,
    "assignment taken back": 0.05,
    # orders
    "certificates before the order": 0.06,
    "certificates before its return": 0.12,
    "order without stamp": 0.08,
    "order returned unsigned": 0.03,
    "another order returned": 0.03,
    # attendance
    "unknown teacher": 0.12,
    "more hours than planned": 0.05,
    "dates outside the session": 0.03,
    "the same line twice": 0.03,
    "certificates rejected": 0.08,
    "certificates by file": 0.35,
    "present throughout": 0.93,  # of the lines
    "absent": 0.30,  # of the others
    # invoices
    "invoice too early": 0.20,
    "number used before": 0.04,
    "invoice rejected": 0.03,
    "invoice suspended": 0.03,
    "invoice changed by hand": 0.05,
    "amendment": 0.05,
    "amendment refused": 0.15,  # of the amendments
    "credit note": 0.35,  # of the amendments granted
    "not decided yet": 0.03,
    "not paid yet": 0.06,
    "alerts read": 0.30,
}
"""How often what happens happens, of the cases in which it can."""


@dataclass(frozen=True, slots=True)
class Draw:
    """All that is drawn for one thing (a body, a course); `path` begins with the year's name."""

    path: str

    def of(self, thing: str) -> "Draw":
        """The draws of a part of it."""
        return Draw(f"{self.path}/{thing}")

    def random(self, name: str) -> Random:
        """A generator of its own."""
        return Random(f"{self.path}/{name}")  # noqa: S311 - reproducible is the point

    def happens(self, name: str) -> bool:
        """Whether it does, as often as its share says. Raises KeyError for what has none."""
        return self.random(name).random() < SHARES[name]

    def one(self, name: str, choices: Sequence[T]) -> T:
        """One of several."""
        return self.random(name).choice(choices)

    def some(self, name: str, choices: Sequence[T], at_most: int) -> list[T]:
        """At least one of several, in their own order."""
        random = self.random(name)
        chosen = set(random.sample(range(len(choices)), random.randint(1, at_most)))
        return [choice for place, choice in enumerate(choices) if place in chosen]


@cache
def names() -> Mapping[str, Any]:
    """The made-up names and places."""
    return tomllib.loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))
