"""One relay or one consumer as a process of its own, to be killed and paused.

python -m tests.faults.messaging_process relay|consumer DSN KAFKA CONTEXT FOLDER
"""

import asyncio
import sys
from collections.abc import Sequence

import asyncpg

from shared.ledger import Ledger
from shared.messaging import Consumers, Delivered, Relay, Subscription
from tests.messaging_stand import writes

NAME = "tests.effects"


async def slowly(connection: asyncpg.Connection, events: Sequence[Delivered]) -> None:
    """Long enough in its transaction for a signal to find it there."""
    await writes(NAME)(connection, events)
    await connection.execute("select pg_sleep(0.01)")


async def main(role: str, dsn: str, kafka: str, context: str, folder: str) -> None:
    async with asyncpg.create_pool(dsn, min_size=1, max_size=8) as pool:
        if role == "relay":
            await Relay(await Ledger.open(pool, context), pool, kafka).run()
        consumers = Consumers(pool, kafka, [Subscription(NAME, context, slowly)], folder)
        await consumers.start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
