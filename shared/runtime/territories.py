"""The territories of Formiris: dated reference data, with successors; code holds no territory's name.  (R1)"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

TERRITORIES = Path(__file__).with_name("territories.toml")


class Succession:
    """Which territories came after which: a body depends on its own, and on those that took its place."""

    def __init__(self, successors: Mapping[str, str]) -> None:
        self._successors = successors

    def line(self, code: str) -> tuple[str, ...]:
        """The territory and those that came after it, in order. Raises ValueError when they go round in a circle."""
        line = [code]
        while following := self._successors.get(line[-1]):
            if following in line:
                raise ValueError(f"territory {code!r} has no end of successors: {following!r}")
            line.append(following)
        return tuple(line)


def succession(path: Path = TERRITORIES) -> Succession:
    """Reads the data file. Raises ValueError or KeyError when it is not in order."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    entries = data["territory"]
    return Succession({entry["code"]: entry["successor"] for entry in entries if "successor" in entry})
