"""What happened to a dossier, from the ledger itself: each event with its place, its author and its proof.  (U1)

For auditors. Personal fields stay sealed; `record` is the event to the byte, so that its hash can be made again:
sha256(previous || sequence as 8 bytes, big-endian || record).
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import orjson
import structlog
from fastapi import APIRouter, Depends, Query, Request

from shared.ledger import Stored, link
from shared.runtime.auth import Caller, Principal
from shared.runtime.http import ReadAfter
from shared.runtime.service import Runtime, runtime_of

logger = structlog.get_logger()

Service = Annotated[Runtime, Depends(runtime_of)]
After = Annotated[str | None, Query(pattern=r"^[a-z]+-[0-9a-f-]{36}:[0-9]{1,9}$")]


Noting = Callable[[Runtime, Request, UUID, Principal], Awaitable[object]]


def history(*prefixes: str, noting: Noting | None = None) -> APIRouter:
    """The route of a service; `prefixes` begin the names of the streams that a dossier may have in it.

    `noting` keeps that it was read.
    """
    router = APIRouter(tags=["historique"])

    @router.get("/dossiers/{id}/history", dependencies=[ReadAfter])
    async def show(
        id: UUID, request: Request, runtime: Service, principal: Caller, after: After = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 200,
    ) -> dict[str, Any]:  # fmt: skip
        """Every event of a dossier in this service, by stream and version; that it was read is logged.

        `intact`: its hash is that of its bytes and of the hash before it. `next` is the `after` of what follows.
        """
        logger.info("history read", dossier=str(id), by=principal.subject)
        if noting:
            await noting(runtime, request, id, principal)
        stream, _, version = (after or "").partition(":")
        streams = [f"{prefix}-{id}" for prefix in prefixes]
        rows = await runtime.ledger.linked(streams, (stream, int(version)) if after else None, limit)
        items = [described(*row) for row in rows]
        following = f"{items[-1]['stream']}:{items[-1]['version']}" if len(items) == limit else None
        return {"id": str(id), "items": items, "next": following}

    return router


def described(event: Stored, previous: bytes) -> dict[str, Any]:
    """An event as an auditor reads it."""
    record = orjson.loads(event.record)
    return {
        "stream": event.stream,
        "version": event.version,
        "partition": event.partition,
        "sequence": event.sequence,
        "id": str(event.id),
        "type": record["type"],
        "time": record["time"],
        "actor": record["actor"],
        "correlation": record["correlationid"],
        "cause": record["causationid"],
        "data": record["data"],
        "hash": event.hash.hex(),
        "previous": previous.hex(),
        "intact": link(previous, event.sequence, event.record) == event.hash,
        "record": event.record.decode(),
    }
