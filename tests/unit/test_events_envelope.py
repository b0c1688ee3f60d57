"""The record: its keys, their order, its refusals."""

import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from shared.events import Clear, Erased, PersonalInClear, Undecodable, UnknownType, decode, encode
from shared.events.examples import EXAMPLES
from shared.events.invoicing import InvoicePaid
from shared.events.notifications import EmailSent
from shared.events.offerings import OrderSigned
from tests.unit.event_records import ABOUT, recorded

PAID = EXAMPLES[InvoicePaid].event


def test_the_keys_come_in_the_order_of_the_contract_and_data_last() -> None:
    """The same event gives the same bytes in every process: key order is part of the format."""
    assert list(json.loads(recorded(PAID))) == [
        "specversion", "id", "type", "source", "subject", "streamversion", "time", "datacontenttype",
        "dataschema", "correlationid", "causationid", "actor", "data",
    ]  # fmt: skip


def test_time_has_microseconds_and_z_even_on_the_second() -> None:
    """RFC 3339 in one spelling only, so that equal times are equal bytes."""
    assert json.loads(recorded(PAID))["time"] == "2026-05-12T04:00:00.000000Z"


def test_money_travels_as_text_with_two_places() -> None:
    """Never a JSON number: 12.5 is written "12.50" and no reader sees a float."""
    record = recorded(InvoicePaid(**(dict(PAID) | {"amount": Decimal("12.5")})))
    assert b'"amount":"12.50"' in record
    with pytest.raises(Undecodable, match=r"data\.amount: string_type"):
        decode(record.replace(b'"12.50"', b"12.50"))


def test_absent_and_null_read_the_same() -> None:
    """None is left out of the record; a writer that spells null is understood too."""
    sent = EXAMPLES[EmailSent].event.model_copy(update={"body_id": None})
    record = recorded(sent)
    assert b"body_id" not in record
    assert decode(record.replace(b'"message_id"', b'"body_id":null,"message_id"')).data == sent


@pytest.mark.parametrize("bare", [Clear("contact-1", "Anne Le Goff"), Erased("contact-1")])
def test_a_personal_field_in_clear_never_reaches_the_wire(bare: Clear | Erased) -> None:
    """Only sealed values are written; the error names the person's key, not the value."""
    signed = EXAMPLES[OrderSigned].event.model_copy(update={"signatory": bare})
    with pytest.raises(PersonalInClear) as refusal:
        recorded(signed)
    assert refusal.value.person == "contact-1"
    assert "Le Goff" not in str(refusal.value)


def test_a_record_with_a_clear_value_is_refused() -> None:
    """Nothing in clear comes in from a topic either."""
    record = json.loads(EXAMPLES[OrderSigned].record())
    record["data"]["signatory"] = {"person": "contact-1", "value": "Anne Le Goff"}
    with pytest.raises(Undecodable) as refusal:
        decode(json.dumps(record).encode())
    assert "Le Goff" not in str(refusal.value)


def test_an_unknown_type_is_told_from_garbage() -> None:
    """A CloudEvent of another type may be ignored by rule; something that is no CloudEvent may not."""
    with pytest.raises(UnknownType) as unknown:
        decode(b'{"specversion":"1.0","id":"1","source":"/elsewhere","type":"org.elsewhere.Something.v1"}')
    assert unknown.value.type == "org.elsewhere.Something.v1"
    with pytest.raises(Undecodable, match="specversion: missing"):
        decode(b'{"type":"org.elsewhere.Something.v1"}')


def test_a_missing_field_is_named() -> None:
    """The reason says where and which rule, so that a parked event can be mended."""
    record = json.loads(recorded(PAID))
    del record["data"]["paid_on"]
    with pytest.raises(Undecodable, match=r"data\.paid_on: missing"):
        decode(json.dumps(record).encode())


@pytest.mark.parametrize(
    "wrong",
    [
        {"actor": "anne.legoff@kervallon.example"},
        {"stream": "Not a stream"},
        {"version": 0},
        {"time": datetime(2026, 5, 12, 4, 0)},  # noqa: DTZ001 - the naive time is the point
        {"time": datetime(2026, 5, 12, 4, 0, tzinfo=timezone(timedelta(hours=2)))},
        {"source": "elsewhere"},
        {"correlation": ""},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_writer_cannot_make_a_record_that_no_reader_takes(wrong: dict[str, Any]) -> None:
    """Envelope attributes are checked before the bytes exist; an e-mail address is no actor."""
    with pytest.raises(ValidationError):
        encode(PAID, **(ABOUT | wrong))
