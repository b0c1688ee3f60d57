"""Read models of invoicing: what the other contexts tell of a session, and the invoices.

Each handler folds a batch in memory, the last word of each key, and writes it in a few set statements.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.invoicing.billing import PAYMENT_DAYS, Attended, Billing, Order
from shared.events import Event
from shared.events.attendance import CertificatesRejected, CertificatesSubmitted, CertificatesValidated
from shared.events.invoicing import (
    InvoiceAccepted,
    InvoiceAmendmentGranted,
    InvoiceAmendmentRefused,
    InvoiceAmendmentRequested,
    InvoiceCorrected,
    InvoiceCredited,
    InvoicePaid,
    InvoiceRejected,
    InvoiceSubmitted,
)
from shared.events.offerings import (
    OfferingSubmitted,
    OrderCancelled,
    OrderIssued,
    OrderSignatureRefused,
    OrderSigned,
    SessionRescheduled,
)
from shared.events.parts import Office
from shared.events.registration import ReferencingAccepted, ReferencingRequested
from shared.messaging import Delivered
from shared.sql import queries

SQL = queries(__file__)

Row = tuple[Any, ...]
_IDENTITY = {"invoice_id", "number", "body_id", "session_id"}


async def own(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Folds invoicing's own events into views.invoices."""
    submitted: dict[UUID, Row] = {}
    moves: dict[UUID, dict[str, Any]] = {}
    for each in delivered:
        match each.event.data:
            case InvoiceSubmitted() as event:
                submitted[event.invoice_id] = (
                    event.body_id, event.session_id, event.perimeter, event.territory, event.number, event.kind,
                    event.amount, each.event.time, event.model_dump_json(exclude_none=True),
                    each.event.correlationid, each.event.streamversion,
                )  # fmt: skip
            case _:
                if step := _step(each.event.data):
                    invoice, change = step
                    move = moves.setdefault(invoice, {})
                    _lay_over(move, change, each.event.streamversion)
    await _write(connection, SQL.keep_invoices, submitted)
    await _write(connection, SQL.move_invoices, {invoice: _columns(move) for invoice, move in moves.items()})


_STATUS: dict[type[Event], str] = {
    InvoiceAccepted: "accepted",
    InvoiceRejected: "rejected",
    InvoiceCorrected: "corrected",
    InvoiceCredited: "credited",
    InvoicePaid: "paid",
}


def _step(event: Event) -> tuple[UUID, dict[str, Any]] | None:
    """What an event changes in the row of its invoice; None for an event of no invoice."""
    content = event.model_dump(mode="json", exclude_none=True, exclude=_IDENTITY)
    match event:
        case InvoiceAmendmentRequested():
            asked = {"remedy": None, "reasons": None} | content
            return event.invoice_id, {"amendment": {"status": "requested"} | asked}
        case InvoiceAmendmentGranted():
            return event.invoice_id, {"amendment": {"status": "granted"} | content}
        case InvoiceAmendmentRefused():
            return event.invoice_id, {"amendment": {"status": "refused"} | content}
        case InvoiceAccepted() | InvoiceRejected() | InvoiceCorrected() | InvoiceCredited() | InvoicePaid():
            return event.invoice_id, {"status": _STATUS[type(event)], "outcome": content}
        case _:
            return None


def _lay_over(move: dict[str, Any], change: dict[str, Any], version: int) -> None:
    amendment = {**move.get("amendment", {}), **change.get("amendment", {})}
    move.update(change, version=version)
    if amendment:
        move["amendment"] = amendment


def _columns(move: dict[str, Any]) -> Row:
    return move["version"], move.get("status"), _json(move.get("outcome")), _json(move.get("amendment"))


