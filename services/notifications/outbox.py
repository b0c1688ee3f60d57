"""The outbox: e-mails asked for by an event, written in the transaction of its checkpoint, sealed as they came."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.notifications.policies import Outgoing
from services.notifications.views import SQL
from shared.events import AnyPersonal, Sealed


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the outbox, taken by this sender."""

    id: UUID
    template: str
    to: Sealed
    words: Mapping[str, str]
    personal: Mapping[str, Sealed]
    cause: UUID
    cause_type: str
    correlation: str
    body: UUID | None
    attempts: int


async def put_out(connection: asyncpg.Connection, outgoing: Sequence[Outgoing], now: datetime) -> None:
    """Records what must be sent, due at once."""
    rows = [
        (
            each.id, each.template, each.cause, each.cause_type, each.body, each.correlation,
            _json({"words": dict(each.words), "personal": {n: _sealed(v) for n, v in each.personal.items()}}),
            _json(_sealed(each.to)), now,
        )
        for each in outgoing
    ]  # fmt: skip
    if rows:
        await connection.execute(SQL.put_out, *zip(*rows, strict=True))


def waiting_of(row: asyncpg.Record) -> Waiting:
    """A row as the sender reads it."""
    content = orjson.loads(row["words"])
    return Waiting(
        row["email_id"], row["template"], Sealed(**orjson.loads(row["recipient"])), content["words"],
        {name: Sealed(**value) for name, value in content["personal"].items()},
        row["cause_id"], row["cause_type"], row["correlation"], row["body_id"], row["attempts"],
    )  # fmt: skip


def _sealed(value: AnyPersonal) -> dict[str, str]:
    """Events only carry sealed values on the wire."""
    if not isinstance(value, Sealed):
        raise TypeError(f"a personal value of {value.person} is not sealed")
    return asdict(value)


def _json(content: Any) -> str:
    return orjson.dumps(content).decode()
