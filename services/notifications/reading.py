"""That a dossier was read is kept: by whom, when, and what of it; once an hour for each reader.  (U1)"""

from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID, uuid5

from fastapi import Request

from services.notifications.following import DECIDER, NoteReading, What
from shared.ledger import Appended
from shared.runtime.asked import Asked
from shared.runtime.auth import Principal
from shared.runtime.service import Runtime

_READINGS = UUID("9c0f4f5e-3d0a-5f0b-8d57-6a1f2b7c4e90")
REMEMBERED = 10_000


async def noted(
    runtime: Runtime,
    request: Request,
    dossier: UUID,
    what: What,
    reader: Principal,
    digest: str | None = None,
) -> Appended | None:
    """None when this process knows that it is already said for this hour."""
    now = datetime.now(UTC)
    name = f"{dossier} {what} {reader.role}:{reader.subject} {now:%Y-%m-%dT%H} {digest or ''}"
    said: dict[str, None] = runtime.own.readings
    if digest is None and name in said:
        return None
    asked = Asked(
        uuid5(_READINGS, name), sha256(name.encode()).digest(), f"{reader.role}:{reader.subject}", now,
        request.scope["correlation"],
    )  # fmt: skip
    command = NoteReading(dossier, what, asked.actor, digest)
    appended = await runtime.commands.handle(DECIDER, f"reading-{dossier}", command, asked)
    said[name] = None
    if len(said) > REMEMBERED:
        said.pop(next(iter(said)))
    return appended
