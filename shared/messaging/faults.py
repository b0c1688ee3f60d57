"""Which faults pass by themselves, and how long to wait between two tries."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from aiokafka.errors import KafkaError

from shared.ledger import VersionConflict, is_transient
from shared.messaging.metrics import RETRIES

log = structlog.get_logger(__name__)


def transient(error: BaseException) -> bool:
    """Whether trying again later may succeed: `retriable = True`, or the network, PostgreSQL or Kafka are away."""
    if isinstance(error, VersionConflict):  # of a reaction: the stream moved on, it is read and decided again
        return True
    retriable = getattr(error, "retriable", None)
    if isinstance(error, KafkaError) or retriable is None:
        return isinstance(error, KafkaError) or is_transient(error)
    return bool(retriable)


@dataclass(slots=True)
class Backoff:
    """Waits 50 ms, doubled at each fault up to 5 s; speaks at the first one and then once a minute."""

    what: str
    first: float = 0.05
    cap: float = 5.0
    clock: Callable[[], float] = time.monotonic
    _next: float = field(default=0.0, init=False)
    _spoke: float = field(default=float("-inf"), init=False)
    _faults: int = field(default=0, init=False)

    async def wait(self, error: BaseException, **where: object) -> None:
        self._faults += 1
        RETRIES.labels(self.what).inc()
        if self.clock() - self._spoke >= 60:
            self._spoke = self.clock()
            log.warning("retrying", what=self.what, faults=self._faults, error=type(error).__name__, **where)
        self._next = min(self._next * 2 or self.first, self.cap)
        await asyncio.sleep(self._next)

    def reset(self) -> None:
        if self._faults:
            log.info("recovered", what=self.what, faults=self._faults)
        self._next, self._faults, self._spoke = 0.0, 0, float("-inf")
