"""When Assistance answers, and when it opens next, in Paris's time.  (R4)"""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration import hours
from shared.runtime.paris import PARIS


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("moment", "answers", "opens"),
    [
        ("2026-11-23T08:29", False, "2026-11-23T08:30"),
        ("2026-11-23T08:30", True, "2026-11-24T08:30"),
        ("2026-11-23T16:59", True, "2026-11-24T08:30"),
        ("2026-11-23T17:00", False, "2026-11-24T08:30"),
        ("2026-11-27T18:00", False, "2026-11-30T08:30"),  # Friday evening
        ("2026-11-11T10:00", False, "2026-11-12T08:30"),  # 11 November
        ("2027-03-29T10:00", False, "2027-03-30T08:30"),  # Easter Monday
        ("2027-05-05T18:00", False, "2027-05-07T08:30"),  # before Ascension Day
        ("2026-12-24T18:00", False, "2026-12-28T08:30"),  # Christmas is a Friday
        ("2026-12-31T18:00", False, "2027-01-04T08:30"),  # over the new year
    ],
)
def test_it_answers_on_working_days(moment: str, answers: bool, opens: str) -> None:
    """Monday to Friday, 8:30 to 17:00, not on French public holidays."""
    assert hours.is_open(paris(moment)) is answers
    assert hours.next_opening(paris(moment)) == paris(opens)


def test_the_hours_are_those_of_paris() -> None:
    """Whatever the machine's time zone, summer and winter."""
    assert hours.is_open(datetime(2026, 11, 23, 7, 30, tzinfo=UTC))
    assert not hours.is_open(datetime(2026, 7, 6, 15, 0, tzinfo=UTC))
    assert hours.is_open(datetime(2026, 7, 6, 6, 30, tzinfo=UTC))


def test_it_is_said_in_words() -> None:
    """Open: until when; closed: when it opens again, the day by its name."""
    assert hours.sentence(paris("2026-11-23T10:00")) == "L'Assistance répond maintenant, jusqu'à 17h00."
    assert hours.sentence(paris("2027-04-30T18:00")).endswith("elle rouvre le lundi 3 mai 2027 à 8h30.")


def test_public_holidays_are_named() -> None:
    """Those of a period, in order."""
    found = list(hours.closed_days(date(2026, 11, 1), date(2027, 1, 1)))
    assert [day for day, _ in found] == [
        date(2026, 11, 1), date(2026, 11, 11), date(2026, 12, 25), date(2027, 1, 1),
    ]  # fmt: skip
    assert found[2][1] == "Noël"


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the time zone
def test_there_is_always_a_next_opening(moment: datetime) -> None:
    """Later than now, while it answers, and at half past eight."""
    opening = hours.next_opening(moment)
    assert opening > moment
    assert hours.is_open(opening)
    assert (opening.hour, opening.minute) == (8, 30)
