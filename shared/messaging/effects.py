"""The effects of a batch: all at once, or narrowed down to the events that cannot be handled."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.events import Envelope, EventError, UnknownType, decode
from shared.ledger.ledger import Connection
from shared.messaging.delivery import Delivered, Subscription
from shared.messaging.faults import transient
from shared.messaging.kafka import Arrived
from shared.messaging.metrics import IGNORED
from shared.messaging.parked import Parking, describe


class HandlerFailed(Exception):
    """A lasting fault somewhere in the batch."""


class Delivery(NamedTuple):
    """An accepted record: decoded, or with the reason why it cannot be."""

    arrived: Arrived
    delivered: Delivered | None
    fault: Exception | None = None


def decoded(arrived: Arrived) -> Envelope | EventError:
    """The event of a record, or why it cannot be read; once a record, however often its batch is tried."""
    if arrived.event is None:
        try:
            arrived.event = decode(arrived.record)
        except EventError as fault:
            arrived.event = fault
    return arrived.event


HEAD = re.compile(rb'{"specversion":"1.0","id":"[0-9a-f-]{36}","type":"([^"\\]+)"')


def asked_for(subscription: Subscription, arrived: Arrived) -> bool:
    """Whether the record must be read at all: its type stands at the head of the bytes that our writers make."""
    if subscription.types is None:
        return True
    head = HEAD.match(arrived.record)
    return head is None or head[1].decode() in subscription.types


def deliveries(subscription: Subscription, accepted: Sequence[Arrived]) -> list[Delivery]:
    """What the subscriber wants; types that are unknown or not subscribed to are ignored by rule."""
    found: list[Delivery] = []
    types, context = subscription.types, subscription.context
    for arrived in accepted:
        if not asked_for(subscription, arrived):
            continue
        event = decoded(arrived)
        if isinstance(event, EventError):
            if not isinstance(event, UnknownType):
                found.append(Delivery(arrived, None, event))
        elif types is None or event.type in types:
            place = (
                context,
                arrived.partition,
                arrived.sequence,
                arrived.epoch,
                arrived.hash,
                arrived.record,
            )
            found.append(Delivery(arrived, Delivered(*place, event)))
    IGNORED.labels(subscription.name).inc(len(accepted) - len(found))
    return found


@dataclass(slots=True)
class Effects:
    """One attempt at a batch, inside its transaction. `parked` are the streams with parked events, by partition."""

    connection: Connection
    subscription: Subscription
    parked: dict[int, set[str]]
    parkings: list[Parking] = field(default_factory=list)
    newly: set[tuple[int, str]] = field(default_factory=set)
    """Streams parked by this attempt."""

    async def whole(self, batch: Sequence[Delivery]) -> None:
        """One call of the handler for all. Raises HandlerFailed on a lasting fault."""
        free = self._free(batch)
        if any(delivery.fault for delivery in free):
            raise HandlerFailed
        try:
            await self._handle(free)
        except Exception as error:
            if self._passes(error):
                raise
            raise HandlerFailed from error

    async def narrowed(self, batch: Sequence[Delivery]) -> None:
        """Halve what fails until each failing event stands alone, park it; order is kept throughout."""
        free = self._free(batch)
        fault = next((delivery.fault for delivery in free if delivery.fault), None)
        if fault is None:
            fault = await self._attempt(free)
        if fault is None:
            return
        if len(free) == 1:
            self._park(free[0].arrived, fault)
            return
        half = len(free) // 2
        await self.narrowed(free[:half])
        await self.narrowed(free[half:])

    async def _attempt(self, free: Sequence[Delivery]) -> Exception | None:
        try:
            async with self.connection.transaction():
                await self._handle(free)
                await self.connection.execute("set constraints all immediate; set constraints all deferred")
        except Exception as error:
            if self._passes(error):
                raise
            return error
        return None

    async def _handle(self, free: Sequence[Delivery]) -> None:
        events = [delivery.delivered for delivery in free if delivery.delivered]
        if events:
            await self.subscription.handle(self.connection, events)

    def _passes(self, error: Exception) -> bool:
        return transient(error) or self.connection.is_closed()

    def _free(self, batch: Sequence[Delivery]) -> Sequence[Delivery]:
        """Those with nothing parked before them in their stream; the others park behind."""
        if not any(self.parked.values()):
            return batch
        free = []
        for delivery in batch:
            arrived = delivery.arrived
            if arrived.stream in self.parked[arrived.partition]:
                self.parkings.append(Parking(arrived, "behind"))
            else:
                free.append(delivery)
        return free

    def _park(self, arrived: Arrived, error: Exception) -> None:
        self.parkings.append(Parking(arrived, "failed", describe(error)))
        self.parked[arrived.partition].add(arrived.stream)
        self.newly.add((arrived.partition, arrived.stream))
