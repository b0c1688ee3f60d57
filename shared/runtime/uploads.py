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
from shared.runtime.scanning import Scanner

MEGABYTE = 1_000_000
AT_MOST = 20 * MEGABYTE
LOOKING = 10.0  # seconds; a page takes a fifth of one

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF_ONLY = frozenset({PDF})
SCANS = frozenset({PDF, PNG, JPEG})
SHEETS = frozenset({CSV, XLSX})
_PICTURES = frozenset({PNG, JPEG})
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_NAMES = {PDF: "PDF", PNG: "PNG", JPEG: "JPEG", CSV: "CSV", XLSX: "XLSX"}

HEIC = "image/heic"

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
PHOTO = Refusal(
    "document-heic", 415, "Photo au format HEIC",
    "Cette photo est au format HEIC des iPhone, que Formiris ne peut pas lire. Sur le téléphone, ouvrez-la, choisissez "
    "« Partager » puis « Imprimer », agrandissez l'aperçu et enregistrez-le en PDF ; ou réglez « Appareil photo », "
    "« Formats » sur « Le plus compatible », et reprenez-la.", YOU, faq=faq.HELP,
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
    """A document that was kept; `name` is the one it came under, for people to recognise it.

    `scanned`: a scanner looked for viruses in it; False where there is none.
    """

    sha256: str
    media_type: str
    size: int
    name: str
    scanned: bool


async def received(
    file: UploadFile, documents: Documents, scanner: Scanner, kinds: frozenset[str] = PDF_ONLY
) -> Deposited:
    """Checks a document and keeps it. Raises `Refused` with the one thing that is wrong with it."""
    content = await content_of(file)
    kind = await checked(content, kinds)
    scanned = await scanner.scan(content)
    return Deposited(await documents.put(content), kind, len(content), shown_name(file.filename), scanned)


async def content_of(file: UploadFile) -> bytes:
    """What was sent. Raises `Refused` when it is empty or too large."""
    return sized(await file.read(AT_MOST + 1))


def sized(content: bytes) -> bytes:
    """The same content. Raises `Refused` when it is empty or too large."""
    if not content:
        raise Refused(EMPTY)
    if len(content) > AT_MOST:
        raise Refused(TOO_LARGE, limit=AT_MOST // MEGABYTE)
    return content


async def checked(content: bytes, kinds: frozenset[str]) -> str:
    """The media type of a content, one of `kinds`. Raises `Refused` for another, or for what cannot be opened."""
    kind = media_type(content)
    if kind == HEIC and kinds & _PICTURES:
        raise Refused(PHOTO)
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


async def codes_in(kind: str, content: bytes) -> tuple[str, ...]:
    """What the QR codes of a PDF's first pages, or of an image, say. Raises `WorkerError` for what cannot be drawn."""
    codes: tuple[str, ...] = await workers.run(
        "shared.runtime.qr_codes:codes", content, kind == PDF, timeout=LOOKING
    )
    return codes


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
