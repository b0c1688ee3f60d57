"""Memory of each service: idle, and while a long history goes through relay, consumers and read models."""

import asyncio
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import asyncpg
import psutil

from ops import databases
from ops.bench.ground import Ground
from ops.bench.row import Row
from ops.contexts import CONTEXTS
from ops.proof.quiet import behind, nothing_parked, picture
from ops.proof.readers import readers
from ops.proof.system import System, audited
from ops.stack import Stack
from shared.events import Event
from shared.events.examples import EXAMPLES
from shared.events.offerings import TeacherUnassigned
from shared.events.registration import SiretClaimed
from shared.ledger import Append, Ledger, NewEvent

LIMIT = 150.0
"""Megabytes, idle."""
FLAT = 1.1
"""How much larger than after a tenth of the history."""
HISTORY: Mapping[str, type[Event]] = {"registration": SiretClaimed, "offerings": TeacherUnassigned}
"""What every service reads or passes over, and attendance and offerings write to their views."""
IN_A_CALL = 200
PATIENCE = 900.0  # seconds, for the whole history


async def rows(ground: Ground) -> Sequence[Row]:
    """Megabytes. The stack runs all its services, and does nothing else."""
    stack = ground.stack
    idle = _resident(stack)
    few, many = (2_000, 20_000) if ground.quick else (100_000, 1_000_000)
    async with audited(stack.endpoints) as system:
        await _lived_through(stack, system, few)
        before = _resident(stack)
        await _lived_through(stack, system, many - few)
    after = _resident(stack)
    return [
        *(Row(f"idle memory of {name}", idle[name], "MB", at_most=LIMIT) for name in CONTEXTS),
        *(_flat(name, before[name], after[name], few, many) for name in CONTEXTS),
    ]


def _flat(name: str, before: float, after: float, few: int, many: int) -> Row:
    return Row(
        f"memory of {name} after {many:,} events of {' and '.join(HISTORY)} each", after, "MB",
        f"after {few:,}", before, at_most=before * FLAT,
        note=f"{(after - before) * 1e6 / (many - few):+.0f} bytes an event in between",
    )  # fmt: skip


def _resident(stack: Stack) -> dict[str, float]:
    return {name: psutil.Process(stack.pid(name)).memory_info().rss / 1e6 for name in CONTEXTS}


async def _lived_through(stack: Stack, system: System, number: int) -> None:
    """Appends `number` events to each ledger of HISTORY and waits until every consumer is at the head."""
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(_append(stack, context, number) for context in HISTORY))
        while True:
            await asyncio.sleep(0.5)
            if not behind(await picture(system), readers()):
                break
    parked = await nothing_parked(system)
    if parked.differences:
        raise RuntimeError(f"a history that does not go through: {parked.differences[0]}")


async def _append(stack: Stack, context: str, number: int) -> None:
    dsn = databases.dsn_of(stack.admin_dsn, context)
    record = EXAMPLES[HISTORY[context]].record()
    async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
        ledger = await Ledger.open(pool, context)
        for start in range(0, number, IN_A_CALL):
            await ledger.append_each(_batch(context, record, range(start, min(number, start + IN_A_CALL))))
        await ledger.close()


def _batch(context: str, record: bytes, numbers: Iterable[int]) -> list[Append]:
    """One event each, of a stream and a command of their own."""
    began = time.time_ns()
    return [
        Append(f"bench-{context}-{began}-{n}", 0, (NewEvent(_id(), record),), _id(), bytes(32))
        for n in numbers
    ]


def _id() -> UUID:
    return UUID(bytes=os.urandom(16))
