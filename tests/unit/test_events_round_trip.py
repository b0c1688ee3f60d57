"""Laws of the published language, for every event there is."""

import json
from contextlib import suppress
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shared.events import EVENTS, Event, EventError, Part, decode, personals
from shared.events.examples import EXAMPLES
from tests.unit.event_records import recorded
from tests.unit.event_strategies import events

every_event = pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
MODELS = [
    m for m in (*Part.__subclasses__(), *Event.__subclasses__()) if m.__module__.startswith("shared.events.")
]
few = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
goldens = st.sampled_from([example.record() for example in EXAMPLES.values()])


@every_event
def test_what_was_written_is_what_is_read(event: type[Event]) -> None:
    """decode(encode(x)) == x, personal fields included, and encoding again gives the same bytes."""

    @few
    @given(events(event))
    def law(written: Event) -> None:
        record = recorded(written)
        read = decode(record)
        assert read.data == written
        assert personals(read.data) == personals(written)
        assert recorded(read.data) == record

    law()


@every_event
def test_every_record_follows_its_schema(event: type[Event]) -> None:
    """Whatever can be written validates against the JSON Schema that strangers are given."""
    schema = Draft202012Validator(event.model_json_schema())

    @settings(few, max_examples=5)
    @given(events(event))
    def law(written: Event) -> None:
        schema.validate(json.loads(recorded(written))["data"])

    law()


@every_event
def test_unknown_fields_are_ignored(event: type[Event]) -> None:
    """A newer writer may add fields anywhere: an older reader reads what it knows."""
    record = EXAMPLES[event].record()
    assert decode(json.dumps(with_news(json.loads(record))).encode()) == decode(record)


def with_news(value: Any) -> Any:
    if isinstance(value, dict):
        return {"news": {"any": [1]}} | {key: with_news(inner) for key, inner in value.items()}
    return [with_news(inner) for inner in value] if isinstance(value, list) else value


@few
@given(st.binary() | st.text().map(str.encode))
def test_garbage_is_refused_in_our_own_words(garbage: bytes) -> None:
    """Bytes that are no record raise an EventError, and nothing else."""
    with pytest.raises(EventError):
        decode(garbage)


@settings(max_examples=300, deadline=None)
@given(goldens, st.integers(0), st.binary(min_size=1, max_size=4))
def test_a_damaged_record_is_read_or_refused(record: bytes, place: int, damage: bytes) -> None:
    """A record damaged anywhere decodes or raises an EventError; no other error comes out."""
    cut = place % len(record)
    read_or_refused(record[:cut] + damage + record[cut + len(damage) :])
    read_or_refused(record[:cut])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None)
@given(goldens, st.data(), json_values)
def test_a_wrong_value_is_read_or_refused(record: bytes, data: st.DataObject, wrong: Any) -> None:
    """Any JSON value in any place of a record decodes or raises an EventError."""
    document = json.loads(record)
    holder = document["data"] if data.draw(st.booleans()) else document
    holder[data.draw(st.sampled_from(sorted(holder)))] = wrong
    read_or_refused(json.dumps(document).encode())


def read_or_refused(record: bytes) -> None:
    with suppress(EventError):
        decode(record)


@pytest.mark.parametrize("depth", [10, 1_000, 100_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    """A record nested too deep is Undecodable, not a crash."""
    with pytest.raises(EventError):
        decode(b'{"type":' + b"[" * depth + b"]" * depth + b"}")


@every_event
def test_every_event_is_named_and_explained(event: type[Event]) -> None:
    """The wire name is a literal of the class itself, and its docstring says what happened."""
    context = event.__module__.rpartition(".")[2]
    assert event.__dict__["wire"] == f"org.formiris.{context}.{event.__name__}.v1"
    assert event.__dict__["__doc__"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_is_frozen_strict_and_open_to_additions(model: type[Part]) -> None:
    """None is never written, so a field that may be None must default to it, and no other default exists."""
    assert model.model_config["frozen"]
    assert model.model_config["strict"]
    assert model.model_config["extra"] == "ignore"
    for name, hint in get_type_hints(model, include_extras=True).items():
        if name in model.model_fields:
            field = model.model_fields[name]
            assert field.is_required() == (NoneType not in get_args(hint)), name
            assert field.is_required() or field.default is None, name


def test_every_event_class_is_in_the_catalogue() -> None:
    """No event is declared and then forgotten."""
    assert {model for model in MODELS if issubclass(model, Event)} - {Event} == set(EVENTS)
    assert len({event.wire for event in EVENTS}) == len(EVENTS)
    assert set(EXAMPLES) == set(EVENTS)
