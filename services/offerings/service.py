"""Offerings: what bodies teach, to whom, and on which order."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from functools import partial

from services.offerings import daily, views
from services.offerings.api import router
from services.offerings.dossiers import CONTEXT
from shared.messaging import Subscription
from shared.runtime.reminders import hourly
from shared.runtime.service import Runtime, Service
from shared.runtime.territories import Territories, territories

BODIES = frozenset(event.wire for event in views.BODY)
ATTENDED = frozenset(event.wire for event in views.ATTENDED)


def subscriptions(_runtime: Runtime) -> Sequence[Subscription]:
    """Whom offerings listens to."""
    return [
        Subscription("offerings.registration", "registration", views.registration, BODIES),
        Subscription("offerings.attendance", "attendance", views.attendance, ATTENDED),
    ]


async def extend(runtime: Runtime, stack: AsyncExitStack) -> Territories:
    """Reads the reference data of territories, starts the daily work."""
    stack.push_async_callback(_stop, asyncio.create_task(hourly(partial(daily.run, runtime), "reminders")))
    return territories()


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


SERVICE = Service(CONTEXT, router, views.own, subscriptions, extend)
