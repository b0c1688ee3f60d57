"""What a body of the demo brings: its name and numbers, its filled-in forms, its papers. Read from `inputs/`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from stdnum import luhn

INPUTS = Path(__file__).with_name("inputs")

Kind = Literal["regional", "national"]


@dataclass(frozen=True, slots=True)
class Plot:
    """One body and its way through the story. Nothing of it is shared with another body."""

    kind: Kind
    number: int
    """Makes the body's name, e-mail addresses and SIRET its own."""
    given: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.given['request']['name']} {self.number}"

    @property
    def email(self) -> str:
        local, _, domain = self.given["request"]["contact"]["email"].partition("@")
        return f"{local}.{self.number}@{domain}"

    @property
    def siret(self) -> str:
        """A number that satisfies Luhn, and belongs to nobody we know."""
        siren = f"8{self.number:07d}"
        siren += luhn.calc_check_digit(siren)
        nic = f"{siren}0001"
        return nic + luhn.calc_check_digit(nic)

    @property
    def request(self) -> dict[str, Any]:
        """The referencing request, as the public page sends it."""
        asked = dict(self.given["request"])
        return {**asked, "name": self.name, "contact": {**asked["contact"], "email": self.email}}

    @property
    def form(self) -> dict[str, Any]:
        """The referencing form, complete."""
        return {**self.given["form"], "name": self.name, "siret": self.siret}

    @property
    def offering(self) -> dict[str, Any]:
        """The offering form, complete, with one session."""
        return dict(self.given["offering"])


def plot(kind: Kind, number: int) -> Plot:
    """The body of that kind, with a number of its own."""
    return Plot(kind, number, _given(kind))


@cache
def _given(kind: str) -> Mapping[str, Any]:
    folder = INPUTS / kind
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))
    } | {"assignments": (folder / "assignments.csv").read_text(encoding="utf-8")}


def paper(name: str) -> bytes:
    """A PDF of `inputs/`."""
    return (INPUTS / name).read_bytes()
