"""What people deposit: each cause of a refusal has its own words, and what is kept comes back as it was."""

import asyncio
import io
import struct
import zlib
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from fastapi import UploadFile

from shared.runtime.documents import Documents
from shared.runtime.refusal import Refused
from shared.runtime.scanning import Scanner
from shared.runtime.uploads import (
    AT_MOST,
    JPEG,
    PDF,
    PNG,
    SCANS,
    SHEETS,
    Deposited,
    media_type,
    received,
    shown_name,
    text_of,
)
from shared.runtime.workers import ROOT
from tests.clamd import INFECTED, clamd
from tests.papers import pdf

A_PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    + b"\x00\x00\x00\x00IDAT" + zlib.compress(b"\x00\x00") + b"\x00\x00\x00\x00IEND\xaeB`\x82"
)  # fmt: skip
A_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(50) + b"\xff\xd9"
AWAY = {
    "ENDPOINT_URL": "http://127.0.0.1:9", "ALLOW_HTTP": "true", "REGION": "x", "ACCESS_KEY_ID": "x",
    "SECRET_ACCESS_KEY": "x",
}  # fmt: skip
ORDERS = ROOT / "ops/demo/inputs"
A_HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(50)
NONE = Scanner(None)


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    """In a folder of its own."""
    return Documents(tmp_path / "documents", b"s" * 32)


def sent(content: bytes, name: str = "scan.pdf") -> UploadFile:
    return UploadFile(io.BytesIO(content), filename=name)


async def test_a_document_is_kept_encrypted_and_comes_back(documents: Documents, tmp_path: Path) -> None:
    """Named by what it holds; on the disk nothing of it can be read; twice the same is once."""
    content = pdf("Bon de commande BC-2026-0417")
    kept = await received(sent(content, "C:\\docs\\Bon  signé.pdf"), documents, NONE)
    assert kept == Deposited(kept.sha256, PDF, len(content), "Bon signé.pdf", scanned=False)
    assert await documents.get(kept.sha256) == content
    assert await documents.size(kept.sha256) == len(content)
    assert (await received(sent(content), documents, NONE)).sha256 == kept.sha256
    (file,) = (each for each in (tmp_path / "documents").rglob("*") if each.is_file())
    assert b"PDF" not in file.read_bytes()


