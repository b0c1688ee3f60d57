"""Golden files: records as they lie in ledgers, which every later version of this code must read."""

import json
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured_event
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from shared.events import CATALOGUE, EVENTS, decode, encode

FOLDER = Path(__file__).parents[2] / "shared" / "events"
GOLDEN = sorted((FOLDER / "golden").glob("*.json"))
every_golden = pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.stem)


def test_there_is_one_for_every_type_and_version() -> None:
    """No event is released without its golden file."""
    assert {golden.stem for golden in GOLDEN} == set(CATALOGUE.events)


@every_golden
def test_it_decodes(golden: Path) -> None:
    """Every version ever released still reads, as the newest version of its event."""
    envelope = decode(golden.read_bytes())
    assert type(envelope.data) in EVENTS
    assert envelope.type == envelope.data.wire


@every_golden
def test_it_encodes_to_the_same_bytes(golden: Path) -> None:
    """What is read from a record of the newest version can be written again, byte for byte."""
    record = golden.read_bytes()
    envelope = decode(record)
    if envelope.type != golden.stem:
        pytest.skip("an old version: written no more")
    again = encode(
        envelope.data,
        id=envelope.id,
        source=envelope.source,
        stream=envelope.subject,
        version=envelope.streamversion,
        time=envelope.time,
        correlation=envelope.correlationid,
        causation=envelope.causationid,
        actor=envelope.actor,
    )
    assert again == record


@every_golden
def test_it_follows_the_published_schemas(golden: Path) -> None:
    """The record follows record.json, and its data the schema that dataschema names."""
    record = json.loads(golden.read_bytes())
    schemas = [json.loads(file.read_text("utf-8")) for file in (FOLDER / "schemas").glob("*.json")]
    registry: Registry[Any] = Registry().with_resources(
        (s["$id"], Resource.from_contents(s)) for s in schemas
    )
    for urn, instance in (("urn:formelie:record", record), (record["dataschema"], record["data"])):
        validator = Draft202012Validator(
            {"$ref": urn}, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        validator.validate(instance)


@every_golden
def test_the_cloudevents_sdk_reads_it(golden: Path) -> None:
    """A stranger with the CloudEvents SDK reads the Kafka message in structured mode, extensions included."""
    headers = {
        "content-type": b"application/cloudevents+json; charset=UTF-8",
        "sequence": b"1",
        "epoch": b"1",
    }
    ours = decode(golden.read_bytes())
    theirs = from_structured_event(
        KafkaMessage(headers=headers, key=ours.subject.encode(), value=golden.read_bytes())
    )
    assert theirs.get_type() == golden.stem
    assert theirs.get_id() == str(ours.id)
    assert theirs.get_subject() == ours.subject
    assert theirs.get_time() == ours.time
    assert theirs.get_extension("streamversion") == ours.streamversion
    assert theirs.get_extension("actor") == ours.actor
    assert theirs.get_data() == json.loads(golden.read_bytes())["data"]
