"""The event store: a context's history on PostgreSQL, dense, hash-chained and provable from outside.

Start with Ledger (ledger.py); Keyring seals what belongs to persons. The format that a stranger can verify is
docs/ledger-format.md; the reasons are docs/adr/0001 and 0002.
"""

from shared.ledger.chain import GENESIS, link
from shared.ledger.errors import (
    ChainBroken,
    CommandReused,
    DuplicateInCall,
    KeyMissing,
    KeyringError,
    LedgerError,
    PersonErased,
    RecordTooLarge,
    StoreUnavailable,
    Unsealable,
    VersionConflict,
    WrongLedger,
)
from shared.ledger.faults import is_transient
from shared.ledger.keyring import Keyring
from shared.ledger.ledger import Ledger
from shared.ledger.model import Append, Appended, Head, NewEvent, Stored
from shared.ledger.murmur2 import partition_of

__all__ = [
    "GENESIS",
    "Append",
    "Appended",
    "ChainBroken",
    "CommandReused",
    "DuplicateInCall",
    "Head",
    "KeyMissing",
    "Keyring",
    "KeyringError",
    "Ledger",
    "LedgerError",
    "NewEvent",
    "PersonErased",
    "RecordTooLarge",
    "StoreUnavailable",
    "Stored",
    "Unsealable",
    "VersionConflict",
    "WrongLedger",
    "is_transient",
    "link",
    "partition_of",
]