async def test_documents_may_be_in_an_object_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same calls; one that cannot be reached is a passing fault, soon."""
    kept = Documents("memory:///", b"s" * 32)
    digest = await kept.put(b"content")
    assert (await kept.get(digest), await kept.size(digest)) == (b"content", 7)
    for name, value in AWAY.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    for asking in (
        Documents("s3://bucket/x", b"s" * 32).put(b"content"),
        Documents("s3://bucket", b"s" * 32).has(digest),
    ):
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(asking, 10)


async def test_an_altered_document_is_not_given_out(documents: Documents, tmp_path: Path) -> None:
    """Neither a changed byte nor another document in its place."""
    one, two = await documents.put(pdf("un")), await documents.put(pdf("deux"))
    files = {each.name: each for each in (tmp_path / "documents").rglob("*") if each.is_file()}
    files[one].write_bytes(files[two].read_bytes())
    with pytest.raises(InvalidTag):
        await documents.get(one)


async def test_a_document_that_was_never_deposited_is_said_to_be(documents: Documents) -> None:
    """By its code, whether it is asked for or only required."""
    assert not await documents.has("0" * 64)
    for asking in (documents.get, documents.require):
        with pytest.raises(Refused, match="document-unknown"):
            await asking("0" * 64)


CAUSES = {
    "document-empty": b"",
    "document-too-large": b"%PDF-1.7" + bytes(AT_MOST),
    "document-type": b"MZ\x90\x00 a program",
    "document-password-protected": pdf("secret", password="sésame"),
    "document-damaged": pdf("coupé")[:200],
}


@pytest.mark.parametrize("code", CAUSES)
async def test_each_cause_has_its_own_words(documents: Documents, code: str) -> None:
    """Empty, too large, of another type, locked, damaged: told apart, whatever the name says."""
    with pytest.raises(Refused) as caught:
        await received(sent(CAUSES[code]), documents, NONE)
    assert caught.value.refusal.code == code


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7", b"%PDF-1.4\n" + b"<<" * 90_000, b"%PDF-1.7\n%%EOF", pdf()[:-300]]
)
async def test_what_only_begins_like_a_pdf_is_damaged(documents: Documents, content: bytes) -> None:
    """Cut, empty inside, or nested to exhaust whoever reads it."""
    with pytest.raises(Refused, match="document-damaged"):
        await received(sent(content), documents, NONE)


async def test_a_photo_of_a_telephone_is_named_and_told_how_to_come(documents: Documents) -> None:
    """HEIC, by its content, wherever a picture may come; a sheet is only told what is expected of it."""
    with pytest.raises(Refused, match="document-heic") as caught:
        await received(sent(A_HEIC, "scan.jpg"), documents, NONE, SCANS)
    assert "Le plus compatible" in caught.value.detail
    with pytest.raises(Refused, match="document-type"):
        await received(sent(A_HEIC), documents, NONE, SHEETS)


async def test_what_is_infected_is_not_kept(documents: Documents) -> None:
    """Nothing of it; a clean document is said to be scanned."""
    async with clamd() as address:
        infected = pdf("facture") + INFECTED
        with pytest.raises(Refused, match="document-infected"):
            await received(sent(infected), documents, Scanner(address))
        assert not await documents.has(sha256(infected).hexdigest())
        assert (await received(sent(pdf()), documents, Scanner(address))).scanned


@pytest.mark.parametrize("place", ["folder", "memory:///"])
async def test_parts_are_put_together_and_forgotten(tmp_path: Path, place: str) -> None:
    """In their order, up to the first hole; each sender's own; encrypted; gone once they are no use."""
    kept = Documents(tmp_path / place if place == "folder" else place, b"s" * 32)
    for offset, content in ((0, b"one "), (9, b"after a hole"), (4, b"two"), (4, b"two")):
        await kept.put_part("account/upload", offset, content)
    assert await kept.length_of_parts("account/upload") == 7
    assert await kept.whole_of_parts("account/upload") == b"one two"
    assert await kept.length_of_parts("somebody/upload") == 0
    if place == "folder":
        written = [each.read_bytes() for each in (tmp_path / place).rglob("*") if each.is_file()]
        assert len(written) == 3
        assert not any(b"one " in each for each in written)
    await kept.forget_old_parts()
    assert await kept.length_of_parts("account/upload") == 7
    await kept.forget_parts("account/upload")
    assert await kept.length_of_parts("account/upload") == 0


async def test_parts_that_nobody_finished_go_after_a_day(
    documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever begins another document makes room."""
    await documents.put_part("account/upload", 0, b"begun, and left")
    monkeypatch.setattr("shared.runtime.documents.PARTS_LAST", timedelta(0))
    await documents.forget_old_parts()
    assert await documents.length_of_parts("account/upload") == 0


async def test_scans_may_be_images_where_it_is_said(documents: Documents) -> None:
    """PNG and JPEG, whole; a cut one is damaged, and where a PDF is asked for neither will do."""
    assert (await received(sent(A_PNG), documents, NONE, SCANS)).media_type == PNG
    assert (await received(sent(A_JPEG), documents, NONE, SCANS)).media_type == JPEG
    with pytest.raises(Refused, match="document-damaged"):
        await received(sent(A_PNG[:-12]), documents, NONE, SCANS)
    with pytest.raises(Refused, match="document-type"):
        await received(sent(A_PNG), documents, NONE)
    with pytest.raises(Refused, match="CSV ou XLSX"):
        await received(sent(pdf()), documents, NONE, SHEETS)


def test_the_type_is_that_of_the_content() -> None:
    """A name proves nothing."""
    assert media_type("code;heures\n1234;3,5\n".encode("cp1252")) == "text/csv"
    assert media_type(b"PK\x03\x04") == "application/zip"


async def test_the_text_of_a_document_is_read_for_its_number() -> None:
    """That of what was drawn; nothing for a scan."""
    assert "BC-2026-0417" in await text_of(pdf("Bon de commande BC-2026-0417"))


@pytest.mark.parametrize("name", ["attendance-sheet.pdf", "order-signed.pdf", "order-without-stamp.pdf"])
async def test_the_documents_of_the_demo_are_accepted(documents: Documents, name: str) -> None:
    """They are real ones."""
    await received(sent((ORDERS / name).read_bytes()), documents, NONE)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("", "document"),
        (None, "document"),
        ("a\x00\u202eb\n.pdf", "ab.pdf"),
        ("x" * 500, "x" * 120),
    ],
)
def test_a_name_is_only_shown(given: str | None, shown: str) -> None:
    """Its last part, a line, not too long."""
    assert shown_name(given) == shown
