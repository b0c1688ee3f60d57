"""Read models of invoicing's own events: the invoices. What others tell is in learning.py.

The handler folds a batch in memory, the last word of each key, and writes it in a few set statements.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.invoicing.billing import PAYMENT_DAYS, Attended, Billing, Order
from services.invoicing.seller import is_liable, lacking, seller_of
from shared.events import Event
from shared.events.invoicing import (
    InvoiceAccepted,
    InvoiceAmendmentGranted,
    InvoiceAmendmentRefused,
    InvoiceAmendmentRequested,
    InvoiceCorrected,
    InvoiceCredited,
    InvoicePaid,
    InvoiceRejected,
    InvoiceResumed,
    InvoiceReturned,
    InvoiceSubmitted,
)
from shared.messaging import Delivered
from shared.runtime.paris import today
from shared.sql import queries

SQL = queries(__file__)

Row = tuple[Any, ...]
Found = Mapping[str, Any]
"""A row of a query, by its columns."""
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
                    each.event.correlationid, each.event.streamversion, event.issued_on, event.document_hash,
                )  # fmt: skip
            case _:
                if step := _step(each):
                    invoice, change = step
                    move = moves.setdefault(invoice, {})
                    _lay_over(move, change, each.event.streamversion)
    await write(connection, SQL.keep_invoices, submitted)
    await write(connection, SQL.move_invoices, {invoice: _columns(move) for invoice, move in moves.items()})


_STATUS: dict[type[Event], str] = {
    InvoiceAccepted: "accepted",
    InvoiceRejected: "rejected",
    InvoiceReturned: "returned",
    InvoiceCorrected: "corrected",
    InvoiceCredited: "credited",
    InvoicePaid: "paid",
}


def _step(each: Delivered) -> tuple[UUID, dict[str, Any]] | None:
    """What an event changes in the row of its invoice; None for an event of no invoice."""
    event = each.event.data
    content = event.model_dump(mode="json", exclude_none=True, exclude=_IDENTITY)
    match event:
        case InvoiceAmendmentRequested():
            asked = {"remedy": None, "reasons": None} | content
            return event.invoice_id, {"amendment": {"status": "requested"} | asked}
        case InvoiceAmendmentGranted():
            return event.invoice_id, {"amendment": {"status": "granted"} | content}
        case InvoiceAmendmentRefused():
            return event.invoice_id, {"amendment": {"status": "refused"} | content}
        case InvoiceResumed():
            return event.invoice_id, {
                "status": "submitted",
                "outcome": content,
                "document": event.document_hash,
                "supplements": [event.supplement_hash] if event.supplement_hash else [],
            }
        case InvoiceAccepted() | InvoiceReturned():
            return event.invoice_id, {"status": _STATUS[type(event)], "outcome": content}
        case InvoiceRejected() | InvoiceCorrected() | InvoiceCredited() | InvoicePaid():
            closed = {"status": _STATUS[type(event)], "outcome": content, "closed_on": _closed_on(each)}
            return event.invoice_id, closed
        case _:
            return None


def _closed_on(each: Delivered) -> Any:
    match each.event.data:
        case InvoicePaid(paid_on=day) | InvoiceRejected(rejected_on=day):
            return day
        case _:
            return today(each.event.time)


def _lay_over(move: dict[str, Any], change: dict[str, Any], version: int) -> None:
    amendment = {**move.get("amendment", {}), **change.get("amendment", {})}
    document = change.get("document") or move.get("document")
    supplements = [*move.get("supplements", []), *change.get("supplements", [])]
    move.update(change, version=version, document=document, supplements=supplements)
    if amendment:
        move["amendment"] = amendment


def _columns(move: dict[str, Any]) -> Row:
    return (
        move["version"], move.get("status"), as_json(move.get("outcome")), as_json(move.get("amendment")),
        move.get("document"), move.get("closed_on"), as_json(move["supplements"]),
    )  # fmt: skip


async def write(connection: asyncpg.Connection, statement: str, rows: dict[Any, Row]) -> None:
    """One statement for all rows; its parameters are the columns."""
    if rows:
        await connection.execute(statement, *zip(*((key, *row) for key, row in rows.items()), strict=True))


def as_json(content: Any) -> str | None:
    """The text of a jsonb column."""
    return None if content is None else orjson.dumps(content).decode()


def billing_of(row: Found) -> Billing:
    """What an invoice rests on, from a row of the query `billing`."""
    order = None
    if row["order_id"]:
        order = Order(
            row["order_id"], row["order_number"], row["order_status"], row["perimeter"], row["territory"],
            row["cost_type"], row["price"], row["ceiling"], row["payment_days"] or PAYMENT_DAYS,
        )  # fmt: skip
    attended = Attended(row["attended"], row["trainees"], row["hours"]) if row["attended"] else Attended()
    seller = details_of(row)
    return Billing(
        session=row["session_id"], offering=row["offering_id"], title=row["title"], body=row["body_id"],
        body_name=row["body_name"], starts_on=row["starts_on"], ends_on=row["ends_on"], order=order,
        attended=attended, offered=row["offered"], cancelled=row["cancelled"], seller=seller_of(seller),
        lacking=lacking(seller), liable=is_liable(seller),
    )  # fmt: skip


def details_of(row: Any) -> dict[str, Any]:
    """What registration tells of a body; nothing when it told nothing yet."""
    details: dict[str, Any] = orjson.loads(row["seller"]) if row and row["seller"] else {}
    return details


def submitted_of(row: Found) -> InvoiceSubmitted:
    """The invoice as it was submitted."""
    return InvoiceSubmitted.model_validate_json(row["submitted"])
