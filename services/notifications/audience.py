"""From an alert to the mailboxes of those it is for: each account as it prefers, at once, once a day or not at all.

A decision goes to every account of the body, at once, and waits for the first account to be heard of when none is:
after two days Assistance and the office are told, and it goes on waiting. Formiris's own people are accounts too.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson
import structlog

from services.notifications.email import email_id
from services.notifications.letters import OF_A_DAY
from services.notifications.outbox import announce, put_out
from services.notifications.policies import Outgoing, Said, unheard
from services.notifications.themes import UNLESS_SAID
from services.notifications.views import SQL
from shared.events.notifications import DecisionUnheard
from shared.ledger import Appended
from shared.ledger.ledger import Connection
from shared.runtime.paris import PARIS, today
from shared.runtime.service import Runtime
from shared.runtime.territories import Territories, territories

logger = structlog.get_logger(__name__)

TAKEN_AT_ONCE = 200
DAILY_AT = time(7)  # in Paris
LOOK_FOR_ACCOUNTS_AGAIN = timedelta(seconds=30)
LOOKED_FOR_ACCOUNTS = timedelta(days=2)
"""Until somebody is told; the decision waits for an account as long as it takes."""
LISTED = 40
"""In one daily e-mail, at most; an office may have hundreds."""
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
        waiting = [row for row in rows if _must_reach(row) and not accounts.get(_recipient(row))]
        later = {row["alert_id"] for row in waiting}
        known = [row for row in rows if row["alert_id"] not in later]
        outgoing, daily = _shared_out(known, accounts, preferred, now)
        await put_out(connection, outgoing, now)
        if daily:
            await connection.execute(SQL.keep_for_the_day, *zip(*daily, strict=True))
        await connection.execute(SQL.announced, [row["alert_id"] for row in known])
        await connection.execute(SQL.announce_later, list(later), LOOK_FOR_ACCOUNTS_AGAIN)
    return len(rows)


async def say_unheard(runtime: Runtime) -> int:
    """Says which decisions have waited too long for an account; they go on waiting. How many there were."""
    async with runtime.pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(SQL.take_unheard, LOOKED_FOR_ACCOUNTS, TAKEN_AT_ONCE)
        appended: list[Appended] = []
        for row in rows:
            said = unheard(_unheard(row), row["correlation"], datetime.now(UTC))
            appended += await say(runtime, connection, said)
            logger.error("a decision has nobody to be written to", alert=str(row["alert_id"]))
    runtime.ledger.announce(appended)
    return len(rows)


async def say(
    runtime: Runtime, connection: Connection, said: Said, *, written: bool = True
) -> list[Appended]:
    """Notifications' own word, and its alerts; `written`: they are e-mailed too, unless it was said before."""
    appended = await runtime.commands.react(connection, [said.part, *said.alerts])
    if written and not appended[0].repeated:
        await announce(connection, said.announcements, datetime.now(UTC))
    return appended


def _unheard(row: asyncpg.Record) -> DecisionUnheard:
    return DecisionUnheard(
        alert_id=row["alert_id"], body_id=UUID(row["recipient_id"]), body_name=row["body_name"],
        title=orjson.loads(row["words"])["title"], dossier_id=row["dossier"], territory=row["territory"],
        since=row["asked_at"],
    )  # fmt: skip


Recipient = tuple[str, str]
Mailbox = tuple[UUID, str]
"""An account, and the name by which it chose what it wants."""
Accounts = Mapping[Recipient, Sequence[Mailbox]]
Preferred = Mapping[str, Mapping[str, str]]


async def _audience(connection: Connection, rows: Sequence[asyncpg.Record]) -> tuple[Accounts, Preferred]:
    recipients = sorted({_recipient(row) for row in rows})
    kinds, ids = zip(*recipients, strict=True)
    answering = [_answering(*recipient) for recipient in recipients]
    found = await connection.fetch(SQL.audience, kinds, ids, answering)
    accounts: dict[Recipient, list[Mailbox]] = {}
    for row in found:
        accounts.setdefault((row["kind"], row["recipient"]), []).append((row["account"], row["name"]))
    chosen = await connection.fetch(SQL.preferences, [row["name"] for row in found])
    return accounts, {row["account"]: orjson.loads(row["themes"]) for row in chosen}


def _answering(kind: str, id: str) -> str:
    """The territory whose managers hold an office's dossiers today: its successor's, once there is one."""
    return _territories().answering(id, today()) if kind == "office" else id


@cache
def _territories() -> Territories:
    return territories()


def _shared_out(
    rows: Sequence[asyncpg.Record], accounts: Accounts, preferred: Preferred, now: datetime
) -> tuple[list[Outgoing], list[tuple[Any, ...]]]:
    outgoing: list[Outgoing] = []
    daily: list[tuple[Any, ...]] = []
    due = next_daily(now)
    for row in rows:
        for account, name in accounts.get(_recipient(row), ()):
            frequency = preferred.get(name, {}).get(row["theme"], UNLESS_SAID)
            if row["decision"] or frequency == "at-once":
                outgoing.append(_at_once(row, account))
            elif frequency == "daily":
                daily.append((account, row["alert_id"], row["theme"], row["words"], due))
    return outgoing, daily


def _at_once(row: asyncpg.Record, account: UUID) -> Outgoing:
    return Outgoing(
        id=email_id(row["cause_id"], row["template"], account), template=row["template"], to=None,
        words=orjson.loads(row["words"]), personal={}, cause=row["cause_id"], cause_type=row["cause_type"],
        correlation=row["correlation"], body=row["body_id"] if row["recipient_kind"] == "body" else None,
        dossier=row["dossier"], account=account,
        theme=None if row["decision"] else row["theme"],
    )  # fmt: skip


def _recipient(row: asyncpg.Record) -> Recipient:
    return row["recipient_kind"], row["recipient_id"]


def _must_reach(row: asyncpg.Record) -> bool:
    decides: bool = row["decision"]
    return decides and row["recipient_kind"] == "body"


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
    shown = items[:LISTED]
    day = uuid5(account, f"{DIGEST} {now.astimezone(PARIS).date()}")
    themes = sorted({row["theme"] for row in items})
    return Outgoing(
        id=email_id(day, OF_A_DAY, account), template=OF_A_DAY, to=None,
        words={"items": [orjson.loads(row["words"]) for row in shown], "more": len(items) - len(shown)},
        personal={}, cause=day, cause_type=DIGEST,
        correlation=str(day), body=None, account=account, theme=",".join(themes),
    )  # fmt: skip
