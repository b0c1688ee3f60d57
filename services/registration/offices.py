"""Which office of Formiris answers a request, on a given day: routing by perimeter and territory.  (R1)"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from services.registration.refusals import TERRITORY_MISSING, TERRITORY_UNKNOWN
from shared.events.parts import Office
from shared.events.values import Perimeter
from shared.runtime.refusal import Missing, Refused


@dataclass(frozen=True, slots=True)
class Territory:
    """A territorial association; from `until` on, its `successor` answers in its place."""

    code: str
    office: Office
    since: date = date.min
    until: date = date.max
    successor: str | None = None

    def answers(self, day: date) -> bool:
        """Whether it exists on that day."""
        return self.since <= day < self.until


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers: the office, and the territory it is (None: the head office)."""

    office: Office
    territory: str | None


class Offices:
    """The reference data. Raises ValueError when a successor is unknown or the successors go round in a circle."""

    def __init__(self, head_office: Office, territories: Iterable[Territory]) -> None:
        self._head_office = head_office
        self._territories = {territory.code: territory for territory in territories}
        for code in self._territories:
            self._line(code)

    def route(self, perimeter: Perimeter, territory: str | None, day: date) -> Route:
        """The office of a request. Raises `Refused`, naming the known territories, when it cannot be told."""
        if perimeter == "national":
            return Route(self._head_office, None)
        if not territory:
            raise Refused(TERRITORY_MISSING, missing=[self._choice(day)])
        for code in self._line(territory):
            if self._territories[code].answers(day):
                return Route(self._territories[code].office, code)
        raise Refused(TERRITORY_UNKNOWN, missing=[self._choice(day)], given=territory)

    def heir(self, territory: str | None, day: date) -> Route:
        """Who answers on that day for a dossier that was this territory's; the head office when nobody came after."""
        for code in self._line(territory) if territory else ():
            if self._territories[code].answers(day):
                return Route(self._territories[code].office, code)
        return Route(self._head_office, None)

    def inherited(self, territory: str, day: date) -> frozenset[str]:
        """The territories that ended and whose dossiers are this one's on that day."""
        others = (code for code in self._territories if code != territory)
        return frozenset(code for code in others if self.heir(code, day).territory == territory)

    def known(self, day: date) -> Sequence[Territory]:
        """The territories that answer on that day, by name."""
        there = (territory for territory in self._territories.values() if territory.answers(day))
        return sorted(there, key=lambda territory: territory.office.name)

    def _line(self, code: str) -> list[str]:
        """The territory and those that came after it, in order; nothing when it is unknown."""
        line: list[str] = []
        following: str | None = code if code in self._territories else None
        while following:
            if following in line or following not in self._territories:
                raise ValueError(f"territory {code!r} has no end of successors: {following!r}")
            line.append(following)
            following = self._territories[following].successor
        return line

    def _choice(self, day: date) -> Missing:
        codes = ", ".join(territory.code for territory in self.known(day))
        return Missing(
            "territory", "Association territoriale", "En-tête", f"à choisir parmi : {codes}", "red"
        )


def load(path: Path) -> Offices:
    """Reads the data file. Raises ValueError or KeyError when it is not in order."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Offices(_office(data["head_office"]), [_territory(entry) for entry in data["territory"]])


def _territory(entry: Mapping[str, Any]) -> Territory:
    return Territory(
        entry["code"],
        _office(entry),
        entry.get("since", date.min),
        entry.get("until", date.max),
        entry.get("successor"),
    )


def _office(entry: Mapping[str, Any]) -> Office:
    return Office(name=entry["name"], email=entry["email"], phone=entry.get("phone"))
