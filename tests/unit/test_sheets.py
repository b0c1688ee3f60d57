"""Sheets: read whatever program saved them, and written so that no program executes them."""

import io
import zipfile
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from shared.runtime.refusal import Refused
from shared.runtime.sheets import (
    COLUMNS,
    Column,
    Row,
    Sheet,
    Value,
    csv_bytes,
    date_of,
    harmless,
    hours_of,
    read,
    sheet_of,
    shown,
    xlsx_bytes,
)
from shared.runtime.spreadsheets import lines
from shared.runtime.uploads import CSV

TEACHER = Column("teacher", "Enseignant", ("N° enseignant", "numéro d'enseignant"))
HOURS = Column("hours", "Heures faites", ("heures",))
ON = Column("on", "Le", mandatory=False)
WANTED = (TEACHER, HOURS, ON)
TEXT = "N° enseignant;Heures faites (h);Prénom\r\n001234;3,5;Zoë\r\n;;\r\n005678;3h30;Éloïse\r\n"


def book(*rows: list[Any], shapes: dict[str, str] | None = None) -> bytes:
    """An XLSX as a person makes it."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for cell, shape in (shapes or {}).items():
        sheet[cell].number_format = shape
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
async def test_a_csv_reads_the_same_whatever_saved_it(encoding: str, delimiter: str) -> None:
    """UTF-8 with or without its mark, Windows, UTF-16; semicolons or tabs, or what its first line says."""
    text = TEXT.replace(";", delimiter)
    told = "sep=|\r\n" if delimiter == "|" else ""
    sheet = await read((told + text).encode(encoding), WANTED)
    assert [row.cells for row in sheet.rows] == [
        {"teacher": "001234", "hours": "3,5", "Prénom": "Zoë"},
        {"teacher": "005678", "hours": "3h30", "Prénom": "Éloïse"},
    ]
    assert [row.number for row in sheet.rows] == ([3, 5] if told else [2, 4])


async def test_commas_separate_when_they_are_what_the_first_line_has() -> None:
    """Quoted cells keep theirs, and their line breaks; lines are counted as an editor does."""
    content = b'Enseignant,Heures\n"12,3","3,5"\n"a\nb",2\n4,5\n'
    sheet = await read(content, WANTED)
    assert [(row.number, row.cells["teacher"], row.cells["hours"]) for row in sheet.rows] == [
        (2, "12,3", "3,5"), (3, "a\nb", "2"), (5, "4", "5"),
    ]  # fmt: skip


async def test_an_xlsx_reads_as_it_is_shown() -> None:
    """Leading zeros, dates, whole and decimal numbers, durations, and a title above the headings."""
    content = book(
        ["Attestations de la session"],
        ["ENSEIGNANT", "heures", "le", "autre"],
        [1234, 3.5, datetime(2026, 9, 1), True],  # noqa: DTZ001 - as openpyxl takes it
        ["005678", 7, date(2026, 9, 2), None],
        [None, None, None, None],
        [" 9 ", time(3, 30), "3/9/2026", timedelta(hours=30)],
        shapes={"A3": "000000"},
    )
    sheet = await read(content, WANTED)
    assert sheet.rows == (
        Row(3, {"teacher": "001234", "hours": "3.5", "on": "2026-09-01", "autre": "oui"}),
        Row(4, {"teacher": "005678", "hours": "7", "on": "2026-09-02", "autre": ""}),
        Row(6, {"teacher": "9", "hours": "3h30", "on": "3/9/2026", "autre": "30h00"}),
    )
    assert [date_of(row.cells["on"]).day for row in sheet.rows] == [1, 2, 3]
    assert [hours_of(row.cells["hours"]) for row in sheet.rows] == [
        Decimal("3.5"),
        Decimal(7),
        Decimal("3.5"),
    ]


async def test_missing_columns_are_all_named() -> None:
    """With those that were found; an optional one is not asked for."""
    with pytest.raises(Refused) as caught:
        await read(b"Nom;Heure\nx;1\n", WANTED)
    assert caught.value.refusal.code == "sheet-columns"
    assert [each.label for each in caught.value.missing] == ["Enseignant", "Heures faites"]
    assert "« Nom », « Heure »" in caught.value.detail


def bomb() -> bytes:
    """An XLSX of a few hundred kilobytes that would unpack to a gigabyte."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
        for name in ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"):
            parts.writestr(name, "<x/>")
        parts.writestr("xl/worksheets/sheet1.xml", bytes(100_000_000))
    return packed.getvalue()


