"""Messages about a dossier: who must answer, by when, what ends the wait, and what a closed dossier takes.  (H5)"""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.notifications import policies, thread
from services.notifications.acts import done
from shared.events import Event, Sealed
from shared.events.notifications import MessagePosted, MessageRead, Side
from shared.runtime.asked import Asked, Part
from shared.runtime.refusal import Contact, Refused
from tests.unit.given import specification

given = specification(thread.DECIDER)
OFFICE = Contact("Formiris Bretagne", "bretagne@formiris.example", "02 00 00 00 00")
NOW = datetime(2026, 4, 2, 9, tzinfo=UTC)


def message(number: int, side: Side, answers: int | None = None, *, asks: bool = True) -> MessagePosted:
    """One of a side's, about one dossier; `asks`: an answer is awaited."""
    return MessagePosted(
        message_id=UUID(int=number), dossier_id=UUID(int=99), title="Lire à voix haute", body_id=UUID(int=98),
        body_name="Kervallon", territory="bretagne", side=side, posted_by=f"{side}:x",
        text=Sealed("account-x", "c2VhbGVk"), answers=None if answers is None else UUID(int=answers),
        owner=thread.other(side) if asks else None, answer_by=date(2026, 4, 8) if asks else None,
    )  # fmt: skip


def read(number: int, by: str) -> MessageRead:
    """That message was read."""
    return MessageRead(message_id=UUID(int=number), dossier_id=UUID(int=99), read_by=by)


QUESTION, ANSWER = message(1, "body"), message(2, "formiris", answers=1, asks=False)


def test_a_message_is_posted_once() -> None:
    """Its owner and its delay are in it."""
    given().when(thread.Post(QUESTION)).then(QUESTION)
    given(QUESTION).when(thread.Post(QUESTION)).then()
    assert (QUESTION.owner, QUESTION.answer_by) == ("formiris", date(2026, 4, 8))


def test_the_wait_ends_with_its_answer() -> None:
    """By the other side, once, and whoever is late is told so."""
    state = given(QUESTION).when(thread.Post(ANSWER)).state()
    assert state.waits == {}
    given(QUESTION, ANSWER).when(thread.Post(message(3, "formiris", 1))).refused("message-not-to-answer")
    given(QUESTION).when(thread.Post(message(3, "body", 1))).refused("message-not-to-answer")
    given(message(1, "body", asks=False)).when(thread.Post(ANSWER)).refused("message-not-to-answer")
    given().when(thread.Post(ANSWER)).refused("message-not-to-answer")


def test_an_answer_may_ask_in_turn() -> None:
    """Then it is the first side's turn."""
    state = given(QUESTION).when(thread.Post(message(2, "formiris", answers=1))).state()
    assert state.waits == {UUID(int=2): "body"}


def test_a_closed_dossier_takes_no_new_message_and_says_where_to_write() -> None:
    """But what was asked before is still answered."""
    refused = given(QUESTION).when(thread.Post(message(2, "body"), over=OFFICE)).refused("thread-closed")
    assert refused.contact == OFFICE
    assert "Formiris Bretagne, bretagne@formiris.example ou 02 00 00 00 00" in refused.detail
    assert "« Lire à voix haute »" in refused.detail
    given(QUESTION).when(thread.Post(ANSWER, over=OFFICE)).then(ANSWER)


def test_a_message_is_read_once_and_by_the_other_side() -> None:
    """Its own side's reading says nothing."""
    given(QUESTION).when(thread.Read("formiris", "manager:isaure")).then(read(1, "manager:isaure"))
    given(QUESTION).when(thread.Read("body", "body:anne")).then()
    given(QUESTION, read(1, "manager:isaure")).when(thread.Read("formiris", "manager:thomas")).then()


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-04-02", "2026-04-08"),  # Thursday before Easter Monday
        ("2026-04-25", "2026-04-29"),  # a Saturday
        ("2026-04-29", "2026-05-05"),  # the first of May
    ],
)
def test_an_answer_is_due_after_three_working_days(asked: str, due: str) -> None:
    """Week-ends and public holidays do not count, nor the day of the question."""
    assert thread.answer_by(date.fromisoformat(asked)) == date.fromisoformat(due)


