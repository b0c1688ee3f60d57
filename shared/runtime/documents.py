"""Documents by their sha256: what a person deposits is kept as it came, encrypted, and never trusted by its name."""

import asyncio
import os
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import filetype
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.runtime.refusal import Refusal, Refused
from shared.runtime.refusals import YOU

EMPTY = Refusal(
    "document-empty", 422, "Document vide", "Le document reçu est vide : joignez-le à nouveau.", YOU
)
WRONG_TYPE = Refusal(
    "document-type", 415, "Type de document non accepté",
    "Le document n'est pas un PDF, d'après son contenu : enregistrez-le ou numérisez-le en PDF.", YOU,
)  # fmt: skip
UNKNOWN = Refusal(
    "document-unknown", 422, "Document introuvable",
    "Le document annoncé ({sha256}) n'a pas été déposé : déposez-le d'abord.", YOU,
)  # fmt: skip


class Documents:
    """A folder of encrypted files. The same content is kept once; writing is atomic."""

    def __init__(self, folder: Path, secret: bytes) -> None:
        self._folder = folder
        self._cipher = AESGCM(secret)

    async def put(self, content: bytes) -> str:
        """Keeps a PDF and gives its sha256 (hex). Raises `Refused` for an empty or other document."""
        if not content:
            raise Refused(EMPTY)
        if filetype.guess_mime(content) != "application/pdf":
            raise Refused(WRONG_TYPE)
        digest = sha256(content).hexdigest()
        await asyncio.to_thread(self._write, digest, content)
        return digest

    async def get(self, digest: str) -> bytes:
        """The content. Raises `Refused` when it was never deposited; `InvalidTag` when the file was altered."""
        if not await self.has(digest):
            raise Refused(UNKNOWN, sha256=digest)
        sealed = await asyncio.to_thread(self._path(digest).read_bytes)
        content = self._cipher.decrypt(sealed[:12], sealed[12:], digest.encode())
        if sha256(content).hexdigest() != digest:
            raise InvalidTag
        return content

    async def has(self, digest: str) -> bool:
        """Whether the document was deposited."""
        return await asyncio.to_thread(self._path(digest).exists)

    async def require(self, digest: str) -> None:
        """Raises `Refused` when the document was never deposited."""
        if not await self.has(digest):
            raise Refused(UNKNOWN, sha256=digest)

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    def _write(self, digest: str, content: bytes) -> None:
        path = self._path(digest)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        nonce = os.urandom(12)
        partial = path.with_name(f"{digest}.{uuid4().hex}.part")
        with partial.open("wb") as file:
            file.write(nonce + self._cipher.encrypt(nonce, content, digest.encode()))
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
