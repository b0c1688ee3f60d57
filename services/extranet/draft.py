"""A form of the API as pages: a tab is a page, a field is a control, and what was typed comes back as it was typed.

The forms are told by the services (GET /v1/forms/...): nothing here knows a field by its name.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.extranet.backend import Answer, Problem, Visitor
from services.extranet.forms import Form

Field = Mapping[str, Any]
Values = dict[str, Any]
SPARE_ROWS = "plus"
"""A button's name: `plus.sessions` asks for one more row; `moins.sessions.2` takes one away."""


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
    """Which form, of which dossier: where its API and its pages are."""

    service: str
    schema: str
    draft: str
    base: str
    title: str


@dataclass(slots=True)
class Draft:
    """What was typed so far: fields, a revision each, what is missing, and where two people differ."""

    tabs: Sequence[Tab]
    fields: Values
    revisions: Mapping[str, int]
    missing: list[dict[str, Any]]
    changed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    conflicts: list[dict[str, Any]] = field(default_factory=list)

    def lacking(self, tab: Tab) -> list[dict[str, Any]]:
        """What is missing or wrong in a tab."""
        return [each for each in self.missing if tab.of(each["field"])]

    def faults(self) -> dict[str, str]:
        """The words of each field's fault, by its path."""
        return {each["field"]: each["reason"] for each in self.missing}

    def conflict(self, name: str) -> Mapping[str, Any] | None:
        """The other value of a field that two people changed."""
        return next((each for each in self.conflicts if each["field"] == name), None)


def slug(label: str) -> str:
    """`Informations légales` -> `informations-legales`."""
    plain = unicodedata.normalize("NFD", label.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


async def read(visitor: Visitor, place: Place) -> Draft:
    """The form and what was typed in it. Raises `Problem`."""
    schema, told = await visitor.several((place.service, place.schema), (place.service, place.draft))
    return _draft(schema, told)


async def keep(visitor: Visitor, place: Place, tab: str, form: Form) -> Draft:
    """Keeps what a tab's page sent. Raises `Problem`, but not for what is missing or in conflict: the draft says it."""
    schema = await visitor.get(place.service, place.schema)
    fields = next(each for each in _tabs(schema) if each.slug == tab).fields
    typed, revisions = typed_in(fields, form), _revisions(form)
    conflicts: list[dict[str, Any]] = []
    try:
        told = (await _put(visitor, place, {"fields": typed, "revisions": revisions}, form.key)).content
    except Problem as problem:
        if problem.status not in (409, 422) or not problem.code.endswith(("-incomplete", "-conflict")):
            raise
        conflicts = list(problem.content.get("conflicts") or [])
        told = await visitor.get(place.service, place.draft)
    draft = _draft(schema, told)
    draft.conflicts = conflicts
    return draft


async def _put(visitor: Visitor, place: Place, content: Values, key: str) -> Answer:
    return await visitor.act("PUT", place.service, place.draft, key, json=content)


def _draft(schema: Mapping[str, Any], told: Mapping[str, Any]) -> Draft:
    return Draft(
        _tabs(schema),
        told["fields"],
        told.get("revisions") or {},
        told.get("missing") or [],
        told.get("changed") or {},
    )


def _tabs(schema: Mapping[str, Any]) -> list[Tab]:
    return [Tab(slug(tab["label"]), tab["label"], tab["fields"]) for tab in schema["tabs"]]


def _revisions(form: Form) -> dict[str, int]:
    found = ((name[4:], form.text(name)) for name in form.data if name.startswith("rev."))
    return {name: int(value) for name, value in found if re.fullmatch(r"\d{1,9}", value)}


def typed_in(fields: Sequence[Field], form: Form) -> Values:
    """What a page of these fields sent, as the API takes it; null empties a field."""
    given = {name: form.text(name) for name in form.data}
    return {each["name"]: _value(each, each["name"], given, form) for each in fields}


def _value(told: Field, path: str, given: Mapping[str, str], form: Form) -> Any:
    match told["kind"]:
        case "record":
            inner = {
                each["name"]: _value(each, f"{path}.{each['name']}", given, form) for each in told["fields"]
            }
            return {name: value for name, value in inner.items() if value} or None
        case "rows":
            rows = [_row(told, f"{path}.{place}", given, form) for place in _places(path, given)]
            wanted = [row for row in rows if row is not None]
            return (
                [*wanted, {}] if f"{SPARE_ROWS}.{path}" in given else [row for row in wanted if row] or None
            )
        case "lines":
            return [line.strip() for line in given.get(path, "").splitlines() if line.strip()] or None
        case _:
            return given.get(path) or None


def _row(told: Field, path: str, given: Mapping[str, str], form: Form) -> Values | None:
    """A row as typed; None for the one whose button « Retirer » was pressed."""
    if f"moins.{path}" in given:
        return None
    inner = {each["name"]: _value(each, f"{path}.{each['name']}", given, form) for each in told["fields"]}
    return {name: value for name, value in inner.items() if value}


def _places(path: str, given: Mapping[str, str]) -> Iterator[int]:
    """The rows that the page showed, in order."""
    found = {
        int(name[len(path) + 1 :].partition(".")[0]) for name in given if re.match(rf"{path}\.\d+\.", name)
    }
    yield from sorted(found)
