"""The queue of dossiers: what is looked for, and how ages are counted."""

from datetime import UTC, datetime, timedelta

from services.notifications.requests import begun_before, searched
from shared.runtime.paris import PARIS, today


def test_a_search_ignores_accents_case_and_spaces() -> None:
    """What a person types finds what another person typed."""
    assert searched("  Île-de  FRANCE ") == "ile-de france"


def test_a_search_never_holds_a_joker() -> None:
    """`%` and `_` are letters like any other, and none that is looked for."""
    assert searched("100 %_\\") == "100"
    assert searched("  %") is None
    assert searched(None) is None


def test_days_are_those_of_paris() -> None:
    """« 7 jours ou plus »: begun on that day or before, at whatever hour, as the screens say ages."""
    boundary = begun_before(7)
    assert boundary is not None
    assert boundary.astimezone(PARIS).date() == today() - timedelta(days=6)
    assert boundary.astimezone(PARIS).hour == 0
    assert begun_before(None) is None
    assert boundary < datetime.now(UTC)
