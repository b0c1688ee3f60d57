"""The demo's HTTP client: commands under fixed keys, repeated until they are answered; reads after what was written."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

PATIENCE = 90.0  # seconds a request is repeated for, before the demo gives up
TIMEOUT = httpx.Timeout(5.0, connect=2.0)
READING = httpx.Timeout(20.0, connect=2.0)  # of a document, by a worker that may have to start first
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0  # seconds

Position = tuple[str, int]


class Unanswered(Exception):
    """A request that found no answer in all the time it was given."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `body` is the JSON document, a problem when the status says so."""

    status: int
    body: Any
    headers: Mapping[str, str]
    content: bytes = b""

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


@dataclass(slots=True)
class Traffic:
    """What went over the wire, counted."""

    requests: int = 0
    commands: int = 0
    """Accepted ones, each counted once."""
    repeated: int = 0


class Caller(Protocol):
    """Whoever asks; the token is None while nobody is signed in."""

    @property
    def token(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Someone:
    """A caller: how the story names them, and their token (None: nobody signed in)."""

    name: str
    token: str | None = None


NOBODY = Someone("someone")


@dataclass(slots=True)
class Client:
    """One visitor's line to the services. `tag` makes its idempotency keys its own.

    It keeps the positions that its commands wrote, and asks whatever it does next to come after them.
    """

    http: httpx.AsyncClient
    bases: Mapping[str, str]
    tag: str
    traffic: Traffic = field(default_factory=Traffic)
    positions: dict[Position, int] = field(default_factory=dict)
    patience: float = PATIENCE

    async def command(
        self,
        service: str,
        method: str,
        path: str,
        by: Caller,
        key: str,
        *,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> Answer:
        """Sends a command (`json=`, `content=` or `files=` as httpx takes them) until it is answered.

        Raises Unanswered.
        """
        sent = {"Idempotency-Key": f"{self.tag}-{key}", **self._read_after(), **(headers or {})}
        answer = await self._until_answered(method, self._url(service, path), by, sent, **content)
        self.traffic.commands += answer.status < 300
        self._remember(answer.headers.get("position"))
        return answer

    async def read(self, service: str, path: str, by: Caller = NOBODY, **query: Any) -> Answer:
        """Reads a page that shows at least what this client has written. Raises Unanswered."""
        url = self._url(service, path)
        return await self._until_answered("GET", url, by, self._read_after(), params=query or None)

    async def sign_in(self, login: str, password: str) -> Answer:
        """Asks for a token: it changes nothing, and needs no key. Raises Unanswered."""
        url, given = self._url("registration", "/tokens"), {"login": login, "password": password}
        return await self._until_answered("POST", url, NOBODY, self._read_after(), json=given)

    def _url(self, service: str, path: str) -> str:
        prefix = "" if service == "mailbox" else "/v1"
        return f"{self.bases[service].rstrip('/')}{prefix}{path}"

    async def _until_answered(
        self, method: str, url: str, by: Caller, headers: Mapping[str, str], **content: Any
    ) -> Answer:
        if by.token:
            headers = {**headers, "Authorization": f"Bearer {by.token}"}
        began, pause, why = time.monotonic(), FIRST_PAUSE, ""
        timeout = READING if "files" in content else TIMEOUT
        while time.monotonic() - began < self.patience:
            self.traffic.requests += 1
            try:
                answer = await self.http.request(method, url, headers=headers, timeout=timeout, **content)
                if answer.status_code < 500:
                    return Answer(answer.status_code, _document(answer), answer.headers, answer.content)
                why = f"{answer.status_code} {_code(answer)}"
            except httpx.TransportError as error:
                why = f"{type(error).__name__} {error}".strip()
            self.traffic.repeated += 1
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
        raise Unanswered(f"{method} {url}: no answer in {self.patience:.0f} s; the last trouble was {why}")

    def _remember(self, positions: str | None) -> None:
        for position in positions.split(",") if positions else ():
            context, partition, sequence = position.strip().split("/")
            place = (context, int(partition))
            self.positions[place] = max(self.positions.get(place, 0), int(sequence))

    def _read_after(self) -> dict[str, str]:
        places = [f"{context}/{part}/{sequence}" for (context, part), sequence in self.positions.items()]
        return {"Read-After": ", ".join(places)} if places else {}


def _document(answer: httpx.Response) -> Any:
    if "json" in answer.headers.get("content-type", ""):
        return answer.json()
    return answer.text


def _code(answer: httpx.Response) -> str:
    document = _document(answer)
    return str(document.get("code", "")) if isinstance(document, dict) else ""


@asynccontextmanager
async def connections() -> AsyncIterator[httpx.AsyncClient]:
    """Connections that all clients of a demo share."""
    async with httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_keepalive_connections=20)) as http:
        yield http
