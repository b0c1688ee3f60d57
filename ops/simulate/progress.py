"""How far a year is: two bars on a terminal, else a line every few seconds."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ops.simulate.play import Stage

LINE_EVERY, BAR_EVERY = 5.0, 0.5  # seconds


@asynccontextmanager
async def shown(console: Console, stage: Stage) -> AsyncIterator[None]:
    """For as long as the block lasts."""
    task = asyncio.create_task(_bars(console, stage) if console.is_terminal else _lines(console, stage))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _bars(console: Console, stage: Stage) -> None:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, auto_refresh=False) as progress:
        bodies = progress.add_task("bodies", total=len(stage.bodies))
        courses = progress.add_task("courses", total=stage.year.courses)
        try:
            while True:
                progress.update(bodies, completed=stage.bodies_done)
                progress.update(courses, completed=stage.courses_done, refresh=True)
                await asyncio.sleep(BAR_EVERY)
        finally:
            progress.update(bodies, completed=stage.bodies_done)
            progress.update(courses, completed=stage.courses_done, refresh=True)


async def _lines(console: Console, stage: Stage) -> None:
    began, before = time.monotonic(), 0
    while True:
        await asyncio.sleep(LINE_EVERY)
        asked = stage.traffic.requests
        console.print(
            f"{time.monotonic() - began:5.0f} s  {stage.bodies_done} of {len(stage.bodies)} bodies,"
            f" {stage.courses_done} of {stage.year.courses} courses, {asked} requests"
            f" ({(asked - before) / LINE_EVERY:.0f} a second)",
            soft_wrap=True, highlight=False,
        )  # fmt: skip
        before = asked
