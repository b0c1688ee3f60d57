"""Offerings: what bodies teach, to whom, and on which order."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from services.offerings import views
from services.offerings.api import router
from services.offerings.dossiers import CONTEXT
from shared.messaging import Subscription
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


async def extend(_runtime: Runtime, _stack: AsyncExitStack) -> Territories:
    """Reads the reference data of territories."""
    return territories()


SERVICE = Service(CONTEXT, router, views.own, subscriptions, extend)
