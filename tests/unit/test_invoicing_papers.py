"""Beside the invoice: a deposited one compared, « corriger », the statement, the export."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.invoicing.correcting import prefilled
from services.invoicing.deposited import Expected, Seen, compared, points
from services.invoicing.export import COLUMNS, line_of
from services.invoicing.statement import Month, statement_of
from shared.runtime import sheets
from shared.runtime.refusal import Refused
from tests.unit.test_invoicing import BODY, NUMBER, SUBMITTED, TODAY

DUE = TODAY + timedelta(days=30)
EXPECTED = Expected(NUMBER, TODAY, Decimal("2640.40"), DUE)
SAID: Mapping[str, Any] = {
    "number": NUMBER, "issued_on": TODAY, "kind": "380", "currency": "EUR", "due_on": DUE, "total": "2640.40",
    "faults": [],
}  # fmt: skip
TEXT = f"Facture n° {NUMBER}"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"number": "F2026/118"}, "number"),
        ({"number": None}, "number"),
        ({"kind": "381"}, "kind"),
        ({"currency": "USD"}, "currency"),
        ({"total": "2640.41"}, "amount"),
        ({"total": "beaucoup" * 100}, "amount"),
        ({"issued_on": date(2026, 11, 22)}, "issued_on"),
        ({"due_on": date(2027, 1, 22)}, "due_on"),
    ],
)
def test_what_a_factur_x_says_otherwise_is_refused(said: dict[str, Any], field: str) -> None:
    """Number, kind, currency, total and dates: each difference with what the document says and what is expected."""
    with pytest.raises(Refused) as caught:
        compared(Seen(TEXT, {**SAID, **said}), EXPECTED)
    assert caught.value.refusal.code == "deposited-invoice-differs"
    assert [each.field for each in caught.value.missing] == [field]
    assert len(caught.value.detail) < 500


def test_what_was_compared_is_told_point_by_point() -> None:
    """Each point: what the document says, what is expected, the same or not; some may be left out."""
    told = points({**SAID, "total": "2640.4", "due_on": None, "kind": None, "currency": None}, EXPECTED)
    assert [(each.field, each.same) for each in told] == [
        ("number", True), ("kind", True), ("currency", True), ("amount", True), ("issued_on", True), ("due_on", True),
    ]  # fmt: skip
    assert not points({**SAID, "total": "2640.404"}, EXPECTED)[3].same


@pytest.mark.parametrize(
    ("seen", "codes"),
    [
        (Seen(TEXT, dict(SAID)), []),
        (Seen(TEXT, None), []),
        (Seen("Facture F 2026/\u200b117", None), []),
        (Seen("Facture F2026/118", None), ["number-not-in-document"]),
        (Seen("\n ", None), ["document-without-text"]),
        (Seen(TEXT, {**SAID, "faults": ["BR-CO-15"]}), ["factur-x-not-valid"]),
        (Seen(TEXT, {"faults": ["unreadable"]}), ["factur-x-not-valid"]),
        (Seen(TEXT, {**SAID, "due_on": None}), []),
    ],
)
def test_what_is_doubtful_is_noticed(seen: Seen, codes: list[str]) -> None:
    """A warning, never a refusal: a scan, a number that is not in the text, data that break the standard."""
    assert [remark.code for remark in compared(seen, EXPECTED)] == codes


def row(status: str, outcome: Any = None, amendment: Any = None, **more: Any) -> dict[str, Any]:
    """A row of the query `invoice`."""
    return {
        "invoice_id": UUID(int=1), "session_id": UUID(int=2), "number": NUMBER, "amount": Decimal("2640.40"),
        "kind": "380", "status": status, "outcome": json.dumps(outcome), "amendment": json.dumps(amendment),
        "submitted": SUBMITTED.model_dump_json(exclude_none=True), "issued_on": TODAY, "closed_on": None, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("found", "path", "stays"),
    [
        (row("rejected", {"reasons": []}), "/v1/invoices", False),
        (row("returned", {"kind": "suspended", "reasons": []}), "/resumption", True),
        (row("accepted", {}, {"status": "granted", "remedy": "credit-note"}), "/credit-note", False),
        (row("returned", {}, {"status": "granted", "remedy": "corrective-invoice"}), "/correction", False),
    ],
)  # fmt: skip
def test_correcting_is_prefilled(found: dict[str, Any], path: str, stays: bool) -> None:
    """Where to send what, with what is known filled in, and whether the number stays (I2)."""
    form = prefilled(found, TODAY)
    assert form["path"].endswith(path)
    assert form["number_stays"] == stays
    assert form["what_to_do"]
    assert form["instead_of"]["number"] == NUMBER


@pytest.mark.parametrize("status", ["submitted", "accepted", "paid", "corrected", "credited"])
def test_nothing_to_correct(status: str) -> None:
    """Refused with a link, when nothing is asked of the body."""
    with pytest.raises(Refused) as caught:
        prefilled(row(status, {}, {"status": "requested"}), TODAY)
    assert caught.value.link == f"/factures/{UUID(int=1)}"


def movement(day: date, amount: Decimal) -> dict[str, Any]:
    return {**row("submitted"), "day": day, "amount": amount, "kind": "invoice"}


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.decimals(-9999, 9999, places=2)), max_size=20
    )
)  # fmt: skip
def test_statements_follow_each_other(moves: list[tuple[date, Decimal]]) -> None:
    """What is due at the end of a month is due at the start of the next; the year adds up to the cent (I4)."""
    rows = [movement(*move) for move in moves]
    due = "0.00"
    for number in range(1, 13):
        month = Month.parse(f"2026-{number:02d}")
        shown = statement_of(month, str(BODY), "Institut", [r for r in rows if r["day"] <= month.last])
        assert Decimal(shown["opening"]) == Decimal(due)
        due = shown["closing"]
    assert Decimal(due) == sum((amount for _, amount in moves), Decimal(0))


def test_months_have_their_days() -> None:
    """The first and the last, leap years included."""
    assert (Month.parse("2028-02").last, Month.parse("2026-12").last) == (
        date(2028, 2, 29),
        date(2026, 12, 31),
    )


def test_an_export_opens_nothing() -> None:
    """A title that a spreadsheet would run is text; amounts and dates are what they are (M6)."""
    hostile = SUBMITTED.model_copy(update={"title": "=HYPERLINK(1)", "body_name": "@SUM(A1)"})
    found = row(
        "paid",
        {"reference": "+33"},
        None,
        submitted=hostile.model_dump_json(exclude_none=True),
        closed_on=TODAY,
    )
    line = line_of(found)
    assert len(line) == len(COLUMNS)
    text = sheets.csv_bytes(COLUMNS, [line]).decode("utf-8-sig").splitlines()[1]
    assert "'=HYPERLINK(1)" in text
    assert "'@SUM(A1)" in text
    assert "2640,40" in text
    assert "23/11/2026" in text
