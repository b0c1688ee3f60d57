"""When somebody is reminded, once, of a draft that was not submitted; and what runs by itself every hour.  (F6)"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import structlog

from shared.runtime import problems
from shared.runtime.paris import today
from shared.runtime.refusal import Refused

logger = structlog.get_logger()

BEFORE = timedelta(days=7)
"""So long before the deadline that the draft itself says."""
QUIET = timedelta(days=15)
"""So long after the last word, when no deadline is known."""
EVERY = 3600.0  # seconds: an hour that finds nothing costs one query
AGAIN = 60.0  # seconds, when a store was away
PASSING: tuple[type[Exception], ...] = (*problems.AWAY, Refused)


def remind_on(typed_on: date, deadline: date | None) -> date:
    """The day of the reminder; never the day on which somebody is still typing."""
    if deadline is None or deadline <= typed_on:
        return typed_on + QUIET
    return max(deadline - BEFORE, typed_on + timedelta(days=1))


async def hourly(work: Callable[[date], Awaitable[object]], name: str) -> None:
    """At the start, then every hour, until cancelled: a day begins at midnight in Paris."""
    while True:
        try:
            await work(today())
        except PASSING as error:
            logger.warning("put off", work=name, error=type(error).__name__)
            await asyncio.sleep(AGAIN)
            continue
        await asyncio.sleep(EVERY)
