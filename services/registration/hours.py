"""When Assistance answers: Monday to Friday, 8:30 to 17:00 in Paris, not on French public holidays.  (R4)"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from shared.runtime.paris import PARIS
from shared.runtime.working_days import public_holidays, works_on

OPENS, CLOSES = time(8, 30), time(17)
IN_WORDS = "du lundi au vendredi, de 8h30 à 17h00, sauf les jours fériés"
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip


def is_open(moment: datetime) -> bool:
    """Whether somebody answers at that moment; `moment` knows its time zone."""
    there = moment.astimezone(PARIS)
    return works_on(there.date()) and OPENS <= there.time() < CLOSES


def next_opening(moment: datetime) -> datetime:
    """The next moment when somebody starts to answer, in Paris's time; on a day that is open now, the next day's."""
    there = moment.astimezone(PARIS)
    today = [there.date()] if there.time() < OPENS else []
    return next(
        datetime.combine(day, OPENS, PARIS) for day in [*today, *_days_after(there.date())] if works_on(day)
    )


def _days_after(day: date) -> list[date]:
    """More than enough: public holidays and a week-end never make eleven days in a row."""
    return [day + timedelta(days=ahead) for ahead in range(1, 12)]


def closed_days(first: date, last: date) -> Iterator[tuple[date, str]]:
    """The public holidays of a period, with their names."""
    for day, name in sorted(public_holidays(first.year, last.year).items()):
        if first <= day <= last:
            yield day, name


def sentence(moment: datetime) -> str:
    """« L'Assistance répond maintenant, jusqu'à 17h00. » or when it opens next."""
    if is_open(moment):
        return f"L'Assistance répond maintenant, jusqu'à {_clock(CLOSES)}."
    opening = next_opening(moment)
    return f"L'Assistance est fermée ; elle rouvre le {in_words(opening.date())} à {_clock(opening.time())}."


def in_words(day: date) -> str:
    """« lundi 23 novembre 2026 »."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{_DAYS[day.weekday()]} {number} {_MONTHS[day.month - 1]} {day.year}"


def clock(moment: datetime) -> str:
    """« 10h15 (heure de Paris) »."""
    return f"{_clock(moment.astimezone(PARIS).time())} (heure de Paris)"


def _clock(moment: time) -> str:
    return f"{moment.hour}h{moment.minute:02}"
