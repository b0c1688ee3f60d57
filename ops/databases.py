"""Databases, roles, grants and migrations of a PostgreSQL cluster: run once before the services, any time again.

FORMELIE_ADMIN_URL=postgresql://... FORMELIE_PASSWORD_REGISTRATION=... python -m ops.databases
"""

import asyncio
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from pogo_core.error import BadMigrationError
from pogo_core.util.migrate import apply

from ops.contexts import CONTEXTS
from ops.errors import DatabasesUnready

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[1]
SQL = Path(__file__).parent / "sql"
KEYRING = "keyring"
DATABASES = (*CONTEXTS, KEYRING)
LOGIN_ROLES = (*CONTEXTS, "auditor", "eraser")


def migrations_of(database: str) -> list[Path]:
    """The folders of migrations of a database, in order; those that exist."""
    if database == KEYRING:
        folders = [ROOT / "shared/ledger/keyring_migrations"]
    else:
        folders = [
            ROOT / "shared/ledger/migrations",
            ROOT / "shared/messaging/migrations",
            ROOT / "services" / database / "migrations",
        ]
    return [folder for folder in folders if folder.is_dir()]


def dsn_of(admin: str, database: str, role: str | None = None, password: str = "") -> str:
    """The DSN of another database of the cluster, as `role` when given."""
    parts = urlsplit(admin)
    host = parts.netloc.rpartition("@")[2]
    place = f"{role}:{password}@{host}" if role else parts.netloc
    return urlunsplit(parts._replace(netloc=place, path=f"/{database}"))


async def prepare(admin: str, passwords: Mapping[str, str], partitions: int) -> None:
    """Bring the cluster to what the services need; nothing to do the second time.

    `passwords` has one for each of LOGIN_ROLES. Raises DatabasesUnready, OSError, asyncpg.PostgresError.
    """
    cluster = await asyncpg.connect(admin)
    try:
        await cluster.execute("select pg_advisory_lock(hashtext('formelie.databases'))")
        await create_roles(cluster, passwords)
        await cluster.execute(_sql("closed.sql"))
        for database in DATABASES:
            await create_database(cluster, database)
            await migrate(dsn_of(admin, database), database, migrations_of(database), partitions)
    finally:
        await cluster.close()


async def create_roles(cluster: asyncpg.Connection, passwords: Mapping[str, str]) -> None:
    """Every role of the cluster; the passwords of the login roles are set each time."""
    await cluster.execute(_sql("roles.sql"))
    for role in LOGIN_ROLES:
        statement = await cluster.fetchval(
            "select format('alter role %I login password %L', $1::text, $2::text)", role, passwords[role]
        )
        await cluster.execute(statement)


async def create_database(cluster: asyncpg.Connection, name: str, of: str | None = None) -> None:
    """A database that belongs to `<of>_owner`, where only the roles of the context `of` may connect."""
    context = of or name
    if not await cluster.fetchval("select true from pg_database where datname = $1", name):
        await cluster.execute(f'create database "{name}" owner {context}_owner')
    await cluster.execute(f'revoke all on database "{name}" from public')
    for role in _visitors(context):
        await cluster.execute(f'grant connect on database "{name}" to {role}')


def _visitors(context: str) -> Sequence[str]:
    return (*CONTEXTS, "auditor", "eraser") if context == KEYRING else (context, "auditor")


async def migrate(dsn: str, context: str, folders: Sequence[Path], partitions: int) -> None:
    """Apply what was not applied yet, as the owner of the context, then fix the ledger's partitions.

    Raises DatabasesUnready, also when the ledger was made with another number of partitions.
    """
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"set role {context}_owner")
        if context != KEYRING:
            await connection.execute(_sql("before_migrations.sql"))
        for folder in folders:
            await apply(connection, folder, schema_name="public", logger=_Quiet(__name__))
        if context != KEYRING:
            await _initialise_ledger(connection, context, partitions)
            await connection.execute(_sql("after_migrations.sql"))
    except BadMigrationError as error:
        raise DatabasesUnready(f"{context}: {error}: {error.__cause__}") from error
    finally:
        await connection.close()


async def _initialise_ledger(connection: asyncpg.Connection, context: str, partitions: int) -> None:
    if await connection.fetchval("select to_regproc('ledger.initialise')"):
        try:
            await connection.execute("select ledger.initialise($1, $2)", context, partitions)
        except asyncpg.RaiseError as refused:
            raise DatabasesUnready(f"{context}: {refused}") from refused


class _Quiet(logging.LoggerAdapter[logging.Logger]):
    """pogo tells each migration it applies as a warning; it is information."""

    def __init__(self, name: str) -> None:
        super().__init__(logging.getLogger(name), {})

    def warning(self, msg: object, *args: object, **_: object) -> None:
        self.info(msg, *args)


def _sql(name: str) -> str:
    return (SQL / name).read_text(encoding="utf-8")


def main() -> int:
    """The command of a container: settings from the environment, exit code 1 with a sentence when one lacks."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        admin = os.environ["FORMELIE_ADMIN_URL"]
        passwords = {role: os.environ[f"FORMELIE_PASSWORD_{role.upper()}"] for role in LOGIN_ROLES}
        partitions = int(os.environ.get("FORMELIE_PARTITIONS", "8"))
    except KeyError as missing:
        log.error("%s is not set.", missing.args[0])  # noqa: TRY400 - no traceback for a missing setting
        return 1
    try:
        asyncio.run(prepare(admin, passwords, partitions))
    except (DatabasesUnready, OSError, asyncpg.PostgresError) as error:
        log.error("The databases could not be prepared: %s", error)  # noqa: TRY400 - the sentence is enough
        return 1
    log.info("Databases ready: %s", ", ".join(DATABASES))
    return 0


if __name__ == "__main__":
    sys.exit(main())
