"""Offerings: what bodies teach, to whom, and on which order."""

from collections.abc import Sequence

from services.offerings import views
from services.offerings.api import router
from services.offerings.dossiers import CONTEXT
from shared.messaging import Subscription
from shared.runtime.service import Runtime, Service

LEARNT = frozenset(event.wire for event in views.BODY)


def subscriptions(_runtime: Runtime) -> Sequence[Subscription]:
    """Whom offerings listens to."""
    return [Subscription("offerings.registration", "registration", views.registration, LEARNT)]


SERVICE = Service(CONTEXT, router, views.own, subscriptions)
