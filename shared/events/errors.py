"""What can go wrong between an event and its record.

EventError
├── PersonalInClear   encode: a personal field is not sealed; nothing was written
├── UnknownType       decode: a CloudEvent of a type this reader does not know; ignored by rule
└── Undecodable       decode: not a CloudEvent, or not one of the shape its type promises
"""


class EventError(Exception):
    """Lasting, never worth a retry: the same bytes fail the same way."""

    retriable = False


class PersonalInClear(EventError):
    """Carries the event's wire type and the person, never the value."""

    def __init__(self, type: str, person: str) -> None:
        super().__init__(f"{type}: a personal field of {person} is not sealed")
        self.type, self.person = type, person


class UnknownType(EventError):
    """A well-formed CloudEvent whose `type` is not in the catalogue."""

    def __init__(self, type: str) -> None:
        super().__init__(f"unknown event type {type!r}")
        self.type = type


class Undecodable(EventError):
    """`reason` names places and rules (`data.amount: string_type`), never the values found there."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
