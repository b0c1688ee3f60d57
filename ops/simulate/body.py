"""A training body of the simulated year: its name and numbers, what it types, what befalls it."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from ops.simulate import numbers
from ops.simulate.course import Course
from ops.simulate.drawn import Draw, names

EASILY_FORGOTTEN = ("iban", "qualiopi", "nda", "contacts", "legal_representative", "ape", "audiences")


@dataclass(frozen=True)
class Body:
    """Body `number` of a year that begins in September of `begins`; `mark` makes its numbers the year's own."""

    number: int
    begins: int
    mark: int
    draw: Draw
    territories: tuple[str, ...]
    courses: list[Course] = field(default_factory=list)

    @property
    def gives_up(self) -> bool:
        """Whether it is rejected and not heard of again."""
        return self.draw.happens("referencing given up")

    @cached_property
    def name(self) -> str:
        kind, purpose = (
            self.draw.one("kind", names()["bodies"]),
            self.draw.one("purpose", names()["purposes"]),
        )
        return f"{kind} {purpose} de {self._town['name']}"

    @cached_property
    def territory(self) -> str | None:
        """None: the perimeter is national."""
        if self.draw.happens("national") or not self.territories:
            return None
        return self.draw.one("territory", self.territories)

    @property
    def perimeter(self) -> str:
        return "regional" if self.territory else "national"

    @property
    def siret(self) -> str:
        return numbers.siret((self.mark + self.number) % 10_000_000)

    @property
    def domain(self) -> str:
        """Of its addresses: RFC 2606 keeps `.example` free."""
        return f"{_slug(self.name)}-{self.mark}-{self.number}.example"

    def email(self, local: str = "contact") -> str:
        return f"{local}@{self.domain}"

    @cached_property
    def head(self) -> dict[str, str]:
        """Who represents it."""
        return {
            "name": self.draw.one("head's name", names()["surnames"]),
            "first_name": self.draw.one("head's first name", names()["first_names"]),
            "capacity": self.draw.one("head's capacity", names()["capacities"]),
        }

    def request(self, local: str = "contact") -> dict[str, Any]:
        """The referencing request, as the public page sends it."""
        return {
            "name": self.name, "kind": self._kind, "perimeter": self.perimeter, "territory": self.territory,
            "contact": {"name": f"{self.head['first_name']} {self.head['name']}", "email": self.email(local)},
        }  # fmt: skip

    def form(self) -> dict[str, Any]:
        """The referencing form, complete."""
        draw, town = self.draw, self._town
        liable = draw.random("vat").random() < 0.15
        form = {
            "name": self.name, "kind": self._kind, "perimeter": self.perimeter, "territory": self.territory,
            "siret": self.siret, "legal_name": f"{self.name} {self._legal_form}", "legal_form": self._legal_form,
            "address": f"{draw.random('house').randint(1, 99)} {draw.one('street', names()['streets'])}",
            "postcode": town["postcode"], "town": town["name"], "phone": numbers.phone(self.number),
            "email": self.email(), "web_site": f"https://{self.domain}",
            "nda": numbers.nda(town["postcode"], self.mark + self.number), "ape": "8559A",
            "vat_regime": "liable" if liable else "exempt",
            "vat_number": numbers.vat_number(self.siret) if liable else None,
            "qualiopi": self._qualiopi(), "legal_representative": self.head,
            "iban": numbers.iban(self.mark * 1000 + self.number),
            "domains": draw.some("domains", names()["domains"], 4),
            "audiences": draw.some("audiences", names()["audiences"], 3), "regions": [town["region"]],
            "trainers": draw.random("trainers").randint(1, 40), "contacts": [*map(self._contact, _PURPOSES)],
        }  # fmt: skip
        return {name: value for name, value in form.items() if value is not None}

    def incomplete_form(self) -> dict[str, Any]:
        """The form with a few fields forgotten."""
        forgotten = set(self.draw.some("forgotten", EASILY_FORGOTTEN, 3))
        if self.draw.happens("SIRET forgotten"):
            forgotten.add("siret")
        return {name: value for name, value in self.form().items() if name not in forgotten}

    @cached_property
    def _town(self) -> dict[str, str]:
        town: dict[str, str] = self.draw.one("town", names()["town"])
        return town

    @cached_property
    def _kind(self) -> str:
        return "public" if self.draw.happens("public") else "private"

    @cached_property
    def _legal_form(self) -> str:
        return (
            "établissement public"
            if self._kind == "public"
            else self.draw.one("legal form", names()["legal_forms"][:-1])
        )

    def _qualiopi(self) -> dict[str, Any]:
        until = date(self.begins + 1, 8, 31) + timedelta(days=self.draw.random("qualiopi").randint(380, 1000))
        return {
            "number": f"QUA-{self.begins}-{self.number:05d}",
            "certifier": self.draw.one("certifier", names()["certifiers"]),
            "categories": ["actions de formation"], "valid_from": str(until - timedelta(days=1095)),
            "valid_until": str(until),
        }  # fmt: skip

    def _contact(self, purpose: str) -> dict[str, str]:
        draw = self.draw.of(f"{purpose} contact")
        first_name, name = (
            draw.one("first name", names()["first_names"]),
            draw.one("name", names()["surnames"]),
        )
        return {
            "purpose": purpose, "name": name, "first_name": first_name,
            "function": draw.one("function", names()["functions"]),
            "email": self.email(f"{_slug(first_name)}.{_slug(name)}"),
            "phone": numbers.phone(self.number + 5_000),
        }  # fmt: skip


_PURPOSES = ("teaching", "administrative")


def _slug(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:50]
