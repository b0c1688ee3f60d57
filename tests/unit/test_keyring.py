"""The keyring's memory and its seals, without a database."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.ledger import Unsealable
from shared.ledger.keyring import CACHED_PERSONS, CACHED_SECONDS, Keyring, _Cache, _decrypt, _encrypt

KEY = AESGCM(bytes(32))


class Clock:
    """Stands still until told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Pool:
    """Answers as the keyring's database would, and counts the round trips."""

    def __init__(self) -> None:
        self.keys: dict[str, bytes | None] = {}
        self.trips = 0

    async def fetch(self, _: str, persons: list[str], proposed: list[bytes] | None = None) -> list[Any]:
        self.trips += 1
        for person, wrapped in zip(persons, proposed or [], strict=False):
            self.keys.setdefault(person, wrapped)
        return [(person, self.keys[person]) for person in persons if person in self.keys]


def test_a_seal_belongs_to_its_person() -> None:
    """The same bytes under another person's name do not open."""
    sealed = _encrypt(KEY, "person-1", b"Dupont")
    assert _decrypt(KEY, "person-1", sealed) == b"Dupont"
    with pytest.raises(Unsealable):
        _decrypt(KEY, "person-2", sealed)


def test_the_same_value_is_never_sealed_alike() -> None:
    """A fresh nonce each time: nobody can tell that two persons share a name."""
    assert _encrypt(KEY, "person-1", b"Dupont") != _encrypt(KEY, "person-1", b"Dupont")


def test_a_seal_too_short_to_be_one_is_refused() -> None:
    """Not an error of the cipher's own."""
    with pytest.raises(Unsealable):
        _decrypt(KEY, "person-1", b"short")


async def test_many_persons_cost_one_round_trip_and_then_none() -> None:
    """Until their time is over: a key destroyed elsewhere stays readable CACHED_SECONDS at most."""
    pool, clock = Pool(), Clock()
    keyring = Keyring(pool, bytes(32), clock)  # type: ignore[arg-type]  # a stand-in
    sealed = await keyring.seal({f"person-{n}": ["Dupont", "Marie"] for n in range(50)})
    values = [value for each in sealed.values() for value in each]
    await keyring.reveal(values)
    assert pool.trips == 1
    clock.now = CACHED_SECONDS
    await keyring.reveal(values)
    assert pool.trips == 2
    assert CACHED_SECONDS <= 5


def test_the_memory_is_bounded() -> None:
    """Whoever was used longest ago is forgotten first."""
    cache = _Cache(Clock())
    cache.remember({f"person-{n}": KEY for n in range(CACHED_PERSONS)})
    cache.known(["person-0"])
    cache.remember({"one-more": KEY})
    assert set(cache.known(["person-0", "person-1", "one-more"])) == {"person-0", "one-more"}
