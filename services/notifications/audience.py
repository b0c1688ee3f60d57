"""From an alert to the mailboxes of those it is for: each account as it prefers, at once, once a day or not at all.

A decision goes to every account of the body, at once, and waits for the first account to be heard of when none is.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson
import structlog

from services.notifications.email import email_id
from services.notifications.letters import OF_A_DAY
from services.notifications.outbox import put_out
from services.notifications.policies import Outgoing
from services.notifications.themes import UNLESS_SAID
from services.notifications.views import SQL
from shared.ledger.ledger import Connection
from shared.runtime.paris import PARIS

logger = structlog.get_logger(__name__)

TAKEN_AT_ONCE = 200
DAILY_AT = time(7)  # in Paris
LOOK_FOR_ACCOUNTS_AGAIN = timedelta(seconds=30)
LOOKED_FOR_ACCOUNTS = timedelta(days=2)
DIGEST = "daily"
"""What stands as the cause of a daily e-mail."""


def next_daily(now: datetime) -> datetime:
    """The next time that daily e-mails leave: at the same hour in Paris, summer and winter."""
    here = now.astimezone(PARIS)
    today = datetime.combine(here.date(), DAILY_AT, PARIS)
    return today if here < today else datetime.combine(here.date() + timedelta(days=1), DAILY_AT, PARIS)


async def write_to_accounts(pool: asyncpg.Pool) -> int:
    """Turns a batch of announcements into e-mails and lines of daily ones; how many there were."""
    now = datetime.now(UTC)
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(SQL.take_announcements, TAKEN_AT_ONCE)
        if not rows:
            return 0
        accounts, preferred = await _audience(connection, rows)
        waiting = [row for row in rows if _may_wait(row, now) and not accounts.get(_recipient(row))]
        later = {row["alert_id"] for row in waiting}
        known = [row for row in rows if row["alert_id"] not in later]
        outgoing, daily = _shared_out(known, accounts, preferred, now)
        await put_out(connection, outgoing, now)
        if daily:
            await connection.execute(SQL.keep_for_the_day, *zip(*daily, strict=True))
        await connection.execute(SQL.announced, [row["alert_id"] for row in known])
        await connection.execute(SQL.announce_later, list(later), LOOK_FOR_ACCOUNTS_AGAIN)
    _say_unheard(row for row in known if row["decision"] and not accounts.get(_recipient(row)))
    return len(rows)


Recipient = tuple[str, str]
Accounts = Mapping[Recipient, Sequence[UUID]]
Preferred = Mapping[str, Mapping[str, str]]


async def _audience(connection: Connection, rows: Sequence[asyncpg.Record]) -> tuple[Accounts, Preferred]:
    recipients = sorted({_recipient(row) for row in rows})
    found = await connection.fetch(SQL.audience, *zip(*recipients, strict=True))
    accounts: dict[Recipient, list[UUID]] = {}
    for row in found:
        accounts.setdefault((row["kind"], row["recipient"]), []).append(row["account"])
    chosen = await connection.fetch(SQL.preferences, [str(row["account"]) for row in found])
    return accounts, {row["account"]: orjson.loads(row["themes"]) for row in chosen}


def _shared_out(
    rows: Sequence[asyncpg.Record], accounts: Accounts, preferred: Preferred, now: datetime
) -> tuple[list[Outgoing], list[tuple[Any, ...]]]:
    outgoing: list[Outgoing] = []
    daily: list[tuple[Any, ...]] = []
    due = next_daily(now)
    for row in rows:
        for account in accounts.get(_recipient(row), ()):
            frequency = preferred.get(str(account), {}).get(row["theme"], UNLESS_SAID)
            if row["decision"] or frequency == "at-once":
                outgoing.append(_at_once(row, account))
            elif frequency == "daily":
                daily.append((account, row["alert_id"], row["theme"], row["words"], due))
    return outgoing, daily


def _at_once(row: asyncpg.Record, account: UUID) -> Outgoing:
    return Outgoing(
        id=email_id(row["cause_id"], row["template"], account), template=row["template"], to=None,
        words=orjson.loads(row["words"]), personal={}, cause=row["cause_id"], cause_type=row["cause_type"],
        correlation=row["correlation"], body=row["body_id"], dossier=row["dossier"], account=account,
        theme=None if row["decision"] else row["theme"],
    )  # fmt: skip


def _recipient(row: asyncpg.Record) -> Recipient:
    return row["recipient_kind"], row["recipient_id"]


def _may_wait(row: asyncpg.Record, now: datetime) -> bool:
    young: bool = now - row["asked_at"] < LOOKED_FOR_ACCOUNTS
    return young and row["decision"] and row["recipient_kind"] == "body"


def _say_unheard(rows: Iterable[asyncpg.Record]) -> None:
    for row in rows:
        logger.error(
            "a decision has nobody to be written to", alert=str(row["alert_id"]), code=row["template"]
        )


async def write_daily(pool: asyncpg.Pool) -> int:
    """Makes the daily e-mails whose time has come, without what was done or read meanwhile; how many accounts."""
    now = datetime.now(UTC)
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(SQL.take_digests, TAKEN_AT_ONCE)
        if not rows:
            return 0
        days = [(account, list(of)) for account, of in groupby(rows, key=lambda row: row["account"])]
        mails = [_daily(account, of, now) for account, of in days if not all(row["over"] for row in of)]
        await put_out(connection, mails, now)
        await connection.execute(
            SQL.digested, *zip(*((r["account"], r["alert_id"]) for r in rows), strict=True)
        )
    return len(days)


def _daily(account: UUID, rows: Sequence[asyncpg.Record], now: datetime) -> Outgoing:
    """One e-mail a day and account, whoever makes it twice."""
    items = [row for row in rows if not row["over"]]
    day = uuid5(account, f"{DIGEST} {now.astimezone(PARIS).date()}")
    themes = sorted({row["theme"] for row in items})
    return Outgoing(
        id=email_id(day, OF_A_DAY, account), template=OF_A_DAY, to=None,
        words={"items": [orjson.loads(row["words"]) for row in items]}, personal={}, cause=day, cause_type=DIGEST,
        correlation=str(day), body=None, account=account, theme=",".join(themes),
    )  # fmt: skip
