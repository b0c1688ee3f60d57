"""Invoicing: learns from the other contexts what may be invoiced; keeps invoices and what becomes of them."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from services.invoicing import learning, views
from services.invoicing.api import router
from services.invoicing.dossiers import CONTEXT
from services.invoicing.own import Own
from services.invoicing.settings import InvoicingSettings
from shared.events import Event, attendance, offerings, registration
from shared.messaging import Subscription
from shared.runtime.service import Runtime, Service
from shared.runtime.territories import territories


def _wires(*events: type[Event]) -> frozenset[str]:
    return frozenset(event.wire for event in events)


_BODIES = _wires(
    registration.ReferencingSubmitted, registration.ReferencingAccepted, registration.TrainingBodyDetailsChanged,
)  # fmt: skip
_ORDERS = _wires(
    offerings.OfferingSubmitted, offerings.OfferingAccepted, offerings.OfferingRejected, offerings.OfferingWithdrawn,
    offerings.SessionRescheduled, offerings.SessionCancelled, offerings.OrderIssued, offerings.OrderSigned,
    offerings.OrderSignatureRefused, offerings.OrderAmended, offerings.OrderCancelled,
)  # fmt: skip
_CERTIFICATES = _wires(*attendance.EVENTS)


def subscriptions(_runtime: Runtime) -> Sequence[Subscription]:
    """Whom invoicing listens to."""
    return [
        Subscription("invoicing.registration", "registration", learning.registration, _BODIES),
        Subscription("invoicing.offerings", "offerings", learning.offerings, _ORDERS),
        Subscription("invoicing.attendance", "attendance", learning.attendance, _CERTIFICATES),
    ]


async def extend(_runtime: Runtime, _stack: AsyncExitStack) -> Own:
    """Reads the reference data: of the code, and of the deployment."""
    return Own(territories(), InvoicingSettings().reference())


SERVICE = Service(CONTEXT, router, views.own, subscriptions, extend, settings=InvoicingSettings)
