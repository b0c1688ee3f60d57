"""What proves who signs in: keyed hashes of addresses, codes, tokens, argon2id hashes of passwords."""

import asyncio
import base64
import hmac
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.runtime.refusal import Refused
from shared.runtime.refusals import UNAVAILABLE

EVEN = 0.3  # seconds


async def evenly(work: Awaitable[object] | None) -> None:
    """Takes the same time whether there is work or not: an answer's time tells nobody who has an account."""
    await asyncio.gather(asyncio.sleep(EVEN), *([work] if work else []))


class Credentials:
    """Made from the keyring's secret: nothing that it gives can be recomputed without it."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._hasher = PasswordHasher(
            time_cost=2, memory_cost=19 * 1024, parallelism=1
        )  # OWASP's first choice
        self._nobody = self._hasher.hash("nobody has this password")
        self._turns = asyncio.Semaphore(2)  # 19 MiB each, and a core

    def login_key(self, login: str) -> bytes:
        """What an address is looked up by; upper and lower case are one."""
        return self._keyed("login", login.strip().casefold())

    def tally_key(self, use: str, of: str) -> bytes:
        """What is counted by: `of` is a network address or a login, and cannot be read back."""
        return self._keyed(f"tally {use}", of.strip().casefold())

    def code(self, event: UUID) -> str:
        """The activation code that goes with an event: XXXX-XXXX-XXXX, 60 bits.

        As good as random to whoever lacks the secret, and the same when a command is tried again.
        """
        letters = base64.b32encode(self._keyed("code", str(event))).decode()
        return "-".join((letters[:4], letters[4:8], letters[8:12]))

    def digest(self, code: str) -> str:
        """What is kept of a code to check it; case, spaces and dashes do not count."""
        bare = "".join(character for character in code.upper() if character.isalnum())
        return self._keyed("digest", bare).hex()

    def code_is(self, code: str, digest: str | None) -> bool:
        """Compares in constant time; False, as slowly, when there is none."""
        return hmac.compare_digest(self.digest(code), digest or self.digest("")) and digest is not None

    def new_token(self) -> str:
        """A refresh token: 256 random bits, known to its owner alone."""
        return secrets.token_urlsafe(32)

    def token_digest(self, token: str) -> bytes:
        """What is kept of a refresh token; as random as it is, it needs no salt."""
        return sha256(token.encode()).digest()

    async def hash(self, password: str) -> str:
        """argon2id, in a thread."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    @asynccontextmanager
    async def turn(self, gone: Callable[[], Awaitable[bool]]) -> AsyncIterator[None]:
        """For `password_is`: a core and its memory, once it is free. Raises `Refused` when whoever asked has gone.

        An impatient client asks again while its last try still waits here: on a busy machine the work for nobody
        would leave no turn for anybody, and count as tries.
        """
        async with self._turns:
            if await gone():
                raise Refused(UNAVAILABLE)
            yield

    async def password_is(self, password: str, hashed: str | None) -> bool:
        """Whether it is the password; False, after the same work, when there is none. Within a `turn`."""
        matches = await asyncio.to_thread(self._matches, password, hashed or self._nobody)
        return matches and hashed is not None

    def _matches(self, password: str, hashed: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _keyed(self, use: str, text: str) -> bytes:
        return hmac.new(self._secret, f"{use}\n{text}".encode(), sha256).digest()
