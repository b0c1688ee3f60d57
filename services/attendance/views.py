"""Read models of attendance: what offerings tells of sessions, and the certificates deposited for them.

Each handler folds a batch in memory, the last word of each key, and writes it in a few set statements.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from pydantic import BaseModel

from services.attendance.sessions import Order, Session
from shared.events.attendance import CertificatesRejected, CertificatesSubmitted, CertificatesValidated
from shared.events.offerings import (
    OfferingSubmitted,
    OrderAmended,
    OrderCancelled,
    OrderIssued,
    OrderSignatureRefused,
    OrderSigned,
    SessionCancelled,
    SessionRescheduled,
    TeacherAssigned,
    TeacherUnassigned,
    TeachingUnit,
)
from shared.events.parts import Office
from shared.events.registration import ReferencingAccepted, ReferencingRequested
from shared.messaging import Delivered
from shared.sql import queries

SQL = queries(__file__)

Row = tuple[Any, ...]


async def own(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Folds attendance's own events into views.certificates."""
    deposits: dict[UUID, Row] = {}
    decisions: dict[UUID, Row] = {}
    sheets: list[Row] = []
    for each in delivered:
        version = each.event.streamversion
        match each.event.data:
            case CertificatesSubmitted() as event:
                deposits[event.session_id] = (
                    event.body_id, version, event.revision, _json(event.lines), _refs(event), event.sheet_hash,
                    each.event.time,
                )  # fmt: skip
                sheets.append((
                    event.session_id, event.revision, event.sheet_hash, event.sheet_size, event.sheet_media_type,
                    each.event.time,
                ))  # fmt: skip
                decisions.pop(event.session_id, None)
            case CertificatesValidated() as event:
                totals = event.model_dump_json(include={"units", "trainees", "hours"})
                decisions[event.session_id] = ("validated", version, event.validated_on, None, totals, None)
            case CertificatesRejected() as event:
                rejection = event.model_dump_json(include={"reasons", "lines"})
                decisions[event.session_id] = (
                    "rejected", version, event.rejected_on, rejection, None, _refs(event),
                )  # fmt: skip
    await _write(connection, SQL.keep_certificates, deposits)
    await _write_rows(connection, SQL.keep_sheets, sheets)
    await _write(connection, SQL.decide_certificates, decisions)


async def registration(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Learns which office follows the sessions of a territory (R1)."""
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
    """Learns sessions, orders and assignments from the events of offerings."""
    await _learn_sessions(connection, delivered)
    await _learn_orders(connection, delivered)
    await _learn_assignments(connection, delivered)


async def _learn_sessions(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    sessions: dict[UUID, Row] = {}
    moves: dict[UUID, Row] = {}
    cancellations: dict[UUID, Row] = {}
    for each in delivered:
        match each.event.data:
            case OfferingSubmitted() as event:
                for session in event.sessions:
                    sessions[session.session_id] = (
                        event.offering_id, event.body_id, event.body_name, event.title, event.perimeter,
                        event.territory, session.starts_on, session.ends_on, session.place, _json(session.units),
                        each.event.correlationid, _position(each),
                    )  # fmt: skip
            case SessionRescheduled() as event:
                place = event.place or moves.get(event.session_id, (None,))[-1]
                moves[event.session_id] = (event.starts_on, event.ends_on, place)
            case SessionCancelled() as event:
                cancellations[event.session_id] = (event.cause,)
    await _write(connection, SQL.keep_sessions, sessions)
    await _write(connection, SQL.move_sessions, moves)
    await _write(connection, SQL.cancel_sessions, cancellations)


async def _learn_orders(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    issued: dict[UUID, Row] = {}
    moves: dict[UUID, Row] = {}
    for each in delivered:
        match each.event.data:
            case OrderIssued() as event:
                issued[event.order_id] = (
                    event.session_id, event.number, event.territory, event.perimeter, _json(event.units),
                    each.event.time, each.event.correlationid, _position(each),
                )  # fmt: skip
            case OrderSigned() as event:
                moves[event.order_id] = ("signed", "", each.event.time)
            case OrderSignatureRefused() as event:
                reasons = " ; ".join(reason.text for reason in event.reasons)
                moves[event.order_id] = ("signature-refused", reasons, each.event.time)
            case OrderAmended() as event:
                moves[event.order_id] = ("amended", "", each.event.time)
            case OrderCancelled() as event:
                moves[event.order_id] = ("cancelled", event.cause, each.event.time)
    await _write(connection, SQL.keep_orders, issued)
    await _write(connection, SQL.move_orders, moves)


async def _learn_assignments(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    expected: dict[Row, bool] = {}
    for each in delivered:
        match each.event.data:
            case TeacherAssigned() | TeacherUnassigned() as event:
                key = (event.session_id, event.unit_code, event.teacher_number)
                expected[key] = isinstance(event, TeacherAssigned)
    await _write_rows(connection, SQL.assign, [key for key, present in expected.items() if present])
    await _write_rows(connection, SQL.unassign, [key for key, present in expected.items() if not present])


async def _write(connection: asyncpg.Connection, statement: str, rows: dict[Any, Row]) -> None:
    await _write_rows(connection, statement, [(key, *row) for key, row in rows.items()])


async def _write_rows(connection: asyncpg.Connection, statement: str, rows: Sequence[Row]) -> None:
    """One statement for all rows; its parameters are the columns."""
    if rows:
        await connection.execute(statement, *zip(*rows, strict=True))


def _position(each: Delivered) -> str:
    return f"{each.context}/{each.partition}/{each.sequence}"


def _refs(event: CertificatesSubmitted | CertificatesRejected) -> str | None:
    return None if event.validated_lines is None else _json(event.validated_lines)


def _json(parts: Iterable[BaseModel]) -> str:
    return orjson.dumps([part.model_dump(mode="json", exclude_none=True) for part in parts]).decode()


def session_of(row: asyncpg.Record) -> Session:
    """What the decisions rest on, from a row of the query `session`."""
    order = office = None
    if row["order_id"]:
        order = Order(row["order_id"], row["number"], row["order_status"], row["words"], row["order_since"])
    if row["office_email"]:
        office = Office(name=row["office_name"], email=row["office_email"], phone=row["office_phone"])
    units = [TeachingUnit.model_validate_json(orjson.dumps(unit)) for unit in orjson.loads(row["units"])]
    return Session(
        id=row["session_id"], offering=row["offering_id"], body=row["body_id"],
        title=row["title"], perimeter=row["perimeter"], territory=row["territory"],
        starts_on=row["starts_on"], ends_on=row["ends_on"],
        hours={unit.code: unit.hours for unit in units},
        assigned=frozenset((teacher, unit) for teacher, unit in orjson.loads(row["assigned"])),
        order=order, cancelled=row["cancelled"], office=office, body_name=row["body_name"], place=row["place"],
        unit_titles={unit.code: unit.title for unit in units},
    )  # fmt: skip
