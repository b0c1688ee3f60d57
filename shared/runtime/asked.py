"""What is asked of the ledger: by whom, when, under which id, of which stream. Data only."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from shared.runtime.decider import Decider


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, when, and under which id; `correlation` follows the dossier through every context."""

    command: UUID
    fingerprint: bytes
    actor: str
    now: datetime
    correlation: str
    causation: str = ""
    expected: int | None = None

    def part(self, index: int) -> "Asked":
        """The same question, about the next stream of a command that writes to several."""
        if index == 0:
            return self
        return replace(self, command=uuid5(self.command, f"part {index}"), expected=None)


@dataclass(frozen=True, slots=True)
class Part:
    """One stream's share of a command."""

    decider: Decider[Any, Any]
    stream: str
    command: Any
    asked: Asked
