"""The worker's side of pdf.py: typst and segno. No service imports it."""

import io
import json
import re
import unicodedata
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import segno
import typst

LOOK = Path(__file__).with_name("documents.typ")

DRAWABLE = (
    (0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x377), (0x384, 0x38A), (0x38E, 0x3A1), (0x3A3, 0x4FF), (0x5D0, 0x5EA),
    (0x621, 0x63A), (0x640, 0x655), (0x660, 0x66C), (0x1E00, 0x1EFF), (0x2002, 0x200B), (0x2010, 0x2027),
    (0x202F, 0x2040), (0x2044, 0x2052), (0x2074, 0x208E), (0x20A0, 0x20C0), (0x2100, 0x211E), (0x2122, 0x2122),
    (0x2126, 0x2151), (0x2153, 0x2184), (0x2190, 0x23FF), (0x2460, 0x262F), (0xFB00, 0xFB06),
)  # fmt: skip
"""What typst's own fonts can draw, without what turns the direction of a text around."""

_NOT_DRAWABLE = re.compile("[^\n" + "".join(f"{first:c}-{last:c}" for first, last in DRAWABLE) + "]")
_NO_BREAK = re.compile(r"\S{30,}")
_PIECE = re.compile(r"(\S{15})(?=\S)")
_ACCENT = re.compile(r"[\u0300-\u036f]{4,}")


def draw(template: Path, data: str, qr: str | None, on: date | None, standard: str) -> bytes:
    """The bytes of the PDF. Raises `typst.TypstError` when the template is wrong."""
    made = datetime.combine(on, time(12), UTC) if on else None
    inputs = {
        "data": json.dumps(legible(json.loads(data))),
        "on": on.isoformat() if on else "",
        "qr": _square(qr) if qr else "",
    }
    compiled: Any = typst.compile  # its types do not know that files may be given in memory
    drawn: bytes = compiled(
        {"main.typ": template.read_bytes(), "documents.typ": LOOK.read_bytes()},
        root=template.parent, sys_inputs=inputs, pdf_standards=_STANDARDS[standard], ignore_system_fonts=True,
        font_paths=_fonts(), timestamp=made,
    )  # fmt: skip
    return drawn


_STANDARDS = {"ua-1": ["ua-1"], "a-3a": ["a-3a", "ua-1"]}


@cache
def _fonts() -> typst.Fonts:
    """Those that come with typst, so that a document looks the same wherever it is drawn."""
    return typst.Fonts(include_system_fonts=False)


def _square(text: str) -> str:
    drawn = io.BytesIO()
    segno.make_qr(text, error="m").save(drawn, kind="svg", border=4, xmldecl=False)
    return drawn.getvalue().decode()


def legible(value: Any) -> Any:
    """The same data with texts as they can be drawn.

    What no font has becomes a « □ », a long run of accents is cut, a very long word may break; nothing is dropped
    in silence but characters that cannot be seen.
    """
    match value:
        case str():
            return _drawable(value)
        case list():
            return [legible(each) for each in value]
        case dict():
            return {name: legible(each) for name, each in value.items()}
        case _:
            return value


def _drawable(text: str) -> str:
    seen = _NOT_DRAWABLE.sub(_instead, unicodedata.normalize("NFC", text.replace("\r\n", "\n")))
    return _NO_BREAK.sub(_breakable, _ACCENT.sub(lambda found: found[0][:3], seen))


def _instead(found: re.Match[str]) -> str:
    kind = unicodedata.category(found[0])
    if kind == "Cf":
        return ""
    return " " if kind in ("Cc", "Zl", "Zp") else "□"


def _breakable(found: re.Match[str]) -> str:
    return _PIECE.sub("\\1\N{ZERO WIDTH SPACE}", found[0])
