"""The keyring: personal values are sealed with their person's key; destroying the key erases them, everywhere.

A key is 32 random bytes, kept in a database of its own, wrapped by a secret that only services hold. Values and
keys are sealed by AES-256-GCM with the person's id as associated data, so that neither can be passed off as
another person's. (architecture.md, Privacy)
"""

import base64
import binascii
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic
from typing import Any

import asyncpg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.events.personal import Clear, Erased, Sealed
from shared.ledger.errors import KeyMissing, PersonErased, Unsealable
from shared.ledger.faults import attempted
from shared.sql import queries

SQL = queries(__file__, "keyring.sql")
CACHED_PERSONS = 10_000
CACHED_SECONDS = 3.0
"""How long a key destroyed by another process stays readable in this one, at most."""
_NONCE = 12


class Keyring:
    """Seals and reveals. One round trip serves any number of persons; keys are remembered for CACHED_SECONDS."""

    def __init__(
        self, pool: "asyncpg.Pool[Any]", secret: bytes, clock: Callable[[], float] = monotonic
    ) -> None:
        """`secret`: 32 bytes, wraps the persons' keys."""
        self._pool = pool
        self._secret = AESGCM(secret)
        self._cache = _Cache(clock)

    async def seal(self, values: Mapping[str, Sequence[str]]) -> dict[str, list[Sealed]]:
        """Seals each person's values, in their order; a person without a key gets one.

        Raises PersonErased for a person whose key was destroyed, StoreUnavailable when the keyring is away.
        """
        keys = await self._keys(values, create=True)
        if erased := sorted(person for person in values if keys[person] is None):
            raise PersonErased(erased)
        return {person: [_sealed(keys[person], person, each) for each in values[person]] for person in values}

    async def seal_all(self, values: Iterable[Clear]) -> dict[Clear, Sealed]:
        """The same for values as events carry them; the mapping is what `with_personals` takes."""
        of_person: dict[str, dict[str, None]] = {}
        for each in values:
            of_person.setdefault(each.person, {})[each.value] = None
        sealed = await self.seal({person: list(texts) for person, texts in of_person.items()})
        return {
            Clear(person, text): seal
            for person, texts in of_person.items()
            for text, seal in zip(texts, sealed[person], strict=True)
        }

    async def reveal(self, values: Iterable[Sealed]) -> dict[Sealed, Clear | Erased]:
        """What each value says, Erased once its person's key is destroyed; what `with_personals` takes.

        Raises KeyMissing for a person the keyring never knew, Unsealable for bytes that are not what was sealed.
        """
        wanted = list(values)
        keys = await self._keys((value.person for value in wanted), create=False)
        return {value: _revealed(keys[value.person], value) for value in wanted}

    async def destroy(self, person: str) -> bool:
        """Erases a person for ever; False when there was no key. Only the role `eraser` may.

        Other processes may still read the person for CACHED_SECONDS.
        """
        self._cache.forget(person)
        return bool(await attempted(lambda: self._pool.fetchval(SQL.destroy, person)))

    async def _keys(self, persons: Iterable[str], *, create: bool) -> dict[str, AESGCM | None]:
        """person -> key, None when destroyed."""
        wanted = sorted(set(persons))
        keys = self._cache.known(wanted)
        if missing := [person for person in wanted if person not in keys]:
            rows = await attempted(lambda: self._fetch(missing, create=create))
            found = {person: self._unwrapped(person, wrapped) for person, wrapped in rows}
            if lost := [person for person in missing if person not in found]:
                raise KeyMissing(lost)
            self._cache.remember(found)
            keys |= found
        return keys

    async def _fetch(self, persons: list[str], *, create: bool) -> list[Any]:
        if create:
            proposed = [_encrypt(self._secret, person, os.urandom(32)) for person in persons]
            return list(await self._pool.fetch(SQL.obtain, persons, proposed))
        return list(await self._pool.fetch(SQL.keys, persons))

    def _unwrapped(self, person: str, wrapped: bytes | None) -> AESGCM | None:
        return None if wrapped is None else AESGCM(_decrypt(self._secret, person, wrapped))


class _Cache:
    """Keys last used, each for CACHED_SECONDS after it was read."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: OrderedDict[str, tuple[float, AESGCM | None]] = OrderedDict()

    def known(self, persons: Iterable[str]) -> dict[str, AESGCM | None]:
        now = self._clock()
        found: dict[str, AESGCM | None] = {}
        for person in persons:
            entry = self._entries.get(person)
            if entry is not None and entry[0] > now:
                self._entries.move_to_end(person)
                found[person] = entry[1]
        return found

    def remember(self, keys: Mapping[str, AESGCM | None]) -> None:
        until = self._clock() + CACHED_SECONDS
        for person, key in keys.items():
            self._entries[person] = (until, key)
            self._entries.move_to_end(person)
        while len(self._entries) > CACHED_PERSONS:
            self._entries.popitem(last=False)

    def forget(self, person: str) -> None:
        self._entries.pop(person, None)


def _encrypt(key: AESGCM, person: str, clear: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + key.encrypt(nonce, clear, person.encode())


def _decrypt(key: AESGCM, person: str, sealed: bytes) -> bytes:
    try:
        return key.decrypt(sealed[:_NONCE], sealed[_NONCE:], person.encode())
    except (InvalidTag, ValueError) as error:
        raise Unsealable(person) from error


def _sealed(key: AESGCM | None, person: str, value: str) -> Sealed:
    if key is None:
        raise PersonErased([person])
    return Sealed(person, base64.b64encode(_encrypt(key, person, value.encode())).decode())


def _revealed(key: AESGCM | None, value: Sealed) -> Clear | Erased:
    if key is None:
        return Erased(value.person)
    try:
        sealed = base64.b64decode(value.sealed, validate=True)
    except binascii.Error as error:
        raise Unsealable(value.person) from error
    return Clear(value.person, _decrypt(key, value.person, sealed).decode())
