"""What a body of the demo brings: its name and numbers, its filled-in forms, its papers. Read from `inputs/`."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from stdnum import luhn

PARIS = ZoneInfo("Europe/Paris")
INPUTS = Path(__file__).with_name("inputs")

Kind = Literal["regional", "national"]


@dataclass(frozen=True, slots=True)
class Plot:
    """One body and its way through the story. Nothing of it is shared with another body."""

    kind: Kind
    number: int
    """Makes the body's name, e-mail addresses and SIRET its own."""
    given: Mapping[str, Any]
    named: str = ""
    """A name of its own, where people are to tell bodies apart at a glance."""

    @property
    def name(self) -> str:
        return self.named or f"{self.short_name} {self.number}"

    @property
    def short_name(self) -> str:
        """As the story calls it."""
        return self.named or str(self.given["request"]["name"])

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
    forms = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))
    }
    dated: dict[str, Any] = _dated(forms)
    return dated | {"assignments": (folder / "assignments.csv").read_text(encoding="utf-8")}


def day(words: str) -> str:
    """The date that `today`, `today-5` or `today+280` says, in Paris; other words as they are."""
    found = re.fullmatch(r"today([+-]\d+)?", words)
    if not found:
        return words
    return (datetime.now(PARIS).date() + timedelta(days=int(found[1] or 0))).isoformat()


def _dated(value: Any) -> Any:
    """The same, each of its days told as a date: the story is always of these days."""
    match value:
        case str():
            return day(value)
        case list():
            return [_dated(item) for item in value]
        case dict():
            return {name: _dated(item) for name, item in value.items()}
    return value


def paper(name: str) -> bytes:
    """A PDF of `inputs/`."""
    return (INPUTS / name).read_bytes()
