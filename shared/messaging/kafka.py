"""Every setting of the Kafka clients, and the shape of a record on a topic, in one place."""

from binascii import unhexlify
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError

from shared.events import Envelope, EventError
from shared.ledger import Stored

BATCH_BYTES = 131_072
CONTENT_TYPE = ("content-type", b"application/cloudevents+json; charset=UTF-8")
TOPIC_SETTINGS = {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"}
Headers = list[tuple[str, bytes]]


def topic_of(context: str) -> str:
    return f"formelie.{context}"


def producer(kafka: str) -> AIOKafkaProducer:
    """Idempotent, acks=all. The caller keeps one batch in flight a partition, and discards it at any refusal."""
    return AIOKafkaProducer(
        bootstrap_servers=kafka,
        enable_idempotence=True,
        acks="all",
        max_batch_size=BATCH_BYTES,
        linger_ms=0,
        request_timeout_ms=20_000,
        metadata_max_age_ms=30_000,
    )


def consumer(kafka: str) -> AIOKafkaConsumer:
    """Outside of any group: told where to read, commits nothing."""
    return AIOKafkaConsumer(
        bootstrap_servers=kafka,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
        max_partition_fetch_bytes=1_048_576,
        request_timeout_ms=20_000,
        metadata_max_age_ms=30_000,
    )


async def create_topic(kafka: str, context: str, partitions: int, replication: int) -> None:
    """Make the context's topic, if it is not there: as many partitions as the ledger, keeping everything."""
    settings = dict(TOPIC_SETTINGS)
    if replication > 1:
        settings["min.insync.replicas"] = str(replication - 1)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, request_timeout_ms=10_000)
    try:
        await admin.start()
        if topic_of(context) not in await admin.list_topics():
            await admin.create_topics(
                [NewTopic(topic_of(context), partitions, replication, topic_configs=settings)]
            )
    except TopicAlreadyExistsError:
        return
    finally:
        await admin.close()


def headers_of(stored: Stored, epoch: bytes) -> Headers:
    return [
        CONTENT_TYPE,
        ("sequence", b"%d" % stored.sequence),
        ("epoch", epoch),
        ("hash", stored.hash.hex().encode()),
        ("traceparent", traceparent(stored)),
    ]


def traceparent(stored: Stored) -> bytes:
    """W3C trace context: the trace is the dossier's correlation where that is a UUID, else the event."""
    trace = _correlation(stored.record) or stored.id.hex
    return f"00-{trace}-{stored.id.hex[:16]}-01".encode()


def _correlation(record: bytes) -> str | None:
    start = record.find(b'"correlationid":"') + 17
    if start == 16 or record[start + 36 : start + 37] != b'"':
        return None
    trace = record[start : start + 36].replace(b"-", b"")
    return trace.decode() if len(trace) == 32 and trace.isalnum() and trace.islower() else None


@dataclass(slots=True)
class Arrived:
    """A record as Kafka (or the ledger) handed it over. `sequence` is 0 when its headers are no position.

    `follows`: nothing lies between this offset and the record's own, as far as its reader knows.
    """

    partition: int
    offset: int
    follows: int
    key: bytes | None
    record: bytes
    sequence: int
    epoch: int
    hash: bytes
    event: Envelope | EventError | None = None
    """What the record says, once it was read."""

    @property
    def stream(self) -> str:
        return (self.key or b"").decode("utf-8", "replace")


def arrived(record: Any, follows: int) -> Arrived:
    """Read the headers of a record of aiokafka or of Faust (they have the same fields); never raises."""
    sequence = epoch = 0
    digest = b""
    try:
        found = dict(record.headers)
        digest = unhexlify(found["hash"])
        if len(digest) == 32 and found["sequence"].isdigit() and found["epoch"].isdigit():
            sequence, epoch = int(found["sequence"]), int(found["epoch"])
    except (KeyError, ValueError, TypeError, AttributeError):
        sequence = 0
    return Arrived(
        record.partition, record.offset, follows, record.key, record.value or b"", sequence, epoch, digest
    )


def from_ledger(stored: Stored, epoch: int) -> Arrived:
    """The same for a position read from the ledger itself: there the offset is the place in the partition."""
    place = stored.sequence - 1
    return Arrived(
        stored.partition,
        place,
        place,
        stored.stream.encode(),
        stored.record,
        stored.sequence,
        epoch,
        stored.hash,
    )
