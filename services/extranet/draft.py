"""A form of the API as pages: a tab is a page, a field is a control, and what was typed comes back as it was typed.

The forms are told by the services (GET /v1/forms/...): nothing here knows a field by its name. A page carries a mark
for each field, its revision and a digest of what it showed: only what the reader changed is sent, so that two people
meet on the fields that both of them changed, and on no other.  (R3, R5, F1, F7)
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from services.extranet.backend import Problem, Visitor
from services.extranet.forms import Form

Field = Mapping[str, Any]
Values = dict[str, Any]
MARK, MORE, LESS, COPY, MINE, THEIRS = "lu", "plus", "moins", "copie", "garder", "laisser"
"""What names of the page begin with: `lu.phone` is a mark, `plus.sessions` one more row, `moins.sessions.2` one less,
`copie.sessions.2` one more that repeats it, `garder.phone` and `laisser.phone` the choice between two values."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of a form, with its own address."""

    slug: str
    label: str
    fields: Sequence[Field]

    def of(self, path: str) -> bool:
        """Whether a field's path lies in this tab."""
        return path.partition(".")[0] in {each["name"] for each in self.fields}


@dataclass(frozen=True, slots=True)
class Place:
    """Which form, of which dossier: where its API and its pages are, and its words."""

    service: str
    schema: str
    draft: str
    base: str
    title: str
    yours: str
    help: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A field as the page showed it."""

    revision: int
    digest: str

    def __str__(self) -> str:
        return f"{self.revision}.{self.digest}"

    @classmethod
    def of(cls, text: str) -> "Mark":
        """A page that says nothing showed an empty field that nobody had typed in."""
        found = re.fullmatch(r"(\d{1,9})\.([0-9a-f]{8})", text)
        return cls(int(found[1]), found[2]) if found else cls(0, digest(None))


@dataclass(slots=True)
class Draft:
    """What was typed so far, what is missing, and where two people differ; `seen` are the marks of the page."""

    tabs: Sequence[Tab]
    fields: Values
    revisions: Mapping[str, int] = field(default_factory=dict)
    missing: Sequence[dict[str, Any]] = ()
    changed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    conflicts: Sequence[dict[str, Any]] = ()
    seen: Mapping[str, Mark] = field(default_factory=dict)

    def lacking(self, tab: Tab) -> list[dict[str, Any]]:
        """What is missing or wrong in a tab."""
        return [each for each in self.missing if tab.of(each["field"])]

    def within(self, path: str) -> list[dict[str, Any]]:
        """What is missing or wrong in a row."""
        return [each for each in self.missing if each["field"].startswith(f"{path}.")]

    def faults(self) -> dict[str, str]:
        """The words of each field's fault, by its path."""
        return {each["field"]: each["reason"] for each in self.missing}

    def conflict(self, name: str) -> Mapping[str, Any] | None:
        """The two values of a field that two people changed."""
        return next((each for each in self.conflicts if each["field"] == name), None)

    def value(self, name: str) -> Any:
        """What the page shows: the reader's own words where somebody else was faster."""
        other = self.conflict(name)
        return other["yours"] if other else self.fields.get(name)

    def mark(self, told: Field) -> Mark:
        """That of a field as the page shows it now; what it does not show yet keeps the mark it has."""
        name = told["name"]
        return self.seen.get(name) or Mark(
            self.revisions.get(name, 0), digest(plain(told, self.fields.get(name)))
        )

    @property
    def first_lacking(self) -> Tab | None:
        """The first tab that something is missing in."""
        return next((tab for tab in self.tabs if self.lacking(tab)), None)

    def tab(self, slug: str) -> Tab | None:
        """A tab by its address."""
        return next((tab for tab in self.tabs if tab.slug == slug), None)


