"""What goes into the ledger, and what comes out of it."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to write: its id and its record, the final bytes that are hashed, stored and published."""

    id: UUID
    record: bytes


@dataclass(frozen=True, slots=True)
class Append:
    """A command's effect on one stream.

    `expected_version`: how many events the stream has so far. `fingerprint`: sha256 of what was asked, so that
    a command's id cannot be used again for something else. `events` may be empty: the command is remembered.
    """

    stream: str
    expected_version: int
    events: tuple[NewEvent, ...]
    command: UUID
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Appended:
    """A command's answer: the last position written (or the partition's head, when there was no event), and the
    stream's version after it. `repeated`: this is the first answer, given again.
    """

    partition: int
    sequence: int
    version: int
    repeated: bool


class Stored(NamedTuple):
    """An event of the history. (A tuple: a replay makes millions of them, at a third of a dataclass's cost.)"""

    partition: int
    sequence: int
    stream: str
    version: int
    id: UUID
    hash: bytes
    record: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The last position of a partition; sequence 0 and a zero hash when it is empty."""

    partition: int
    sequence: int
    hash: bytes
    epoch: int
