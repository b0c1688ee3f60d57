"""Random events: a hypothesis strategy for every model, built from its own annotations."""

from datetime import UTC
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from shared.events import Personal, Sealed, values

WRITTEN = st.characters(codec="utf-8", exclude_characters="\x00")
SEALED = st.builds(
    Sealed, st.from_regex(r"[a-z]{1,9}-[0-9a-f]{1,12}", fullmatch=True), st.text("ABab09+/=", min_size=40)
)


def siret(stem: int) -> str:
    """The SIRET, right by Luhn, whose first thirteen digits are `stem`; never La Poste's."""
    digits = f"2{stem:012d}"
    total = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(digits))
    return f"{digits}{-total % 10}"


def siren_holds(number: str) -> bool:
    total = sum(sum(divmod(int(d) * (1 + i % 2), 10)) for i, d in enumerate(number[:9]))
    return total % 10 == 0


SIRETS = st.integers(0, 10**12 - 1).map(siret).filter(siren_holds)
SPECIAL: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (Personal, SEALED),
    (values.Money, st.decimals(0, 10**12, places=2, allow_nan=False).filter(lambda amount: amount < 10**12)),
    (values.Hours, st.decimals(0, 10**6, places=2, allow_nan=False).filter(lambda hours: hours < 10**6)),
    (
        values.Percent,
        st.decimals(0, 10**3, places=2, allow_nan=False).filter(lambda percent: percent < 10**3),
    ),
    (values.Instant, st.datetimes(timezones=st.just(UTC))),
    (values.Siret, SIRETS),
]


@cache
def events(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(model, include_extras=True)
    return st.builds(model, **{name: of(hints[name]) for name in model.model_fields})


def of(hint: Any) -> st.SearchStrategy[Any]:
    for special, strategy in SPECIAL:
        if special == hint:
            return strategy
    if get_origin(hint) is Annotated:
        return annotated(*get_args(hint))
    return plain(hint)


def plain(hint: Any) -> st.SearchStrategy[Any]:
    inner = get_args(hint)
    if get_origin(hint) is Literal:
        return st.sampled_from(inner)
    if get_origin(hint) in (Union, UnionType):
        return st.none() | st.one_of(*(of(arg) for arg in inner if arg is not NoneType))
    if get_origin(hint) is tuple:
        return st.lists(of(inner[0]), min_size=1, max_size=3).map(tuple)
    if issubclass(hint, BaseModel):
        return events(hint)
    return st.from_type(hint)


def annotated(hint: Any, *metadata: Any) -> st.SearchStrategy[Any]:
    for rule in metadata:
        if isinstance(rule, StringConstraints):
            return text(rule)
        if isinstance(rule, FieldInfo) and hint is int:
            bounds = [(getattr(bound, "ge", None), getattr(bound, "le", None)) for bound in rule.metadata]
            least, most = zip(*bounds, strict=True)
            return st.integers(next(filter(None, least), 0), next(filter(None, most), None))
    return of(hint)


def text(rule: StringConstraints) -> st.SearchStrategy[str]:
    pattern = str(rule.pattern)
    longest = rule.max_length or 10**6
    if pattern == r"^[^\x00]*$":
        return st.text(WRITTEN, min_size=1, max_size=min(longest, 40))
    matching = st.from_regex(pattern.replace("$", r"\Z"), fullmatch=True, alphabet=WRITTEN)
    return matching.filter(lambda written: len(written) <= longest)
