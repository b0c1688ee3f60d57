"""The producer of a relay: batches, one in flight a partition, and a new producer after any refusal."""

import asyncio
from collections.abc import Iterator, Sequence

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from shared.ledger import Stored
from shared.messaging import kafka, metrics

log = structlog.get_logger(__name__)
STOP_WITHIN = 3.0


class Producer:
    """An idempotent producer that is replaced when anything was refused.

    A refused batch poisons it: every later batch of that partition would fail. Its stop() may hang.
    """

    def __init__(self, address: str, context: str) -> None:
        self._address, self._context = address, context
        self._client: AIOKafkaProducer | None = None
        self._lock = asyncio.Lock()

    async def get(self) -> AIOKafkaProducer:
        async with self._lock:
            if self._client is None:
                client = kafka.producer(self._address)
                try:
                    await client.start()
                except BaseException:
                    await _stop(client)
                    raise
                metrics.PRODUCERS.labels(self._context).inc()
                self._client = client
            return self._client

    async def discard(self, client: AIOKafkaProducer) -> None:
        """After a refusal: others that were using it find out by their own faults, and read where Kafka is."""
        async with self._lock:
            if self._client is client:
                self._client = None
                await _stop(client)

    async def close(self) -> None:
        if self._client is not None:
            await self.discard(self._client)


async def _stop(client: AIOKafkaProducer) -> None:
    try:
        await asyncio.wait_for(client.stop(), STOP_WITHIN)
    except Exception as error:  # noqa: BLE001 - it is thrown away, whatever it says
        log.warning("producer did not stop", error=type(error).__name__)


def batches(client: AIOKafkaProducer, page: Sequence[Stored], epoch: int) -> Iterator[BatchBuilder]:
    """Cut a page into batches of 128 kB; a record larger than that goes alone."""
    epoch_header = b"%d" % epoch
    builder = client.create_batch()
    for stored in page:
        key, headers = stored.stream.encode(), kafka.headers_of(stored, epoch_header)
        if builder.append(timestamp=None, key=key, value=stored.record, headers=headers) is None:
            yield builder
            builder = client.create_batch()
            builder.append(timestamp=None, key=key, value=stored.record, headers=headers)
    yield builder
