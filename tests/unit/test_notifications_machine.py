"""Whatever is delivered, read and chosen in whatever order, alerts, e-mails and preferences keep their laws."""

from datetime import date, timedelta
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.notifications import alert, email, following, preferences
from services.notifications.themes import LABELS, UNLESS_SAID
from shared.events import Event, Sealed
from shared.events.notifications import (
    AlertPosted,
    AlertRead,
    EmailFailed,
    EmailSent,
    Frequency,
    PreferencesChanged,
    Recipient,
)
from shared.runtime.refusal import Refused

CAUSES = st.sampled_from([UUID(int=1), UUID(int=2)])
RECIPIENTS = st.sampled_from([Recipient(kind="body", id="b"), Recipient(kind="office", id="bretagne")])
PEOPLE = st.sampled_from(["body:anne", "body:ben"])
TO = Sealed("contact-1", "c2VhbGVk")


class Alerts(RuleBasedStateMachine):
    """The alerts of two events and two recipients."""

    def __init__(self) -> None:
        super().__init__()
        self.streams: dict[UUID, list[Event]] = {}

    @rule(cause=CAUSES, recipient=RECIPIENTS)
    def is_delivered(self, cause: UUID, recipient: Recipient) -> None:
        """An event reaches its policy, perhaps not for the first time."""
        posted = AlertPosted(
            alert_id=alert.alert_id(cause, recipient), recipient=recipient, cause_id=cause, cause_type="x",
            code="order-issued", title="T", text="t", link="/x",
        )  # fmt: skip
        self._decide(posted.alert_id, alert.PostAlert(posted))

    @rule(cause=CAUSES, recipient=RECIPIENTS, by=PEOPLE)
    def is_read(self, cause: UUID, recipient: Recipient, by: str) -> None:
        """By one or the other, perhaps again."""
        posted = alert.alert_id(cause, recipient)
        if self.streams.get(posted):
            self._decide(posted, alert.ReadAlert(by))

    def _decide(self, id: UUID, command: alert.Command) -> None:
        history = self.streams.setdefault(id, [])
        history += alert.DECIDER.decide(alert.DECIDER.fold(history), command)
        assert alert.DECIDER.decide(alert.DECIDER.fold(history), command) == []

    @invariant()
    def one_alert_for_an_event_and_a_recipient(self) -> None:
        """Posted once, then read once at most, by its recipient's side (R10)."""
        for posted, history in self.streams.items():
            kinds = [type(event) for event in history]
            assert kinds in ([AlertPosted], [AlertPosted, AlertRead])
            assert {getattr(event, "alert_id", None) for event in history} == {posted}
        told = [(h[0].cause_id, h[0].recipient.kind) for h in self.streams.values()]  # type: ignore[attr-defined]  # posted
        assert len(told) == len(set(told))


class Outcomes(RuleBasedStateMachine):
    """An e-mail between a mail server and two senders that may both have tried."""

    def __init__(self) -> None:
        super().__init__()
        self.history: list[Event] = []

    @rule(sent=st.booleans(), permanent=st.booleans())
    def somebody_tells_how_it_went(self, sent: bool, permanent: bool) -> None:
        """The first word counts."""
        command: email.Command = (
            email.RecordSent(UUID(int=3), TO, "t", UUID(int=1), "x", "<m>", None)
            if sent
            else email.RecordFailed(UUID(int=3), TO, "t", UUID(int=1), "x", "SMTP 550", permanent, None)
        )
        self.history += email.DECIDER.decide(email.DECIDER.fold(self.history), command)

    @invariant()
    def it_has_one_outcome(self) -> None:
        """Sent or failed, never both."""
        assert len(self.history) <= 1
        assert all(isinstance(event, EmailSent | EmailFailed) for event in self.history)


class Choices(RuleBasedStateMachine):
    """Somebody's preferences, beside what they last said about each theme."""

    def __init__(self) -> None:
        super().__init__()
        self.history: list[Event] = []
        self.said: dict[str, Frequency] = {}

    @rule(
        themes=st.dictionaries(
            st.sampled_from(list(LABELS)), st.sampled_from(get_args(Frequency)), min_size=1
        ),
        channel=st.sampled_from(["extranet", "e-mail"]),
    )
    def chooses(self, themes: dict[str, Frequency], channel: preferences.Channel) -> None:
        """In the extranet, or by the switch of an e-mail."""
        command = preferences.ChoosePreferences("anne", themes, "body:anne", channel)
        self.history += preferences.DECIDER.decide(preferences.DECIDER.fold(self.history), command)
        self.said |= themes
        assert preferences.DECIDER.decide(preferences.DECIDER.fold(self.history), command) == []

    @invariant()
    def what_was_last_said_holds(self) -> None:
        """Theme by theme; what was never said is as for everybody; no event without a change."""
        state = preferences.DECIDER.fold(self.history)
        assert {theme: state.frequency(theme) for theme in LABELS} == {
            theme: self.said.get(theme, UNLESS_SAID) for theme in LABELS
        }
        assert all(isinstance(event, PreferencesChanged) and event.themes for event in self.history)


class Sharing(RuleBasedStateMachine):
    """Who follows a dossier and when a manager is away, beside what was last said."""

    def __init__(self) -> None:
        super().__init__()
        self.follow: list[Event] = []
        self.absence: list[Event] = []

    @rule(to=st.sampled_from([None, "isaure", "thomas"]), note=st.sampled_from([None, "Urgent."]))
    def is_entrusted(self, to: str | None, note: str | None) -> None:
        """The last word holds; said twice it changes nothing."""
        self._decide(self.follow, following.Entrust(UUID(int=4), to, note, "manager:thomas"))
        last = self.follow[-1] if self.follow else None
        assert (getattr(last, "to", None), getattr(last, "note", None)) == (to, note)

    @rule(
        first=st.integers(1, 28),
        days=st.integers(-2, 9),
        replacement=st.sampled_from([None, "isaure", "thomas"]),
    )
    def is_away(self, first: int, days: int, replacement: str | None) -> None:
        """Never backwards, never replaced by oneself."""
        starts = date(2026, 4, first)
        ends = starts + timedelta(days=days)
        command = following.DeclareAbsence("isaure", starts, ends, replacement, "manager:isaure")
        if days < 0 or replacement == "isaure":
            with pytest.raises(Refused):
                self._decide(self.absence, command)
        else:
            self._decide(self.absence, command)

    def _decide(self, history: list[Event], command: following.Command) -> None:
        history += following.DECIDER.decide(following.DECIDER.fold(history), command)
        assert following.DECIDER.decide(following.DECIDER.fold(history), command) == []


QUICK = settings(max_examples=30, stateful_step_count=20, deadline=None)
TestAlerts, TestOutcomes, TestChoices = Alerts.TestCase, Outcomes.TestCase, Choices.TestCase
TestSharing = Sharing.TestCase
TestAlerts.settings = TestOutcomes.settings = TestChoices.settings = TestSharing.settings = QUICK
