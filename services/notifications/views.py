"""Read models of notifications: alerts, e-mails and preferences, from its own events; dossiers, from everybody's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.notifications import inbox
from services.notifications.accounts import learn_accounts
from services.notifications.acts import done
from services.notifications.dossiers import learn_offices, stand
from services.notifications.messages import keep_messages
from services.notifications.waits import measure
from shared.events.notifications import (
    AbsenceDeclared,
    AlertPosted,
    AlertRead,
    DossierEntrusted,
    DossierRead,
    EmailFailed,
    EmailSent,
    ListExported,
    PreferencesChanged,
)
from shared.messaging import Delivered
from shared.sql import queries

SQL = queries(__file__)

Row = tuple[Any, ...]


async def own(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Folds notifications' own events."""
    posted: list[inbox.Posting] = []
    read: list[inbox.Reading] = []
    emails: dict[UUID, Row] = {}
    mailboxes: dict[str, Row] = {}
    preferences: dict[str, dict[str, str]] = {}
    for each in delivered:
        at, version = each.event.time, each.event.streamversion
        match each.event.data:
            case AlertPosted() as event:
                posted.append((event, at, version))
            case AlertRead() as event:
                read.append((event, at, version))
            case EmailSent() as event:
                emails[event.email_id] = (
                    *_mailed(event),
                    "sent",
                    None,
                    at,
                    event.account_id,
                    event.dossier_id,
                )
                _note(mailboxes, event.to.person, event.body_id, at, None, None)
            case EmailFailed() as event:
                emails[event.email_id] = (
                    *_mailed(event), "failed", event.reason, at, event.account_id, event.dossier_id,
                )  # fmt: skip
                if event.permanent:
                    _note(mailboxes, event.to.person, event.body_id, None, at, event.reason)
            case PreferencesChanged() as event:
                chosen = {each.theme: each.frequency for each in event.themes}
                preferences.setdefault(event.account, {}).update(chosen)
    acts = [act for each in delivered for act in done(each.event.data, each.event.time)]
    await inbox.change(connection, await inbox.not_shown(connection, posted), read, acts)
    await _write(connection, SQL.keep_emails, emails)
    await _write(connection, SQL.keep_mailboxes, mailboxes)
    laid = {account: (orjson.dumps(themes).decode(),) for account, themes in sorted(preferences.items())}
    await _write(connection, SQL.keep_preferences, laid)
    await _around(connection, delivered)
    await keep_messages(connection, delivered)


async def _around(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """What Formiris's people do around dossiers; the last word of a stream counts."""
    following: dict[UUID, Row] = {}
    absences: dict[str, Row] = {}
    readings: set[Row] = set()
    exports: dict[UUID, Row] = {}
    for each in delivered:
        at = each.event.time
        match each.event.data:
            case DossierEntrusted() as event:
                following[event.dossier_id] = (event.to, event.note, event.entrusted_by, at)
            case AbsenceDeclared() as event:
                absences[event.manager] = (
                    event.starts_on, event.ends_on, event.replacement, event.declared_by,
                )  # fmt: skip
            case DossierRead() as event:
                readings.add((event.dossier_id, event.read_by, event.what, at))
            case ListExported() as event:
                exports[event.export_id] = (event.address, event.rows, event.exported_by, at)
    await _write(connection, SQL.keep_following, following)
    await _write(connection, SQL.keep_absences, absences)
    if readings:
        await connection.execute(SQL.keep_readings, *zip(*sorted(readings), strict=True))
    await _write(connection, SQL.keep_exports, exports)


async def learn(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Folds the events of another context: dossiers, accounts and offices."""
    await stand(connection, delivered)
    await measure(connection, delivered)
    await learn_accounts(connection, delivered)
    await learn_offices(connection, delivered)


async def show(
    connection: asyncpg.Connection, new: Sequence[AlertPosted], at: datetime, delivered: Sequence[Delivered]
) -> None:
    """Alerts just posted, in the transaction that posts them: whoever waited for their cause reads them.

    The same rows as `own` makes of the same events a moment later. And what the causes did closes alerts.
    """
    acts = [act for each in delivered for act in done(each.event.data, each.event.time)]
    await inbox.change(connection, posted=[(alert, at, 1) for alert in new], done=acts)


def _mailed(event: EmailSent | EmailFailed) -> Row:
    return event.template, event.cause_id, event.cause_type, event.body_id


def _note(
    mailboxes: dict[str, Row], person: str, body: UUID | None, sent: datetime | None, failed: datetime | None,
    reason: str | None,
) -> None:  # fmt: skip
    """The last of each, in whatever order they come."""
    before = mailboxes.get(person, (None, None, None, None))
    if failed and before[2] and before[2] >= failed:
        failed, reason = before[2], before[3]
    mailboxes[person] = (
        body or before[0],
        max((at for at in (sent, before[1]) if at), default=None),
        failed or before[2],
        reason or before[3],
    )


async def _write(connection: asyncpg.Connection, statement: str, rows: dict[Any, Row]) -> None:
    """One statement for all rows; its parameters are the columns."""
    if rows:
        await connection.execute(
            statement, *zip(*((key, *row) for key, row in sorted(rows.items())), strict=True)
        )
