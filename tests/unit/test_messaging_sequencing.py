"""Which record comes next, whatever arrives: pure, so every case can be tried."""

from hypothesis import given
from hypothesis import strategies as st

from shared.ledger.chain import GENESIS, link
from shared.messaging.kafka import Arrived
from shared.messaging.sequencing import Cursor, is_cloud_event, sequence

EVENT = b'{"specversion":"1.0","id":"1","source":"/s","type":"t","n":%d}'


def chain(length: int) -> list[tuple[int, bytes, bytes]]:
    """(sequence, hash, record) of a partition's history."""
    made, tip = [], GENESIS
    for number in range(1, length + 1):
        record = EVENT % number
        tip = link(tip, number, record)
        made.append((number, tip, record))
    return made


def arrives(history: list[tuple[int, bytes, bytes]], order: list[int]) -> list[Arrived]:
    """The history's positions in this order, at the offsets 0, 1, 2..."""
    return [
        Arrived(0, offset, offset, b"k", history[n][2], history[n][0], 1, history[n][1])
        for offset, n in enumerate(order)
    ]


@given(st.data())
def test_whatever_arrives_is_accepted_once_and_in_order(data: st.DataObject) -> None:
    """Accepted positions are 1, 2, 3... without a hole, for any mix of repetitions, gaps and disorder."""
    length = data.draw(st.integers(1, 12))
    order = data.draw(st.lists(st.integers(0, length - 1), max_size=40))
    batch = sequence({0: Cursor(0)}, arrives(chain(length), order))
    accepted = [record.sequence for record in batch.accepted]
    assert accepted == list(range(1, len(accepted) + 1))
    expected = 0
    for n in order:
        expected += n == expected
    assert len(accepted) == expected


@given(st.data())
def test_reading_again_from_next_offset_finds_all_that_was_passed_over(data: st.DataObject) -> None:
    """However often the log is read from where a cursor says, in the end every position that can be is applied."""
    length = data.draw(st.integers(1, 8))
    order = data.draw(
        st.permutations([*range(length), *data.draw(st.lists(st.integers(0, length - 1), max_size=6))])
    )
    log, cursor = arrives(chain(length), list(order)), Cursor(0)
    for _ in range(length + 1):
        moved = sequence({0: cursor}, log[cursor.next_offset :]).moved
        cursor = moved.get(0, cursor)
    assert (cursor.sequence, cursor.next_offset) == (length, len(log))


def test_an_altered_record_is_neither_accepted_nor_parked() -> None:
    """A record that has the next sequence and another content does not link: the partition stands still."""
    log = arrives(chain(3), [0, 1, 2])
    log[1].record = EVENT % 9
    batch = sequence({0: Cursor(0)}, log)
    assert [record.sequence for record in batch.accepted] == [1]
    assert batch.unlinked[0] is log[1]
    assert batch.gaps == {0: 3}
    assert batch.moved[0].next_offset == 1


def test_garbage_is_set_aside_and_passed_over() -> None:
    """Records without a position, or at the next one without being an event, move the offset only."""
    log = arrives(chain(1), [0])
    log += [Arrived(0, 1, 1, None, b"?", 0, 0, b""), Arrived(0, 2, 2, None, b"?", 2, 1, bytes(32))]
    batch = sequence({0: Cursor(0)}, log)
    assert [record.offset for record in batch.malformed] == [1, 2]
    assert (batch.moved[0].sequence, batch.moved[0].next_offset) == (1, 3)


def test_what_a_cloud_event_is() -> None:
    """An object with the four attributes that CloudEvents requires."""
    assert is_cloud_event(EVENT % 1)
    for other in (b"", b"\xff", b"[]", b"1", b"{}", b'{"specversion":1,"id":"","source":"","type":""}'):
        assert not is_cloud_event(other)
