"""Documents by their sha256: what a person deposits is kept as it came, encrypted, in a folder or an object store."""

import asyncio
import os
from datetime import timedelta
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
        nonce = os.urandom(_NONCE)
        sealed = nonce + await asyncio.to_thread(self._cipher.encrypt, nonce, content, digest.encode())
        try:
            await obstore.put_async(self._store, _path(digest), sealed, mode="create")
        except AlreadyExistsError:
            return digest
        except BaseError as error:
            raise _away(error) from error
        await self._settle(digest)
        return digest

    async def get(self, digest: str) -> bytes:
        """The content. Raises `Refused` when it was never deposited; `InvalidTag` when the object was altered."""
        try:
            found = await (await obstore.get_async(self._store, _path(digest))).bytes_async()
        except FileNotFoundError as error:
            raise Refused(UNKNOWN, sha256=digest) from error
        except BaseError as error:
            raise _away(error) from error
        content = await asyncio.to_thread(self._opened_of, digest, bytes(found))
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

    @property
    def _store(self) -> ObjectStore:
        if self._opened is None:
            at = self._place
            self._opened = LocalStore(at, mkdir=True) if isinstance(at, Path) else _remote(at)
        return self._opened

    def _opened_of(self, digest: str, sealed: bytes) -> bytes:
        return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], digest.encode())

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
