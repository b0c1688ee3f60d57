"""Documents by their sha256: what a person deposits is kept as it came, encrypted, in a folder or an object store."""

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import obstore
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from shared.runtime import faq
from shared.runtime.refusal import Refusal, Refused
from shared.runtime.refusals import YOU

UNKNOWN = Refusal(
    "document-unknown", 422, "Document introuvable",
    "Le document annoncé ({sha256}) n'a pas été déposé : déposez-le d'abord.", YOU, faq=faq.HELP,
)  # fmt: skip
_NONCE, _TAG = 12, 16
_PARTS = "parts"
PARTS_LAST = timedelta(days=1)


class Documents:
    """Encrypted objects named by the sha256 of what they hold. The same content is kept once; writing is atomic."""

    def __init__(self, place: Path | str, secret: bytes) -> None:
        """`place`: a folder, or an address (`s3://bucket/prefix`) whose access keys are in AWS's own variables."""
        self._place = place
        self._opened: ObjectStore | None = None
        self._cipher = AESGCM(secret)

    async def put(self, content: bytes) -> str:
        """Keeps a content, whatever it is, and gives its sha256 (hex); uploads.py says what may come from outside."""
        digest = sha256(content).hexdigest()
        if await self._write(_path(digest), digest, content):
            await self._settle(digest)
        return digest

    async def get(self, digest: str) -> bytes:
        """The content. Raises `Refused` when it was never deposited; `InvalidTag` when the object was altered."""
        try:
            content = await self._read(_path(digest), digest)
        except FileNotFoundError as error:
            raise Refused(UNKNOWN, sha256=digest) from error
        if sha256(content).hexdigest() != digest:
            raise InvalidTag
        return content

    async def size(self, digest: str) -> int | None:
        """Bytes of the content; None when it was never deposited."""
        try:
            meta = await obstore.head_async(self._store, _path(digest))
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise _away(error) from error
        return meta["size"] - _NONCE - _TAG

    async def has(self, digest: str) -> bool:
        """Whether the document was deposited."""
        return await self.size(digest) is not None

    async def require(self, digest: str) -> None:
        """Raises `Refused` when the document was never deposited."""
        if not await self.has(digest):
            raise Refused(UNKNOWN, sha256=digest)

    # What is still on its way is kept under a place of its own: parts, named by where they begin.

    async def put_part(self, place: str, offset: int, content: bytes) -> None:
        """Keeps a part; the same offset twice is once."""
        path = f"{_PARTS}/{place}/{offset:010}"
        await self._write(path, path, content)

    async def length_of_parts(self, place: str) -> int:
        """Bytes that are there, from the beginning without a hole."""
        return sum(size for _, size in await self._parts(place))

    async def whole_of_parts(self, place: str) -> bytes:
        """The parts put together; nothing when there are none."""
        return b"".join([await self._read(path, path) for path, _ in await self._parts(place)])

    async def forget_parts(self, place: str) -> None:
        """Once they are a document, or will never be one."""
        await self._delete([path for path, _ in await self._parts(place)])

    async def forget_old_parts(self) -> None:
        """Those of whoever went away before the end."""
        since = datetime.now(UTC) - PARTS_LAST
        found = await self._listed(_PARTS)
        await self._delete([path for path, _, at in found if at < since])

    async def _parts(self, place: str) -> list[tuple[str, int]]:
        parts: list[tuple[str, int]] = []
        length = 0
        for path, size, _ in sorted(await self._listed(f"{_PARTS}/{place}")):
            if int(path.rpartition("/")[2]) != length:
                break
            parts.append((path, size))
            length += size
        return parts

    async def _listed(self, place: str) -> list[tuple[str, int, datetime]]:
        try:
            found = await obstore.list(self._store, place).collect_async()
        except BaseError as error:
            raise _away(error) from error
        return [(each["path"], each["size"] - _NONCE - _TAG, each["last_modified"]) for each in found]

    async def _delete(self, paths: Sequence[str]) -> None:
        try:
            await obstore.delete_async(self._store, paths)
        except FileNotFoundError:
            return  # somebody else did
        except BaseError as error:
            raise _away(error) from error

    async def _write(self, path: str, name: str, content: bytes) -> bool:
        """Whether it was not there yet."""
        nonce = os.urandom(_NONCE)
        sealed = nonce + await asyncio.to_thread(self._cipher.encrypt, nonce, content, name.encode())
        try:
            await obstore.put_async(self._store, path, sealed, mode="create")
        except AlreadyExistsError:
            return False
        except BaseError as error:
            raise _away(error) from error
        return True

    async def _read(self, path: str, name: str) -> bytes:
        try:
            found = await (await obstore.get_async(self._store, path)).bytes_async()
        except FileNotFoundError:
            raise
        except BaseError as error:
            raise _away(error) from error
        return await asyncio.to_thread(self._opened_of, name, bytes(found))

    @property
    def _store(self) -> ObjectStore:
        if self._opened is None:
            at = self._place
            self._opened = LocalStore(at, mkdir=True) if isinstance(at, Path) else _remote(at)
        return self._opened

    def _opened_of(self, name: str, sealed: bytes) -> bytes:
        return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())

    async def _settle(self, digest: str) -> None:
        """A file is on the disk before anybody is told that it is kept; an object store answers only then."""
        if isinstance(self._place, Path):
            await asyncio.to_thread(_flush, self._place / _path(digest))


def _remote(address: str) -> ObjectStore:
    """Gives up within a request's patience; obstore's own retries go on for minutes."""
    return from_url(
        address,
        client_options={"connect_timeout": "2s", "timeout": "15s"},
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=10)},
    )


def _path(digest: str) -> str:
    return f"{digest[:2]}/{digest}"


def _flush(file: Path) -> None:
    for each in (file, file.parent):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _away(error: BaseError) -> Exception:
    """To a caller, a store that cannot be reached is a passing fault."""
    return ConnectionError(f"documents: {type(error).__name__}")
