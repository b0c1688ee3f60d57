"""The record: one run of bytes, a CloudEvents 1.0 JSON event, serialised once by the writer."""

from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints, create_model

from shared.events.errors import PersonalInClear
from shared.events.event import Event
from shared.events.personal import Sealed, personals
from shared.events.values import Actor, Instant, StreamId, StreamVersion

Source = Annotated[str, StringConstraints(pattern=r"^/formelie/[a-z]+$")]
Trace = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\s\x00]+$")]


class Envelope(BaseModel):
    """A decoded record. The order of the fields is the order of the keys in the bytes.

    `type`, `dataschema` and `data` are those of the current version: an old record is upcast when read.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    specversion: Literal["1.0"]
    id: UUID
    type: str
    source: Source
    subject: StreamId
    """The stream."""
    streamversion: StreamVersion
    """Place in its stream, from 1."""
    time: Instant
    datacontenttype: Literal["application/json"]
    dataschema: str
    correlationid: Trace
    """The same along a whole dossier."""
    causationid: Trace
    """The command or the event that led to this one."""
    actor: Actor
    data: Event


@cache
def envelope_of(event: type[Event]) -> type[Envelope]:
    """The envelope whose `type` and `data` are this event's: a branch of the union that `decode` tries."""
    only_this: Any = Literal[event.wire]
    return create_model(
        f"{event.__name__}Envelope",
        __base__=Envelope,
        __module__=event.__module__,
        type=(only_this, ...),
        data=(event, ...),
    )


@cache
def schema_urn(wire: str) -> str:
    """`urn:formelie:offerings:OrderSigned:v1` for `org.formiris.offerings.OrderSigned.v1`."""
    context, name, version = wire.removeprefix("org.formiris.").split(".")
    return f"urn:formelie:{context}:{name}:{version}"


def encode(
    data: Event,
    *,
    id: UUID,
    source: str,
    stream: str,
    version: int,
    time: datetime,
    correlation: str,
    causation: str,
    actor: str,
) -> bytes:
    """The final bytes: stored, hashed, published and archived unchanged. Fields that are None are left out.

    Raises PersonalInClear when a personal field is not sealed, and pydantic's ValidationError when an
    argument is malformed: a programming error.
    """
    for personal in personals(data):
        if not isinstance(personal, Sealed):
            raise PersonalInClear(data.wire, personal.person)
    envelope = envelope_of(type(data))(
        specversion="1.0",
        id=id,
        type=data.wire,
        source=source,
        subject=stream,
        streamversion=version,
        time=time,
        datacontenttype="application/json",
        dataschema=schema_urn(data.wire),
        correlationid=correlation,
        causationid=causation,
        actor=actor,
        data=data,
    )
    return envelope.__pydantic_serializer__.to_json(envelope, exclude_none=True)
