"""Plays a drawn year on a running system: bodies side by side, and the courses of each once it is referenced."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import httpx

from ops.demo.client import Client, Traffic, Unanswered
from ops.simulate import life
from ops.simulate.body import Body
from ops.simulate.course import Course
from ops.simulate.referencing import PASSWORD
from ops.simulate.story import Person, Staff, Story, Surprise, Tally
from ops.simulate.year import Year
from ops.stack.endpoints import Endpoints

T = TypeVar("T")

LANES = 16
"""Stories that are under way at the same time."""
TOO_MANY = 20
"""Surprises after which no other story begins."""


@dataclass(slots=True)
class Stage:
    """A year on its way."""

    year: Year
    bodies: list[Body]
    staff: Staff
    http: httpx.AsyncClient
    bases: Mapping[str, str]
    lanes: asyncio.Semaphore
    tally: Tally = field(default_factory=Tally)
    traffic: Traffic = field(default_factory=Traffic)
    bodies_done: int = 0
    courses_done: int = 0
    people: dict[int, Person] = field(default_factory=dict)
    """Those of the bodies that were referenced, by the body's number."""

    async def play(self) -> None:
        """Every story to its end; what surprises ends its story, and is told at the end."""
        async with asyncio.TaskGroup() as tasks:
            for body in self.bodies:
                tasks.create_task(self._body(body))

    @property
    def done(self) -> float:
        """How much of it, from 0 to 1."""
        return (self.bodies_done + self.courses_done) / (len(self.bodies) + self.year.courses)

    async def _body(self, body: Body) -> None:
        user = Person(body.name, body.email(), PASSWORD)
        story = self._story(f"b{body.number}", body, user, {})
        named = f"c{body.courses[0].number}" if body.courses else "none"
        first_course = Story(
            f"{self.year.name}-{named}", story.client, self.staff, self.tally, user, story.manager
        )
        referenced = await self._told(story, lambda: life.of_a_body(story, body, first_course))
        self.tally.done[f"bodies {'accepted' if referenced else 'not accepted'}"] += 1
        self.bodies_done += 1
        if referenced:
            self.people[body.number] = user
            await self._courses(body, story)
        else:
            self.courses_done += len(body.courses)

    async def _courses(self, body: Body, story: Story) -> None:
        before: life.Number | None = None
        async with asyncio.TaskGroup() as tasks:
            for course in body.courses:
                invoiced: life.Number = asyncio.get_running_loop().create_future()
                tasks.create_task(self._course(body, course, story, before, invoiced))
                before = invoiced

    async def _course(
        self, body: Body, course: Course, of_body: Story, before: life.Number | None, invoiced: life.Number
    ) -> None:
        story = self._story(f"c{course.number}", body, of_body.user, of_body.client.positions)
        ended = await self._told(
            story, lambda: life.of_a_course(story, course, body.territory, before, invoiced)
        )
        if not invoiced.done():
            invoiced.set_result(None)
        self.tally.done[f"courses {ended or 'broken off'}"] += 1
        self.courses_done += 1

    def _story(self, name: str, body: Body, user: Person, positions: Mapping[tuple[str, int], int]) -> Story:
        """It begins after what was written before it: the same keys whenever and wherever it is played."""
        name = f"{self.year.name}-{name}"
        client = Client(self.http, self.bases, name, self.traffic, dict(positions))
        return Story(name, client, self.staff, self.tally, user, self.staff.manager(body.territory))

    async def _told(self, story: Story, scenes: Callable[[], Awaitable[T]]) -> T | None:
        """What came of a story, played in a lane; None when it broke off, and why is noted."""
        async with self.lanes:
            try:
                if len(self.tally.surprises) < TOO_MANY:
                    return await scenes()
            except (Surprise, Unanswered) as error:
                self.tally.surprises.append(str(error))
            except KeyError as error:
                self.tally.surprises.append(f"{story.name}: an answer has no {error}")
        return None


async def stage(endpoints: Endpoints, http: httpx.AsyncClient, year: Year, lanes: int = LANES) -> Stage:
    """Signs Formiris's people in, asks which territories there are, and draws the year. Raises Unanswered."""
    client = Client(http, endpoints.http, year.name)
    people = {
        (account.role, account.territory): Person(account.login, account.login, account.password)
        for account in endpoints.accounts
        if not account.totp
    }
    managers = {territory: person for (role, territory), person in people.items() if role == "manager"}
    staff = Staff(managers, people["assistance", None])
    territories = [each["code"] for each in (await client.read("registration", "/territories"))["items"]]
    return Stage(year, year.drawn(territories), staff, http, endpoints.http, asyncio.Semaphore(lanes))
