"""Value types: what they take and what they refuse."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.events import values
from shared.events.values import parse_siret


@pytest.mark.parametrize(
    ("written", "siret"),
    [
        ("73282932000074", "73282932000074"),
        ("732 829 320 00074", "73282932000074"),
        ("732\N{NO-BREAK SPACE}829\N{NO-BREAK SPACE}320\N{NO-BREAK SPACE}00074", "73282932000074"),
        ("35600000000048", "35600000000048"),  # La Poste, right by Luhn
        ("35600000049837", "35600000049837"),  # La Poste, by the sum of its digits
    ],
)
def test_a_siret_is_read_as_people_write_it(written: str, siret: str) -> None:
    """Spaces are dropped; La Poste's establishments follow their own rule."""
    assert parse_siret(written) == siret


@pytest.mark.parametrize(
    "wrong", ["00000000000000", "73282932000075", "732829320", "", "x" * 14, "35600000049838"]
)
def test_a_wrong_siret_is_refused(wrong: str) -> None:
    """All zeros satisfy Luhn, and name nobody."""
    with pytest.raises(ValueError, match="not a SIRET"):
        parse_siret(wrong)


@pytest.mark.parametrize(
    ("value", "good"),
    [
        (values.Money, Decimal("1234.5")),
        (values.Money, Decimal(0)),
        (values.Money, Decimal("1E+2")),
        (values.Hours, Decimal("7.25")),
        (values.InvoiceNumber, "F+2026-03_17/a"),
        (values.TeacherNumber, "023456"),
        (values.UnitCode, "1234"),
        (values.StreamId, "invoice-number-6f1c-F2026/0031"),
        (values.Territory, "ile-de-france"),
        (values.Actor, "policy:alerts"),
        (values.Path, "/aide#facture"),
        (values.Line, "Ève Nguyễn-Šťastná"),
    ],
)
def test_good_values_pass(value: Any, good: Any) -> None:
    """Leading zeros, accents and Decimal's spellings are kept."""
    assert TypeAdapter(value).validate_python(good, strict=True) == good


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        (values.Money, 12.5),
        (values.Money, "12.50"),
        (values.Money, Decimal("12.505")),
        (values.Money, Decimal(-1)),
        (values.Money, Decimal("NaN")),
        (values.Money, Decimal("1E+20")),
        (values.Hours, Decimal("Infinity")),
        (values.InvoiceNumber, "F" * 36),
        (values.InvoiceNumber, "F 1"),
        (values.InvoiceNumber, "F1\n"),
        (values.InvoiceNumber, ""),
        (values.Siret, "732 829 320 00074"),
        (values.StreamId, "order"),
        (values.Sha256, "A" * 64),
        (values.Line, ""),
        (values.Line, "nul\x00"),
        (values.Line, "\ud800"),
        (values.Actor, "anne@kervallon.example"),
        (values.Path, "https://elsewhere.example"),
        (values.Instant, datetime(2026, 1, 1)),  # noqa: DTZ001 - the naive time is the point
    ],
)
def test_wrong_values_are_refused(value: Any, wrong: Any) -> None:
    """Nothing is converted or rounded silently: money is never a float, a time never naive."""
    with pytest.raises(ValidationError):
        TypeAdapter(value).validate_python(wrong, strict=True)


@pytest.mark.parametrize("wrong", ["12.50", '"12.5"', '"1e3"', '" 12.50"', '"-1.00"', '"NaN"', "null"])
def test_money_in_json_is_text_with_two_places(wrong: str) -> None:
    """One spelling on the wire."""
    with pytest.raises(ValidationError):
        TypeAdapter(values.Money).validate_json(wrong)


def test_an_instant_keeps_its_microseconds() -> None:
    """Written and read back, to the microsecond."""
    adapter: TypeAdapter[datetime] = TypeAdapter(values.Instant)
    now = datetime(2026, 11, 23, 10, 0, 0, 7, tzinfo=UTC)
    assert adapter.dump_json(now) == b'"2026-11-23T10:00:00.000007Z"'
    assert adapter.validate_json(adapter.dump_json(now)) == now
