"""Request models: what they do not know they refuse, and nothing that PostgreSQL cannot keep comes in."""

import math
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

DEPTH = 8
_NO_NUL = r"^[^\x00]*$"

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=_NO_NUL)]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5_000, pattern=_NO_NUL)
]


def storable(typed: dict[str, Any]) -> dict[str, Any]:
    """What was typed, if it can be kept: no character or number that PostgreSQL refuses, and no deep nesting."""
    _check(typed, DEPTH)
    return typed


def _check(value: object, depth: int) -> None:
    match value:
        case str() if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("caractère non accepté")
        case float() if not math.isfinite(value):
            raise ValueError("nombre non accepté")
        case dict() | list() if depth == 0:
            raise ValueError("trop de niveaux imbriqués")
        case dict():
            for key, inner in value.items():
                _check(key, depth)
                _check(inner, depth - 1)
        case list():
            for inner in value:
                _check(inner, depth - 1)


Typed = Annotated[dict[str, Any], AfterValidator(storable)]


class Model(BaseModel):
    """A request's body: what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PinnedReason(Model):
    """A reason, and the field of the form that it is pinned on, by its path: `qualiopi.number`."""

    text: Words
    field: Text | None = None


def example(value: dict[str, Any]) -> ConfigDict:
    """The configuration of a model that shows an example."""
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [value]})
