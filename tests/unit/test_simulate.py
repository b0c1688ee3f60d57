"""A simulated year is drawn from its seed alone: the same again, in the proportions that were asked."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import chain

import pytest
from pypdf import PdfReader
from stdnum.fr import siret, tva

from ops.simulate import numbers
from ops.simulate.body import Body
from ops.simulate.course import Course
from ops.simulate.drawn import SHARES, Draw
from ops.simulate.papers import paper
from ops.simulate.year import Year, last_complete
from services.offerings.forms import FORM as OFFERING
from services.registration.forms import FORM as REFERENCING

TERRITORIES = ("bretagne", "normandie", "est")
SMALL = Year(seed=7, bodies=20, courses=60, teachers=1_200, begins=2025)
TODAY = date(2026, 11, 23)


def told(bodies: list[Body]) -> list[object]:
    """Everything that a year sends, in order."""
    return [
        (body.request(), body.form(), body.incomplete_form(), [sent(course) for course in body.courses])
        for body in bodies
    ]


def sent(course: Course) -> object:
    return (
        course.form("bretagne"),
        course.incomplete_form(None),
        course.lines(),
        course.invoice,
        course.issued_on,
    )


def courses(year: Year) -> list[Course]:
    return list(chain.from_iterable(body.courses for body in year.drawn(TERRITORIES)))


def test_the_same_seed_gives_the_same_year() -> None:
    """To the last digit, in whatever order it is looked at; another seed another year."""
    again = Year(7, 20, 60, 1_200, 2025)
    assert told(SMALL.drawn(TERRITORIES)) == told(again.drawn(TERRITORIES[::-1]))
    assert told(SMALL.drawn(TERRITORIES)) != told(Year(8, 20, 60, 1_200, 2025).drawn(TERRITORIES))


def test_a_year_has_the_sizes_that_were_asked() -> None:
    """So many bodies, courses, teachers; nobody is two teachers."""
    drawn = courses(SMALL)
    teachers = [teacher for course in drawn for teacher in course.teachers]
    assert len(SMALL.drawn(TERRITORIES)) == 20
    assert sorted(course.number for course in drawn) == list(range(1, 61))
    assert len(teachers) == len(set(teachers)) == 1_200


@pytest.mark.parametrize("sizes", [(1, 1, 1), (1, 0, 1), (3, 5, 2), (2, 1, 40)])
def test_the_smallest_years_are_years_too(sizes: tuple[int, int, int]) -> None:
    """One body, one course, one teacher; no course at all; fewer teachers than courses."""
    drawn = courses(Year(1, *sizes, 2025))
    assert len(drawn) == sizes[1]
    assert all(course.teachers for course in drawn)


def test_a_whole_year_costs_what_a_year_costs() -> None:
    """About 49 million euros for 62,000 teachers, 23 hours a course."""
    drawn = courses(Year(1, 460, 2_900, 62_000, 2025))
    spent = sum((planned(course) for course in drawn), Decimal(0)) * Decimal("0.97")
    assert spent == pytest.approx(Decimal(49_000_000), rel=Decimal("0.02"))
    assert sum(course.hours for course in drawn) / len(drawn) == pytest.approx(23, abs=0.7)


def planned(course: Course) -> Decimal:
    """What its order will come to."""
    quantity = {
        "per-session": 1,
        "per-trainee": len(course.teachers),
        "per-trainee-hour": len(course.teachers) * course.hours,
    }
    return course.price * quantity[course.cost_type]


def test_what_is_typed_is_complete_and_correct() -> None:
    """Every form passes its checks; every one with fields forgotten fails them, and only by what is missing."""
    for body in SMALL.drawn(TERRITORIES):
        assert REFERENCING.check(body.form(), TODAY).missing == ()
        assert {fault.reason for fault in REFERENCING.check(body.incomplete_form(), TODAY).missing} == {
            "à renseigner"
        }
        for course in body.courses:
            assert OFFERING.check(course.form(body.territory), TODAY).missing == ()
            assert OFFERING.check(course.incomplete_form(body.territory), TODAY).missing


def test_a_course_takes_place_in_its_year_on_working_days() -> None:
    """Five days a week, over before the year is; invoiced after it, paid after that."""
    for course in courses(SMALL):
        assert date(2025, 9, 1) <= course.starts_on - course.moved <= course.ends_on < course.year_ends
        assert max(course.starts_on.weekday(), course.ends_on.weekday()) <= 4
        days = (
            course.starts_on + timedelta(days=n) for n in range((course.ends_on - course.starts_on).days + 1)
        )
        assert sum(day.weekday() <= 4 for day in days) * 7 >= course.hours
        assert course.ends_on <= course.issued_on <= course.year_ends


def test_shares_are_kept() -> None:
    """What happens to one body in fifty happens to about one in fifty."""
    for name, share in SHARES.items():
        happened = Counter(Draw(f"try {number}").happens(name) for number in range(4_000))
        assert happened[True] / 4_000 == pytest.approx(share, abs=0.03)


def test_numbers_pass_their_checks() -> None:
    """SIRET, VAT number: each of its own."""
    made = [numbers.siret(number) for number in range(500)]
    assert all(siret.is_valid(one) and tva.is_valid(numbers.vat_number(one)) for one in made)
    assert len(set(made)) == 500


def test_a_paper_is_a_pdf_with_its_words() -> None:
    """Readable by any reader, parentheses and accents included."""
    text = (
        PdfReader(BytesIO(paper(["Bon de commande BC-2026-AAAA", "Signé (et tamponné)"])), strict=True)
        .pages[0]
        .extract_text()
    )
    assert text.split("\n") == ["Bon de commande BC-2026-AAAA", "Signé (et tamponné)"]


@pytest.mark.parametrize(
    ("today", "begins"), [(date(2026, 8, 31), 2024), (date(2026, 9, 1), 2025), (date(2026, 11, 23), 2025)]
)
def test_the_last_year_that_is_over(today: date, begins: int) -> None:
    """A school year is over on 31 August."""
    assert last_complete(today) == begins
