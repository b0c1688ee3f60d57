"""Documents: accessible, the same every time, and never fooled by what people typed into them."""

import io
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from shared.runtime.drawing import DRAWABLE, draw, legible
from shared.runtime.pdf import Standard, rendered
from shared.runtime.workers import ROOT, Failed

PAGES = Path(__file__).with_name("pages.typ")
DAY = date(2026, 11, 23)
DATA: Mapping[str, Any] = {
    "number": "BC-2026-0417",
    "name": "Institut Lire et Dire",
    "text": "Lire à voix haute : du souffle au sens",
    "on": date(2027, 3, 4),
    "amount": Decimal("1234567.50"),
    "hours": Decimal("12.50"),
    "lines": [{"code": "1234", "title": "La voix et le corps", "hours": Decimal("12.50")}],
}
HOSTILE = {
    "markup": '#read("/etc/passwd") #panic() $x$ *gras* _it_ `code` <label> @ref // fin /* */ = titre',
    "quotes": '"\'« »“”\\\\ \\u{41} #(1+1) {"a": 1}',
    "a very long word": "x" * 20_000,
    "right to left": "السلام عليكم \u202etxt.exe\u202c שלום",
    "emoji": "Bravo 👩‍🏫🎉 et 漢字",
    "a long text": "Souffle, voix, texte. " * 900,
    "controls": "a\x00b\x01c\td\r\ne\x7f\u2028f\ufeffg\ue000h",
    "accents on accents": "e" + "\u0301" * 500,
    "blank": " \n \n",
}


def read(document: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(document), strict=True)


def text_of(document: bytes) -> str:
    return "\n".join(page.extract_text() for page in read(document).pages).replace("\u200b", "")


def tags(document: bytes) -> list[str]:
    """The structure, in reading order: H1, P, Table, TH..."""
    found: list[str] = []

    def walk(node: Any) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for each in node:
                walk(each)
        if isinstance(node, DictionaryObject):
            found.append(str(node.get("/S", "")).removeprefix("/"))
            walk(node.get("/K"))

    walk(read(document).root_object["/StructTreeRoot"])
    return found


@pytest.mark.parametrize("standard", ["ua-1", "a-3a"])
async def test_a_document_is_accessible(standard: Standard) -> None:
    """Tagged, in French, with a title that is shown, headings, header cells and a text for its image."""
    document = await rendered(PAGES, DATA, qr="BC-2026-0417", on=DAY, standard=standard)
    root = read(document).root_object
    assert root["/MarkInfo"]["/Marked"].value is True  # type: ignore[index]  # a dictionary of the PDF
    assert str(root["/Lang"]).startswith("fr")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True  # type: ignore[index]  # as above
    assert read(document).metadata.title == "Essai BC-2026-0417"  # type: ignore[union-attr]  # it has metadata
    found = tags(document)
    assert found.count("TH") == 3
    assert {"H1", "H2", "Table", "TR", "TD", "Figure", "P"} <= set(found)
    assert b"pdfuaid" in document
    assert (b"pdfaid" in document) is (standard == "a-3a")


async def test_dates_amounts_and_hours_are_french() -> None:
    """As people write them, whatever JSON says."""
    text = text_of(await rendered(PAGES, DATA, on=DAY))
    assert "04/03/2027" in text
    assert "1\u202f234\u202f567,50\xa0€" in text
    assert "12,50\xa0h" in text
    assert "Page 1 sur 1" in text
    assert "Rien" not in text


async def test_the_same_data_give_the_same_bytes() -> None:
    """A command tried again names the same document."""
    assert await rendered(PAGES, DATA, on=DAY) == await rendered(PAGES, DATA, on=DAY)
    assert await rendered(PAGES, DATA) == await rendered(PAGES, DATA)


@pytest.mark.parametrize("typed", HOSTILE)
def test_whatever_was_typed_is_only_text(typed: str) -> None:
    """Markup is shown as it is, nothing is executed, nothing falls over."""
    data = {
        **DATA,
        "name": HOSTILE[typed],
        "text": HOSTILE[typed],
        "on": str(DAY),
        "amount": "1.00",
        "hours": "1.00",
    }
    data["lines"] = [{"code": HOSTILE[typed], "title": HOSTILE[typed], "hours": "1.00"}]
    for standard in ("ua-1", "a-3a"):
        document = draw(PAGES, json.dumps(data), HOSTILE[typed][:200], DAY, standard)
    if typed == "markup":
        assert '#read("/etc/passwd") #panic() $x$ *gras* _it_' in text_of(document).replace("\n", " ")


DRAWN = st.sampled_from([chr(each) for first, last in DRAWABLE for each in range(first, last + 1)])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters() | DRAWN, max_size=60))
def test_any_text_can_be_drawn(text: str) -> None:
    """Every character of the tables that drawing.py holds, and every other one, alone and together."""
    data = {
        **DATA,
        "name": text,
        "text": text,
        "on": str(DAY),
        "amount": "1.00",
        "hours": "1.00",
        "lines": [],
    }
    draw(PAGES, json.dumps(data), None, DAY, "a-3a")


def test_every_drawable_character_is_drawn() -> None:
    """The table of characters is true of the fonts that come with typst."""
    whole = " ".join(chr(each) for first, last in DRAWABLE for each in range(first, last + 1))
    data = {**DATA, "text": whole, "on": str(DAY), "amount": "1.00", "hours": "1.00", "lines": []}
    draw(PAGES, json.dumps(data), None, DAY, "a-3a")


def test_what_no_font_has_is_seen_to_be_missing() -> None:
    """A square in its place; what is invisible anyway is left out; a long word may break."""
    assert legible({"a": ["漢 é\u0000\u202e"], "b": 1}) == {"a": ["□ é "], "b": 1}
    assert legible("x" * 40) == "\u200b".join(["x" * 15, "x" * 15, "x" * 10])
    assert legible("e\u0301") == "é"


async def test_a_template_reads_no_file_of_the_machine(tmp_path: Path) -> None:
    """Neither by an absolute path nor by climbing: its root is its folder."""
    for path in ("/etc/passwd", "../../etc/passwd"):
        template = tmp_path / "reader.typ"
        template.write_text(f'#read("{path}")')
        with pytest.raises(Failed):
            await rendered(template, {})


def test_templates_ask_nothing_of_the_network() -> None:
    """No package is downloaded: what a template needs is in this repository."""
    templates = [each for folder in ("shared", "services") for each in (ROOT / folder).rglob("*.typ")]
    assert templates
    assert [each for each in templates if "@preview" in each.read_text("utf-8")] == []
