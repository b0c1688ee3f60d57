"""Waits until nothing moves, then looks whether every consumer has done everything there was to do."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ops.proof import ledgers
from ops.proof.finding import Finding
from ops.proof.system import System

PATIENCE = 30.0  # seconds

Heads = Mapping[str, Mapping[int, ledgers.Position]]


@dataclass(frozen=True, slots=True)
class Reader:
    """A consumer: whose database keeps its checkpoints, its name, and whose events it reads."""

    database: str
    name: str
    context: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Where every ledger and every consumer is at one moment."""

    heads: Heads
    checkpoints: Mapping[tuple[Reader, int], ledgers.Position]


async def settled(system: System, readers: Iterable[Reader]) -> Finding:
    """Every consumer's checkpoint against the head of what it reads, once the system is quiet."""
    finding, wanted, began = (
        Finding("Every consumer's checkpoint at the head"),
        list(readers),
        time.monotonic(),
    )
    before = await picture(system)
    while True:
        await asyncio.sleep(0.3)
        now = await picture(system)
        late = behind(now, wanted)
        waited = time.monotonic() - began
        if (not late and now.heads == before.heads) or waited > PATIENCE:
            break
        before = now
    finding.differences = late
    if not late and now.heads != before.heads:
        finding.differs(f"events are still being written after {PATIENCE:.0f} s")
    finding.counted = (
        f"{len(wanted)} consumers, {len(now.checkpoints)} checkpoints, quiet after {waited:.1f} s"
    )
    return finding


async def picture(system: System) -> Picture:
    """Reads every head and every checkpoint."""
    every = {context: await ledgers.heads(database) for context, database in system.databases.items()}
    checkpoints = {}
    for name, database in system.databases.items():
        for row in await database.fetch(
            "select consumer, context, partition, sequence, hash from messaging.checkpoints"
        ):
            reader = Reader(name, row["consumer"], row["context"])
            checkpoints[reader, row["partition"]] = ledgers.Position(row["sequence"], row["hash"])
    return Picture(every, checkpoints)


def behind(now: Picture, readers: Iterable[Reader]) -> list[str]:
    """Who is not exactly at the head, partition by partition; a consumer without checkpoint has done nothing."""
    late = []
    for reader in readers:
        for partition, head in now.heads[reader.context].items():
            at = now.checkpoints.get((reader, partition))
            if head.sequence and at != head:
                place = f"{reader.context}/{partition}"
                told = f"at {at.sequence}" if at else "without checkpoint"
                same = " with another hash" if at and at.sequence == head.sequence else ""
                late.append(f"{reader.name} is {told} of {place}, whose head is {head.sequence}{same}")
    return late


async def nothing_parked(system: System) -> Finding:
    """No event was set aside."""
    finding = Finding("Nothing parked")
    for context, database in system.databases.items():
        for row in await database.fetch(
            "select consumer, context, partition, sequence, reason, error from messaging.parked order by id"
        ):
            finding.differs(
                f"{context}: {row['consumer']} parked {row['context']}/{row['partition']}/{row['sequence']}"
                f" ({row['reason']}): {row['error']}"
            )
    finding.counted = f"{len(finding.differences)} parked in {len(system.databases)} contexts"
    return finding
