"""The published language: every event that a context tells the others, and its bytes on the wire.

    from shared.events import decode, encode, offerings
    record = encode(offerings.OrderSigned(...), id=..., source="/formelie/offerings", ...)
    match decode(record).data:
        case offerings.OrderSigned(order_id=order_id): ...

The list of events with their fields: docs/events.md.
"""

from shared.events.catalogue import CATALOGUE, EVENTS, Catalogue, decode
from shared.events.envelope import Envelope, encode
from shared.events.errors import EventError, PersonalInClear, Undecodable, UnknownType
from shared.events.event import Event, Part
from shared.events.personal import AnyPersonal, Clear, Erased, Personal, Sealed, personals, with_personals

__all__ = [
    "CATALOGUE",
    "EVENTS",
    "AnyPersonal",
    "Catalogue",
    "Clear",
    "Envelope",
    "Erased",
    "Event",
    "EventError",
    "Part",
    "Personal",
    "PersonalInClear",
    "Sealed",
    "Undecodable",
    "UnknownType",
    "decode",
    "encode",
    "personals",
    "with_personals",
]
