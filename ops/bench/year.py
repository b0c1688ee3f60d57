"""A year to measure on, played once for all that is measured on it."""

from datetime import datetime

from rich.console import Console

from ops.demo.plot import PARIS
from ops.simulate.cli import play
from ops.simulate.play import LANES, Stage
from ops.simulate.year import Year, last_complete
from ops.stack import Stack

SIZES, QUICK_SIZES = (460, 2_900, 62_000), (12, 40, 600)


class LoadFailed(RuntimeError):
    """Answers that are no answers: nothing was measured."""


async def a_year(stack: Stack, quick: bool) -> Stage:
    """Raises LoadFailed when it surprises."""
    year = Year(1, *(QUICK_SIZES if quick else SIZES), last_complete(datetime.now(PARIS).date()))
    stage, _ = await play(stack.endpoints, year, LANES, Console(stderr=True))
    if stage.tally.surprises:
        raise LoadFailed(stage.tally.surprises[0])
    return stage


def said(stage: Stage) -> str:
    """What is loaded, beside a figure."""
    return f"after a year of {stage.year.bodies} bodies, {stage.year.courses} courses, {stage.year.teachers} teachers"
