"""What a subscriber's feed leaves out: every teacher's number, wherever an event carries one, and nothing else."""

import orjson
import pytest

from shared.events import Event
from shared.events.examples import EXAMPLES
from shared.runtime.feed import TEACHER, without_teachers


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)
def test_no_event_shows_a_teachers_number(kind: type[Event]) -> None:
    """Of every event of the published language; one that names no teacher is left as it is."""
    data = orjson.loads(EXAMPLES[kind].record())["data"]
    shown = without_teachers(data)
    assert TEACHER not in orjson.dumps(shown).decode()
    if TEACHER not in orjson.dumps(data).decode():
        assert shown == data


def test_what_is_not_a_teachers_line_stays() -> None:
    """A line with a number goes as a whole; what stands beside the lines does not."""
    data = {
        "session": "s",
        "lines": [{"teacher_number": "12", "hours": "3"}],
        "totals": [{"unit": "U1", "hours": "3"}],
    }
    assert without_teachers(data) == {"session": "s", "lines": [], "totals": [{"unit": "U1", "hours": "3"}]}
