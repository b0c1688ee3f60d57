"""The territories of Formiris: dated reference data, with successors; code holds no territory's name.  (R1)"""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

TERRITORIES = Path(__file__).with_name("territories.toml")


class Succession:
    """Which territory answers in the place of which: those that end, each with its last day excluded and its heir."""

    def __init__(self, ends: Mapping[str, tuple[date, str]]) -> None:
        self._ends = ends

    def answering(self, code: str, day: date) -> str:
        """The territory that answers on that day for this one: itself, or who came after it. Raises ValueError when
        they go round in a circle."""
        seen = [code]
        while (end := self._ends.get(seen[-1])) and end[0] <= day:
            if end[1] in seen:
                raise ValueError(f"territory {code!r} has no end of successors: {end[1]!r}")
            seen.append(end[1])
        return seen[-1]


def succession(path: Path = TERRITORIES) -> Succession:
    """Reads the data file. Raises ValueError or KeyError when it is not in order."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Succession(
        {
            entry["code"]: (entry["until"], entry["successor"])
            for entry in data["territory"]
            if "until" in entry and "successor" in entry
        }
    )
