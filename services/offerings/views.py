"""Read models of offerings: bodies as registration tells of them; the rest from its own events."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from services.offerings.assignments import Place
from shared.events.attendance import CertificatesRejected, CertificatesSubmitted, CertificatesValidated
from shared.events.offerings import (
    OfferingAccepted,
    OfferingRejected,
    OfferingSubmitted,
    OfferingWithdrawn,
    OrderAmended,
    OrderCancelled,
    OrderIssued,
    OrderSignatureRefused,
    OrderSigned,
    SessionCancelled,
    SessionRescheduled,
    TeacherAssigned,
    TeacherUnassigned,
)
from shared.events.registration import (
    ReferencingAccepted,
    TrainingBodyDetailsChanged,
    TrainingBodyReinstated,
    TrainingBodySuspended,
)
from shared.messaging import Delivered
from shared.runtime.projection import Change, Row, fold
from shared.sql import queries

SQL = queries(__file__)

BODY = (ReferencingAccepted, TrainingBodySuspended, TrainingBodyReinstated, TrainingBodyDetailsChanged)
OFFERING = (
    OfferingSubmitted,
    OfferingAccepted,
    OfferingRejected,
    OfferingWithdrawn,
    SessionRescheduled,
    SessionCancelled,
)
ORDER = (OrderIssued, OrderSigned, OrderSignatureRefused, OrderAmended, OrderCancelled)
ATTENDED = (CertificatesSubmitted, CertificatesValidated, CertificatesRejected)


async def registration(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Learns from registration who may submit offerings."""
    changes = [(each.event.data.body_id, each) for each in delivered if isinstance(each.event.data, BODY)]
    await fold(connection, SQL.load_bodies, SQL.save_bodies, changes, body)