def test_an_alert_asks_the_other_side_and_closes_with_the_answer() -> None:
    """A message that asks nothing closes when it is read; no alert quotes what was written."""
    told = {}
    for posted in (QUESTION, message(4, "formiris"), message(3, "body", asks=False), ANSWER):
        asked = Asked(UUID(int=7), bytes(32), posted.posted_by, NOW, "c")
        said = policies.Said.as_decided(
            Part(thread.DECIDER, f"thread-{posted.dossier_id}", thread.Post(posted), asked), posted
        )
        (alert,) = [part.command.alert for part in said.alerts]
        (announcement,) = said.announcements
        assert (announcement.posted, announcement.decision) == (alert, False)
        assert alert.link == f"/dossiers/{posted.dossier_id}/messages"
        assert alert.dossier_id == posted.dossier_id
        told[posted.message_id.int, posted.side] = (
            alert.recipient.kind,
            alert.act,
            alert.subject,
            alert.text,
        )
    assert [each[:2] for each in told.values()] == [
        ("office", "answer-message"), ("body", "answer-message"), ("office", "read-message"),
        ("body", "read-message"),
    ]  # fmt: skip
    assert "Kervallon vous a écrit" in told[1, "body"][3]
    assert "au plus tard le 08/04/2026" in told[1, "body"][3]
    (answered,) = done(ANSWER, NOW)
    assert (answered.act, answered.subject) == ("answer-message", told[1, "body"][2])
    (seen,) = done(read(3, "manager:isaure"), NOW + timedelta(hours=1))
    assert (seen.act, seen.subject) == ("read-message", told[3, "body"][2])
    assert done(QUESTION, NOW) == [], "a question does nothing"


class Threads(RuleBasedStateMachine):
    """Two sides that write, answer and read, in whatever order, before and after the dossier is over."""

    def __init__(self) -> None:
        super().__init__()
        self.history: list[Event] = []
        self.over: Contact | None = None

    sides = st.sampled_from(["body", "formiris"])
    known = st.one_of(st.none(), st.integers(1, 6))

    @rule(side=sides, answers=known, asks=st.booleans())
    def writes(self, side: Side, answers: int | None, asks: bool) -> None:
        """Refused only for the two reasons there are."""
        waits = thread.DECIDER.fold(self.history).waits
        posted = message(len(self.history) + 1, side, answers, asks=asks)
        wrong = waits.get(UUID(int=answers)) != side if answers else self.over is not None
        if wrong:
            with pytest.raises(Refused):
                self._decide(thread.Post(posted, self.over))
        else:
            self._decide(thread.Post(posted, self.over))
            assert self.history[-1] == posted

    @rule(side=sides)
    def reads(self, side: Side) -> None:
        """Everything that is there."""
        self._decide(thread.Read(side, f"{side}:y"))

    @rule()
    def ends(self) -> None:
        """The dossier is over."""
        self.over = OFFICE

    def _decide(self, command: thread.Command) -> None:
        self.history += thread.DECIDER.decide(thread.DECIDER.fold(self.history), command)
        if isinstance(command, thread.Read):
            assert thread.DECIDER.decide(thread.DECIDER.fold(self.history), command) == []

    @invariant()
    def whoever_must_answer_has_not(self) -> None:
        """Each wait is that of a message which asks and that nobody answered; each message is read once at most."""
        posted = [event for event in self.history if isinstance(event, MessagePosted)]
        answered = [event.answers for event in posted if event.answers]
        assert len(answered) == len(set(answered))
        assert thread.DECIDER.fold(self.history).waits == {
            event.message_id: event.owner
            for event in posted
            if event.owner and event.message_id not in answered
        }
        readings = [event.message_id for event in self.history if isinstance(event, MessageRead)]
        assert len(readings) == len(set(readings))


TestThreads = Threads.TestCase
TestThreads.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