async def registration(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Learns which office serves a territory: the proximity site of R11."""
    offices: dict[str, Row] = {}
    for each in sorted(delivered, key=_when):
        match each.event.data:
            case ReferencingRequested() | ReferencingAccepted() as event if event.territory:
                office = event.office
                offices[event.territory] = (office.name, office.email, office.phone, each.event.time)
    await _write(connection, SQL.keep_offices, offices)


def _when(each: Delivered) -> tuple[Any, ...]:
    """An order that does not depend on how events were batched: the newest naming of an office stays."""
    office = getattr(each.event.data, "office", None)
    return (each.event.time, office.email, office.name) if office else (each.event.time, "", "")


async def offerings(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Learns sessions and orders from the events of offerings."""
    sessions: dict[UUID, Row] = {}
    moved: dict[UUID, Row] = {}
    orders: dict[UUID, Row] = {}
    statuses: dict[UUID, Row] = {}
    for each in delivered:
        match each.event.data:
            case OfferingSubmitted() as event:
                sessions.update(_sessions(event, each))
            case SessionRescheduled() as event:
                moved[event.session_id] = (event.ends_on,)
            case OrderIssued() as event:
                orders[event.order_id] = (
                    event.session_id, event.number, event.perimeter, event.territory, event.cost_type, event.price,
                    event.amount_ceiling, event.payment_days, each.event.time, each.event.correlationid,
                    _position(each),
                )  # fmt: skip
            case OrderSigned() as event:
                statuses[event.order_id] = ("signed",)
            case OrderSignatureRefused() as event:
                statuses[event.order_id] = ("signature-refused",)
            case OrderCancelled() as event:
                statuses[event.order_id] = ("cancelled",)
    await _write(connection, SQL.keep_sessions, sessions)
    await _write(connection, SQL.move_sessions, moved)
    await _write(connection, SQL.keep_orders, orders)
    await _write(connection, SQL.move_orders, statuses)


def _sessions(event: OfferingSubmitted, each: Delivered) -> dict[UUID, Row]:
    return {
        session.session_id: (
            event.offering_id, event.body_id, event.body_name, event.title, event.perimeter, event.territory,
            session.ends_on, each.event.correlationid, _position(each),
        )
        for session in event.sessions
    }  # fmt: skip


async def attendance(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Learns what was validated from the events of attendance (R9)."""
    attended: dict[UUID, Row] = {}
    for each in delivered:
        match each.event.data:
            case CertificatesSubmitted() as event:
                attended[event.session_id] = ("submitted", 0, 0)
            case CertificatesRejected() as event:
                attended[event.session_id] = ("rejected", 0, 0)
            case CertificatesValidated() as event:
                attended[event.session_id] = ("validated", event.trainees, event.hours)
    await _write(connection, SQL.keep_attended, attended)


async def _write(connection: asyncpg.Connection, statement: str, rows: dict[Any, Row]) -> None:
    """One statement for all rows; its parameters are the columns."""
    if rows:
        await connection.execute(statement, *zip(*((key, *row) for key, row in rows.items()), strict=True))


def _position(each: Delivered) -> str:
    return f"{each.context}/{each.partition}/{each.sequence}"


def _json(content: Any) -> str | None:
    return None if content is None else orjson.dumps(content).decode()


def billing_of(row: asyncpg.Record) -> Billing:
    """What an invoice rests on, from a row of the query `billing`."""
    order = None
    if row["order_id"]:
        order = Order(
            row["order_id"], row["order_number"], row["order_status"], row["perimeter"], row["territory"],
            row["cost_type"], row["price"], row["ceiling"], row["payment_days"] or PAYMENT_DAYS,
        )  # fmt: skip
    attended = Attended(row["attended"], row["trainees"], row["hours"]) if row["attended"] else Attended()
    return Billing(
        session=row["session_id"], offering=row["offering_id"], title=row["title"], body=row["body_id"],
        body_name=row["body_name"], ends_on=row["ends_on"], order=order, attended=attended,
    )  # fmt: skip


def submitted_of(row: asyncpg.Record) -> InvoiceSubmitted:
    """The invoice as it was submitted."""
    return InvoiceSubmitted.model_validate_json(row["submitted"])


def office_of(row: asyncpg.Record) -> Office | None:
    """The proximity site of the invoice's territory, when one is known."""
    if row["office_email"] is None:
        return None
    return Office(name=row["office_name"], email=row["office_email"], phone=row["office_phone"])
