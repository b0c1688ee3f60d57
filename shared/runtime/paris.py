"""The day it is where Formiris works, whatever the machine's own time zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def today(moment: datetime | None = None) -> date:
    """The day it is in Paris, at a moment or now."""
    return (moment or datetime.now(UTC)).astimezone(PARIS).date()