async def attendance(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Learns from attendance which sessions took place: those whose certificates are deposited, and not rejected."""
    attended = {
        each.event.data.session_id: not isinstance(each.event.data, CertificatesRejected)
        for each in delivered
        if isinstance(each.event.data, ATTENDED)
    }
    if attended:
        await connection.execute(SQL.keep_attended, list(attended), list(attended.values()))


async def own(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Folds a batch of offerings' own events into its read models."""
    offerings: list[Change] = []
    sessions: list[Change] = []
    orders: list[Change] = []
    for each in delivered:
        event = each.event.data
        if isinstance(event, OFFERING):
            offerings.append((event.offering_id, each))
        if isinstance(event, OfferingSubmitted):
            sessions += ((session.session_id, each) for session in event.sessions)
        elif isinstance(event, SessionRescheduled | SessionCancelled):
            sessions.append((event.session_id, each))
        elif isinstance(event, ORDER):
            orders.append((event.order_id, each))
    await fold(connection, SQL.load_offerings, SQL.save_offerings, offerings, offering)
    await _keep_sessions(connection, sessions, delivered)
    await fold(connection, SQL.load_orders, SQL.save_orders, orders, order)
    await _assign(connection, delivered)


def body(_before: Row, delivered: Delivered) -> Row:
    """A training body, as far as offerings need to know it."""
    match delivered.event.data:
        case ReferencingAccepted() as event:
            facts = {"name": event.name, "perimeter": event.perimeter, "territory": event.territory}
            return facts | {"accepted": True, "correlation": delivered.event.correlationid}
        case TrainingBodySuspended():
            return {"suspended": True}
        case TrainingBodyReinstated():
            return {"suspended": False}
        case TrainingBodyDetailsChanged(name=str() as name):
            return {"changed_name": name}
    return {}


def offering(before: Row, delivered: Delivered) -> Row:
    """An offering and where it stands."""
    version = {"version": delivered.event.streamversion}
    match delivered.event.data:
        case OfferingSubmitted() as event:
            facts = ("body_name", "title", "perimeter", "territory", "cost_type", "revision")
            return version | {
                "status": "submitted",
                "body": event.body_id,
                **{name: getattr(event, name) for name in facts},
                "form": event.model_dump(mode="json", exclude_none=True, exclude={"sessions"}),
                "reasons": [],
                "correlation": delivered.event.correlationid,
                "submitted_at": before.get("submitted_at") or delivered.event.time,
            }
        case OfferingAccepted():
            return version | {"status": "accepted"}
        case OfferingRejected() as event:
            return version | {
                "status": "rejected",
                "reasons": [reason.model_dump() for reason in event.reasons],
            }
        case OfferingWithdrawn():
            return version | {"status": "withdrawn"}
    return version


def session(before: Row, delivered: Delivered) -> Row:
    """A session of an offering, as it stands."""
    match delivered.event.data:
        case OfferingSubmitted() as event:
            number, found = next(
                (number, each)
                for number, each in enumerate(event.sessions, 1)
                if str(each.session_id) == before["id"]
            )
            said = found.model_dump(mode="json", exclude={"session_id"})
            return said | {"offering": event.offering_id, "place_no": number, "timetable": found.timetable}
        case SessionRescheduled() as event:
            days = {"starts_on": event.starts_on, "ends_on": event.ends_on}
            return days | ({"place": event.place} if event.place else {})
        case SessionCancelled() as event:
            return {"cancelled": event.cause}
    return {}


async def _keep_sessions(
    connection: asyncpg.Connection, changes: Sequence[Change], delivered: Sequence[Delivered]
) -> None:
    await fold(connection, SQL.load_sessions, SQL.save_sessions, changes, session)
    submitted = [each.event.data for each in delivered if isinstance(each.event.data, OfferingSubmitted)]
    counts = {event.offering_id: len(event.sessions) for event in submitted if event.revision > 1}
    if counts:
        await connection.execute(SQL.drop_sessions, list(counts), list(counts.values()))


def order(before: Row, delivered: Delivered) -> Row:
    """A purchase order, where it stands, and every paper of it."""
    version = {"version": delivered.event.streamversion}
    match delivered.event.data:
        case OrderIssued() as event:
            return version | {
                "status": "issued",
                "number": event.number,
                "body": event.body_id,
                "offering": event.offering_id,
                "session": event.session_id,
                "territory": event.territory,
                "amount": event.amount_ceiling,
                "terms": event.model_dump(mode="json", exclude_none=True),
                "reasons": [],
                "amendment": 0,
                "documents": [_to_sign(0, event.document_hash, event.issued_by, delivered)],
                "correlation": delivered.event.correlationid,
                "issued_at": delivered.event.time,
            }
        case OrderSigned() as event:
            return version | {
                "status": "signed",
                "returned": event.document_hash,
                "signatory": {
                    "person": event.signatory.person,
                    "sealed": getattr(event.signatory, "sealed", None),
                },
                "signed_on": event.signed_on,
                "reasons": [],
                "documents": [*before["documents"], _returned(event, delivered)],
            }
        case OrderSignatureRefused() as event:
            reasons = [reason.model_dump() for reason in event.reasons]
            *earlier, last = before["documents"]
            refused = {"refused_at": _at(delivered), "reasons": reasons}
            said = {"status": "signature-refused", "reasons": reasons}
            return version | said | {"documents": [*earlier, last | refused]}
        case OrderAmended() as event:
            moved = event.model_dump(mode="json", include={"starts_on", "ends_on", "place", "document_hash"})
            paper = _to_sign(event.amendment, event.document_hash, event.amended_by, delivered)
            return version | {
                "status": "issued",
                "terms": before["terms"] | moved,
                "reasons": [],
                "amendment": event.amendment,
                "documents": [*before["documents"], paper | {"cause": event.cause}],
            }
        case OrderCancelled() as event:
            return version | {"status": "cancelled", "cause": event.cause}
    return version


def _to_sign(amendment: int, document: str, by: str, delivered: Delivered) -> Row:
    kind = "amendment" if amendment else "order"
    paper = {"kind": kind, "amendment": amendment, "sha256": document, "media_type": "application/pdf"}
    return paper | {"at": _at(delivered), "by": by}


def _returned(event: OrderSigned, delivered: Delivered) -> Row:
    return {
        "kind": "returned",
        "amendment": event.amendment or 0,
        "sha256": event.document_hash,
        "media_type": event.document_media_type,
        "size": event.document_size,
        "signed_on": event.signed_on.isoformat(),
        "recognised": event.recognised,
        "at": _at(delivered),
        "by": event.deposited_by,
    }


def _at(delivered: Delivered) -> str:
    return delivered.event.time.isoformat()


async def _assign(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """The last word on each place of the batch: assigned, or not."""
    places: dict[tuple[UUID, Place], bool] = {}
    versions: dict[UUID, int] = {}
    for each in delivered:
        event = each.event.data
        if isinstance(event, TeacherAssigned | TeacherUnassigned):
            place = Place(event.unit_code, event.teacher_number)
            places[event.session_id, place] = isinstance(event, TeacherAssigned)
            versions[event.session_id] = each.event.streamversion
    for statement, assigned in ((SQL.assign, True), (SQL.unassign, False)):
        rows = [(session, *place) for (session, place), there in places.items() if there is assigned]
        if rows:
            await connection.execute(statement, *map(list, zip(*rows, strict=True)))
    if versions:
        await connection.execute(SQL.keep_versions, list(versions), list(versions.values()))
