"""What subscribers' systems read over HTTP: a context's events in order, if they were granted its topic.

A grant of `formelie.<context>` is for the events without the lines that name teachers by their number; one of
`formelie.<context>:teachers` besides is for all of them. What was left out is said (`redacted`): the hash is that of
the whole record. Personal fields are sealed here as everywhere. The topics of Kafka carry the same, whole.
"""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request

from shared.ledger import Ledger
from shared.messaging import readers
from shared.runtime.auth import Caller, Principal
from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_FOUND, TOPIC_NOT_GRANTED, UNAVAILABLE

router = APIRouter(tags=["feed"])

TEACHER = "teacher_number"


@router.get("/feed")
async def places(request: Request, principal: Caller) -> dict[str, Any]:
    """The topic's partitions and the last sequence of each: what there is to read."""
    ledger = await _granted(request, principal)
    heads = [{"partition": head.partition, "sequence": head.sequence} for head in await ledger.heads()]
    return {"topic": _topic(ledger), "partitions": heads}


@router.get("/subscribers")
async def subscribers(request: Request, _principal: Caller) -> dict[str, Any]:
    """Who reads what, how far, and what last went wrong: of this service's consumers, and of its topic's subscribers.

    `heads`: partition -> sequence of the topic; `reached`: the same of what a reader reads, another context's or this.
    """
    runtime = _started(request)
    heads = {str(head.partition): head.sequence for head in await runtime.ledger.heads()}
    return {"context": runtime.ledger.context, "heads": heads, "readers": await readers.readers(runtime.pool)}


@router.get("/feed/{partition}")
async def page(
    request: Request, principal: Caller, partition: Annotated[int, Path(ge=0, le=1023)],
    after: Annotated[int, Query(ge=0, le=2**62)] = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> dict[str, Any]:  # fmt: skip
    """Events of a partition that follow sequence `after`, in order; `next` is the `after` of the page that follows.

    An item: sequence, hash (hex, of the record as it was written), redacted, event (a CloudEvent).
    """
    ledger = await _granted(request, principal)
    if partition >= ledger.partitions:
        raise Refused(NOT_FOUND)
    whole = _sees_teachers(ledger, principal)
    if principal.role == "subscriber":
        await readers.note(request.app.state.runtime.pool, principal.subject, partition, after)
    items = [
        _item(row.sequence, row.hash, row.record, whole) for row in await ledger.page(partition, after, limit)
    ]
    return {"items": items, "next": items[-1]["sequence"] if items else after}


async def _granted(request: Request, principal: Principal) -> Ledger:
    """The ledger, if the caller may read its events. Raises `Refused`, and keeps that it did."""
    runtime = _started(request)
    ledger: Ledger = runtime.ledger
    if principal.role != "auditor" and _topic(ledger) not in principal.topics:
        await readers.note_failure(runtime.pool, principal.subject, TOPIC_NOT_GRANTED.code)
        raise Refused(TOPIC_NOT_GRANTED, topic=_topic(ledger))
    return ledger


def _started(request: Request) -> Any:
    runtime = request.app.state.runtime
    if not runtime.started:
        raise Refused(UNAVAILABLE)
    return runtime


def _topic(ledger: Ledger) -> str:
    return f"formelie.{ledger.context}"


def _sees_teachers(ledger: Ledger, principal: Principal) -> bool:
    return principal.role == "auditor" or f"{_topic(ledger)}:teachers" in principal.topics


def _item(sequence: int, hash_: bytes, record: bytes, whole: bool) -> dict[str, Any]:
    event = orjson.loads(record)
    redacted = not whole and TEACHER.encode() in record
    if redacted:
        event["data"] = without_teachers(event["data"])
    return {"sequence": sequence, "hash": hash_.hex(), "redacted": redacted, "event": event}


def without_teachers(part: Any) -> Any:
    """The same without any line that names a teacher; where the event itself does, without the number."""
    if isinstance(part, dict):
        return {name: without_teachers(value) for name, value in part.items() if name != TEACHER}
    if isinstance(part, list):
        return [without_teachers(each) for each in part if not (isinstance(each, dict) and TEACHER in each)]
    return part