def laughs() -> bytes:
    """An XLSX whose sheet is an entity that doubles thirty times."""
    whole = book(["Enseignant", "Heures"], ["1", "2"])
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};">' for n in range(1, 31))
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as before, zipfile.ZipFile(packed, "w") as after:
        for part in before.infolist():
            content = before.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                content = f"<!DOCTYPE worksheet [{entities}]>".encode() + content.replace(
                    b"Enseignant", b"&a30;"
                )
            after.writestr(part, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "sheet-unreadable"),
        (b"\n\n;;\n", "sheet-unreadable"),
        (b'Enseignant;Heures\n"1;2\n', "sheet-unreadable"),
        (b"MZ\x00\x01", "document-type"),
        (b"%PDF-1.7", "document-type"),
        (book(["Enseignant", "Heures"])[:3000], "sheet-unreadable"),
        (b"PK\x03\x04 xl/workbook", "sheet-unreadable"),
        (laughs(), "sheet-unreadable"),
        (bomb(), "sheet-too-long"),
        (b"Enseignant;Heures\n" + b"1;2\n" * 101, "sheet-too-long"),
        (b";".join([b"a"] * (COLUMNS + 1)), "sheet-too-long"),
    ],
    ids=range(11),
)
async def test_what_is_no_sheet_is_said_not_to_be(content: bytes, code: str) -> None:
    """Empty, cut, of another type, too long, or made to exhaust whoever opens it."""
    with pytest.raises(Refused) as caught:
        await read(content, WANTED, at_most=100)
    assert caught.value.refusal.code == code


async def test_a_workbook_comes_back_as_it_was_written() -> None:
    """Numbers are numbers and dates are dates for whoever opens it; a text stays one, even like a formula."""
    rows: list[list[Value]] = [
        ["001234", Decimal("3.50"), date(2026, 9, 1), "=1+1"],
        ["é\x01", 7, None, "-x"],
    ]
    content = await xlsx_bytes(["Enseignant", "Heures", "Le", "Note"], rows, "Session 2026/1")
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "d", "s"]
    assert sheet["D2"].value == "=1+1"
    back = await read(content, WANTED)
    assert [list(row.cells.values()) for row in back.rows] == [
        ["001234", "3.5", "2026-09-01", "=1+1"], ["é", "7", "", "-x"],
    ]  # fmt: skip


def test_a_csv_is_one_that_french_spreadsheets_open() -> None:
    """Its mark first, semicolons, decimal commas, French dates; formulas are harmless, numbers are not touched."""
    content = csv_bytes(
        ["Libellé", "Montant", "Le"],
        [
            ["=HYPERLINK(1)", Decimal("-3.50"), date(2026, 9, 1)],
            ["+33 1", "-3,5", None],
            ["@x", "\tx", "\rx"],
        ],
    )
    assert content.decode("utf-8") == (
        "\ufeffLibellé;Montant;Le\r\n'=HYPERLINK(1);-3,50;01/09/2026\r\n'+33 1;-3,5;\r\n'@x;'\tx;\"'\rx\"\r\n"
    )


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


@settings(max_examples=60)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=5))
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    """Trimmed, whatever it holds: separators, quotes, line breaks, formulas, numbers."""
    content = csv_bytes(["teacher", "hours", "on"], rows)
    sheet = sheet_of(lines(content, CSV, 100, 50), WANTED)
    expected = [[cell.strip() for cell in row] for row in rows]
    assert [list(row.cells.values()) for row in sheet.rows] == [row for row in expected if any(row)]


@given(CELLS)
def test_no_cell_begins_a_formula(text: str) -> None:
    """Unless it is a number."""
    written = harmless(text)
    assert written[:1] not in set("=+-@\t\r") or float(written.replace(",", ".")) is not None


@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer(content: bytes) -> None:
    """A sheet, or a refusal."""
    with suppress(Refused):
        assert isinstance(sheet_of(lines(content, CSV, 100, 50), WANTED), Sheet)


def test_values_are_shown_as_people_write_them() -> None:
    """Yes and no, and nothing for nothing."""
    assert [shown(each) for each in (True, False, None, 3, "x")] == ["oui", "non", "", "3", "x"]
