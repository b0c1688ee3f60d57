"""The proof's own judgement: it must see every kind of difference."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from ops.proof.ledgers import Position, Row
from ops.proof.quiet import Picture, Reader, behind
from ops.proof.told import Account
from ops.proof.topics import unlike
from shared.events import Event
from shared.events.attendance import CertificatesValidated
from shared.events.examples import EXAMPLES
from shared.events.invoicing import InvoicePaid
from shared.events.notifications import AlertPosted, EmailSent, Recipient
from shared.events.registration import AccountOpened

ROW = Row(7, "order-1", b"\x01" * 32, b'{"id": 1}')
READER = Reader("attendance", "attendance.offerings", "offerings")


def record(**changed: Any) -> Any:
    """A Kafka record that is just the stored event, but for what is changed."""
    headers = [("sequence", b"7"), ("hash", (b"\x01" * 32).hex().encode())]
    return SimpleNamespace(**({"key": b"order-1", "value": ROW.record, "headers": headers} | changed))


def test_a_faithful_record_is_no_difference() -> None:
    """The same bytes, hash and key."""
    assert unlike(record(), ROW) == ""


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"value": b'{"id": 2}'}, "other bytes"),
        ({"headers": [("hash", b"00")]}, "another hash"),
        ({"headers": []}, "another hash"),
        ({"key": b"order-2"}, "another key"),
        ({"value": None}, "other bytes"),
    ],
)
def test_any_change_of_a_record_is_seen(changed: dict[str, Any], told: str) -> None:
    """Bytes, hash and key each on their own."""
    assert unlike(record(**changed), ROW) == told


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (None, "without checkpoint"),
        (Position(6, b"\x01"), "at 6"),
        (Position(8, b"\x01"), "at 8"),
        (Position(7, b"\x02"), "with another hash"),
    ],
)
def test_a_consumer_that_is_not_exactly_at_the_head_is_named(at: Position | None, told: str) -> None:
    """Behind, ahead, elsewhere, or never there at all."""
    heads = {"offerings": {0: Position(7, b"\x01")}}
    checkpoints = {(READER, 0): at} if at else {}
    (late,) = behind(Picture(heads, checkpoints), [READER])
    assert told in late
    assert late.startswith("attendance.offerings")


def test_a_consumer_at_the_head_is_not_behind_nor_is_one_of_an_empty_partition() -> None:
    """The same sequence and hash; nothing to do where nothing happened."""
    heads = {"offerings": {0: Position(7, b"\x01"), 1: Position(0, b"\x00")}}
    assert behind(Picture(heads, {(READER, 0): Position(7, b"\x01")}), [READER]) == []


PAID = UUID(int=1)
BODY = UUID(int=2)


def told(event: Event, id: UUID) -> Any:
    """An event as the account reads it."""
    return SimpleNamespace(id=id, type=event.wire, data=event)


def paid() -> Any:
    """An event that the table says the body is told of."""
    return told(
        InvoicePaid(
            invoice_id=UUID(int=3), number="F-1", body_id=BODY, session_id=UUID(int=4), amount=Decimal("10.00"),
            reference="VIR 1", paid_on=date(2026, 11, 23),
        ),
        PAID,
    )  # fmt: skip


def alert(recipient: str = str(BODY), cause: UUID = PAID) -> Any:
    """An alert that was posted."""
    return told(
        AlertPosted(
            alert_id=UUID(int=5), recipient=Recipient(kind="body", id=recipient), cause_id=cause, cause_type="x",
            code="invoice-paid", title="Facture payée", text="Facture payée", link="/factures",
        ),
        UUID(int=6),
    )  # fmt: skip


ANNE, BEN = UUID(int=11), UUID(int=12)


def decided() -> Any:
    """A decision, of which the body's accounts are written to."""
    return told(EXAMPLES[CertificatesValidated].event.model_copy(update={"body_id": BODY}), PAID)


def opened(account: UUID = ANNE) -> Any:
    """An account of the body."""
    changed = {"account_id": account, "body_id": BODY}
    return told(EXAMPLES[AccountOpened].event.model_copy(update=changed), UUID(int=20 + account.int))


def wrote(account: UUID = ANNE, template: str = "can-invoice") -> Any:
    """An e-mail to an account about it."""
    changed = {"cause_id": PAID, "template": template, "account_id": account}
    return told(EXAMPLES[EmailSent].event.model_copy(update=changed), UUID(int=30))


@pytest.mark.parametrize(
    ("events", "differs"),
    [
        ([decided(), opened(), wrote()], ""),
        ([decided(), opened(), opened(BEN), wrote(), wrote(BEN)], ""),
        ([decided()], ""),
        ([decided(), opened()], "was not written to any account"),
        ([decided(), opened(), wrote(), wrote()], "was written 2 times to account"),
        ([decided(), opened(), wrote(), wrote(template="invoice-paid")], "no table says so"),
    ],
)
def test_who_was_written_to_is_counted_too(events: list[Any], differs: str) -> None:
    """Of a decision one account at least, where there is one; none of them twice."""
    account = Account()
    for event in events:
        account.add(event)
    found = " ".join(account._accounts_differences())
    assert bool(found) == bool(differs)
    assert differs in found


@pytest.mark.parametrize(
    ("events", "differs"),
    [
        ([paid(), alert()], ""),
        ([paid()], "was not told"),
        ([paid(), alert(), alert()], "was told 2 times"),
        ([paid(), alert(), alert(recipient="other")], "no table says so"),
        ([paid(), alert(), alert(cause=UUID(int=9))], "an unknown event"),
    ],
)
def test_who_was_told_is_counted_against_the_table(events: list[Any], differs: str) -> None:
    """Missing, double and groundless alerts are each seen."""
    account = Account()
    for event in events:
        account.add(event)
    assert bool(account.differences()) == bool(differs)
    assert differs in " ".join(account.differences())
