"""What the author of a submission keeps: its event's place and hash, on paper too; and whether they still hold.  (F11)

Whoever holds a receipt may ask, signed in or not: the answer is yes or no, and then the day and the kind alone. Nobody
guesses a hash, so nobody learns anything without a receipt.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Response
from fastapi import Path as InPath

from shared.events import Event, decode
from shared.ledger import Stored, link
from shared.ledger.chain import GENESIS
from shared.runtime import pdf
from shared.runtime.paris import PARIS
from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_FOUND
from shared.runtime.service import Runtime, runtime_of

TEMPLATE = Path(__file__).with_name("receipt.typ")

Service = Annotated[Runtime, Depends(runtime_of)]
E = TypeVar("E", bound=Event)
Sent = list[tuple[Stored, datetime, E]]
"""Each time that something was sent, the first one first: the event as stored, when, and what it says."""
Verdict = Literal["intact", "changed", "unknown"]
INTACT, CHANGED, UNKNOWN = get_args(Verdict)


def receipts(kinds: Mapping[type[Event], str]) -> APIRouter:
    """The route of a service; `kinds`: the events that have receipts, and what people call what was sent."""
    router = APIRouter(tags=["reçus"])
    named = {event.wire: kind for event, kind in kinds.items()}

    @router.get("/receipts/{partition}/{sequence}")
    async def verify(
        partition: Annotated[int, InPath(ge=0, lt=10**4)],
        sequence: Annotated[int, InPath(ge=1, lt=10**18)],
        dossier: UUID,
        digest: Annotated[str, Query(alias="hash", pattern="^[0-9a-f]{64}$")],
        runtime: Service,
    ) -> dict[str, Any]:
        """Whether a receipt is of an event of this ledger, and whether that event is as it was then (F11)."""
        near = await runtime.ledger.page(partition, sequence - 2, 2)
        return verified({each.sequence: each for each in near}, sequence, f"{dossier}", digest, named)

    return router


def verified(
    near: Mapping[int, Stored], sequence: int, dossier: str, digest: str, kinds: Mapping[str, str]
) -> dict[str, Any]:
    """The verdict on a receipt; `near`: the event there and the one before it, by sequence. Pure."""
    found, before = near.get(sequence), near.get(sequence - 1)
    if found is None or found.hash.hex() != digest or not found.stream.endswith(f"-{dossier}"):
        return {"verdict": UNKNOWN, "kind": None, "at": None}
    if link(before.hash if before else GENESIS, sequence, found.record) != found.hash:
        return {"verdict": CHANGED, "kind": None, "at": None}
    record = orjson.loads(found.record)
    kind = kinds.get(record["type"])
    if kind is None:
        return {"verdict": UNKNOWN, "kind": None, "at": None}
    return {"verdict": INTACT, "kind": kind, "at": record["time"]}


def sent(stream: Iterable[Stored], kind: type[E]) -> Sent[E]:
    """The events of that kind in a dossier's stream."""
    return [
        (row, each.time, each.data) for row in stream if isinstance((each := decode(row.record)).data, kind)
    ]


def receipt(context: str, event: Stored) -> dict[str, str]:
    """What its author keeps of an event: its place, and the hash that an auditor finds there."""
    return {
        "position": f"{context}/{event.partition}/{event.sequence}",
        "hash": event.hash.hex(),
        "by": orjson.loads(event.record)["actor"],
    }


def listed(context: str, sent: Sent[Any]) -> dict[str, Any]:
    """The receipts of what was sent, the first one first."""
    items = [
        {"revision": revision, "at": at, **receipt(context, row)}
        for revision, (row, at, _) in enumerate(sent, 1)
    ]
    return {"items": items, "next": None}


async def on_paper(
    context: str, kind: str, sent: Sent[E], revision: int, body_name: Callable[[E], str]
) -> Response:
    """One of these receipts as PDF. Raises `Refused` as not found when nothing was sent so often."""
    if not 0 < revision <= len(sent):
        raise Refused(NOT_FOUND)
    row, at, event = sent[revision - 1]
    return await _drawn(context, kind, row, at, body_name(event), revision)


async def _drawn(
    context: str, kind: str, event: Stored, at: datetime, body_name: str, revision: int
) -> Response:
    """Accessible; the same event always gives the same bytes. It names no person."""
    here = at.astimezone(PARIS)
    data = receipt(context, event) | {
        "kind": kind,
        "body_name": body_name,
        "dossier": event.stream.partition("-")[2],
        "revision": revision,
        "on": here.date(),
        "hour": f"{here.hour}\u00a0h\u00a0{here.minute:02}",
    }
    content = await pdf.rendered(TEMPLATE, data, on=here.date())
    named = {"Content-Disposition": f'attachment; filename="recu-{data["dossier"]}-{revision}.pdf"'}
    return Response(content, media_type="application/pdf", headers=named)
