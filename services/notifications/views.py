"""Read models of notifications: alerts, and what became of e-mails."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from shared.events.notifications import AlertPosted, AlertRead, EmailFailed, EmailSent
from shared.messaging import Delivered
from shared.sql import queries

SQL = queries(__file__)

Row = tuple[Any, ...]


async def own(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Folds notifications' own events into views.alerts and views.emails."""
    posted: dict[UUID, Row] = {}
    read: dict[UUID, Row] = {}
    emails: dict[UUID, Row] = {}
    for each in delivered:
        at, version = each.event.time, each.event.streamversion
        match each.event.data:
            case AlertPosted() as event:
                posted[event.alert_id] = _posted(event, at, version)
            case AlertRead() as event:
                read[event.alert_id] = (at, version)
            case EmailSent() as event:
                emails[event.email_id] = (*_mailed(event), "sent", None, at)
            case EmailFailed() as event:
                emails[event.email_id] = (*_mailed(event), "failed", event.reason, at)
    await _write(connection, SQL.keep_alerts, posted)
    await _write(connection, SQL.read_alerts, read)
    await _write(connection, SQL.keep_emails, emails)


async def show_at_once(connection: asyncpg.Connection, posted: Sequence[AlertPosted], at: datetime) -> None:
    """Alerts just posted, in the transaction that posts them: whoever waited for their cause reads them.

    The same rows as `own` makes of the same events a moment later.
    """
    await _write(connection, SQL.keep_alerts, {alert.alert_id: _posted(alert, at, 1) for alert in posted})


def _posted(alert: AlertPosted, at: datetime, version: int) -> Row:
    to = alert.recipient
    return (
        to.kind, to.id, at, alert.code, alert.title, alert.text, alert.link, alert.faq, alert.cause_id,
        alert.cause_type, version,
    )  # fmt: skip


def _mailed(event: EmailSent | EmailFailed) -> Row:
    return event.template, event.cause_id, event.cause_type, event.body_id


async def _write(connection: asyncpg.Connection, statement: str, rows: dict[UUID, Row]) -> None:
    """One statement for all rows; its parameters are the columns."""
    if rows:
        await connection.execute(statement, *zip(*((key, *row) for key, row in rows.items()), strict=True))
