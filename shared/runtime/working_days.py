"""The days on which Formiris works: Monday to Friday, not on French public holidays."""

from collections.abc import Mapping
from datetime import date, timedelta

import holidays


def works_on(day: date) -> bool:
    """A weekday that is no public holiday of metropolitan France."""
    return day.weekday() < 5 and day not in public_holidays(day.year, day.year)


def working_day_after(day: date, number: int) -> date:
    """The last of that many working days after `day`, which does not count."""
    while number:
        day += timedelta(days=1)
        number -= works_on(day)
    return day


def public_holidays(first: int, last: int) -> Mapping[date, str]:
    """Those of these years, with their names."""
    found: Mapping[date, str] = holidays.country_holidays("FR", years=range(first, last + 1), language="fr")
    return found
