"""Who reads a context's events and how far: its own consumers, and subscribers' systems over HTTP.  (N4)"""

from typing import Any

from shared.ledger.ledger import Connection
from shared.messaging.checkpoint import checkpoints
from shared.sql import queries

SQL = queries(__file__, "readers.sql")


async def note(connection: Connection, subscriber: str, partition: int, sequence: int) -> None:
    """A subscriber asked for what follows: so far it has come."""
    await connection.execute(SQL.note, subscriber, partition, sequence)


async def note_failure(connection: Connection, subscriber: str, code: str) -> None:
    """A subscriber was refused; its last refusal is kept."""
    await connection.execute(SQL.fail, subscriber, code)


async def readers(connection: Connection) -> list[dict[str, Any]]:
    """Each consumer of this database and each subscriber: what it reads, how far it is, what last went wrong.

    `reached`: partition -> sequence, of `context`; None: of the context whose database this is.
    """
    found: dict[tuple[str, str | None], dict[str, Any]] = {}

    def of(name: str, context: str | None = None) -> dict[str, Any]:
        return found.setdefault((name, context), _nothing(name, context))

    for each in await checkpoints(connection):
        of(each.consumer, each.context)["reached"][str(each.partition)] = each.sequence
    for row in await connection.fetch(SQL.parked):
        failed = {"failure": row["error_type"], "event": row["event_type"], "failed_at": row["parked_at"]}
        of(row["consumer"], row["context"]).update(failed, parked=row["parked"])
    for row in await connection.fetch(SQL.readers):
        reader = of(row["subscriber"])
        reader["reached"][str(row["partition"])] = row["sequence"]
        reader["read_at"] = max(reader["read_at"] or row["read_at"], row["read_at"])
    for row in await connection.fetch(SQL.failures):
        of(row["subscriber"]).update(failure=row["code"], failed_at=row["at"])
    return list(found.values())


def _nothing(name: str, context: str | None) -> dict[str, Any]:
    empty = dict.fromkeys(("read_at", "failure", "event", "failed_at"))
    return {"name": name, "context": context, "reached": {}, "parked": 0, **empty}
