"""The whole proof: its parts in order, each timed."""

import time
from collections.abc import Awaitable
from dataclasses import dataclass, field

from ops.proof import chains, quiet, replay, told, topics
from ops.proof.finding import Finding
from ops.proof.readers import readers
from ops.proof.system import audited
from ops.stack.endpoints import Endpoints


@dataclass(slots=True)
class Proof:
    """Everything that was looked at."""

    findings: list[Finding] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return all(finding.holds for finding in self.findings)

    async def add(self, part: Awaitable[Finding]) -> None:
        """Waits for a part and notes how long it took."""
        began = time.monotonic()
        finding = await part
        finding.seconds = time.monotonic() - began
        self.findings.append(finding)


async def prove(endpoints: Endpoints) -> Proof:
    """Waits until the system is quiet, then looks at everything. Raises OSError, asyncpg.PostgresError, KafkaError."""
    proof = Proof()
    async with audited(endpoints) as system:
        await proof.add(told.settled(system))
        await proof.add(quiet.settled(system, readers()))
        await proof.add(chains.verified(endpoints.postgres))
        await proof.add(topics.compare(system))
        await proof.add(quiet.nothing_parked(system))
        await proof.add(replay.compare(system))
    return proof
