"""How fast the chain is: from a committed command to the alert that someone reads over HTTP."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from statistics import quantiles

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from ops.bench.ground import Ground
from ops.bench.row import Row
from ops.demo.client import connections
from ops.demo.plot import plot
from ops.demo.tell import Silent
from ops.demo.troupe import Troupe, gather
from ops.topics import create_topics

RATE = 50  # a second
SECONDS, QUICK_SECONDS = 60, 10
ROUND_TRIPS = "formelie.bench.round-trips"
LOOK_AGAIN = 0.002  # seconds
PATIENCE = 30.0  # seconds, for an alert
WARM_UP = 500  # the first ones are not counted: processes that have just started compile, plan and balance
LIMITS = {50: 12.0, 99: 40.0}  # milliseconds, by percentile


async def rows(ground: Ground) -> Sequence[Row]:
    """Milliseconds. The stack runs all its services, and does nothing else."""
    stack, count = ground.stack, RATE * (QUICK_SECONDS if ground.quick else SECONDS)
    async with connections() as http:
        alerts = await Alerts(await gather(stack.endpoints, http)).measure(count)
    trips = await round_trips(stack.kafka, count)
    return _compared(alerts, trips)


def _compared(alerts: Sequence[float], trips: Sequence[float]) -> list[Row]:
    return [
        Row(
            f"committed -> alert readable by HTTP, {RATE} a second, p{percent}",
            percentile(alerts, percent), "ms", f"aiokafka round trip, {RATE} a second, p{percent}",
            percentile(trips, percent), at_most=limit,
            note=f"{len(alerts)} alerts; askers, services and servers share {os.cpu_count()} cores",
        )
        for percent, limit in LIMITS.items()
    ]  # fmt: skip


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of a hundred are not above."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


class Alerts:
    """Referencing requests at a steady rate; for each, the office's alert is looked for as soon as it is committed."""

    def __init__(self, troupe: Troupe) -> None:
        play = troupe.play("national", Silent())
        self._client, self._manager = play.client, play.staff.managers[None]
        self._request = plot("national", 0).request
        self._waits: list[float] = []

    async def measure(self, count: int) -> list[float]:
        """Milliseconds, from the answer that says it is committed to the answer that shows the alert."""
        async with asyncio.TaskGroup() as tasks:
            async for number in at_the_rate(count + WARM_UP):
                tasks.create_task(self._one(number))
        return self._waits[WARM_UP:]

    async def _one(self, number: int) -> None:
        name = f"{self._request['name']} {number:06d}"
        url = f"{self._client.bases['registration']}/v1/referencing-requests"
        answer = await self._client.http.post(
            url,
            json={**self._request, "name": name},
            headers={"Idempotency-Key": f"{self._client.tag}-{number}"},
        )
        committed = time.perf_counter()
        await self._until_told(name, answer.raise_for_status().headers["position"])
        self._waits.append((time.perf_counter() - committed) * 1000)

    async def _until_told(self, name: str, position: str) -> None:
        """Looks at the newest alerts, and further back when the machine is so late that others came on top."""
        after: str | None = None
        async with asyncio.timeout(PATIENCE):
            while True:
                page = await self._page(position, after)
                if name in page.text:
                    return
                after = page.json().get("next")
                if after is None:
                    await asyncio.sleep(LOOK_AGAIN)

    async def _page(self, position: str, after: str | None) -> httpx.Response:
        url = f"{self._client.bases['notifications']}/v1/alerts"
        headers = {"Authorization": f"Bearer {self._manager.token}", "Read-After": position}
        query = {"limit": "20"} | ({"after": after} if after else {})
        return await self._client.http.get(url, params=query, headers=headers, timeout=PATIENCE)


async def round_trips(kafka: str, count: int) -> list[float]:
    """Milliseconds from a record's sending to its arrival: one producer, one consumer, the same rate."""
    await create_topics(kafka, [ROUND_TRIPS], 1)
    place = TopicPartition(ROUND_TRIPS, 0)
    async with _producer(kafka) as producer, _consumer(kafka, place) as consumer:
        receiving = asyncio.create_task(_received(consumer, count + WARM_UP))
        async for _ in at_the_rate(count + WARM_UP):
            await producer.send(ROUND_TRIPS, str(time.perf_counter()).encode(), partition=0)
        return (await receiving)[WARM_UP:]


@asynccontextmanager
async def _producer(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True, linger_ms=0)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def _consumer(kafka: str, place: TopicPartition) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([place])
        await consumer.seek_to_end(place)
        await consumer.position(place)
        yield consumer
    finally:
        await consumer.stop()


async def _received(consumer: AIOKafkaConsumer, count: int) -> list[float]:
    trips: list[float] = []
    while len(trips) < count:
        record = await consumer.getone()
        trips.append((time.perf_counter() - float(record.value or b"0")) * 1000)
    return trips


async def at_the_rate(count: int) -> AsyncIterator[int]:
    """0, 1, 2... each at its time, whether or not the ones before are done."""
    began = time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        yield number
