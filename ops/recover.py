"""`formelie recover CONTEXT`: a ledger restored from an older backup takes its lost tail back from Kafka."""

import asyncio
import os
from pathlib import Path

import asyncpg
import click

from ops.contexts import CONTEXTS
from ops.databases import dsn_of
from ops.errors import OpsError
from ops.options import in_folder
from ops.stack.endpoints import Endpoints
from ops.stack.folder import ENDPOINTS, SECRETS, Folder
from shared.messaging.errors import MessagingError
from shared.messaging.reader import Reader
from shared.messaging.recovery import Recovered
from shared.messaging.recovery import recover as take_back


@click.command()
@click.argument("context", type=click.Choice(CONTEXTS))
@in_folder
def recover(context: str, folder: Path) -> None:
    """Bring CONTEXT's ledger up to date again after PostgreSQL was restored from an older backup.

    Takes back from Kafka every event that the backup lacks, verified by the hash chain, and raises the ledger's
    epoch; its relay then goes on by itself. Nothing is written unless everything links.

    Needs the superuser: FORMELIE_ADMIN_URL and FORMELIE_KAFKA, else those of the local stack in --dir.
    """
    admin, kafka = servers(folder)
    try:
        recovered = asyncio.run(_recover(dsn_of(admin, context), kafka, context))
    except MessagingError as refused:
        raise OpsError(f"Nothing was changed. {refused}.") from refused
    except (OSError, asyncpg.PostgresError) as error:
        raise OpsError(f"Nothing was changed: PostgreSQL or Kafka cannot be reached ({error}).") from error
    for part in recovered:
        click.echo(
            f"{context}, partition {part.partition}: {part.first} to {part.last} taken back from Kafka"
        )
    click.echo(
        "The relay goes on within 10 seconds."
        if recovered
        else "Nothing is missing: the ledger is up to date."
    )


def servers(folder: Path) -> tuple[str, str]:
    """The superuser's DSN and Kafka's address, of the environment or of the stack in `folder`. Raises OpsError."""
    admin, kafka = os.environ.get("FORMELIE_ADMIN_URL"), os.environ.get("FORMELIE_KAFKA")
    if admin and kafka:
        return admin, kafka
    where = Endpoints.read(folder / ENDPOINTS)
    password = Folder(folder).read(SECRETS).get("passwords", {}).get("postgres")
    if not password:
        raise OpsError(
            f"There is no superuser's password in {folder}: set FORMELIE_ADMIN_URL and FORMELIE_KAFKA."
        )
    return dsn_of(where.postgres["registration"], "postgres", "postgres", password), where.kafka


async def _recover(dsn: str, kafka: str, context: str) -> list[Recovered]:
    reader = Reader(kafka)
    connection = await asyncpg.connect(dsn)
    try:
        return await take_back(connection, reader, context)
    finally:
        await connection.close()
        await reader.close()
