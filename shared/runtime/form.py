"""Forms as data: one declaration of a field drives its validation, the words of its error and the API's example.

A field's colour and whether it is mandatory are two things: the screens show a mandatory field in red, except
those that they show in blue (R3, R5).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from shared.runtime.form_kinds import Kind
from shared.runtime.refusal import Missing

TO_FILL_IN = "à renseigner"
UNKNOWN_FIELD = "champ inconnu"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form, or of a part of it; `help` is one sentence for whoever fills it in."""

    name: str
    label: str
    kind: "Kind | Record | Rows"
    example: object = None
    mandatory: bool = False
    blue: bool = False
    help: str = ""

    @property
    def colour(self) -> Literal["red", "blue", "black"]:
        """As the screen shows it."""
        if self.blue:
            return "blue"
        return "red" if self.mandatory else "black"

    def fault(self, reason: str, where: str, path: str | None = None) -> Missing:
        """The error of this field; one that another field makes mandatory is red then."""
        colour = "red" if reason == TO_FILL_IN and not self.blue else self.colour
        return Missing(path or self.name, self.label, where, reason, colour)


@dataclass(frozen=True, slots=True)
class Record:
    """A part of a form that has fields of its own."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of such parts; `noun` names one of them in an error: « Prix (session 2) »."""

    noun: str
    fields: tuple[Field, ...]
    at_most: int = 100


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the screen, or its header."""

    label: str
    fields: tuple[Field, ...]


Values = dict[str, Any]
Rule = Callable[[Values, date], Iterable[tuple[str, str]]]
"""A rule over several fields: what was understood, and the day -> (field's path, reason)."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was understood, by name, and what is missing or wrong, in the order of the screen."""

    values: Values
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its tabs in the order of the screen, and the rules over several fields."""

    tabs: tuple[Tab, ...]
    rules: tuple[Rule, ...] = ()

    def check(self, typed: Mapping[str, object], today: date) -> Checked:
        """Everything that is missing or wrong, at once; never raises for what a person may type."""
        values: Values = {}
        missing: list[Missing] = []
        for tab in self.tabs:
            understood, faults = _check(tab.fields, typed, tab.label)
            values |= understood
            missing += faults
        missing += (Missing(name, name, "", UNKNOWN_FIELD) for name in typed if name not in self._names())
        wrong = {fault.field for fault in missing}
        for rule in self.rules:
            missing += (
                self._fault(path, reason) for path, reason in rule(values, today) if path not in wrong
            )
        return Checked(values, tuple(missing))

    def example(self) -> dict[str, object]:
        """A complete form, for the API's description and for tests."""
        return {name: value for tab in self.tabs for name, value in _example(tab.fields).items()}

    def schema(self) -> dict[str, Any]:
        """The form as JSON, for whoever shows it: tabs in order, and each field with all that is said of it.

        A field has name, label, mandatory, colour, help, kind and example; a choice has `choices`, a group (`record`)
        and a list of groups (`rows`, with its noun) have `fields`.
        """
        return {
            "tabs": [
                {"label": tab.label, "fields": [_schema(field) for field in tab.fields]} for tab in self.tabs
            ]
        }

    def field(self, name: str) -> Field | None:
        """A field of the form by its name, if there is one."""
        return next((field for tab in self.tabs for field in tab.fields if field.name == name), None)

    def _names(self) -> set[str]:
        return {field.name for tab in self.tabs for field in tab.fields}

    def _fault(self, path: str, reason: str) -> Missing:
        first, *rest = path.split(".")
        for tab in self.tabs:
            for field in tab.fields:
                if field.name == first:
                    return _inner(field, rest).fault(reason, tab.label, path)
        raise LookupError(path)


def _inner(field: Field, path: Sequence[str]) -> Field:
    match field.kind, path:
        case Rows(noun=noun, fields=fields), [place, name, *rest]:
            found = _inner(next(inner for inner in fields if inner.name == name), rest)
            return replace(found, label=_of_row(found.label, noun, int(place)))
        case Record(fields=fields), [name, *rest]:
            return _inner(next(inner for inner in fields if inner.name == name), rest)
        case _:
            return field


def _check(fields: Sequence[Field], typed: Mapping[str, object], where: str) -> tuple[Values, list[Missing]]:
    values: Values = {}
    missing: list[Missing] = []
    for field in fields:
        raw = typed.get(field.name)
        if not _blank(raw):
            value, faults = _read(field, raw, where)
            missing += faults
            if not faults:
                values[field.name] = value
        elif field.mandatory:
            missing += _lacking(field, where)
    return values, missing


def _lacking(field: Field, where: str) -> list[Missing]:
    """Each field that a person has yet to fill in; of a list, those of its first row: their count only falls."""
    match field.kind:
        case Record():
            return _read(field, {}, where)[1]
        case Rows():
            return _read(field, [{}], where)[1]
        case _:
            return [field.fault(TO_FILL_IN, where)]


def _blank(raw: object) -> bool:
    return raw is None or raw in ([], {}) or (isinstance(raw, str) and not raw.strip())


def _read(field: Field, raw: object, where: str) -> tuple[object, list[Missing]]:
    match field.kind:
        case Record(fields=fields):
            if not isinstance(raw, Mapping):
                return None, [field.fault("groupe de champs attendu", where)]
            values, faults = _part(fields, raw, where)
            return values, [replace(fault, field=f"{field.name}.{fault.field}") for fault in faults]
        case Rows() as rows:
            return _rows(field, rows, raw, where)
        case kind:
            try:
                return kind(raw), []
            except ValueError as error:
                return None, [field.fault(str(error), where)]


def _rows(field: Field, rows: Rows, raw: object, where: str) -> tuple[object, list[Missing]]:
    if not isinstance(raw, list) or not all(isinstance(row, Mapping) for row in raw):
        return None, [field.fault("liste attendue", where)]
    if len(raw) > rows.at_most:
        return None, [field.fault(f"{rows.at_most} lignes au plus", where)]
    read = [_part(rows.fields, row, where) for row in raw]
    faults = [
        replace(
            fault,
            field=f"{field.name}.{place}.{fault.field}",
            label=_of_row(fault.label, rows.noun, place),
        )
        for place, (_, of_row) in enumerate(read)
        for fault in of_row
    ]
    return [values for values, _ in read], faults


def _of_row(label: str, noun: str, place: int) -> str:
    """« Heures (session 1, unité 2) »: the outer row first."""
    row = f"{noun} {place + 1}"
    inner = re.search(r" \(([^()]+ \d+)\)$", label)
    return f"{label[: inner.start()]} ({row}, {inner[1]})" if inner else f"{label} ({row})"


def _part(fields: Sequence[Field], typed: Mapping[str, object], where: str) -> tuple[Values, list[Missing]]:
    values, faults = _check(fields, typed, where)
    unknown = set(typed) - {field.name for field in fields}
    return values, [*faults, *(Missing(name, name, where, UNKNOWN_FIELD) for name in sorted(unknown))]


def _example(fields: Sequence[Field]) -> dict[str, object]:
    return {field.name: value for field in fields if (value := _example_of(field)) is not None}


def _example_of(field: Field) -> object:
    if field.example is not None:
        return field.example
    match field.kind:
        case Record(fields=fields):
            return _example(fields)
        case Rows(fields=fields):
            return [_example(fields)]
        case _:
            return None


def _schema(field: Field) -> dict[str, Any]:
    shown = {
        "name": field.name,
        "label": field.label,
        "mandatory": field.mandatory,
        "colour": field.colour,
        "help": field.help,
        "example": _example_of(field),
    }
    return shown | _kind_schema(field.kind)


def _kind_schema(kind: Kind | Record | Rows) -> dict[str, Any]:
    match kind:
        case Record(fields=fields):
            return {"kind": "record", "fields": [_schema(field) for field in fields]}
        case Rows(noun=noun, fields=fields, at_most=at_most):
            return {
                "kind": "rows",
                "noun": noun,
                "at_most": at_most,
                "fields": [_schema(field) for field in fields],
            }
        case Kind(name=name, choices=choices, at_most=at_most):
            listed = [{"value": value, "label": label} for value, label in choices.items()]
            return {"kind": name, "choices": listed, "at_most": at_most}


def each(values: Values, name: str) -> Iterator[tuple[int, Values]]:
    """The rows of a field that were understood, with their places; none when it is missing."""
    yield from enumerate(values.get(name) or ())
