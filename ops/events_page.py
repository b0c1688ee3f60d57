"""docs/events.md: every event, what it says, its fields, and which of them are personal."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from inspect import getdoc
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import TypeAdapter
from typing_extensions import Doc

from ops.published import context_of
from shared.events import Event, Part, Personal, values
from shared.events.personal import personal_fields

HEAD = """# The events

Made from the models by `python -m ops.generate`; not to be edited by hand.

Each record is a CloudEvents 1.0 JSON event on the topic `formelie.<context>`; the tables show its `data`.
A field with a question mark may be absent. **Personal** fields are sealed with the key of the person they
belong to: `{"person": "...", "sealed": "..."}`. Readers ignore types and fields that they do not know.
Schemas: `shared/events/schemas`; examples, one a type: `shared/events/golden`; AsyncAPI: `docs/asyncapi.json`.
"""

_VALUES = [(hint, name) for name, hint in vars(values).items() if get_origin(hint) in (Annotated, Literal)]
_PLAIN = {UUID: "UUID", date: "date", datetime: "moment", str: "text", int: "number", bool: "yes or no"}


def page(events: Iterable[type[Event]]) -> str:
    events = list(events)
    parts = {part.__name__: part for event in events for part in _parts(event)}
    contexts = dict.fromkeys(context_of(event) for event in events)
    sections = [_section(context, [e for e in events if context_of(e) == context]) for context in contexts]
    shapes = "\n".join(_entry(part.__name__, part) for part in parts.values())
    parts_section = f"## Parts\n\nPieces that the events carry.\n\n{shapes}"
    return "\n".join([HEAD, *sections, parts_section, _values_section()])


def _values_section() -> str:
    rows = "\n".join(_value_row(hint, name) for hint, name in _VALUES if get_origin(hint) is Annotated)
    return f"## Values\n\n| value | in JSON | |\n|---|---|---|\n{rows}\n"


def _value_row(hint: Any, name: str) -> str:
    schema = TypeAdapter(hint).json_schema()
    meaning = next((extra.documentation for extra in hint.__metadata__ if isinstance(extra, Doc)), "")
    kind = schema.pop("type")
    limits = ", ".join(f"{limit} `{value}`" for limit, value in schema.items()).replace("|", "\\|")
    return f"| {name} | {kind}{': ' if limits else ''}{limits} | {meaning} |"


def _section(context: str, events: list[type[Event]]) -> str:
    return "\n".join([f"## {context}\n", *(_entry(event.wire, event) for event in events)])


def _entry(title: str, model: type[Part]) -> str:
    hints = get_type_hints(model, include_extras=True)
    rows = "\n".join(_row(model, name, hints[name]) for name in model.model_fields)
    doc = model.__dict__.get("__doc__")
    said = f"{_flat(getdoc(model))}\n\n" if doc else ""
    return f"### {title}\n\n{said}| field | is | |\n|---|---|---|\n{rows}\n"


def _row(model: type[Part], name: str, hint: Any) -> str:
    optional = "" if model.model_fields[name].is_required() else "?"
    meaning = _flat(model.model_fields[name].description)
    if hint == Personal or Personal in get_args(hint):
        return f"| `{name}`{optional} | **personal** text | {meaning} |"
    holds = " (holds personal fields)" if name in personal_fields(model) else ""
    return f"| `{name}`{optional} | {spelled(hint)}{holds} | {meaning} |"


def spelled(hint: Any) -> str:
    """A type in the words of the page: `list of TeachingUnit`, `regional, national`."""
    known = next((name for value, name in _VALUES if value == hint), None)
    if get_origin(hint) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(hint))
    if known:
        return known
    if hint in _PLAIN:
        return _PLAIN[hint]
    return _composed(hint)


def _composed(hint: Any) -> str:
    inner = [arg for arg in get_args(hint) if arg not in (NoneType, Ellipsis)]
    if get_origin(hint) is tuple:
        return f"list of {spelled(inner[0])}"
    if get_origin(hint) in (Union, UnionType, Annotated):
        return spelled(inner[0])
    return f"[{hint.__name__}](#{hint.__name__.lower()})"


def _parts(model: type[Part]) -> Iterator[type[Part]]:
    for hint in get_type_hints(model, include_extras=True).values():
        for part in _parts_in(hint):
            yield part
            yield from _parts(part)


def _parts_in(hint: Any) -> Iterator[type[Part]]:
    if isinstance(hint, type) and issubclass(hint, Part):
        yield hint
    for arg in get_args(hint):
        yield from _parts_in(arg)


def _flat(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")
