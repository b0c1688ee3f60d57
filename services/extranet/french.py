"""How the screens say dates, ages and sums, with the spaces that French typography asks for."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
THIN, FIXED = "\u202f", "\u00a0"
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

When = str | date | datetime


def today() -> date:
    """The day in Paris."""
    return datetime.now(PARIS).date()


def day_of(when: When) -> date:
    """The day in Paris of a date, or of a moment with its time zone."""
    if isinstance(when, str):
        when = datetime.fromisoformat(when) if len(when) > 10 else date.fromisoformat(when)
    if isinstance(when, datetime):
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(PARIS).date()
    return when


def day(when: When | None, now: date | None = None) -> str:
    """`20 novembre`, with the year when it is not this one."""
    if not when:
        return ""
    found, now = day_of(when), now or today()
    first = "1er" if found.day == 1 else str(found.day)
    year = "" if found.year == now.year else f"{FIXED}{found.year}"
    return f"{first}{FIXED}{MONTHS[found.month - 1]}{year}"


def period(starts_on: When, ends_on: When, now: date | None = None) -> str:
    """After « session »: `du 9 novembre`, `des 14 et 15 octobre`, `du 30 septembre au 2 octobre`, included."""
    first, last = day_of(starts_on), day_of(ends_on)
    if first == last:
        return f"du {day(first, now)}"
    begins = day(first, first if first.year == last.year else now)
    if (first.year, first.month) != (last.year, last.month):
        return f"du {begins} au {day(last, now)}"
    number_of = begins.partition(FIXED)[0]
    between = ("des", "et") if (last - first).days == 1 else ("du", "au")
    return f"{between[0]} {number_of} {between[1]} {day(last, now)}"


def full_day(when: When) -> str:
    """`vendredi 20 novembre 2026`."""
    found = day_of(when)
    first = "1er" if found.day == 1 else str(found.day)
    return f"{DAYS[found.weekday()]} {first}{FIXED}{MONTHS[found.month - 1]}{FIXED}{found.year}"


def hour(when: When) -> str:
    """`14 h 32`, in Paris."""
    moment = datetime.fromisoformat(when) if isinstance(when, str) else when
    if not isinstance(moment, datetime):
        return ""
    local = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(PARIS)
    return f"{local.hour}{FIXED}h{FIXED}{local.minute:02}"


def age(when: When, now: date | None = None) -> str:
    """`aujourd'hui`, `hier`, `4 jours`."""
    days = ((now or today()) - day_of(when)).days
    if days <= 0:
        return "aujourd’hui"
    return "hier" if days == 1 else f"{days}{FIXED}jours"


def moment(when: When, now: date | None = None) -> str:
    """`aujourd'hui à 10 h 02`, `hier à 9 h`, `le 2 mars à 10 h 02`."""
    old = age(when, now)
    named = old if old in ("aujourd’hui", "hier") else f"le {day(when, now)}"
    return f"{named} à{FIXED}{hour(when)}"


def since(when: When | None, now: date | None = None) -> str:
    """`depuis le 20 novembre (4 jours)`, `depuis hier`, `depuis aujourd'hui`."""
    if not when:
        return ""
    old = age(when, now)
    return f"depuis le {day(when, now)} ({old})" if "jours" in old else f"depuis {old}"


def number(value: str | Decimal | float, places: int | None = None) -> str:
    """`6 000,00`: thousands by thin spaces, a decimal comma; without `places`, no useless zero."""
    amount = Decimal(str(value))
    text = f"{amount:,.{places}f}" if places is not None else f"{amount:,f}"
    if places is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", THIN).replace(".", ",")


def euros(value: str | Decimal | None) -> str:
    """`6 000,00 €`."""
    return "" if value is None else f"{number(value, 2)}{FIXED}€"


def count(value: int, one: str, many: str | None = None) -> str:
    """`1 champ`, `6 champs`."""
    return f"{number(value)}{FIXED}{one if value < 2 else many or one + 's'}"


def typed(text: object) -> str:
    """Plain words set as French asks: no-break spaces, curly apostrophes.

    Never for what must stay byte for byte: the sentence of R8, a number, an address.
    """
    words = str(text or "").replace("'", "’")
    words = re.sub(r" ([;!?])", THIN + r"\1", words)
    words = re.sub(r"\b(\d{1,2})h(\d\d)\b", rf"\1{FIXED}h{FIXED}\2", words)
    words = re.sub(r" (:|»)", FIXED + r"\1", words)
    return words.replace("« ", "«" + FIXED)


def months(last: date, number_of: int) -> dict[str, str]:
    """`2026-11` -> `novembre 2026`, that many, the last one first."""
    places = (last.year * 12 + last.month - 1 - back for back in range(number_of))
    return {f"{at // 12}-{at % 12 + 1:02}": f"{MONTHS[at % 12]}{FIXED}{at // 12}" for at in places}


def typed_day(text: str) -> str:
    """`24/11/2026`, `24.11.2026` or `2026-11-24` -> `2026-11-24`; empty for anything else."""
    parts = re.findall(r"\d+", text) if re.fullmatch(r"\s*\d{1,4}([/.\- ]\d{1,4}){2}\s*", text) else []
    if len(parts) == 3 and len(parts[0]) < 3:
        parts = parts[::-1]
    try:
        return date(*map(int, parts)).isoformat() if len(parts) == 3 and len(parts[0]) == 4 else ""
    except ValueError:
        return ""


def typed_amount(text: str) -> str:
    """`1 300,50 €` -> `1300.50`; what is no sum as it was typed."""
    bare = re.sub(r"[\s€\u00a0\u202f]", "", text)
    return bare.replace(",", ".") if re.fullmatch(r"\d{1,9}([.,]\d{1,2})?", bare) else text
