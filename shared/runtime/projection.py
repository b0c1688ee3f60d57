"""Read models folded row by row in memory, and written a batch at a time: two statements, whatever its size."""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from shared.messaging import Delivered

Row = dict[str, Any]
"""A row as JSON says it: dates and uuids are strings, jsonb is nested."""

Change = tuple[UUID, Delivered]
"""An event, and the id of the row that it changes."""

Project = Callable[[Row, Delivered], Row]
"""The row before an event (nothing but its id: there is none) -> the columns that change. Pure."""


async def fold(
    connection: asyncpg.Connection, load: str, save: str, changes: Sequence[Change], project: Project
) -> None:
    """Folds a batch into one table.

    `load` gives (id, row jsonb) for $1 uuid[]; `save` inserts or replaces the rows of $1 jsonb, an array.
    """
    if not changes:
        return
    keys = list(dict.fromkeys(key for key, _ in changes))
    rows: dict[UUID, Row] = {found["id"]: read(found["row"]) for found in await connection.fetch(load, keys)}
    for key, delivered in changes:
        before = rows.get(key, {"id": str(key)})
        rows[key] = {**before, **project(before, delivered)}
    await connection.execute(save, json.dumps(list(rows.values()), default=str, ensure_ascii=False))


def read(row: str) -> Row:
    """A row of jsonb; decimals stay decimals."""
    found: Row = json.loads(row, parse_float=Decimal)
    return found
