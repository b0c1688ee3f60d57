"""Appends for tests: small records that are CloudEvents enough for deep verification."""

from hashlib import sha256
from uuid import UUID, uuid4, uuid5

import orjson

from shared.ledger import Append, NewEvent


def append(
    stream: str = "", expected: int = 0, events: int = 1, *, command: UUID | None = None, asked: str = "this"
) -> Append:
    """An append of `events` events to a stream, a new one by default, by a new command by default."""
    name = stream or f"order-{uuid4()}"
    by = command or uuid4()
    made = tuple(_event(name, expected + n, uuid5(by, f"{asked}/{n}")) for n in range(1, events + 1))
    return Append(name, expected, made, by, sha256(asked.encode()).digest())


def _event(stream: str, version: int, event_id: UUID) -> NewEvent:
    record = {"specversion": "1.0", "id": str(event_id), "subject": stream, "streamversion": version}
    return NewEvent(event_id, orjson.dumps(record))
