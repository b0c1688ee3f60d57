"""Chaos: a seeded killer that SIGKILLs or pauses services, Kafka and PostgreSQL while the story is played."""

import asyncio
import contextlib
import itertools
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal, Protocol

import psutil

Kind = Literal["kill", "pause"]
REST = (1.0, 4.0)  # seconds between two blows
PAUSE = (0.5, 8.0)  # seconds a paused process stays so
Say = Callable[[str], None]


class Victims(Protocol):
    """What of a stack the killer needs."""

    def pid(self, name: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Blow:
    """One thing to do: wait `after` seconds, then kill, or pause for `lasts` seconds."""

    after: float
    target: str
    kind: Kind
    lasts: float = 0.0

    def __str__(self) -> str:
        return (
            f"SIGKILL {self.target}"
            if self.kind == "kill"
            else f"SIGSTOP {self.target} for {self.lasts:.1f} s"
        )


def blows(seed: int, targets: Sequence[str]) -> Iterator[Blow]:
    """The endless series of blows of a seed: the same for the same seed and targets, whatever the machine does."""
    random = Random(seed)  # noqa: S311 - reproducible is the point
    for _ in itertools.count():
        after, target = random.uniform(*REST), random.choice(targets)
        if random.random() < 0.5:
            yield Blow(round(after, 2), target, "kill")
        else:
            yield Blow(round(after, 2), target, "pause", round(random.uniform(*PAUSE), 2))


@dataclass(slots=True)
class Killer:
    """Carries out blows until it is stopped; then nothing stays paused."""

    stack: Victims
    say: Say
    done: Counter[str] = field(default_factory=Counter)
    _pauses: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self, series: Iterable[Blow]) -> None:
        """Until cancelled; what is paused by then is resumed at once."""
        try:
            for blow in series:
                await asyncio.sleep(blow.after)
                self._strike(blow)
        finally:
            for task in self._pauses:
                task.cancel()
            await asyncio.gather(*self._pauses, return_exceptions=True)

    def _strike(self, blow: Blow) -> None:
        try:
            family = family_of(self.stack.pid(blow.target))
        except ProcessLookupError:
            self.say(f"{blow}: it is down already")
            return
        self.say(str(blow))
        self.done[f"{blow.kind} {blow.target}"] += 1
        if blow.kind == "kill":
            send(family[:1], signal.SIGKILL)
        else:
            self._pauses.add(asyncio.create_task(_paused(family, blow.lasts)))


def family_of(pid: int) -> list[psutil.Process]:
    """A process and its children (PostgreSQL's backends are some). Raises ProcessLookupError."""
    try:
        leader = psutil.Process(pid)
        return [leader, *leader.children(recursive=True)]
    except psutil.NoSuchProcess:
        raise ProcessLookupError(pid) from None


def send(family: Iterable[psutil.Process], sign: signal.Signals) -> None:
    """Signals those that still live."""
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(sign)


async def _paused(family: Sequence[psutil.Process], seconds: float) -> None:
    send(family, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        send(family, signal.SIGCONT)
