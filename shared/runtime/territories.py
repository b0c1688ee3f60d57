"""The territories of Formiris: dated reference data, with successors; code holds no territory's name.  (R1)"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from shared.runtime.contacts import Contact

TERRITORIES = Path(__file__).with_name("territories.toml")


@dataclass(frozen=True, slots=True)
class Territories:
    """Who answers for a territory on a day: `ends` has the first day that it no longer does, and its successor."""

    head_office: Contact
    offices: Mapping[str, Contact]
    ends: Mapping[str, tuple[date, str]]

    def answering(self, code: str, day: date) -> str:
        """The territory that answers on that day for this one: itself, or who came after it.

        Raises ValueError when successors go round in a circle.
        """
        seen = [code]
        while (end := self.ends.get(seen[-1])) and end[0] <= day:
            if end[1] in seen:
                raise ValueError(f"territory {code!r} has no end of successors: {end[1]!r}")
            seen.append(end[1])
        return seen[-1]

    def office(self, code: str | None, day: date) -> Contact:
        """How to reach who answers; the head office for None, and for a territory that is not known."""
        return self.offices.get(self.answering(code, day), self.head_office) if code else self.head_office


def territories(path: Path = TERRITORIES) -> Territories:
    """Reads the data file. Raises ValueError or KeyError when it is not in order."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    entries = data["territory"]
    return Territories(
        _contact(data["head_office"]),
        {entry["code"]: _contact(entry) for entry in entries},
        {
            entry["code"]: (entry["until"], entry["successor"])
            for entry in entries
            if "until" in entry and "successor" in entry
        },
    )


def _contact(entry: Mapping[str, str]) -> Contact:
    return Contact(entry["name"], entry["email"], entry.get("phone"))
