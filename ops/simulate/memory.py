"""How much memory each process of a system takes while a year is played: at a quarter of it, at most, at the end."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

EVERY = 10.0  # seconds; a look costs a tenth of a second of a core
QUARTER = 0.25
"""Of the year: by then everything that is kept warm is warm."""

Processes = Callable[[], Mapping[str, int]]


@dataclass(slots=True)
class Taken:
    """Megabytes."""

    quarter: float = 0.0
    peak: float = 0.0
    end: float = 0.0

    @property
    def grown(self) -> float:
        """The end over the first quarter, less 1."""
        return self.end / self.quarter - 1 if self.quarter else 0.0


@dataclass(slots=True)
class Memory:
    """By process name; PostgreSQL's backends count as its own, what else a process started is its worker."""

    taken: dict[str, Taken] = field(default_factory=dict)

    def look(self, processes: Mapping[str, int], done: float) -> None:
        """Once more."""
        for name, pid in processes.items():
            for whose, size in resident(name, pid).items():
                one = self.taken.setdefault(whose, Taken())
                one.peak, one.end = max(one.peak, size), size
                if done <= QUARTER or not one.quarter:
                    one.quarter = size


def resident(name: str, pid: int) -> dict[str, float]:
    """Megabytes, what processes share divided among them; nothing when it is not there."""
    try:
        process = psutil.Process(pid)
        children = sum(_of_one(child) for child in process.children(recursive=True))
    except psutil.NoSuchProcess:
        return {}
    if name == "postgres":
        return {name: _of_one(process) + children}
    return {name: _of_one(process)} | ({f"{name}, worker": children} if children else {})


def _of_one(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        full = process.memory_full_info()
        return float(getattr(full, "pss", full.uss)) / 1e6
    return 0.0


@contextmanager
def watched(processes: Processes, done: Callable[[], float]) -> Iterator[Memory]:
    """Looks every ten seconds as long as the block lasts, and once at its end."""
    memory = Memory()

    async def look() -> None:
        while True:
            await asyncio.to_thread(memory.look, processes(), done())
            await asyncio.sleep(EVERY)

    task = asyncio.create_task(look(), name="memory")
    try:
        yield memory
    finally:
        task.cancel()
        memory.look(processes(), done())
