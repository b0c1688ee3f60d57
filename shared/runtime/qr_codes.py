"""The worker's side of uploads.py for what is drawn: the QR codes of scans and photos. No service imports it."""

import io
from collections.abc import Iterator
from itertools import islice

import pypdfium2
import zxingcpp
from PIL import Image

PAGES = 4
"""Looked at, at most, of a PDF."""
SIDE = 3500
"""Pixels of the longer side, at most: an A4 page at 300 points per inch, whatever it is scanned or photographed at."""
CODES, LENGTH = 20, 300


def codes(content: bytes, pdf: bool) -> tuple[str, ...]:
    """What the QR codes of a PDF's first pages, or of a PNG or JPEG, say; turned, slanted and faint ones too."""
    seen = (code for image in _images(content, pdf) for code in _read(image))
    return tuple(islice((code.text[:LENGTH] for code in seen), CODES))


def _read(image: Image.Image) -> list[zxingcpp.Barcode]:
    return zxingcpp.read_barcodes(image, zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))


def _images(content: bytes, pdf: bool) -> Iterator[Image.Image]:
    """In grey, one at a time."""
    if pdf:
        yield from _pages(content)
        return
    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
        image.draft("L", (SIDE, SIDE))  # of a JPEG, decodes no more than is looked at
        grey = image.convert("L")
    grey.thumbnail((SIDE, SIDE))
    yield grey


def _pages(content: bytes) -> Iterator[Image.Image]:
    with pypdfium2.PdfDocument(content) as document:
        for number in range(min(len(document), PAGES)):
            page = document[number]
            drawn = page.render(scale=SIDE / max(page.get_size()), grayscale=True)
            yield drawn.to_pil()
            drawn.close()
            page.close()
