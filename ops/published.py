"""What strangers need to read the topics: a JSON Schema for each event's data, and the AsyncAPI document."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from shared.events import Envelope, Event
from shared.events.envelope import schema_urn

DRAFT = GenerateJsonSchema.schema_dialect
KAFKA_HEADERS = {
    "content-type": "application/cloudevents+json; charset=UTF-8",
    "sequence": "Position in the partition, from 1, without gaps: decimal digits",
    "epoch": "Raised by a restore of the ledger: decimal digits",
    "hash": "sha256(previous hash || sequence || record), 64 hexadecimal digits",
    "traceparent": "W3C trace context",
}


def pretty(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def data_schema(event: type[Event]) -> str:
    """The schema that `dataschema` names."""
    return pretty({"$schema": DRAFT, "$id": schema_urn(event.wire)} | event.model_json_schema())


def record_schema() -> str:
    """The CloudEvents envelope around any data."""
    schema = Envelope.model_json_schema()
    del schema["$defs"]
    schema["description"] = "A record: one CloudEvents 1.0 JSON event, its keys in this order."
    schema["properties"]["data"] = {"type": "object", "description": "What `dataschema` describes."}
    return pretty({"$schema": DRAFT, "$id": "urn:formelie:record"} | schema)


def asyncapi(events: Iterable[type[Event]], examples: Mapping[str, bytes]) -> str:
    """Every topic and what it carries. `examples`: wire type -> a record."""
    by_context: dict[str, list[type[Event]]] = {}
    for event in events:
        by_context.setdefault(context_of(event), []).append(event)
    messages = {
        event.wire: _message(event, examples[event.wire]) for of in by_context.values() for event in of
    }
    return pretty(
        {
            "asyncapi": "3.0.0",
            "info": {
                "title": "FormElie: the published language",
                "version": "1.0.0",
                "description": "One topic a context. Key: the stream. Unknown types and fields are to be ignored.",
            },
            "defaultContentType": "application/cloudevents+json",
            "channels": {context: _channel(context, of) for context, of in by_context.items()},
            "operations": {f"follow-{context}": _operation(context) for context in by_context},
            "components": {"messages": messages},
        }
    )


def context_of(event: type[Event]) -> str:
    return event.wire.split(".")[2]


def _channel(context: str, events: Iterable[type[Event]]) -> dict[str, Any]:
    return {
        "address": f"formelie.{context}",
        "messages": {event.wire: {"$ref": f"#/components/messages/{event.wire}"} for event in events},
        "bindings": {"kafka": {"topicConfiguration": {"retention.ms": -1}}},
    }


def _operation(context: str) -> dict[str, Any]:
    return {"action": "receive", "channel": {"$ref": f"#/channels/{context}"}}


def _message(event: type[Event], example: bytes) -> dict[str, Any]:
    schemas = "../shared/events/schemas"
    return {
        "name": event.wire,
        "title": event.__name__,
        "summary": " ".join((event.__doc__ or "").split()),
        "contentType": "application/cloudevents+json",
        "headers": {
            "type": "object",
            "properties": {
                name: {"type": "string", "description": what} for name, what in KAFKA_HEADERS.items()
            },
        },
        "payload": {
            "allOf": [
                {"$ref": f"{schemas}/record.json"},
                {
                    "properties": {
                        "type": {"const": event.wire},
                        "data": {"$ref": f"{schemas}/{event.wire}.json"},
                    }
                },
            ]
        },
        "bindings": {"kafka": {"key": {"type": "string", "description": "The stream"}}},
        "examples": [{"payload": json.loads(example)}],
    }
