"""The worker's side of uploads.py: pypdf, on documents that anybody may have made. No service imports it."""

import io
from typing import Literal

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

PAGES = 20
"""Read for their text, at most."""

Verdict = Literal["open", "locked", "damaged"]


def opened(content: bytes) -> Verdict:
    """Whether a PDF opens without a password and has a page that can be read."""
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            return "locked"
        reader.pages[0].get_contents()
    except DependencyError:
        return "locked"  # encrypted by means of its own
    except (PyPdfError, IndexError, KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return "damaged"  # what pypdf raises for what is not a PDF inside
    return "open"


def text(content: bytes) -> str:
    """The text of its first pages, a page after the other."""
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        reader.decrypt("")
    return "\n".join(page.extract_text() for page in reader.pages[:PAGES])
