"""The hash chain: hash = sha256(previous hash || sequence || record)."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

GENESIS = bytes(32)
"""What the first record of a partition is chained to."""

Reason = Literal["gap", "duplicate", "hash differs"]


def link(previous: bytes, sequence: int, record: bytes) -> bytes:
    """The hash of a record: 32 bytes, from the hash before it, its sequence (from 1) and its bytes."""
    return sha256(previous + sequence.to_bytes(8, "big") + record).digest()


@dataclass(frozen=True, slots=True)
class Link:
    """How far a partition verifies: everything up to `sequence`, whose hash is `hash`."""

    sequence: int = 0
    hash: bytes = GENESIS


@dataclass(frozen=True, slots=True)
class Break:
    """The first position that does not verify, and why."""

    sequence: int
    reason: Reason


def follow(after: Link, rows: Iterable[tuple[int, bytes, bytes]]) -> Link | Break:
    """Verifies rows of (sequence, hash, record) that come after a verified link, from PostgreSQL or from Kafka.

    Returns the last link, to go on from, or the first break.
    """
    sequence, previous = after.sequence, after.hash
    for found, claimed, record in rows:
        if found != sequence + 1:
            return Break(found, "duplicate") if found <= sequence else Break(sequence + 1, "gap")
        if sha256(previous + found.to_bytes(8, "big") + record).digest() != claimed:
            return Break(found, "hash differs")
        sequence, previous = found, claimed
    return Link(sequence, previous)
