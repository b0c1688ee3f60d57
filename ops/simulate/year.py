"""A school year, drawn: how many bodies, which courses are whose, for how many teachers, at which price."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from itertools import accumulate

from ops.simulate.body import Body
from ops.simulate.course import Course, Measure
from ops.simulate.drawn import Draw

EUROS_PER_TEACHER = Decimal(49_000_000) / 62_000
"""What a year costs, for each teacher who is trained."""
ATTENDED = Decimal("0.97")
"""Of what is planned, as courses go: absences cost less."""
HOURS = {6: 6, 7: 6, 12: 11, 14: 11, 18: 12, 21: 12, 24: 13, 28: 9, 35: 8, 42: 6, 56: 4, 70: 2}
"""How long courses are, and how often: 23 hours on average."""


@dataclass(frozen=True, slots=True)
class Year:
    """A year is known by its seed and its sizes: the same ones give the same year. `begins`: in September of it."""

    seed: int
    bodies: int
    courses: int
    teachers: int
    begins: int

    @property
    def name(self) -> str:
        """Its own, also in idempotency keys."""
        return f"{self.begins}-{self.seed}-{self.bodies}x{self.courses}x{self.teachers}"

    @property
    def draw(self) -> Draw:
        return Draw(self.name)

    @property
    def mark(self) -> int:
        """A number that no other year is likely to have, below ten million."""
        return int.from_bytes(sha256(self.name.encode()).digest()[:8]) % 10_000_000

    def drawn(self, territories: Sequence[str]) -> list[Body]:
        """Every body with its courses; `territories` are the codes of the system that the year is played on."""
        bodies = [
            Body(number, self.begins, self.mark, self.draw.of(f"body {number}"), tuple(sorted(territories)))
            for number in range(1, self.bodies + 1)
        ]
        for body, course in zip(self._whose(bodies), self._courses(), strict=True):
            body.courses.append(course)
        return bodies

    def _whose(self, bodies: Sequence[Body]) -> list[Body]:
        """The body of each course: a few give many, most give some."""
        giving = [body for body in bodies if not body.gives_up] or list(bodies[:1])
        weights = [body.draw.random("size").paretovariate(1.4) for body in giving]
        return self.draw.random("whose").choices(giving, weights, k=self.courses)

    def _courses(self) -> Iterator[Course]:
        measures = [self._measure(number) for number in range(1, self.courses + 1)]
        groups = _shared_out(self.teachers, [measure.group for measure in measures])
        firsts = [0, *accumulate(groups)]
        costs = [each.weight * each.hours * group for each, group in zip(measures, groups, strict=True)]
        scale = EUROS_PER_TEACHER * self.teachers / ATTENDED / (sum(costs) or 1)
        for number, (measure, group, first, cost) in enumerate(
            zip(measures, groups, firsts[:-1], costs, strict=True), 1
        ):
            teachers = tuple(self._teacher(first + place) for place in range(group))
            yield Course(
                number, self.begins, self.draw.of(f"course {number}"), measure.hours, teachers, cost * scale
            )

    def _measure(self, number: int) -> Measure:
        random = self.draw.of(f"course {number}").random("measure")
        hours = random.choices(list(HOURS), list(HOURS.values()))[0]
        return Measure(hours, random.triangular(8, 38, 18), Decimal(f"{random.lognormvariate(0, 0.25):.4f}"))

    def _teacher(self, place: int) -> str:
        """Of the 62,000: six digits, some begin with zeros."""
        return f"{(place * 7919 + self.mark) % 999_983:06d}"


def last_complete(today: date) -> int:
    """The year in whose September the last school year that is over began."""
    return today.year - 1 if today >= date(today.year, 9, 1) else today.year - 2


def _shared_out(total: int, weights: Sequence[float]) -> list[int]:
    """Whole shares of at least one, in proportion, that add up; when there is less than one for each, one for each."""
    scale = total / (sum(weights) or 1)
    shares = [max(1, int(weight * scale)) for weight in weights]
    left = total - sum(shares)
    for place in range(max(0, left) if shares else 0):
        shares[place % len(shares)] += 1
    for _ in range(max(0, -left)):
        largest = max(range(len(shares)), key=shares.__getitem__)
        shares[largest] = max(1, shares[largest] - 1)
    return shares
