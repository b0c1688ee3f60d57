"""Invoicing: learns from the other contexts what may be invoiced; keeps invoices and what becomes of them."""

from collections.abc import Sequence

from services.invoicing import views
from services.invoicing.api import CONTEXT, router
from shared.events import Event, attendance, offerings, registration
from shared.messaging import Subscription
from shared.runtime.service import Runtime, Service


def _wires(*events: type[Event]) -> frozenset[str]:
    return frozenset(event.wire for event in events)


_OFFICES = _wires(registration.ReferencingRequested, registration.ReferencingAccepted)
_ORDERS = _wires(
    offerings.OfferingSubmitted, offerings.SessionRescheduled, offerings.OrderIssued, offerings.OrderSigned,
    offerings.OrderSignatureRefused, offerings.OrderCancelled,
)  # fmt: skip
_CERTIFICATES = _wires(*attendance.EVENTS)


def subscriptions(_runtime: Runtime) -> Sequence[Subscription]:
    """Whom invoicing listens to."""
    return [
        Subscription("invoicing.registration", "registration", views.registration, _OFFICES),
        Subscription("invoicing.offerings", "offerings", views.offerings, _ORDERS),
        Subscription("invoicing.attendance", "attendance", views.attendance, _CERTIFICATES),
    ]


SERVICE = Service(CONTEXT, router, views.own, subscriptions)
