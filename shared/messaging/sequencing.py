"""Which of the records that arrived come next: duplicates, gaps, the chain. Pure.

The rules: a sequence at or before the checkpoint is a duplicate, skipped. The one after it is applied, if its
hash links to the checkpoint's. Anything beyond shows a gap; what lies in it is read again before going on.
`next_offset` moves only over records that were dealt with and with nothing unread before them, so whatever was
passed over is found again from there.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.ledger.chain import GENESIS, link
from shared.messaging.kafka import Arrived


@dataclass(slots=True)
class Cursor:
    """A checkpoint as this process knows it."""

    partition: int
    sequence: int = 0
    hash: bytes = GENESIS
    epoch: int = 1
    next_offset: int = 0
    parkings: int = 0

    def copy(self) -> "Cursor":
        return Cursor(self.partition, self.sequence, self.hash, self.epoch, self.next_offset, self.parkings)


@dataclass(slots=True)
class Batch:
    """`moved` are cursors after the batch, only of partitions where something changed."""

    accepted: list[Arrived] = field(default_factory=list)
    malformed: list[Arrived] = field(default_factory=list)
    duplicates: int = 0
    gaps: dict[int, int] = field(default_factory=dict)
    """Partition -> the offset just after the first record that lies beyond the gap."""
    unlinked: dict[int, Arrived] = field(default_factory=dict)
    """Partition -> a record that carries the next sequence and does not link to the one before."""
    moved: dict[int, Cursor] = field(default_factory=dict)


def sequence(cursors: Mapping[int, Cursor], records: Iterable[Arrived]) -> Batch:
    """Sort out what arrived after `cursors`, which stay as they are."""
    batch = Batch()
    after: dict[int, Cursor] = {}
    for record in records:
        cursor = after.get(record.partition)
        if cursor is None:
            cursor = after[record.partition] = cursors[record.partition].copy()
        if _dealt_with(record, cursor, batch) and cursor.next_offset >= record.follows:
            cursor.next_offset = max(cursor.next_offset, record.offset + 1)
    batch.moved = {
        partition: cursor
        for partition, cursor in after.items()
        if (cursor.sequence, cursor.next_offset)
        != (cursors[partition].sequence, cursors[partition].next_offset)
    }
    return batch


def _dealt_with(record: Arrived, cursor: Cursor, batch: Batch) -> bool:
    if record.sequence == cursor.sequence + 1:
        if link(cursor.hash, record.sequence, record.record) == record.hash:
            cursor.sequence, cursor.hash, cursor.epoch = record.sequence, record.hash, record.epoch
            batch.accepted.append(record)
            return True
        if is_cloud_event(record.record):
            batch.unlinked[record.partition] = record
            return False
        batch.malformed.append(record)
    elif record.sequence == 0:
        batch.malformed.append(record)
    elif record.sequence <= cursor.sequence:
        batch.duplicates += 1
    else:
        batch.gaps.setdefault(record.partition, record.offset + 1)
        return False
    return True


def is_cloud_event(record: bytes) -> bool:
    """Whether the bytes are a CloudEvent in structured mode, of any type."""
    try:
        event = json.loads(record)
    except ValueError:
        return False
    return isinstance(event, dict) and all(
        isinstance(event.get(name), str) for name in ("specversion", "id", "source", "type")
    )
