"""The day on which somebody is reminded of a draft, and that it is one reminder."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from services.notifications import policies
from services.notifications.acts import done
from services.offerings import draft
from services.offerings.forms import FORM, deadline
from services.registration import draft as form_draft
from shared.events import Event
from shared.events.examples import EXAMPLES
from shared.events.offerings import DraftGivenUp, DraftReminded, OfferingSubmitted
from shared.events.registration import DraftReminded as FormReminded
from shared.events.registration import ReferencingSubmitted
from shared.runtime.reminders import BEFORE, QUIET, remind_on
from tests.unit.given import specification

DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
OFFERING, BODY, OTHER = uuid4(), uuid4(), uuid4()
REMIND = draft.RemindOfDraft(OFFERING, BODY, "Lire à voix haute", date(2027, 2, 1))
REMINDED = DraftReminded(
    offering_id=OFFERING, body_id=BODY, title="Lire à voix haute", deadline=date(2027, 2, 1)
)
GIVEN_UP = DraftGivenUp(offering_id=OFFERING, body_id=BODY, given_up_by="body:anne")
given = specification(draft.DECIDER)


@pytest.mark.parametrize(
    ("until", "on"),
    [
        (date(2027, 2, 1), date(2027, 1, 25)),
        (DAY + timedelta(days=3), DAY + timedelta(days=1)),
        (DAY, DAY + QUIET),
        (DAY - timedelta(days=30), DAY + QUIET),
        (None, DAY + QUIET),
    ],
)
def test_f6_the_day_of_a_reminder(until: date | None, on: date) -> None:
    """A week before the deadline; the next day when that is too late; after two weeks when there is none to come."""
    assert remind_on(DAY, until) == on


@drawn(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_f6_nobody_is_reminded_while_typing_nor_after_a_deadline_to_come(
    typed_on: date, until: date | None
) -> None:
    """Whatever the days."""
    on = remind_on(typed_on, until)
    assert on > typed_on
    if until and until > typed_on:
        assert until - BEFORE <= on <= until


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({}, date(2027, 2, 1)),
        ({"registration_deadline": "05/03/2027"}, date(2027, 3, 4)),
        ({"registration_deadline": "bientôt"}, date(2027, 3, 4)),
        ({"registration_deadline": None, "sessions": [{"starts_on": ""}, {"price": "1"}]}, None),
        ({"registration_deadline": 12, "sessions": "aucune"}, None),
        ({"registration_deadline": None, "sessions": [None, {"starts_on": "1/2/2028"}]}, date(2028, 2, 1)),
    ],
)
def test_f6_the_deadline_is_the_first_day_that_a_draft_names(
    changes: dict[str, Any], first: date | None
) -> None:
    """However incomplete or wrong it is."""
    assert deadline(FORM.example() | changes) == first


def test_f6_one_reminder_and_an_end_for_those_who_had_it() -> None:
    """Never twice, not even after it was given up; another body ends nothing."""
    given().when(REMIND).then(REMINDED)
    given(REMINDED).when(REMIND).then()
    given(REMINDED, GIVEN_UP).when(REMIND).then()
    given().when(draft.GiveUpDraft(BODY, "body:anne")).then()
    given(REMINDED).when(draft.GiveUpDraft(OTHER, "body:else")).then()
    given(REMINDED).when(draft.GiveUpDraft(BODY, "body:anne")).then(GIVEN_UP)
    given(REMINDED, GIVEN_UP).when(draft.GiveUpDraft(BODY, "body:anne")).then()


def test_f6_one_reminder_of_a_form() -> None:
    """Never twice."""
    of_forms = specification(form_draft.DECIDER)
    reminded = FormReminded(request_id=BODY, body_name="Institut")
    command = form_draft.RemindOfForm(BODY, "Institut")
    of_forms().when(command).then(reminded)
    of_forms(reminded).when(command).then()


@pytest.mark.parametrize(
    ("event", "enders"),
    [
        (DraftReminded, (OfferingSubmitted, DraftGivenUp)),
        (FormReminded, (ReferencingSubmitted,)),
    ],
)
@pytest.mark.parametrize("until", [date(2027, 2, 1), None])
def test_f6_one_alert_and_one_e_mail_which_end_with_the_draft(
    event: type[Event], enders: tuple[type[Event], ...], until: date | None
) -> None:
    """With the deadline or without; what was told is closed by whatever ends the draft."""
    told = EXAMPLES[event].event
    if "deadline" in type(told).model_fields:
        told = told.model_copy(update={"deadline": until})
    cause = policies.Cause(uuid4(), told, "c", NOW)
    (part,) = policies.alerts(cause, NOW)
    (written,) = policies.announcements(cause)
    posted = part.command.alert
    assert (posted.recipient.kind, written.decision, written.posted) == ("body", False, posted)
    assert ("01/02/2027" in posted.text) == (until is not None and event is DraftReminded)
    for ender in enders:
        assert posted.subject in {
            each.subject for each in done(EXAMPLES[ender].event, NOW) if each.act == posted.act
        }
