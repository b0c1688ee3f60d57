"""What becomes of a document between a printer and a deposit: scanned, photographed, turned, slanted, compressed."""

import io
from functools import cache

import pypdfium2
from PIL import Image, ImageEnhance


@cache
def _drawn(document: bytes, dpi: int) -> Image.Image:
    drawn: Image.Image = pypdfium2.PdfDocument(document)[0].render(scale=dpi / 72).to_pil()
    return drawn


def printed(document: bytes, dpi: int = 150) -> Image.Image:
    """Its first page on paper."""
    return _drawn(document, dpi).copy()


def turned(image: Image.Image, degrees: float) -> Image.Image:
    """As on the glass of a scanner."""
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")


def slanted(image: Image.Image) -> Image.Image:
    """As by somebody who bends over it with a telephone: narrower above, on a table, in poor light."""
    wide, high = image.size
    corners = (-wide * 0.12, -high * 0.05, -wide * 0.02, high * 1.04, wide * 1.05, high * 1.08, wide * 1.1, 0)
    seen = image.transform(
        image.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor="gray"
    )
    return ImageEnhance.Contrast(ImageEnhance.Brightness(seen).enhance(0.6)).enhance(0.7)


def saved(image: Image.Image, kind: str, quality: int = 40) -> bytes:
    made = io.BytesIO()
    image.convert("RGB").save(made, kind, quality=quality)
    return made.getvalue()


def scan(*pages: Image.Image) -> bytes:
    """A PDF of images, as scanners make them: no text in it."""
    made = io.BytesIO()
    first, *others = (page.convert("RGB") for page in pages)
    first.save(made, "PDF", save_all=True, append_images=others, quality=40, resolution=150)
    return made.getvalue()
