"""One story of the year (a body's, a course's) as it is played: its people, its steps, what came of them."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any

from ops.demo.client import NOBODY, Answer, Client
from ops.demo.tell import refusal_lines

REPEATED = "idempotency-key-reused"
"""What a wrong attempt is answered once the right one was made under its key: the year was played here before."""


class Surprise(Exception):
    """An answer that the year does not expect; the message shows the step and what came, `code` the refusal's."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Person:
    """Somebody who signs in; `token` is renewed when it is no longer taken."""

    name: str
    login: str
    password: str
    token: str | None = None
    _signing_in: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def signs_in(self, client: Client, instead_of: str | None) -> Answer | None:
        """Asks for another token than `instead_of`, once for all who need it; the answer, or None when one is there."""
        async with self._signing_in:
            if self.token != instead_of:
                return None
            answer = await client.sign_in(self.login, self.password)
            if answer.status == 200:
                self.token = answer["access_token"]
            return answer


@dataclass(frozen=True, slots=True)
class Staff:
    """Formiris's people: managers by territory (None: national, who act where nobody else does), Assistance."""

    managers: Mapping[str | None, Person]
    assistance: Person

    def manager(self, territory: str | None) -> Person:
        """Who decides there."""
        return self.managers.get(territory) or self.managers[None]


@dataclass(slots=True)
class Tally:
    """What was done, counted."""

    done: Counter[str] = field(default_factory=Counter)
    """Bodies and courses by how they ended."""
    refused: Counter[str] = field(default_factory=Counter)
    """By code, and only those that the year meant to be refused."""
    euros: Counter[str] = field(default_factory=Counter)
    """Cents by what became of them: ordered, invoiced, paid."""
    answers: dict[str, str] = field(default_factory=dict)
    """The id that each accepted command gave, by its key."""
    surprises: list[str] = field(default_factory=list)

    def money(self, what: str, amount: str) -> None:
        """Adds an amount of euros."""
        self.euros[what] += int(Decimal(amount) * 100)

    @property
    def fingerprint(self) -> str:
        """The same for the same year: a hash of every accepted command's key and of the id it gave."""
        lines = sorted(f"{key} {answer}\n" for key, answer in self.answers.items())
        return sha256("".join(lines).encode()).hexdigest()[:16]


@dataclass(slots=True)
class Story:
    """`name` is part of its idempotency keys; a wrong attempt goes under the key of the right one that follows.

    So whatever was played before is answered as it was then, and nothing changes.
    """

    name: str
    client: Client
    staff: Staff
    tally: Tally
    user: Person
    manager: Person

    async def does(
        self, by: Person | None, service: str, method: str, path: str, key: str, **content: Any
    ) -> Answer:
        """A step that must be accepted. Raises Surprise."""
        answer = await self.keeps(by, service, method, path, key, **content)
        self.tally.answers[f"{self.name}-{key}"] = str(answer.body.get("id"))
        return answer

    async def keeps(
        self, by: Person | None, service: str, method: str, path: str, key: str, **content: Any
    ) -> Answer:
        """A step that must be accepted and is no part of history: a draft, an alert that was read. Raises Surprise."""
        answer = await self._command(by, service, method, path, key, **content)
        if answer.status >= 300:
            raise self._surprise(f"{method} {path} ({key})", answer)
        return answer

    async def is_refused(
        self, code: str, by: Person | None, service: str, method: str, path: str, key: str, **content: Any
    ) -> None:
        """A wrong attempt, refused with this code. Raises Surprise."""
        answer = await self._command(by, service, method, path, key, **content)
        given = answer.body.get("code") if answer.status >= 400 and isinstance(answer.body, dict) else None
        if given not in (code, REPEATED):
            raise self._surprise(f"{method} {path} ({key}), to be refused as {code}", answer)
        self.tally.refused[str(given)] += 1

    async def reads(self, by: Person, service: str, path: str, **query: Any) -> Any:
        """A page that must be there. Raises Surprise."""
        return (await self._page(by, service, path, **query)).body

    async def downloads(self, by: Person, service: str, path: str) -> bytes:
        """A document that must be there. Raises Surprise."""
        return (await self._page(by, service, path)).content

    async def _page(self, by: Person, service: str, path: str, **query: Any) -> Answer:
        token = by.token
        answer = await self.client.read(service, path, by, **query)
        if answer.status == 401:
            await self.signs_in(by, token)
            answer = await self.client.read(service, path, by, **query)
        if answer.status != 200:
            raise self._surprise(f"GET {path}", answer)
        return answer

    async def signs_in(self, who: Person, instead_of: str | None = None) -> None:
        """Gets a token, other than the one that is no longer taken. Raises Surprise when the password is not right."""
        answer = await who.signs_in(self.client, instead_of)
        if answer and answer.status != 200:
            raise self._surprise(f"{who.name} signs in", answer)

    async def deposits(self, service: str, content: bytes, name: str) -> str:
        """Uploads a paper as the body; its sha256."""
        files = {"file": (f"{name}.pdf", content, "application/pdf")}
        answer = await self._command(
            self.user, service, "POST", "/documents", f"{service}-{name}", files=files
        )
        if answer.status >= 300:
            raise self._surprise(f"deposits {name}", answer)
        return str(answer["sha256"])

    async def _command(
        self, by: Person | None, service: str, method: str, path: str, key: str, **content: Any
    ) -> Answer:
        if by is None:
            return await self.client.command(service, method, path, NOBODY, key, **content)
        token = by.token
        answer = await self.client.command(service, method, path, by, key, **content)
        if answer.status == 401:
            await self.signs_in(by, token)
            answer = await self.client.command(service, method, path, by, key, **content)
        return answer

    def _surprise(self, step: str, answer: Answer) -> Surprise:
        body = answer.body
        problem = isinstance(body, dict) and {"title", "holder"} <= body.keys()
        told = refusal_lines(body) if problem else [str(body)[:300]]
        code = str(body["code"]) if problem else ""
        return Surprise("\n    ".join([f"{self.name}: {step}: {answer.status} {code}".rstrip(), *told]), code)