def slug(label: str) -> str:
    """`Informations légales` -> `informations-legales`."""
    bare = unicodedata.normalize("NFD", label.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")


async def tabs_of(visitor: Visitor, place: Place) -> list[Tab]:
    """The form itself, which changes only with a release."""
    schema = await visitor.backend.lasting(place.service, place.schema)
    return [Tab(slug(tab["label"]), tab["label"], tab["fields"]) for tab in schema["tabs"]]


async def read(visitor: Visitor, place: Place) -> Draft:
    """The form and what was typed in it; one that nobody began is empty. Raises `Problem`."""
    told = await visitor.maybe(place.service, place.draft)
    return _draft(await tabs_of(visitor, place), told or {"fields": {}})


async def keep(visitor: Visitor, place: Place, tab: str, form: Form) -> Draft:
    """Keeps what the reader changed in a tab.

    Raises `Problem`, but not for what is missing or in conflict: the draft says it.
    """
    tabs = await tabs_of(visitor, place)
    fields = next((each.fields for each in tabs if each.slug == tab), ())
    typed = typed_in(fields, form)
    marks = {each["name"]: _mark(form, each["name"]) for each in fields}
    row = (asks_for_rows(form) or "").partition(".")[0]
    touched = {
        name: typed[name]
        for each in fields
        if _sent(form, name := each["name"])
        and (name == row or digest(plain(each, typed[name])) != marks[name].digest)
    }
    told, conflicts = await _put(visitor, place, touched, {name: marks[name].revision for name in touched})
    draft = _draft(tabs, told)
    draft.conflicts = conflicts
    draft.seen = {name: mark for name, mark in marks.items() if name not in touched or draft.conflict(name)}
    return draft


async def _put(
    visitor: Visitor, place: Place, fields: Values, revisions: Mapping[str, int]
) -> tuple[dict[str, Any], Sequence[dict[str, Any]]]:
    """The draft as it is then, and the conflicts."""
    content = {"fields": fields, "revisions": revisions}
    try:
        return (await visitor.act("PUT", place.service, place.draft, json=content)).content, ()
    except Problem as problem:
        if problem.status not in (409, 422) or "draft" not in problem.content:
            raise
        return problem.content["draft"], problem.content.get("conflicts") or ()


def _draft(tabs: Sequence[Tab], told: Mapping[str, Any]) -> Draft:
    return Draft(
        tabs,
        told["fields"],
        told.get("revisions") or {},
        told.get("missing") or [],
        told.get("changed") or {},
    )


def _mark(form: Form, name: str) -> Mark:
    """That of the page, or of the other's value where the reader chose to replace it."""
    chosen, mark = form.text(f"{MINE}.{name}"), Mark.of(form.text(f"{MARK}.{name}"))
    return Mark(int(chosen), mark.digest) if re.fullmatch(r"\d{1,9}", chosen) else mark


def _sent(form: Form, name: str) -> bool:
    """Whether the page had this field, and the reader keeps to it."""
    there = (
        any(given == name or given.startswith(f"{name}.") for given in form.data)
        or f"{MARK}.{name}" in form.data
    )
    return there and f"{THEIRS}.{name}" not in form.data


def chose(form: Form) -> bool:
    """Whether the reader chose between two values."""
    return any(each.startswith((f"{MINE}.", f"{THEIRS}.")) for each in form.data)


def asks_for_rows(form: Form) -> str | None:
    """The path of the list that a button adds a row to, or takes one from."""
    return next(
        (
            each.partition(".")[2]
            for each in form.data
            if each.startswith((f"{MORE}.", f"{LESS}.", f"{COPY}."))
        ),
        None,
    )


def copies_a_row(form: Form) -> bool:
    """Whether the new row repeats another one."""
    return any(each.startswith(f"{COPY}.") for each in form.data)


def row_of(fields: Mapping[str, Any], path: str) -> str:
    """Where the focus goes: `sessions` -> `sessions.1`, the new row; `sessions.1`, taken away -> `sessions`."""
    *above, last = path.split(".")
    if last.isdigit():
        return ".".join(above)
    found: Any = fields
    for name in path.split("."):
        found = found[int(name)] if isinstance(found, list) else (found or {}).get(name)
    return f"{path}.{len(found or [{}]) - 1}"


# ── values ───────────────────────────────────────────────────────────────────────────────────────────────────────


def typed_in(fields: Sequence[Field], form: Form) -> Values:
    """What a page of these fields sent, as the API takes it; null empties a field."""
    given = {name: form.text(name).replace("\r\n", "\n") for name in form.data}
    return {each["name"]: _value(each, each["name"], given) for each in fields}


def _value(told: Field, path: str, given: Mapping[str, str]) -> Any:
    match told["kind"]:
        case "record":
            return _part(told["fields"], path, given) or None
        case "rows":
            return _rows(told, path, given)
        case "lines":
            return [line.strip() for line in given.get(path, "").splitlines() if line.strip()] or None
        case _:
            return given.get(path) or None


def _part(fields: Sequence[Field], path: str, given: Mapping[str, str]) -> Values:
    inner = {each["name"]: _value(each, f"{path}.{each['name']}", given) for each in fields}
    return {name: value for name, value in inner.items() if value is not None}


def _rows(told: Field, path: str, given: Mapping[str, str]) -> list[Values] | None:
    """Rows in the order of the page, empty ones too where one at least is asked for; a button adds or removes one."""
    places = [place for place in _places(path, given) if f"{LESS}.{path}.{place}" not in given]
    rows = [_part(told["fields"], f"{path}.{place}", given) for place in places]
    copied = [row for place, row in zip(places, rows, strict=True) if f"{COPY}.{path}.{place}" in given]
    rows += [_repeated(told["fields"], row) for row in copied]
    if f"{MORE}.{path}" in given:
        return [*(rows or [{}]), {}]
    kept = rows if told["mandatory"] else [row for row in rows if row]
    return kept if any(kept) else None


def _repeated(fields: Sequence[Field], row: Values) -> Values:
    """A row to be typed again but for its days and prices, which are never those of the first one (F10)."""
    emptied = {each["name"] for each in fields if each["kind"] in ("date", "amount")}
    return {name: value for name, value in row.items() if name not in emptied}


def _places(path: str, given: Iterable[str]) -> Iterator[int]:
    """The rows that the page showed, in order."""
    begins = re.compile(rf"{re.escape(path)}\.(\d{{1,4}})\.")
    yield from sorted({int(found[1]) for name in given if (found := begins.match(name))})


def plain(told: Field, value: Any) -> Any:
    """A value as the page shows it and sends it back, whoever typed it: what a digest is made of."""
    if value is None or value in ("", [], {}):
        return None
    match told["kind"], value:
        case "record", Mapping():
            inner = {each["name"]: plain(each, value.get(each["name"])) for each in told["fields"]}
            return inner if any(inner.values()) else None
        case "rows", list():
            rows = [plain({**told, "kind": "record"}, row) for row in value]
            return rows if any(rows) else None
        case "lines", list():
            return [str(line).strip() for line in value]
        case _:
            return _iso(shown(told, value))


def digest(value: Any) -> str:
    """Short: it tells two versions of one field apart, and guards nothing."""
    return sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:8]


