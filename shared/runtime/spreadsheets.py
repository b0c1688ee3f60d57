"""The worker's side of sheets.py: CSV as anybody saved it, XLSX by openpyxl. No service imports it."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from shared.runtime.refusal import Refused
from shared.runtime.sheets import TOO_LONG, UNREADABLE, Value
from shared.runtime.uploads import CSV

UNPACKED = 60_000_000
"""Bytes of an XLSX once unpacked: beyond, it was made to exhaust whoever opens it."""

Lines = list[tuple[int, list[str]]]
"""The number of a line that is not empty, and its cells as text."""


def lines(content: bytes, kind: str, at_most: int, columns: int) -> Lines:
    """Every line that is not empty. Raises `Refused`."""
    found: Lines = []
    for number, cells in (_csv if kind == CSV else _xlsx)(content):
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            found.append((number, cells))
        if len(cells) > columns:
            raise Refused(TOO_LONG, limit=f"{columns} colonnes")
        if len(found) > at_most + 1:  # the header
            raise Refused(TOO_LONG, limit=f"{at_most} lignes")
    return found


def _csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(content)
    told = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)  # as Excel lets people say it
    body = text[told.end() :] if told else text
    reader = csv.reader(
        io.StringIO(body, newline=""), delimiter=told[1] if told else _delimiter(body), strict=True
    )
    number = 2 if told else 1
    try:
        for row in reader:
            yield number, [_cell(each) for each in row]
            number = reader.line_num + (2 if told else 1)
    except csv.Error:
        raise Refused(UNREADABLE, reason=f"la ligne {number} est mal formée (guillemets ?)") from None


def _decoded(content: bytes) -> str:
    for encoding in ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _delimiter(text: str) -> str:
    """The separator that the first line uses most, quoted parts apart."""
    first = re.sub(r'"[^"]*"', "", next((line for line in text.splitlines() if line.strip()), ""))
    return max(";\t,", key=first.count)


def _cell(typed: str) -> str:
    """A cell without what protects it: `="0012"`, or the apostrophe before what looks like a formula."""
    if protected := re.fullmatch(r'\s*="([^"]*)"\s*', typed):
        return protected[1].strip()
    return (typed[1:] if re.match(r"'+[=+\-@\t\r]", typed) else typed).strip()


def _xlsx(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """What openpyxl raises for a damaged file goes up: the worker says that it failed."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(part.file_size for part in packed.infolist()) > UNPACKED:
            raise Refused(TOO_LONG, limit=f"{UNPACKED // 1_000_000} Mo une fois décompressé")
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # some programs write a wrong size
    for number, row in enumerate(sheet.iter_rows(), 1):
        yield number, [_text(cell) for cell in row]


def _text(cell: Any) -> str:
    """What a cell shows, as `date_of` and `hours_of` read it; leading zeros of a format are kept."""
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case datetime() if (value.hour, value.minute) == (0, 0):
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "minutes")
        case date():
            return value.isoformat()
        case time():
            return f"{value.hour}h{value.minute:02d}"
        case timedelta():
            minutes = round(value.total_seconds() / 60)
            return f"{minutes // 60}h{minutes % 60:02d}"
        case int() | float():
            return _number(value, cell.number_format)
        case _:
            return str(value).strip()


def _number(value: float, shape: str) -> str:
    if value == int(value) and re.fullmatch("0+", shape):
        return str(int(value)).zfill(len(shape))
    return str(int(value)) if value == int(value) else repr(round(value, 10))


def workbook(header: Sequence[str], rows: Iterable[Sequence[Value]], title: str) -> bytes:
    """The bytes of an XLSX of one sheet, its first line bold and always in sight."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\\/*?:\[\]]", " ", title)[:31])
    sheet.freeze_panes = "A2"
    for place, heading in enumerate(header, 1):
        sheet.column_dimensions[get_column_letter(place)].width = max(12, min(50, len(heading) + 4))
    sheet.append([_written(sheet, heading, Font(bold=True)) for heading in header])
    for row in rows:
        sheet.append([_written(sheet, value) for value in row])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _written(sheet: Any, value: Value, font: Font | None = None) -> Any:
    """A cell; a text is a text even when it begins like a formula, and has the format that says so."""
    plain: Any = ILLEGAL_CHARACTERS_RE.sub(" ", value) if isinstance(value, str) else value
    cell = WriteOnlyCell(sheet, plain)
    if isinstance(value, str):
        cell.data_type, cell.number_format = "s", "@"
    elif isinstance(value, date):
        cell.number_format = "DD/MM/YYYY"
    if font:
        cell.font = font
    return cell
