"""Messages as both sides read them: kept from their events, revealed when shown, with who must answer.  (H5)"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from shared.events import Clear, Sealed
from shared.events.notifications import MessagePosted, MessageRead
from shared.messaging import Delivered
from shared.runtime.paris import today
from shared.runtime.service import Runtime
from shared.sql import queries

SQL = queries(__file__)


async def keep_messages(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Folds threads; the events of one come in their order."""
    posted = [each for each in delivered if isinstance(each.event.data, MessagePosted)]
    read = [
        (event.message_id, each.event.time, event.read_by)
        for each in delivered
        if isinstance(event := each.event.data, MessageRead)
    ]
    if posted:
        rows = [_row(each) for each in posted]
        await connection.execute(SQL.keep_messages, *zip(*rows, strict=True))
        await connection.execute(SQL.answer_messages, [row[0] for row in rows])
    if read:
        await connection.execute(SQL.read_messages, *zip(*read, strict=True))


def _row(delivered: Delivered) -> tuple[Any, ...]:
    event = delivered.event.data
    if not isinstance(event, MessagePosted) or not isinstance(event.text, Sealed):
        raise TypeError("a message is sealed in the ledger")
    text = {"person": event.text.person, "sealed": event.text.sealed}
    pin = event.pinned_to and event.pinned_to.model_dump_json()
    return (
        event.message_id, event.dossier_id, delivered.event.time, event.side, event.posted_by,
        orjson.dumps(text).decode(), pin, event.answers, event.owner, event.answer_by,
    )  # fmt: skip


async def shown(runtime: Runtime, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A page of messages; the text of a person who was erased is None."""
    sealed = {row["id"]: Sealed(**orjson.loads(row["text"])) for row in rows}
    revealed = await runtime.keyring.reveal(list(sealed.values()))
    return [_shown(row, revealed[sealed[row["id"]]]) for row in rows]


def _shown(row: Mapping[str, Any], text: object) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "at": row["at"].isoformat(),
        "side": row["side"],
        "by": row["by"],
        "text": text.value if isinstance(text, Clear) else None,
        "pinned_to": row["pinned_to"] and orjson.loads(row["pinned_to"]),
        "answers": row["answers"] and str(row["answers"]),
        "wait": wait(row) if row["owner"] and row["answered_at"] is None else None,
        "answered_at": row["answered_at"] and row["answered_at"].isoformat(),
        "read_at": row["read_at"] and row["read_at"].isoformat(),
    }


def wait(row: Mapping[str, Any]) -> dict[str, Any]:
    """Who must answer, by when, and whether that day has passed."""
    last: date = row["answer_by"]
    return {"owner": row["owner"], "answer_by": last.isoformat(), "late": last < today()}


async def thread_of(pool: asyncpg.Pool, dossier: UUID) -> dict[str, Any]:
    """How many messages a dossier has, and the answer that is due first."""
    row = await pool.fetchrow(SQL.thread, dossier)
    return {"count": row["count"] if row else 0, "wait": wait(dict(row)) if row and row["owner"] else None}
