"""Attendance: learns from offerings what is taught to whom; keeps who was there."""

from collections.abc import Sequence

from services.attendance import views
from services.attendance.api import router
from services.attendance.dossiers import CONTEXT
from shared.events import offerings, registration
from shared.messaging import Subscription
from shared.runtime.service import Runtime, Service

LEARNT = frozenset(
    event.wire
    for event in (
        offerings.OfferingSubmitted, offerings.SessionRescheduled, offerings.SessionCancelled,
        offerings.TeacherAssigned, offerings.TeacherUnassigned, offerings.OrderIssued, offerings.OrderSigned,
        offerings.OrderSignatureRefused, offerings.OrderAmended, offerings.OrderCancelled,
    )
)  # fmt: skip
OFFICES = frozenset({registration.ReferencingRequested.wire, registration.ReferencingAccepted.wire})


def subscriptions(_runtime: Runtime) -> Sequence[Subscription]:
    """Whom attendance listens to."""
    return [
        Subscription("attendance.registration", "registration", views.registration, OFFICES),
        Subscription("attendance.offerings", "offerings", views.offerings, LEARNT),
    ]


SERVICE = Service(CONTEXT, router, views.own, subscriptions)
