"""A returned order is known by its QR code: scanned, photographed, turned, slanted; hostile files harm nobody.  (R6)"""

import io
import struct
import zlib
from collections.abc import Callable

import pypdfium2
import pytest
from PIL import Image

from services.offerings.order_document import TEMPLATE, order_page
from services.offerings.papers import Reference, references_in
from services.offerings.returned import references_on
from services.offerings.terms import terms_of
from shared.runtime import qr_codes, uploads
from shared.runtime.pdf import rendered
from tests.papers import pdf
from tests.scans import printed, saved, scan, slanted, turned
from tests.unit.test_offerings import ORDER, PLACES, SESSION, SUBMITTED, TODAY

TERMS = terms_of(ORDER, 2026, SUBMITTED, SESSION, PLACES)
OURS, OTHER = Reference(TERMS.number), Reference("BC-2026-AAAA-BBBB-CCCC")


async def issued(reference: Reference = OURS) -> bytes:
    """The order as it is downloaded, of one page and more."""
    page = {**order_page(TERMS), "number": reference.number, "reference": str(reference)}
    return await rendered(TEMPLATE, page, qr=str(reference), on=TODAY)


WAYS: dict[str, tuple[str, Callable[[Image.Image], bytes]]] = {
    "scan": (uploads.PDF, scan),
    "scan, turned by 3°": (uploads.PDF, lambda page: scan(turned(page, 3))),
    "scan, upside down": (uploads.PDF, lambda page: scan(turned(page, 178))),
    "scan, second page first": (uploads.PDF, lambda page: scan(Image.new("L", page.size, 255), page)),
    "photo": (uploads.JPEG, lambda page: saved(turned(page, -7), "JPEG")),
    "photo, slanted": (uploads.JPEG, lambda page: saved(slanted(page), "JPEG")),
    "photo, on its side, hard compressed": (uploads.JPEG, lambda page: saved(turned(page, 88), "JPEG", 15)),
    "screenshot": (uploads.PNG, lambda page: saved(page, "PNG")),
}


@pytest.mark.parametrize("way", WAYS)
async def test_an_order_is_known_by_its_code(way: str) -> None:
    """Without a word of text in it; at the 150 points per inch that people are asked for."""
    kind, sent = WAYS[way]
    content = sent(printed(await issued()))
    assert await uploads.checked(content, uploads.SCANS) == kind
    assert await references_on(kind, content, OURS.number) == (OURS,)


@pytest.mark.parametrize("way", ["scan, turned by 3°", "photo, slanted"])
async def test_another_order_is_known_as_another(way: str) -> None:
    """And an amendment as the amendment that it is."""
    kind, sent = WAYS[way]
    for reference in (OTHER, Reference(OURS.number, 2)):
        content = sent(printed(await issued(reference)))
        assert await references_on(kind, content, OURS.number) == (reference,)


@pytest.mark.parametrize("dpi", [72, 300])
async def test_any_resolution_will_do(dpi: int) -> None:
    """A faint telephone, an eager scanner: a megapixel or nine."""
    page = turned(printed(await issued(), dpi), 5)
    assert OURS in references_in("\n".join(qr_codes.codes(saved(page, "JPEG"), pdf=False)))


async def test_the_code_corrects_what_a_scanner_misread() -> None:
    """A scan with a layer of text that is wrong by one letter."""
    misread = OURS.number[:-1] + ("A" if OURS.number[-1] != "A" else "B")
    both = pypdfium2.PdfDocument.new()
    for content in (pdf(f"Bon de commande {misread}"), scan(printed(await issued()))):
        both.import_pages(pypdfium2.PdfDocument(content))
    made = io.BytesIO()
    both.save(made)
    assert references_in(await uploads.text_of(made.getvalue())) == (Reference(misread),)
    assert await references_on(uploads.PDF, made.getvalue(), OURS.number) == (OURS,)


async def test_a_text_that_names_the_order_is_enough() -> None:
    """The download, signed on a screen: nothing is drawn to be looked at."""
    assert await references_on(uploads.PDF, pdf(f"Signé : {OURS}"), OURS.number) == (OURS,)


def png(wide: int, high: int) -> bytes:
    """A white image that is small to send and large to open."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress((b"\0" + b"\xff" * wide) * high, 9)
    header = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


HOSTILE = {
    "no code": (uploads.PNG, png(300, 200)),
    "one line": (uploads.PNG, png(30_000, 1)),
    "half a gigabyte": (uploads.PNG, png(25_000, 20_000)),
    "not what it says": (uploads.JPEG, b"\xff\xd8\xff\xe0" + b"x" * 500 + b"\xff\xd9"),
    "no page": (uploads.PDF, b"%PDF-1.7\n" + b"0" * 5000),
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_what_cannot_be_looked_at_names_nothing(what: str) -> None:
    """Whatever it is, the order is taken, and a person looks at it."""
    kind, content = HOSTILE[what]
    assert await references_on(kind, content, OURS.number) == ()


async def test_a_page_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker ends with it, the next document has another."""
    page = await issued()
    monkeypatch.setattr(uploads, "LOOKING", 0.001)
    assert await references_on(uploads.JPEG, saved(printed(page), "JPEG"), OURS.number) == ()
    monkeypatch.undo()
    assert await references_on(uploads.PNG, saved(printed(await issued()), "PNG"), OURS.number) == (OURS,)
