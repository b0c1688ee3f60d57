"""Sheets as people make them, CSV or XLSX: read whatever their encoding, separator or spelling, written without harm.

The file is opened by the worker; here are its columns, told by their headings whatever their accents, case or order.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.runtime import faq, form_kinds, workers
from shared.runtime.refusal import Missing, Refusal, Refused
from shared.runtime.refusals import YOU
from shared.runtime.uploads import SHEETS, checked

ROWS, COLUMNS = 10_000, 50

UNREADABLE = Refusal(
    "sheet-unreadable", 422, "Fichier illisible",
    "Le fichier n'a pas pu être lu comme un tableau : {reason}. Enregistrez-le depuis votre tableur en CSV ou en XLSX, "
    "puis renvoyez-le. Rien n'a été modifié.", YOU, faq=faq.HELP,
)  # fmt: skip
MISSING_COLUMNS = Refusal(
    "sheet-columns", 422, "Colonnes manquantes",
    "Il manque dans le fichier : {absent}. Colonnes trouvées : {found}. Partez du modèle, sans changer sa première "
    "ligne. Rien n'a été modifié.", YOU, faq=faq.HELP,
)  # fmt: skip
TOO_LONG = Refusal(
    "sheet-too-long", 422, "Fichier trop long",
    "Le fichier dépasse {limit} : partagez-le en plusieurs. Rien n'a été modifié.", YOU, faq=faq.HELP,
)  # fmt: skip

Value = str | int | Decimal | date | bool | None
"""What may be written in a cell."""

date_of = form_kinds.day
"""A date as it stands in a cell; raises ValueError with a reason in French."""

hours_of = form_kinds.hours
"""Hours as they stand in a cell, « 3,5 » or « 3h30 »; raises ValueError with a reason in French."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is looked for: by `label`, or by any other of its headings."""

    name: str
    label: str
    others: tuple[str, ...] = ()
    mandatory: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not empty; `number` as the spreadsheet or an editor counts it.

    Cells by the name of their column, those of no known column by its heading; trimmed, `""` when empty.
    """

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: the headings as they were written, and the rows under them."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


async def read(content: bytes, columns: Sequence[Column], at_most: int = ROWS) -> Sheet:
    """Reads a CSV (UTF-8, UTF-16, Windows; `;` `,` or tab) or an XLSX (its first sheet).

    Dates, numbers and times of an XLSX come as text that `date_of` and `hours_of` understand, leading zeros as they
    are shown. Raises `Refused`: not a sheet, unreadable, too long, or a mandatory column is missing.
    """
    kind = await checked(content, SHEETS)
    try:
        lines = await workers.run("shared.runtime.spreadsheets:lines", content, kind, at_most, COLUMNS)
    except workers.WorkerError as error:
        raise Refused(UNREADABLE, reason="il est endommagé, ou trop lourd") from error
    return sheet_of(lines, columns)


def sheet_of(lines: Sequence[tuple[int, list[str]]], columns: Sequence[Column]) -> Sheet:
    """Rows under the first line that has every mandatory column; a title may stand above. Pure."""
    if not lines:
        raise Refused(UNREADABLE, reason="il est vide")
    wanted = {each.name for each in columns if each.mandatory}
    for place, (_, cells) in enumerate(lines[:20]):
        names = _names(cells, columns)
        if wanted <= set(names):
            rows = (Row(number, _under(names, each)) for number, each in lines[place + 1 :])
            return Sheet(tuple(cells), tuple(rows))
    raise _missing(lines[0][1], columns)


def _names(header: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """The name of each column: the one that is looked for, or its heading; the first of two alike."""
    known = {
        _plain(heading): each.name for each in columns for heading in (each.name, each.label, *each.others)
    }
    names: list[str] = []
    for heading in header:
        name = known.get(_plain(heading), heading)
        names.append("" if name in names else name)
    return names


def _under(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    padded = [*cells, *[""] * (len(names) - len(cells))]
    return {name: cell for name, cell in zip(names, padded, strict=False) if name}


def _missing(header: Sequence[str], columns: Sequence[Column]) -> Refused:
    found = set(_names(header, columns))
    absent = [each for each in columns if each.mandatory and each.name not in found]
    return Refused(
        MISSING_COLUMNS,
        missing=[Missing(each.name, each.label, "première ligne", "colonne manquante") for each in absent],
        absent=_quoted(each.label for each in absent),
        found=_quoted(heading[:40] for heading in header if heading) or "aucune",
    )


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"« {word} »" for word in words)


def _plain(heading: str) -> str:
    """A heading without accents, case, punctuation or what is in parentheses."""
    return re.sub(r"[^a-z0-9]+", " ", re.sub(r"\(.*?\)", "", form_kinds.bare(heading))).strip()


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """A CSV that French spreadsheets open as it is: UTF-8 with its mark, `;`, decimal commas, French dates.

    Safe to open: a text that a spreadsheet would take for a formula is preceded by an apostrophe.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow([harmless(heading) for heading in header])
    writer.writerows([harmless(shown(value)) for value in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


async def xlsx_bytes(
    header: Sequence[str], rows: Iterable[Sequence[Value]], title: str = "Feuille 1"
) -> bytes:
    """An XLSX of one sheet: numbers and dates as such, texts as texts, whatever they begin with."""
    made: bytes = await workers.run(
        "shared.runtime.spreadsheets:workbook", list(header), [list(row) for row in rows], title
    )
    return made


def shown(value: Value) -> str:
    """A value as French spreadsheets read it."""
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case Decimal():
            return f"{value:f}".replace(".", ",")
        case date():
            return f"{value:%d/%m/%Y}"
        case _:
            return str(value)


def harmless(text: str) -> str:
    """A cell that no spreadsheet executes: numbers stay as they are; `read` takes the apostrophe away again."""
    if re.match(r"'*[=+\-@\t\r]", text) and not re.fullmatch(r"[+-]?[0-9]+([.,][0-9]+)?", text):
        return f"'{text}"
    return text
