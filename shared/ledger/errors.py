"""What the ledger refuses, and what may go wrong.

LedgerError
├── VersionConflict      the stream moved on: read it again, decide again
├── CommandReused        the command's id was used for something else
├── RecordTooLarge       Kafka would refuse the record: it never enters the ledger
├── DuplicateInCall      one event id twice in one append
├── ChainBroken          the history does not verify at a position
├── WrongLedger          this database holds another ledger, or none
├── KeyringError
│   ├── PersonErased     nothing is sealed any more for a person whose key was destroyed
│   ├── KeyMissing       the keyring never knew this person: it is not the one the values were sealed with
│   └── Unsealable       the bytes are not what was sealed, or the secret is another
└── StoreUnavailable     retriable: PostgreSQL is away; ask again with the same command id
"""

from typing import ClassVar
from uuid import UUID


class LedgerError(Exception):
    """Base of the tree. `retriable`: the same call may succeed later, unchanged."""

    retriable: ClassVar[bool] = False


class VersionConflict(LedgerError):
    """The stream is at `actual`, not at `expected`; nothing of this append was written."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(f"{stream} is at version {actual}, not {expected}")
        self.stream = stream
        self.expected = expected
        self.actual = actual


class CommandReused(LedgerError):
    """This id was given to a command that asked for something else."""

    def __init__(self, command: UUID) -> None:
        super().__init__(f"command {command} was already used for something else")
        self.command = command


class RecordTooLarge(LedgerError):
    """A record of `size` bytes; Kafka takes `limit` at most."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"a record of {size} bytes is over the limit of {limit}")
        self.size = size
        self.limit = limit


class DuplicateInCall(LedgerError):
    """The same event id twice in one append."""

    def __init__(self, event: UUID) -> None:
        super().__init__(f"event {event} is given twice in one append")
        self.event = event


class ChainBroken(LedgerError):
    """The history does not verify: the first bad position, and why."""

    def __init__(self, context: str, partition: int, sequence: int, reason: str) -> None:
        super().__init__(f"{context}/{partition}/{sequence}: {reason}")
        self.context = context
        self.partition = partition
        self.sequence = sequence
        self.reason = reason


class WrongLedger(LedgerError):
    """The database holds the ledger of another context, or none at all."""


class KeyringError(LedgerError):
    """Base of what the keyring refuses. `persons` are ids."""

    def __init__(self, message: str, persons: list[str]) -> None:
        super().__init__(message)
        self.persons = persons


class PersonErased(KeyringError):
    """The person's key was destroyed: nothing new is sealed for them."""

    def __init__(self, persons: list[str]) -> None:
        super().__init__(f"erased: {', '.join(persons)}", persons)


class KeyMissing(KeyringError):
    """No key, not even a destroyed one: this is not the keyring the values were sealed with."""

    def __init__(self, persons: list[str]) -> None:
        super().__init__(f"unknown to the keyring: {', '.join(persons)}", persons)


class Unsealable(KeyringError):
    """The sealed bytes were altered, belong to another person, or the secret is another."""

    def __init__(self, person: str) -> None:
        super().__init__(f"cannot be unsealed: a value or the key of {person}", [person])


class StoreUnavailable(LedgerError):
    """PostgreSQL is away, or its answer was lost. Asking again with the same command id is safe."""

    retriable: ClassVar[bool] = True
