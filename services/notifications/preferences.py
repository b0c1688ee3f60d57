"""Preferences: how often somebody is written to about each theme; decisions are always sent.  (R2)

Stream: `preferences-<account>`, by the name that sign-in gives somebody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from services.notifications.refusals import THEME_UNKNOWN
from services.notifications.themes import LABELS, UNLESS_SAID, known
from shared.events import Event
from shared.events.notifications import Frequency, PreferencesChanged, ThemeFrequency
from shared.runtime.decider import Decider
from shared.runtime.refusal import Missing, Refused

Channel = Literal["extranet", "e-mail"]


@dataclass(frozen=True, slots=True)
class ChoosePreferences:
    """Only the themes named change."""

    account: str
    themes: Mapping[str, Frequency]
    by: str
    channel: Channel = "extranet"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What was chosen; a theme that was not is sent as everybody's is unless they say otherwise."""

    chosen: Mapping[str, Frequency] = field(default_factory=dict)

    def frequency(self, theme: str) -> Frequency:
        """How often about a theme."""
        return self.chosen.get(theme, UNLESS_SAID)


def decide(preferences: Preferences, command: ChoosePreferences) -> list[Event]:
    """Raises `Refused` for a theme that does not exist."""
    if strangers := [theme for theme in command.themes if known(theme) is None]:
        raise Refused(
            THEME_UNKNOWN, given=", ".join(strangers), missing=[_choice(theme) for theme in strangers]
        )
    changed = [
        ThemeFrequency(theme=theme, frequency=frequency)
        for theme, frequency in sorted(command.themes.items())
        if preferences.frequency(theme) != frequency
    ]
    if not changed:
        return []
    return [
        PreferencesChanged(
            account=command.account, themes=tuple(changed), changed_by=command.by, channel=command.channel
        )
    ]


def _choice(theme: str) -> Missing:
    return Missing(f"themes.{theme}", theme, "Préférences", f"thème à choisir parmi : {', '.join(LABELS)}")


def evolve(preferences: Preferences, event: Event) -> Preferences:
    """Total: what it does not need leaves the state as it is."""
    match event:
        case PreferencesChanged():
            return Preferences(
                {**preferences.chosen, **{each.theme: each.frequency for each in event.themes}}
            )
    return preferences


DECIDER = Decider(Preferences(), decide, evolve)
