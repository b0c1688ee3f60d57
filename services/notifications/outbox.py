"""The outbox: e-mails asked for by an event, written in the transaction of its checkpoint, sealed as they came.

And what comes before it: alerts that are to be announced to their recipients' accounts (audience.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.notifications.policies import Announcement, Outgoing
from services.notifications.views import SQL
from shared.events import AnyPersonal, Sealed
from shared.ledger.ledger import Connection


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the outbox, taken by this sender; `to` is None for an account that has no address any more."""

    id: UUID
    template: str
    to: Sealed | None
    words: Mapping[str, Any]
    personal: Mapping[str, Sealed]
    cause: UUID
    cause_type: str
    correlation: str
    body: UUID | None
    attempts: int
    account: UUID | None = None
    dossier: UUID | None = None
    theme: str | None = None
    account_name: str | None = None
    """By which the account's preferences are kept."""


async def put_out(connection: Connection, outgoing: Sequence[Outgoing], now: datetime) -> None:
    """Records what must be sent, due at once."""
    rows = [
        (
            each.id, each.template, each.cause, each.cause_type, each.body, each.correlation,
            _json({"words": dict(each.words), "personal": {n: _sealed(v) for n, v in each.personal.items()}}),
            each.to and _json(_sealed(each.to)), now, each.account, each.dossier, each.theme, now,
        )
        for each in outgoing
    ]  # fmt: skip
    if rows:
        await connection.execute(SQL.put_out, *zip(*rows, strict=True))


async def announce(connection: Connection, announcements: Sequence[Announcement], now: datetime) -> None:
    """Records which alerts the recipients' accounts are to be written to about."""
    rows = [
        (
            alert.alert_id, alert.recipient.kind, alert.recipient.id, alert.theme, each.decision, alert.code,
            alert.cause_id, alert.cause_type, each.correlation, each.body, alert.dossier_id,
            _json(dict(each.words)), now, now,
        )
        for each in announcements
        for alert in [each.posted]
    ]  # fmt: skip
    if rows:
        await connection.execute(SQL.announce, *zip(*rows, strict=True))


def waiting_of(row: asyncpg.Record) -> Waiting:
    """A row as the sender reads it."""
    content = orjson.loads(row["words"])
    address = row["recipient"] or row["login"]
    return Waiting(
        row["email_id"], row["template"], Sealed(**orjson.loads(address)) if address else None, content["words"],
        {name: Sealed(**value) for name, value in content["personal"].items()},
        row["cause_id"], row["cause_type"], row["correlation"], row["body_id"], row["attempts"], row["account"],
        row["dossier"], row["theme"], row["account_name"],
    )  # fmt: skip


def _sealed(value: AnyPersonal) -> dict[str, str]:
    """Events only carry sealed values on the wire."""
    if not isinstance(value, Sealed):
        raise TypeError(f"a personal value of {value.person} is not sealed")
    return asdict(value)


def _json(content: Any) -> str:
    return orjson.dumps(content).decode()
