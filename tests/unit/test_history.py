"""An event as an auditor reads it: its place, its author, and whether its hash is still that of its bytes.  (U1, U2)"""

from datetime import UTC, datetime
from uuid import uuid4

from shared.events import encode
from shared.events.registration import SiretClaimed
from shared.ledger import GENESIS, Stored, link
from shared.runtime.history import described

NOW = datetime(2026, 11, 23, 9, 2, tzinfo=UTC)


def stored(previous: bytes = GENESIS) -> Stored:
    """An event at the second place of partition 3."""
    event = uuid4()
    record = encode(
        SiretClaimed(siret="73282932000074", request_id=uuid4()), id=event, source="/formelie/registration",
        stream="siret-73282932000074", version=1, time=NOW, correlation="dossier-1", causation="command-1",
        actor="manager:isaure",
    )  # fmt: skip
    return Stored(3, 2, "siret-73282932000074", 1, event, link(previous, 2, record), record)


def test_an_event_is_told_with_its_place_its_author_and_its_proof() -> None:
    """What the screen shows and what a stranger verifies are the same."""
    event = stored()
    told = described(event, GENESIS)
    assert (told["partition"], told["sequence"], told["version"]) == (3, 2, 1)
    assert told["actor"] == "manager:isaure"
    assert told["type"] == "org.formiris.registration.SiretClaimed.v1"
    assert told["intact"]
    assert told["record"].encode() == event.record


def test_a_changed_byte_or_another_past_shows() -> None:
    """The hash holds the record and everything before it."""
    event = stored()
    changed = event._replace(record=event.record.replace(b"isaure", b"thomas"))
    assert not described(changed, GENESIS)["intact"]
    assert not described(event, bytes([1]) * 32)["intact"]
