"""`formelie erase PERSON`: destroys the person's key, then tells every context by `PersonErased`.

The history keeps its bytes and still verifies; what was sealed for the person reads `Erased` from now on.
"""

import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import asyncpg
import click

from ops.errors import OpsError
from ops.options import in_folder
from ops.stack.endpoints import Endpoints
from ops.stack.folder import ENDPOINTS, SECRETS, Folder
from shared.events import encode, registration
from shared.ledger import Append, Keyring, Ledger, NewEvent

UNUSED_SECRET = bytes(32)  # destroying needs no key to be unwrapped


@dataclass(frozen=True, slots=True)
class Stores:
    """The keyring as the role `eraser`, and registration's ledger as its service."""

    keyring: str
    registration: str

    @classmethod
    def of(cls, folder: Path) -> "Stores":
        """From FORMELIE_ERASER_URL and FORMELIE_REGISTRATION_URL, else those of the local stack in `folder`."""
        given = os.environ.get("FORMELIE_ERASER_URL"), os.environ.get("FORMELIE_REGISTRATION_URL")
        if given[0] and given[1]:
            return cls(given[0], given[1])
        dsns = Endpoints.read(folder / ENDPOINTS).postgres
        passwords = Folder(folder).read(SECRETS)["passwords"]
        return cls(
            _as(dsns["keyring"], "eraser", passwords), _as(dsns["registration"], "registration", passwords)
        )


def _as(dsn: str, role: str, passwords: dict[str, str]) -> str:
    scheme, _, rest = dsn.partition("://")
    return f"{scheme}://{role}:{passwords[role]}@{rest.rpartition('@')[2]}"


@click.command()
@click.argument("person")
@click.option("--by", "actor", required=True, help="Who decided it, an account's id; it is in the history.")
@click.option("--yes", is_flag=True, help="Do not ask: the person cannot be brought back.")
@in_folder
def erase(person: str, actor: str, yes: bool, folder: Path) -> None:
    """Erase PERSON for ever: destroy the key that their personal data is sealed with.

    PERSON is the id beside a sealed value in an event, for example contact-3f0c... Repeating it is harmless.
    """
    stores = Stores.of(folder)
    if not yes:
        click.confirm(f"Erase {person} for ever?", abort=True)
    try:
        destroyed = asyncio.run(erased(stores, person, actor))
    except (OSError, asyncpg.PostgresError) as error:
        raise OpsError(
            f"The stores cannot be reached, nothing is known to be erased: {error}. Run it again."
        ) from error
    click.echo(
        f"{person}: {'key destroyed' if destroyed else 'had no key any more'}, PersonErased published."
    )


async def erased(stores: Stores, person: str, actor: str) -> bool:
    """Destroys the key, then appends `PersonErased`; False when there was no key. Safe to repeat."""
    async with AsyncExitStack() as stack:
        keys = await stack.enter_async_context(asyncpg.create_pool(stores.keyring, min_size=1, max_size=1))
        pool = await stack.enter_async_context(
            asyncpg.create_pool(stores.registration, min_size=1, max_size=2)
        )
        ledger = await Ledger.open(pool, "registration")
        append = _published(person, actor, datetime.now(UTC))
        destroyed = await Keyring(keys, UNUSED_SECRET).destroy(person)
        if await ledger.answer(append.command, append.fingerprint) is None:
            await ledger.append_each([append])
        return destroyed


def _published(person: str, actor: str, now: datetime) -> Append:
    command = uuid5(NAMESPACE_URL, f"formelie:erase:{person}")
    stream = f"erasure-{person}"
    record = encode(
        registration.PersonErased(person=person, requested_on=now.date(), erased_by=actor),
        id=uuid5(command, "0"),
        source="/formelie/registration",
        stream=stream,
        version=1,
        time=now,
        correlation=str(command),
        causation=str(command),
        actor=actor,
    )
    return Append(stream, 0, (NewEvent(uuid5(command, "0"), record),), command, command.bytes * 2)
