"""Whether a ledger was restored from an older backup: asked before anything is written to it.

Otherwise a reaction or a command would write a second history beside the one that Kafka holds, and what was lost could
not be taken back any more.
"""

from shared.ledger import Ledger
from shared.messaging.reader import Reader
from shared.messaging.tail import published


async def check_not_restored(ledger: Ledger, kafka: str) -> None:
    """Raises RestoredBackup when Kafka holds records of this chain that the ledger has not; and when Kafka is away
    or has no such topic yet, whatever its client raises."""
    reader = Reader(kafka)
    try:
        ends = await reader.ends(
            ledger.context, range(ledger.partitions)
        )  # before the heads: those only grow
        for head in await ledger.heads():
            if ends[head.partition] > head.sequence:  # Kafka has a record for every position it knows
                await published(reader, ledger, head.partition, head.sequence)
    finally:
        await reader.close()
