"""Where a dossier stands, for pages that say more than that: they are right without it."""

from typing import Any
from uuid import UUID

from services.extranet.backend import Problem, Visitor


async def standing_of(visitor: Visitor, id: UUID | str) -> dict[str, Any] | None:
    """As notifications tells it; None where it knows nothing of the dossier, or not yet."""
    try:
        told: dict[str, Any] = await visitor.get("notifications", f"/dossiers/{id}/standing")
    except Problem as problem:
        if problem.status not in (404, 503):
            raise
        return None
    return told
