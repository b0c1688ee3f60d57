"""Alerts as their recipients have them: posted, read, closed by whatever does the act they call for.  (R10)

Two locks make the outcome the same whichever event is heard first: on the act and what it is done on, between the
posting and the doing; on the recipient's inbox, so that changes are numbered in the order in which they can be seen.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from services.notifications.acts import Done
from shared.events.notifications import AlertPosted, AlertRead, Recipient
from shared.sql import queries

SQL = queries(__file__)


@dataclass(frozen=True, slots=True)
class Inboxes:
    """Whose alerts somebody reads: one recipient's, those of a manager's territories; without kind, everybody's."""

    kind: str | None = None
    ids: tuple[str, ...] = ()

    @property
    def alone(self) -> tuple[str, str] | None:
        """The one recipient, where there is only one."""
        return (self.kind, self.ids[0]) if self.kind and len(self.ids) == 1 else None

    def holds(self, kind: str, id: str) -> bool:
        """Whether a recipient's alerts are to be read here, and marked as read."""
        return self.kind == kind and id in self.ids


Posting = tuple[AlertPosted, datetime, int]
"""An alert, when it was posted, and its version."""
Reading = tuple[AlertRead, datetime, int]


async def not_shown(connection: asyncpg.Connection, posted: Sequence[Posting]) -> Sequence[Posting]:
    """Those whose rows are still to be made: most were shown when they were posted, and need no lock again."""
    if not posted:
        return posted
    rows = await connection.fetch(SQL.shown, [alert.alert_id for alert, _, _ in posted])
    shown = {row["alert_id"] for row in rows}
    return [each for each in posted if each[0].alert_id not in shown]


async def change(
    connection: asyncpg.Connection,
    posted: Sequence[Posting] = (),
    read: Sequence[Reading] = (),
    done: Collection[Done] = (),
) -> None:
    """Shows new alerts, marks those that were read, closes those whose act was done, now or before they came.

    All locks first, acts before inboxes, each kind in one order: whoever changes alerts waits for no one who waits.
    """
    alerts = [alert for alert, _, _ in posted]
    called = await _hold_acts(
        connection,
        {(alert.act, alert.subject) for alert in alerts if alert.act and alert.subject},
        {(each.act, each.subject) for each in done},
    )
    inboxes = {_place(alert.recipient) for alert in alerts} | {
        _place(event.recipient) for event, _, _ in read
    }
    await _write(connection, SQL.hold_inboxes, sorted(inboxes | called))
    await _write(connection, SQL.keep_alerts, {each[0].alert_id: _row(*each) for each in posted}.values())
    await _write(connection, SQL.read_alerts, {e.alert_id: (e.alert_id, at, v) for e, at, v in read}.values())
    await _write(connection, SQL.note_done, [(each.act, each.subject, each.at) for each in done])
    await _write(connection, SQL.close_alerts, sorted({(each.act, each.subject) for each in done}))


async def _hold_acts(
    connection: asyncpg.Connection, wanted: set[tuple[str, str]], done: set[tuple[str, str]]
) -> set[tuple[str, str]]:
    """The recipients of the alerts that called for what is done."""
    await _write(connection, SQL.hold_acts, sorted(wanted | done))
    if not done:
        return set()
    rows = await connection.fetch(SQL.called_for, *_columns(sorted(done)))
    return {(row["recipient_kind"], row["recipient_id"]) for row in rows}


def _place(recipient: Recipient) -> tuple[str, str]:
    return recipient.kind, recipient.id


async def _write(connection: asyncpg.Connection, statement: str, rows: Collection[tuple[Any, ...]]) -> None:
    """One statement for all rows; its parameters are the columns."""
    if rows:
        await connection.execute(statement, *_columns(rows))


def _row(alert: AlertPosted, at: datetime, version: int) -> tuple[Any, ...]:
    to = alert.recipient
    return (
        alert.alert_id, to.kind, to.id, at, alert.code, alert.title, alert.text, alert.link, alert.faq,
        alert.cause_id, alert.cause_type, version, alert.theme, alert.act, alert.act_words, alert.subject,
        alert.caused_at, alert.dossier_id,
    )  # fmt: skip


def _columns(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """The parameters of a statement that takes one array a column."""
    return [list(column) for column in zip(*rows, strict=True)]
