"""The chain, as anyone may recompute it."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from shared.ledger.chain import GENESIS, Break, Link, follow, link

RECORDS = st.lists(st.binary(max_size=40), min_size=1, max_size=12)


def chained(records: list[bytes]) -> list[tuple[int, bytes, bytes]]:
    """Rows of (sequence, hash, record)."""
    rows, previous = [], GENESIS
    for sequence, record in enumerate(records, start=1):
        previous = link(previous, sequence, record)
        rows.append((sequence, previous, record))
    return rows


def test_a_link_is_a_sha256_of_three_parts() -> None:
    """The previous hash, the sequence as eight bytes big-endian, the record as it stands."""
    assert link(GENESIS, 1, b"{}") == sha256(bytes(32) + b"\0\0\0\0\0\0\0\1" + b"{}").digest()


@given(RECORDS, st.data())
def test_a_chain_verifies_whole_or_page_by_page(records: list[bytes], data: st.DataObject) -> None:
    """Following it in two parts leads to the same link."""
    rows = chained(records)
    cut = data.draw(st.integers(0, len(rows)))
    first = follow(Link(), rows[:cut])
    assert isinstance(first, Link)
    assert follow(first, rows[cut:]) == Link(len(rows), rows[-1][1])


@given(RECORDS, st.data())
def test_a_rewritten_record_is_found(records: list[bytes], data: st.DataObject) -> None:
    """At its own position."""
    rows = chained(records)
    at = data.draw(st.integers(0, len(rows) - 1))
    sequence, digest, record = rows[at]
    rows[at] = (sequence, digest, record + b" ")
    assert follow(Link(), rows) == Break(sequence, "hash differs")


@given(RECORDS, st.data())
def test_a_rewritten_record_with_its_own_hash_is_found_at_the_next(
    records: list[bytes], data: st.DataObject
) -> None:
    """Whoever recomputes one hash must recompute all that follow."""
    rows = chained([*records, b"last"])
    at = data.draw(st.integers(0, len(rows) - 2))
    sequence, _, record = rows[at]
    before = rows[at - 1][1] if at else GENESIS
    rows[at] = (sequence, link(before, sequence, record + b" "), record + b" ")
    assert follow(Link(), rows) == Break(sequence + 1, "hash differs")


@given(RECORDS, st.data())
def test_a_lost_record_is_a_gap(records: list[bytes], data: st.DataObject) -> None:
    """Named by the position that is missing."""
    rows = chained([*records, b"last"])
    at = data.draw(st.integers(0, len(rows) - 2))
    assert follow(Link(), rows[:at] + rows[at + 1 :]) == Break(at + 1, "gap")


@given(RECORDS, st.data())
def test_a_record_that_comes_again_is_a_duplicate(records: list[bytes], data: st.DataObject) -> None:
    """As in Kafka, where a producer may write a batch twice."""
    rows = chained(records)
    at = data.draw(st.integers(0, len(rows) - 1))
    assert follow(Link(), [*rows, rows[at]]) == Break(at + 1, "duplicate")
