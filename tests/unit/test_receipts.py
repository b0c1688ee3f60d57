"""A receipt is of an event of the ledger, unchanged, or it is not; nothing else is told."""

from uuid import UUID, uuid4

import pytest

from shared.events.offerings import OfferingAccepted, OfferingSubmitted
from shared.ledger import Stored, link
from shared.ledger.chain import GENESIS
from shared.runtime.receipts import CHANGED, INTACT, UNKNOWN, verified

DOSSIER = UUID("0b9d3c52-2f5b-4b67-8a3e-8e2f3f8f9a10")
KINDS = {OfferingSubmitted.wire: "Prestation"}
NOTHING = {"kind": None, "at": None}


def stored(sequence: int, previous: bytes, wire: str = OfferingSubmitted.wire) -> Stored:
    record = f'{{"type":"{wire}","time":"2026-11-23T09:41:00Z"}}'.encode()
    found = link(previous, sequence, record)
    return Stored(3, sequence, f"offering-{DOSSIER}", 1, uuid4(), found, record)


def test_f11_an_unchanged_event_is_known_by_its_receipt() -> None:
    """The first of a partition and any other; the answer is the kind and the day alone."""
    first = stored(1, GENESIS)
    second = stored(2, first.hash)
    for each in (first, second):
        near = {1: first, 2: second}
        told = verified(near, each.sequence, str(DOSSIER), each.hash.hex(), KINDS)
        assert told == {"verdict": INTACT, "kind": "Prestation", "at": "2026-11-23T09:41:00Z"}


@pytest.mark.parametrize("what", ["dossier", "hash", "place"])
def test_f11_a_receipt_with_anything_else_in_it_is_unknown(what: str) -> None:
    """Each of the three lines must be right."""
    event = stored(1, GENESIS)
    dossier = str(uuid4() if what == "dossier" else DOSSIER)
    digest = "0" * 64 if what == "hash" else event.hash.hex()
    near = {} if what == "place" else {1: event}
    assert verified(near, 1, dossier, digest, KINDS) == NOTHING | {"verdict": UNKNOWN}


def test_f11_an_event_that_is_no_submission_has_no_receipt() -> None:
    """Not even its date is told to whoever knows its hash."""
    event = stored(1, GENESIS, OfferingAccepted.wire)
    assert verified({1: event}, 1, str(DOSSIER), event.hash.hex(), KINDS) == NOTHING | {"verdict": UNKNOWN}


@pytest.mark.parametrize("at", range(0, 60, 7))
def test_f11_a_changed_byte_is_told(at: int) -> None:
    """In the event itself, or by what it was chained to."""
    first = stored(1, GENESIS)
    second = stored(2, first.hash)
    record = bytearray(second.record)
    record[at] ^= 1
    for near in ({1: first, 2: second._replace(record=bytes(record))}, {2: second}):
        told = verified(near, 2, str(DOSSIER), second.hash.hex(), KINDS)
        assert told == NOTHING | {"verdict": CHANGED}
