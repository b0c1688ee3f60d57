"""Personal fields: clear in memory, sealed on the wire, erased once the person's key is destroyed.

The keyring (shared/ledger) turns one form into another; this module only finds and replaces them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, ClassVar, TypeVar, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True, slots=True)
class Clear:
    """A person's value as typed; `encode` refuses it. Its repr hides the value from logs."""

    person: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sealed:
    """base64(nonce 12 || ciphertext || tag 16), AES-256-GCM under the person's key."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="ignore")
    person: str
    sealed: str


@dataclass(frozen=True, slots=True)
class Erased:
    """What revealing gives once the person's key is destroyed."""

    person: str


AnyPersonal = Clear | Sealed | Erased


class _OnlySealedOnTheWire:
    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=handler.generate_schema(Sealed),
            python_schema=core_schema.is_instance_schema((Clear, Sealed, Erased)),
            serialization=core_schema.plain_serializer_function_ser_schema(_sealed, when_used="json"),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"allOf": [handler(schema)], "x-personal": True}


def _sealed(value: AnyPersonal) -> dict[str, str]:
    if not isinstance(value, Sealed):
        raise TypeError(f"a personal field of {value.person} is not sealed")
    return {"person": value.person, "sealed": value.sealed}


Personal = Annotated[Clear | Sealed | Erased, _OnlySealedOnTheWire()]
"""The type of a personal field of an event: a string value that belongs to a person."""

Holder = TypeVar("Holder", bound=BaseModel)


def personals(holder: BaseModel) -> list[AnyPersonal]:
    """Every personal value of an event, nested ones too, in the order of the fields."""
    return [value for name in personal_fields(type(holder)) for value in _found(getattr(holder, name))]


def with_personals(holder: Holder, mapping: Mapping[Any, AnyPersonal]) -> Holder:
    """The same event with each personal value replaced by `mapping[value]`; one not in it stays."""
    names = personal_fields(type(holder))
    return holder.model_copy(update={name: _replaced(getattr(holder, name), mapping) for name in names})


@cache
def personal_fields(model: type[BaseModel]) -> tuple[str, ...]:
    """Names of the fields that are personal or hold something personal."""
    hints = get_type_hints(model, include_extras=True)
    return tuple(name for name in model.model_fields if _mentions_personal(hints[name]))


def _mentions_personal(hint: Any) -> bool:
    if hint == Personal:
        return True
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return bool(personal_fields(hint))
    return any(_mentions_personal(inner) for inner in get_args(hint))


def _found(value: Any) -> Iterator[AnyPersonal]:
    if isinstance(value, AnyPersonal):
        yield value
    elif isinstance(value, BaseModel):
        yield from personals(value)
    elif isinstance(value, tuple):
        for item in value:
            yield from _found(item)


def _replaced(value: Any, mapping: Mapping[Any, AnyPersonal]) -> Any:
    if isinstance(value, AnyPersonal):
        return mapping.get(value, value)
    if isinstance(value, BaseModel):
        return with_personals(value, mapping)
    if isinstance(value, tuple):
        return tuple(_replaced(item, mapping) for item in value)
    return value
