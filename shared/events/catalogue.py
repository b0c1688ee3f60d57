"""Every event there is, and the one pass that reads a record of any of them."""

from collections.abc import Iterable
from typing import Annotated, Any, Union

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from shared.events import attendance, invoicing, notifications, offerings, registration
from shared.events.envelope import Envelope, envelope_of, schema_urn
from shared.events.errors import EventError, Undecodable, UnknownType
from shared.events.event import Event
from shared.events.upcast import UPCASTERS, Upcasters, newest

EVENTS: tuple[type[Event], ...] = (
    *registration.EVENTS,
    *offerings.EVENTS,
    *attendance.EVENTS,
    *invoicing.EVENTS,
    *notifications.EVENTS,
)


class Catalogue:
    """The event types a reader knows: the newest versions, and the old ones with the way forward."""

    def __init__(self, events: Iterable[type[Event]], upcasters: Upcasters = UPCASTERS) -> None:
        self.events = {event.wire: event for event in (*events, *upcasters)}
        self._upcasters = upcasters
        branches = tuple(envelope_of(event) for event in self.events.values())
        union = Annotated[Union[branches], Field(discriminator="type")]  # type: ignore[valid-type]  # noqa: UP007 - built at run time
        self._record: TypeAdapter[Envelope] = TypeAdapter(union)

    def decode(self, record: bytes) -> Envelope:
        """One pass over envelope and data. Raises UnknownType or Undecodable, nothing else."""
        try:
            envelope = self._record.validate_json(record)
        except ValidationError as error:
            raise _explained(record, error) from None
        if type(envelope.data) in self._upcasters:
            return _moved_to(newest(envelope.data, self._upcasters), envelope)
        return envelope


def _moved_to(data: Event, old: Envelope) -> Envelope:
    moved = {"type": data.wire, "dataschema": schema_urn(data.wire), "data": data}
    return envelope_of(type(data))(**(dict(old) | moved))


class _AnyCloudEvent(BaseModel):
    """What CloudEvents 1.0 requires of any event: enough to ignore one with a good conscience."""

    model_config = ConfigDict(strict=True)
    specversion: Annotated[str, StringConstraints(pattern=r"^1\.0$")]
    id: Annotated[str, StringConstraints(min_length=1)]
    source: Annotated[str, StringConstraints(min_length=1)]
    type: Annotated[str, StringConstraints(min_length=1, max_length=200)]


def _explained(record: bytes, error: ValidationError) -> EventError:
    if error.errors(include_url=False, include_input=False)[0]["type"] != "union_tag_invalid":
        return Undecodable(_reason(error))
    try:
        return UnknownType(_AnyCloudEvent.model_validate_json(record).type)
    except ValidationError as not_a_cloud_event:
        return Undecodable(_reason(not_a_cloud_event))


def _reason(error: ValidationError) -> str:
    places: list[Any] = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, place['loc']))}: {place['type']}" for place in places[:10])


CATALOGUE = Catalogue(EVENTS)
decode = CATALOGUE.decode
