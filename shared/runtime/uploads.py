"""What people may deposit: PDF, images, sheets; 20 MB at most; told by its content, never by its name.

Each cause of a refusal has its own words. A PDF is opened by the worker, never here.
"""

import re
from dataclasses import dataclass
from pathlib import PurePath

import filetype
from fastapi import UploadFile

from shared.runtime import faq, workers
from shared.runtime.documents import Documents
from shared.runtime.refusal import Refusal, Refused
from shared.runtime.refusals import YOU

MEGABYTE = 1_000_000
AT_MOST = 20 * MEGABYTE

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF_ONLY = frozenset({PDF})
SCANS = frozenset({PDF, PNG, JPEG})
SHEETS = frozenset({CSV, XLSX})
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_NAMES = {PDF: "PDF", PNG: "PNG", JPEG: "JPEG", CSV: "CSV", XLSX: "XLSX"}

EMPTY = Refusal(
    "document-empty", 422, "Document vide",
    "Le document reçu est vide (0 octet) : choisissez-le à nouveau et renvoyez-le.", YOU, faq=faq.HELP,
)  # fmt: skip
TOO_LARGE = Refusal(
    "document-too-large", 413, "Document trop volumineux",
    "Le document dépasse {limit} Mo : numérisez-le en noir et blanc ou à 150 points par pouce, puis renvoyez-le.",
    YOU, faq=faq.HELP,
)  # fmt: skip
WRONG_TYPE = Refusal(
    "document-type", 415, "Type de document non accepté",
    "D'après son contenu, le document n'est pas au format attendu ({expected}) : enregistrez-le ou numérisez-le dans "
    "ce format. Changer la fin de son nom ne suffit pas.", YOU, faq=faq.HELP,
)  # fmt: skip
PASSWORD = Refusal(
    "document-password-protected", 422, "Document protégé par un mot de passe",
    "Ce PDF demande un mot de passe pour s'ouvrir : enregistrez-en une copie sans mot de passe et renvoyez-la.",
    YOU, faq=faq.HELP,
)  # fmt: skip
DAMAGED = Refusal(
    "document-damaged", 422, "Document illisible",
    "Le document est endommagé ou incomplet : vérifiez qu'il s'ouvre chez vous, enregistrez-le ou numérisez-le à "
    "nouveau, puis renvoyez-le.", YOU, faq=faq.HELP,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deposited:
    """A document that was kept; `name` is the one it came under, for people to recognise it."""

    sha256: str
    media_type: str
    size: int
    name: str


async def received(
    file: UploadFile, documents: Documents, kinds: frozenset[str] = PDF_ONLY, at_most: int = AT_MOST
) -> Deposited:
    """Checks a document and keeps it. Raises `Refused` with the one thing that is wrong with it."""
    content = await content_of(file, at_most)
    kind = await checked(content, kinds)
    return Deposited(await documents.put(content), kind, len(content), shown_name(file.filename))


async def content_of(file: UploadFile, at_most: int = AT_MOST) -> bytes:
    """What was sent. Raises `Refused` when it is empty or too large."""
    content = await file.read(at_most + 1)
    if not content:
        raise Refused(EMPTY)
    if len(content) > at_most:
        raise Refused(TOO_LARGE, limit=at_most // MEGABYTE)
    return content


async def checked(content: bytes, kinds: frozenset[str]) -> str:
    """The media type of a content, one of `kinds`. Raises `Refused` for another, or for what cannot be opened."""
    kind = media_type(content)
    if kind not in kinds:
        raise Refused(WRONG_TYPE, expected=" ou ".join(sorted(_NAMES[each] for each in kinds)))
    if kind == PDF:
        await _openable(content)
    elif not _whole(kind, content):
        raise Refused(DAMAGED)
    return kind


def media_type(content: bytes) -> str | None:
    """By the content alone; text without a signature of its own may be a CSV."""
    known: str | None = filetype.guess_mime(content)
    if known == "application/zip" and b"xl/workbook" in content:
        return XLSX  # its parts in another order than Excel's
    if known is None and (b"\x00" not in content or content.startswith(_UTF_16)):
        return CSV
    return known


async def text_of(content: bytes) -> str:
    """What a PDF says, its first pages; nothing for a scan. Raises `Refused` when it cannot be opened."""
    try:
        text: str = await workers.run("shared.runtime.inspecting:text", content)
    except workers.WorkerError as error:
        raise Refused(DAMAGED) from error
    return text


def shown_name(name: str | None) -> str:
    """A file's name as it can be shown: its last part, a line, 120 characters; never a path to write to."""
    last = PurePath((name or "").replace("\\", "/")).name
    seen = "".join(character for character in last if character.isprintable())
    return re.sub(r"\s+", " ", seen).strip()[:120] or "document"


async def _openable(content: bytes) -> None:
    try:
        verdict = await workers.run("shared.runtime.inspecting:opened", content)
    except workers.WorkerError as error:
        raise Refused(DAMAGED) from error
    if verdict != "open":
        raise Refused(PASSWORD if verdict == "locked" else DAMAGED)


_END = {PNG: b"IEND", JPEG: b"\xff\xd9"}


def _whole(kind: str, content: bytes) -> bool:
    """Whether an image has its end: an interrupted transfer has not."""
    return _END.get(kind, b"") in content
