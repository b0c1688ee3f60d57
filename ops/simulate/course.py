"""A course of the simulated year: its form, its teachers, its attendance, its price."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from math import ceil
from random import Random
from typing import Any, Literal

from ops.simulate.drawn import SHARES, Draw, names

CostType = Literal["per-session", "per-trainee", "per-trainee-hour"]
COST_TYPES: tuple[CostType, ...] = ("per-session", "per-trainee", "per-trainee-hour")
EASILY_FORGOTTEN = (
    "assessment",
    "accessibility",
    "prerequisites",
    "summary",
    "registration_deadline",
    "methods",
)
DAY = 7
"""Hours of a day."""
FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Measure:
    """What is drawn first, for all courses of a year together: only proportions count."""

    hours: int
    group: float
    weight: Decimal


@dataclass(frozen=True)
class Course:
    """Course `number` of a year, with one session. `cost`: in euros, if all its teachers attend all of it."""

    number: int
    begins: int
    draw: Draw
    hours: int
    teachers: tuple[str, ...]
    cost: Decimal

    @cached_property
    def cost_type(self) -> CostType:
        return self.draw.one("cost type", COST_TYPES)

    @property
    def price(self) -> Decimal:
        """Of one unit of its cost type, in round figures."""
        match self.cost_type:
            case "per-session":
                return max(Decimal(10), (self.cost / 10).quantize(Decimal(1)) * 10).quantize(_CENT)
            case "per-trainee":
                return max(Decimal(1), (self.cost / len(self.teachers)).quantize(Decimal(1))).quantize(_CENT)
            case "per-trainee-hour":
                return max(
                    Decimal("0.10"), (self.cost / len(self.teachers) / self.hours).quantize(Decimal("0.1"))
                ).quantize(_CENT)

    @property
    def moved(self) -> timedelta:
        """By how much its session is rescheduled."""
        return timedelta(days=7 if self.draw.happens("rescheduled") else 0)

    @cached_property
    def starts_on(self) -> date:
        day = date(self.begins, 9, 10) + timedelta(days=self.draw.random("starts").randint(0, 290))
        return day + timedelta(days=7 - day.weekday() if day.weekday() > FRIDAY else 0)

    @property
    def ends_on(self) -> date:
        """Five days of seven hours a week."""
        days = ceil(self.hours / DAY)
        return self.starts_on + timedelta(days=(days - 1) + 2 * ((self.starts_on.weekday() + days - 1) // 5))

    @property
    def year_ends(self) -> date:
        return date(self.begins + 1, 8, 31)

    @property
    def invoice(self) -> str:
        """The number of its invoice: that of the body's own books."""
        return f"F{self.begins}/{self.number:05d}"

    @property
    def issued_on(self) -> date:
        """Of its invoice."""
        return min(self.ends_on + timedelta(days=self.draw.random("issued").randint(3, 30)), self.year_ends)

    @property
    def paid_on(self) -> date:
        return min(self.issued_on + timedelta(days=self.draw.random("paid").randint(12, 45)), self.year_ends)

    @cached_property
    def units(self) -> list[dict[str, str]]:
        """Its hours, cut into teaching units."""
        titles = self._subject["units"]
        count = min(len(titles), max(1, self.hours // 6), self.draw.random("units").randint(1, len(titles)))
        halves, rest = divmod(self.hours * 2, count)
        hours = [Decimal(halves + (place < rest)) / 2 for place in range(count)]
        return [
            {"code": f"{self.number % 10_000:04d}-{place + 1}", "title": title, "hours": f"{each:.2f}"}
            for place, (title, each) in enumerate(zip(titles, hours, strict=False))
        ]

    @property
    def title(self) -> str:
        return f"{self._subject['title']} ({self.number})"

    def form(self, territory: str | None) -> dict[str, Any]:
        """The offering form, complete, with its session."""
        subject = str(self._subject["title"]).lower()
        form = {
            "title": self.title, "perimeter": "regional" if territory else "national", "territory": territory,
            "kind": self.draw.one("kind", ("inter-school", "intra-school", "individual")),
            "objectives": f"Savoir {subject} avec justesse, et le transmettre à ses élèves",
            "programme": " ; ".join(unit["title"] for unit in self.units),
            "audience": self.draw.one("audience", names()["audiences"]), "prerequisites": "Aucun",
            "methods": "Études de cas, ateliers en petits groupes, analyse de pratiques",
            "assessment": "Mise en situation et questionnaire en fin de session",
            "group_minimum": max(1, len(self.teachers) // 2), "group_maximum": len(self.teachers) + 8,
            "registration_deadline": str(self.starts_on - self.moved - timedelta(days=15)),
            "summary": f"{self.hours} heures pour {subject}", "total_hours": f"{self.hours}.00",
            "keywords": [subject.split()[-1]], "description": f"De quoi {subject}, pas à pas, entre pairs",
            "mode": self.draw.one("mode", ("on-site", "on-site", "hybrid", "remote")),
            "accessibility": "Salle accessible, supports adaptés sur demande", "cost_type": self.cost_type,
            "sessions": [{
                "starts_on": str(self.starts_on - self.moved), "ends_on": str(self.ends_on - self.moved),
                "place": self.draw.one("place", names()["schools"]), "timetable": "9h-12h30 et 13h30-17h",
                "price": str(self.price), "units": self.units,
            }],
        }  # fmt: skip
        return {name: value for name, value in form.items() if value is not None}

    def incomplete_form(self, territory: str | None) -> dict[str, Any]:
        """The form with a few fields forgotten."""
        forgotten = set(self.draw.some("forgotten", EASILY_FORGOTTEN, 2))
        if self.draw.happens("cost type forgotten"):
            forgotten.add("cost_type")
        return {name: value for name, value in self.form(territory).items() if name not in forgotten}

    @property
    def places(self) -> list[tuple[str, str]]:
        """Every teacher in every unit: (unit, teacher)."""
        return [(unit["code"], teacher) for unit in self.units for teacher in self.teachers]

    def lines(self) -> list[dict[str, str]]:
        """Who did how much of which unit, as the body fills it in."""
        random, planned = self.draw.random("attendance"), {unit["code"]: unit["hours"] for unit in self.units}
        days = {"from": str(self.starts_on), "to": str(self.ends_on)}
        lines = [
            {"teacher": teacher, "unit": unit, "hours": _attended(random, planned[unit]), **days}
            for unit, teacher in self.places
        ]
        return [{**lines[0], "hours": planned[lines[0]["unit"]]}, *lines[1:]]  # somebody came

    @cached_property
    def _subject(self) -> dict[str, Any]:
        subject: dict[str, Any] = self.draw.one("subject", names()["subject"])
        return subject


_CENT = Decimal("0.01")


def _attended(random: Random, planned: str) -> str:
    if random.random() < SHARES["present throughout"]:
        return planned
    return "0.00" if random.random() < SHARES["absent"] else f"{Decimal(planned) / 2:.2f}"
