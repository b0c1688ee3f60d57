"""The fixtures other tests stand on."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from tests.servers import ContextPool, Servers


async def test_a_context_database_is_migrated_and_used_as_its_service(context_db: ContextPool) -> None:
    """The pool speaks as the service's role, on a database whose views it may fill but not create."""
    assert await context_db.fetchval("select current_user") == "registration"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await context_db.execute("create table views.mine (id int)")


async def test_the_service_uses_what_its_owner_makes_in_views(context_db: ContextPool) -> None:
    """A table the owner makes in `views` can be read and written by the service at once."""
    owner = await asyncpg.connect(context_db.admin_dsn)
    try:
        await owner.execute("set role registration_owner")
        await owner.execute("create table views.seen (id int)")
    finally:
        await owner.close()
    await context_db.execute("insert into views.seen values (1)")
    assert await context_db.fetchval("select count(*) from views.seen") == 1


async def test_each_test_has_its_own_keyring(keyring_db: ContextPool) -> None:
    """A keyring database is fresh and reached as a service."""
    assert await keyring_db.fetchval("select current_user") == "registration"


async def test_a_topic_has_its_partitions(
    servers: Servers, make_topic: Callable[..., Awaitable[str]]
) -> None:
    """A topic is made with as many partitions as asked."""
    name = await make_topic(partitions=3)
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka)
    await admin.start()
    try:
        (described,) = await admin.describe_topics([name])
    finally:
        await admin.close()
    assert len(described["partitions"]) == 3
