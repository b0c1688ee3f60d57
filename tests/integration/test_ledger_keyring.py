"""The keyring on PostgreSQL: one round trip, only the eraser destroys, and the ledger verifies before and after."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from uuid import uuid4

import asyncpg
import orjson
import pytest
import pytest_asyncio

from ops.databases import dsn_of
from shared.events import Clear, Erased, Sealed
from shared.ledger import Append, KeyMissing, Keyring, Ledger, NewEvent, PersonErased, Unsealable
from shared.ledger.verify import verify
from tests.servers import PASSWORD, ContextPool

SECRET = bytes(range(32))
DUPONT = Clear("person-1", "Dupont")


@pytest.fixture
def keyring(keyring_db: ContextPool) -> Keyring:
    return Keyring(keyring_db, SECRET)


@pytest_asyncio.fixture
async def eraser(keyring_db: ContextPool) -> AsyncIterator[Keyring]:
    """The keyring as the role `eraser` sees it."""
    dsn = dsn_of(keyring_db.admin_dsn, keyring_db.dsn.rpartition("/")[2], "eraser", PASSWORD)
    async with asyncpg.create_pool(dsn, min_size=0, max_size=2) as pool:
        yield Keyring(pool, SECRET)


async def test_what_was_sealed_is_revealed_by_another_process(
    keyring: Keyring, keyring_db: ContextPool
) -> None:
    """Accents and empty values too."""
    values = [DUPONT, Clear("person-1", "Élodie"), Clear("person-2", "")]
    sealed = await keyring.seal_all(values)
    revealed = await Keyring(keyring_db, SECRET).reveal(sealed.values())
    assert [revealed[sealed[value]] for value in values] == values


async def test_sealing_at_once_gives_a_person_one_key(keyring_db: ContextPool) -> None:
    """Twenty processes seal for the same new persons: everything opens with the keys of one of them."""
    persons = {f"person-{n}": ["Dupont"] for n in range(20)}
    keyrings = [Keyring(keyring_db, SECRET) for _ in range(20)]
    sealed = await asyncio.gather(*(keyring.seal(persons) for keyring in keyrings))
    values = [value for each in sealed for texts in each.values() for value in texts]
    assert len(await Keyring(keyring_db, SECRET).reveal(values)) == 400


async def test_only_the_eraser_destroys(keyring: Keyring, keyring_db: ContextPool) -> None:
    """A service may not, by the function or by the table."""
    await keyring.seal_all([DUPONT])
    for attempt in (
        "select keyring.destroy('person-1')",
        "delete from keyring.keys",
        "update keyring.keys set wrapped = null",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await keyring_db.execute(attempt)


async def test_the_eraser_reads_no_key(keyring: Keyring, eraser: Keyring) -> None:
    """It destroys what it cannot open."""
    sealed = await keyring.seal_all([DUPONT])
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await eraser.reveal(sealed.values())


async def test_an_erased_person_reads_as_erased(
    keyring: Keyring, eraser: Keyring, keyring_db: ContextPool
) -> None:
    """In every process, once it forgot the key; other persons stay; nothing new is sealed for the erased one."""
    sealed = await keyring.seal_all([DUPONT, Clear("person-2", "Martin")])
    assert await eraser.destroy("person-1") is True
    assert await eraser.destroy("person-1") is False
    revealed = await Keyring(keyring_db, SECRET).reveal(sealed.values())
    assert set(revealed.values()) == {Erased("person-1"), Clear("person-2", "Martin")}
    with pytest.raises(PersonErased):
        await Keyring(keyring_db, SECRET).seal({"person-1": ["Dupont"]})


async def test_a_key_destroyed_elsewhere_is_forgotten_in_time(
    keyring_db: ContextPool, eraser: Keyring
) -> None:
    """Another process reads on for CACHED_SECONDS, not longer."""
    now = 0.0
    keyring = Keyring(keyring_db, SECRET, clock=lambda: now)
    sealed = await keyring.seal_all([DUPONT])
    await eraser.destroy("person-1")
    now = 3.0
    assert list((await keyring.reveal(sealed.values())).values()) == [Erased("person-1")]


async def test_whoever_is_erased_before_having_a_key_gets_none(keyring: Keyring, eraser: Keyring) -> None:
    """The row says that the person is erased, so that no late event brings them back."""
    assert await eraser.destroy("person-9") is False
    with pytest.raises(PersonErased):
        await keyring.seal({"person-9": ["Dupont"]})


async def test_another_secret_or_another_keyring_is_told_apart(
    keyring: Keyring, keyring_db: ContextPool
) -> None:
    """A wrong secret is Unsealable, a person never heard of KeyMissing; neither passes for an erasure."""
    sealed = await keyring.seal_all([DUPONT])
    with pytest.raises(Unsealable):
        await Keyring(keyring_db, bytes(32)).reveal(sealed.values())
    with pytest.raises(KeyMissing):
        await keyring.reveal([Sealed("person-9", sealed[DUPONT].sealed)])


async def test_the_chain_verifies_before_and_after_an_erasure(
    keyring: Keyring, eraser: Keyring, context_db: ContextPool
) -> None:
    """The hash covers what was sealed, so the history stands when nobody can read it any more."""
    ledger = await Ledger.open(context_db, "registration")
    sealed = await keyring.seal_all([DUPONT])
    record = {"id": str(uuid4()), "subject": "trainer-1", "streamversion": 1, "data": sealed[DUPONT].sealed}
    event = NewEvent(uuid4(), orjson.dumps(record))
    await ledger.append(Append("trainer-1", 0, (event,), uuid4(), sha256(b"").digest()))
    before = await verify(context_db.admin_dsn)
    await eraser.destroy("person-1")
    assert await verify(context_db.admin_dsn) == before
    assert before.broken == []
    assert before.count == 1
    await ledger.close()