def shown(told: Field, value: Any) -> str:
    """The words of a control: a date as the French write it, a choice by its code."""
    if value is None:
        return ""
    if told["kind"] == "lines" and isinstance(value, list):
        return "\n".join(map(str, value))
    text = str(value).strip().replace("\r\n", "\n")
    if told["kind"] == "date" and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return f"{text[8:]}/{text[5:7]}/{text[:4]}"
    if told["kind"] == "choice":
        return next((each["value"] for each in told["choices"] if _same(text, each)), text)
    return text


def words(told: Field, value: Any) -> str:
    """The same to be read: a choice by its label, a list on one line, an account number masked."""
    text = shown(told, value)
    match told["kind"]:
        case "choice":
            return next((each["label"] for each in told["choices"] if each["value"] == text), text)
        case "lines":
            return text.replace("\n", ", ")
        case "iban":
            return f"{text[:4]} •••• {text[-4:]}" if len(text) > 8 else text
        case "record" if isinstance(value, Mapping):
            inner = [words(each, value.get(each["name"])) for each in told["fields"]]
            return ", ".join(each for each in inner if each)
        case "rows" if isinstance(value, list):
            return " ; ".join(words({**told, "kind": "record"}, row) for row in value)
        case _:
            return text


def _same(text: str, choice: Mapping[str, str]) -> bool:
    return text.casefold() in (choice["value"].casefold(), choice["label"].casefold())


def _iso(text: str) -> str:
    """`01/09/2026` and `2026-09-01` are one day."""
    found = re.fullmatch(r"(\d{2})/(\d{2})/(\d{4})", text)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])).isoformat() if found else text
    except ValueError:
        return text
