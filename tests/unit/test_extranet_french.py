"""How the screens say dates, ages and sums."""

from datetime import UTC, date, datetime

import pytest

from services.extranet import french

NOW = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2026-11-24", "depuis aujourd’hui"),
        ("2026-11-23", "depuis hier"),
        ("2026-11-20", "depuis le 20\u00a0novembre (4\u00a0jours)"),
        ("2025-11-01", "depuis le 1er\u00a0novembre\u00a02025 (388\u00a0jours)"),
        ("2026-11-23T23:30:00Z", "depuis aujourd’hui"),
        (None, ""),
    ],
)
def test_since_says_the_day_and_its_age(when: str | None, said: str) -> None:
    """A date with its age, in Paris: half past eleven in the evening UTC is already the next day there."""
    assert french.since(when, NOW) == said


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "said"),
    [
        ("2026-11-09", "2026-11-09", "du 9\u00a0novembre"),
        ("2026-10-14", "2026-10-15", "des 14 et 15\u00a0octobre"),
        ("2026-10-05", "2026-10-07", "du 5 au 7\u00a0octobre"),
        ("2025-10-01", "2025-10-03", "du 1er au 3\u00a0octobre\u00a02025"),
        ("2026-09-30", "2026-10-01", "du 30\u00a0septembre au 1er\u00a0octobre"),
        ("2026-12-30", "2027-01-04", "du 30\u00a0décembre au 4\u00a0janvier\u00a02027"),
    ],
)
def test_a_session_is_told_by_its_days(starts_on: str, ends_on: str, said: str) -> None:
    """What the two days share is said once; the year when it is not this one."""
    assert french.period(starts_on, ends_on, NOW) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("6000", "6\u202f000,00\u00a0€"),
        ("1234567.5", "1\u202f234\u202f567,50\u00a0€"),
        ("0", "0,00\u00a0€"),
        (None, ""),
    ],
)
def test_sums_are_written_as_in_france(value: str | None, said: str) -> None:
    """Thin spaces between thousands, a comma, two places, and no break before the sign."""
    assert french.euros(value) == said


def test_numbers_lose_useless_zeros_only() -> None:
    """Hours as a person writes them."""
    assert [french.number(value) for value in ("7.00", "7.50", "10", "1200")] == [
        "7",
        "7,5",
        "10",
        "1\u202f200",
    ]


def test_counts_agree_with_their_noun() -> None:
    """Zero and one are singular in French."""
    assert french.count(0, "champ") == "0\u00a0champ"
    assert french.count(2, "champ") == "2\u00a0champs"
    assert french.count(3, "champ manquant", "champs manquants") == "3\u00a0champs manquants"


def test_words_are_set_with_the_spaces_of_french() -> None:
    """No line begins with a colon or ends with an opening guillemet."""
    assert french.typed("Qu'est-ce ? « Ceci » : oui !") == (
        "Qu’est-ce\u202f? «\u00a0Ceci\u00a0»\u00a0: oui\u202f!"
    )
    assert french.typed("jusqu'à 17h00, réf. 8h300") == "jusqu’à 17\u00a0h\u00a000, réf. 8h300"


def test_an_hour_is_that_of_paris() -> None:
    """Summer time included."""
    assert french.hour(datetime(2026, 7, 1, 12, 5, tzinfo=UTC)) == "14\u00a0h\u00a005"
    assert french.hour("2026-11-24T13:32:00+00:00") == "14\u00a0h\u00a032"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("24/11/2026", "2026-11-24"),
        (" 1.9.2026 ", "2026-09-01"),
        ("2026-11-24", "2026-11-24"),
        ("24 11 2026", "2026-11-24"),
        ("31/02/2026", ""),
        ("24/11/26", ""),
        ("demain", ""),
        ("", ""),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, day: str) -> None:
    """French or international; what is no day is left to be said."""
    assert french.typed_day(text) == day


def test_a_sum_is_read_as_people_write_it() -> None:
    """Spaces, a comma and the sign of the euro; what is no sum goes on as it was typed, for the service to refuse."""
    assert french.typed_amount("1\u202f300,50\u00a0€") == "1300.50"
    assert french.typed_amount("beaucoup") == "beaucoup"


def test_months_go_back() -> None:
    """The last one first, over the turn of the year."""
    assert list(french.months(date(2026, 1, 31), 3).items()) == [
        ("2026-01", "janvier\u00a02026"), ("2025-12", "décembre\u00a02025"), ("2025-11", "novembre\u00a02025"),
    ]  # fmt: skip


def test_a_moment_may_have_a_space_between_its_day_and_its_hour() -> None:
    """As views that keep moments as text write them."""
    assert french.hour("2026-11-23 16:39:37.874579+00:00") == "17\u00a0h\u00a039"
    assert french.full_day("2026-11-23 23:30:00+00:00") == "mardi 24\u00a0novembre\u00a02026"
