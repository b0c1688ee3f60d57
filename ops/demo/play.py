"""A body's story while it is played: who takes part, what is known so far, and how a step is checked."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ops.demo.client import Answer, Client, Someone
from ops.demo.plot import Plot
from ops.demo.tell import Teller, refusal_lines

SOON = 180.0  # seconds an e-mail or an alert is waited for: Kafka may be down several times meanwhile
LOOK_AGAIN = 0.1  # seconds


class Unexpected(Exception):
    """A step did not give what the story needs; the message shows the step, what was expected, and what came."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Formiris's people, signed in: managers by territory (None: national), Assistance, an auditor."""

    managers: dict[str | None, Someone]
    assistance: Someone
    auditor: Someone


@dataclass(slots=True)
class Play:
    """One body's story. Scenes read and complete it."""

    client: Client
    plot: Plot
    staff: Staff
    tell: Teller
    known: dict[str, Any] = field(default_factory=dict)
    """Ids and facts by the names that scenes gave them."""
    body: Someone = field(init=False)
    manager: Someone = field(init=False)

    def __post_init__(self) -> None:
        territory = self.plot.request.get("territory")
        self.body = Someone(self.plot.short_name)
        self.manager = self.staff.managers[territory if territory in self.staff.managers else None]

    async def does(
        self,
        by: Someone,
        what: str,
        service: str,
        method: str,
        path: str,
        key: str,
        *,
        status: int = 0,
        **content: Any,
    ) -> Answer:
        """A step that must be accepted."""
        answer = await self.client.command(service, method, path, by, key, **content)
        if answer.status >= 400 or (status and answer.status != status):
            raise Unexpected(_shown(f"{by.name} {what}", str(status or "accepted"), answer))
        self.tell.step(by.name, what)
        return answer

    async def is_refused(
        self,
        by: Someone,
        what: str,
        code: str,
        service: str,
        method: str,
        path: str,
        key: str,
        **content: Any,
    ) -> Answer:
        """A step that must be refused, with this code of the catalogue and all that a person needs to go on."""
        answer = await self.client.command(service, method, path, by, key, **content)
        if answer.status < 400 or not isinstance(answer.body, dict) or answer.body.get("code") != code:
            raise Unexpected(_shown(f"{by.name} {what}", f"the refusal {code}", answer))
        for part in ("title", "detail", "holder", "contact"):
            self.check(bool(answer.body.get(part)), f"{code} says its {part}")
        self.tell.refusal(by.name, what, answer.body)
        return answer

    async def reads(self, by: Someone, service: str, path: str, **query: Any) -> Answer:
        """Reads a page that must be there."""
        answer = await self.client.read(service, path, by, **query)
        if answer.status != 200:
            raise Unexpected(_shown(f"{by.name} reads {path}", "200", answer))
        return answer

    def check(self, holds: bool, what: str) -> None:
        """What must be true at this point of the story. Raises Unexpected."""
        if not holds:
            raise Unexpected(f"{self.plot.name}: expected that {what}")

    async def finds(
        self, by: Someone, service: str, path: str, what: str, wanted: Callable[[Any], Any]
    ) -> Any:
        """Reads a page again until `wanted` finds something in it: an e-mail, an alert. Raises Unexpected."""
        began = time.monotonic()
        while time.monotonic() - began < SOON:
            found = wanted((await self.reads(by, service, path)).body)
            if found is not None:
                return found
            await asyncio.sleep(LOOK_AGAIN)
        raise Unexpected(f"{by.name} waited {SOON:.0f} s for {what}")


def _shown(step: str, expected: str, answer: Answer) -> str:
    body = answer.body
    told = (
        refusal_lines(body)
        if isinstance(body, dict) and {"title", "holder"} <= body.keys()
        else [str(body)[:500]]
    )
    code = f" {body['code']}" if isinstance(body, dict) and "code" in body else ""
    return "\n  ".join([f"{step}: expected {expected}, got {answer.status}{code}", *told])
