"""`formelie parked list|show|redrive`: the events that a consumer could not handle, and what waits behind them."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import click

from ops.contexts import CONTEXTS
from ops.databases import dsn_of
from ops.errors import OpsError
from ops.options import in_folder
from ops.stack.endpoints import Endpoints
from ops.stack.folder import ENDPOINTS, SECRETS, Folder
from shared.messaging import parked as parking
from shared.messaging.parked import Parked

T = TypeVar("T")
WHAT_TO_DO = {
    "failed": "Correct what the error names, then: formelie parked redrive --in {database} --stream {stream}",
    "behind": "It waits for an earlier event of its stream; redrive the stream: "
    "formelie parked redrive --in {database} --stream {stream}",
    "malformed": "It is no event of the chain: nothing was lost by setting it aside. Find out who wrote on the topic.",
}
in_database = click.option(
    "--in", "database", type=click.Choice(CONTEXTS), help="Only this service's consumers."
)
of_stream = click.option("--stream", help="Only this stream, for example order-3f0c...")


@click.group()
def parked() -> None:
    """List, show and redrive the events a consumer could not handle.

    An event whose handling fails for a lasting reason is set aside with its error, and every later event of its
    stream waits behind it; other streams go on. A redrive hands a stream's events to its consumer again, in order.

    Listing and showing read as the auditor of endpoints.json. A redrive writes a request, as the service's own
    role (password in DIR/secrets.json) or as the superuser of FORMELIE_ADMIN_URL.
    """


@parked.command("list")
@in_database
@of_stream
@in_folder
def list_(database: str | None, stream: str | None, folder: Path) -> None:
    """Everything that is parked, in the order in which it would be taken again."""
    found = [(name, event) for name in _names(database) for event in _ask(folder, name, _listed(stream))]
    for name, event in found:
        click.echo(line(name, event))
    click.echo(f"{len(found)} parked." if found else "Nothing is parked.")


@parked.command()
@click.argument("database", metavar="SERVICE", type=click.Choice(CONTEXTS))
@click.argument("number", type=int)
@in_folder
def show(database: str, number: int, folder: Path) -> None:
    """One parked event as it came, its error, and what to do; SERVICE and NUMBER as `list` gives them."""
    found = _ask(folder, database, lambda connection: parking.show(connection, number))
    if found is None:
        raise OpsError(f"{database} has no parked event {number}.")
    click.echo(page(database, found))


@parked.command()
@in_database
@of_stream
@click.option("--consumer", help="Only this consumer's, for example attendance.offerings.")
@click.option("--dry-run", is_flag=True, help="Only say what would be taken again.")
@in_folder
def redrive(
    database: str | None, stream: str | None, consumer: str | None, dry_run: bool, folder: Path
) -> None:
    """Hand parked events to their consumers again, each stream in its order, until one fails again."""

    async def ask(connection: asyncpg.Connection) -> Sequence[Parked]:
        return await parking.redrive(connection, consumer, stream, dry_run=dry_run)

    total = 0
    for name in _names(database):
        for event in sorted(_ask(folder, name, ask, writes=not dry_run), key=lambda event: event.id):
            total += 1
            click.echo(line(name, event))
    what = (
        "would be taken again, in this order"
        if dry_run
        else "asked for; their consumers take them within seconds"
    )
    click.echo(f"{total} {what}." if total else "Nothing to take again.")


def line(database: str, event: Parked) -> str:
    """One parked event on one line."""
    place = f"{event.context}/{event.partition}/{event.sequence or f'offset {event.kafka_offset}'}"
    kind = (event.event_type or "?").removeprefix("org.formiris.")
    asked = " (redrive asked for)" if event.redrive_requested_at else ""
    error = f"  {event.error}" if event.error else ""
    return (
        f"{database} {event.id}  {event.parked_at:%Y-%m-%d %H:%M:%S}  {event.consumer}  {place}  {event.stream}  "
        f"{kind}  {event.reason}{asked}{error}"
    )


def page(database: str, event: dict[str, Any]) -> str:
    """One parked event on a page: where it is, what it says, why it is here, what to do."""
    try:
        record = json.dumps(json.loads(event["record"]), ensure_ascii=False, indent=2)
    except ValueError:
        record = repr(event["record"][:2_000])
    error = (
        [f"{event['error_type']}: {event['error']}", event["traceback"] or ""]
        if event["error_type"]
        else ["-"]
    )
    place = f"{event['context']}, partition {event['partition']}, sequence {event['sequence'] or '-'}"
    return "\n".join(
        [
            f"Consumer   {event['consumer']}",
            f"Position   {place}, offset {event['kafka_offset']}",
            f"Stream     {event['stream']}",
            f"Parked     {event['parked_at']:%Y-%m-%d %H:%M:%S %Z}, {event['reason']}, {event['attempts']} attempts",
            "",
            record,
            "",
            "Error",
            *error,
            "",
            WHAT_TO_DO[event["reason"]].format(database=database, stream=event["stream"]),
        ]
    )


def _names(database: str | None) -> Sequence[str]:
    return (database,) if database else CONTEXTS


def _listed(stream: str | None) -> Callable[[asyncpg.Connection], Awaitable[Sequence[Parked]]]:
    return lambda connection: parking.list(connection, stream=stream)


def _ask(
    folder: Path,
    database: str,
    question: Callable[[asyncpg.Connection], Awaitable[T]],
    *,
    writes: bool = False,
) -> T:
    """The answer of one service's database. Raises OpsError."""
    dsn = _dsn(folder, database, writes=writes)

    async def ask() -> T:
        connection = await asyncpg.connect(dsn)
        try:
            return await question(connection)
        finally:
            await connection.close()

    try:
        return asyncio.run(ask())
    except (OSError, asyncpg.PostgresError) as error:
        raise OpsError(f"The database {database} cannot be asked: {error}") from error


def _dsn(folder: Path, database: str, *, writes: bool) -> str:
    admin = os.environ.get("FORMELIE_ADMIN_URL")
    if admin:
        return dsn_of(admin, database)
    auditor = Endpoints.read(folder / ENDPOINTS).postgres[database]
    if not writes:
        return auditor
    password = Folder(folder).read(SECRETS).get("passwords", {}).get(database)
    if not password:
        raise OpsError(f"There is no password of {database} in {folder}: set FORMELIE_ADMIN_URL.")
    return dsn_of(auditor, database, database, password)
