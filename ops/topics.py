"""Kafka's topics, one a context, as many partitions as its ledger: made once before the services, any time again.

FORMELIE_KAFKA=host:port python -m ops.topics
"""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator, Iterable

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from ops.contexts import CONTEXTS

log = logging.getLogger(__name__)

TOPICS = tuple(f"formelie.{context}" for context in CONTEXTS)
KEPT_FOR_EVER = {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"}
ATTEMPTS, PAUSE = 30, 1.0  # seconds: a broker whose port is open may still be electing


@contextlib.asynccontextmanager
async def admin_of(address: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client for the length of a block. Raises KafkaError when the broker does not answer."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker that is starting is no news
    admin = AIOKafkaAdminClient(bootstrap_servers=address, request_timeout_ms=5_000)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def create_topics(address: str, names: Iterable[str], partitions: int, replication: int = 1) -> None:
    """Make the topics that are missing; they keep everything. Raises KafkaError."""
    async with admin_of(address) as admin:
        known = set(await admin.list_topics())
        wanted = [
            NewTopic(
                name, num_partitions=partitions, replication_factor=replication, topic_configs=KEPT_FOR_EVER
            )
            for name in names
            if name not in known
        ]
        with contextlib.suppress(TopicAlreadyExistsError):
            if wanted:
                await admin.create_topics(wanted)


async def _create_when_it_answers(address: str, partitions: int, replication: int) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            await create_topics(address, TOPICS, partitions, replication)
        except (KafkaError, OSError):
            if attempt == ATTEMPTS:
                raise
            await asyncio.sleep(PAUSE)
        else:
            return


def main() -> int:
    """The command of a container: settings from the environment, exit code 1 with a sentence when it fails."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    address = os.environ.get("FORMELIE_KAFKA")
    if not address:
        log.error("FORMELIE_KAFKA is not set.")
        return 1
    partitions = int(os.environ.get("FORMELIE_PARTITIONS", "8"))
    replication = int(os.environ.get("FORMELIE_REPLICATION", "1"))
    try:
        asyncio.run(_create_when_it_answers(address, partitions, replication))
    except (KafkaError, OSError) as error:
        log.error("The topics could not be made: %s", error)  # noqa: TRY400 - the sentence is enough
        return 1
    log.info("Topics ready: %s", ", ".join(TOPICS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
