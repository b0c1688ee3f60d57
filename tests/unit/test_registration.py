"""Registration decided: requests, SIRET, bodies, accounts, assistance.  (R1 to R4)"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.registration import account, assistance, referencing, siret, training_body
from services.registration.forms import FORM, referencing_form
from shared.events import Clear, Event
from shared.events.examples import EXAMPLES
from shared.events.parts import Office, Reason
from shared.events.registration import (
    AccountActivated,
    AccountCodesReissued,
    AccountEmailChanged,
    AccountLocked,
    AssistanceResolved,
    ReferencingAccepted,
    ReferencingRejected,
    ReferencingRequested,
    ReferencingSubmitted,
    ServiceProposalSent,
    SiretClaimed,
    SiretReleased,
    TrainingBodyDetailsChanged,
    TrainingBodyReinstated,
    TrainingBodySuspended,
)
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refused
from tests.unit.given import specification

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
REQUEST = UUID("11111111-1111-5111-8111-111111111111")
OTHER = UUID("22222222-2222-5222-8222-222222222222")
BRETAGNE = Office(name="Bretagne", email="contact.bretagne@formiris.org")
EMAIL = Clear("contact-1", "anne@lire.example")
NAME = Clear("contact-1", "Anne Le Goff")
FORM_SENT = referencing_form(FORM.check(FORM.example(), TODAY).values, REQUEST, None)
SIRET = FORM_SENT.siret
ILLEGIBLE = (Reason(text="Le certificat est illisible."),)

ASK = referencing.RequestReferencing(
    REQUEST, "Institut", "private", "regional", "bretagne", BRETAGNE, NAME, EMAIL
)
PROPOSE = referencing.SendProposal("manager:desk")
SUBMIT = referencing.SubmitReferencing(FORM_SENT, BRETAGNE)
ACCEPT = referencing.AcceptReferencing("manager:desk", TODAY)
REJECT = referencing.RejectReferencing(ILLEGIBLE, "manager:desk", TODAY)

request = specification(referencing.DECIDER)


def after(*commands: referencing.Command) -> list[Event]:
    """The history that these commands made."""
    history: list[Event] = []
    for command in commands:
        history += request(*history).when(command).events()
    return history


def test_a_request_carries_the_office_that_answers_it() -> None:
    """The event says where the request was routed (R1)."""
    (event,) = request().when(ASK).events()
    assert isinstance(event, ReferencingRequested)
    assert event.office == BRETAGNE
    assert event.contact_email == EMAIL


def test_the_proposal_goes_to_whoever_asked() -> None:
    """Formiris sends its proposal to the contact of the request (R1)."""
    request(*after(ASK)).when(PROPOSE).then(
        ServiceProposalSent(
            request_id=REQUEST, body_name="Institut", office=BRETAGNE, to=EMAIL, sent_by="manager:desk"
        )
    )


def test_nothing_is_submitted_before_the_proposal() -> None:
    """The refusal names the office that has the next step, and how to reach it (R1)."""
    refused = request(*after(ASK)).when(SUBMIT).refused("proposal-not-sent")
    assert refused.holder == "Bretagne"
    assert refused.contact.email == "contact.bretagne@formiris.org"


def test_the_returned_form_is_submitted() -> None:
    """Once the proposal is there, the completed form is submitted."""
    request(*after(ASK, PROPOSE)).when(SUBMIT).then(
        ReferencingSubmitted(request_id=REQUEST, revision=1, form=FORM_SENT, office=BRETAGNE)
    )


def test_a_form_under_review_is_not_replaced() -> None:
    """Another form is refused while Formiris decides."""
    other = referencing.SubmitReferencing(FORM_SENT.model_copy(update={"name": "Autre"}), BRETAGNE)
    request(*after(ASK, PROPOSE, SUBMIT)).when(other).refused("referencing-under-review")


def test_a_rejection_always_carries_its_reasons() -> None:
    """R2."""
    silent = referencing.RejectReferencing((), "manager:desk", TODAY)
    refused = request(*after(ASK, PROPOSE, SUBMIT)).when(silent).refused("reasons-missing")
    assert [missing.field for missing in refused.missing] == ["reasons"]


def test_a_rejected_request_is_corrected_and_submitted_again() -> None:
    """The second submission is revision 2, and may be accepted."""
    history = after(ASK, PROPOSE, SUBMIT, REJECT)
    assert isinstance(history[-1], ReferencingRejected)
    (event,) = request(*history).when(SUBMIT).events()
    assert isinstance(event, ReferencingSubmitted)
    assert event.revision == 2
    assert isinstance(after(ASK, PROPOSE, SUBMIT, REJECT, SUBMIT, ACCEPT)[-1], ReferencingAccepted)


def test_the_acceptance_tells_what_others_need() -> None:
    """Body id, SIRET, perimeter and the day until which Qualiopi is valid."""
    event = after(ASK, PROPOSE, SUBMIT, ACCEPT)[-1]
    assert isinstance(event, ReferencingAccepted)
    assert (event.body_id, event.siret, event.perimeter) == (REQUEST, SIRET, "national")
    assert event.qualiopi_valid_until == date(2028, 1, 14)


@pytest.mark.parametrize(
    ("history", "command", "code"),
    [
        ((), PROPOSE, "not-found"),
        ((ASK,), ACCEPT, "referencing-not-submitted"),
        ((ASK, PROPOSE), REJECT, "referencing-not-submitted"),
        ((ASK, PROPOSE, SUBMIT, ACCEPT), REJECT, "referencing-already-accepted"),
        ((ASK, PROPOSE, SUBMIT, ACCEPT), SUBMIT, "referencing-already-accepted"),
        ((ASK, PROPOSE, SUBMIT, REJECT), ACCEPT, "referencing-already-rejected"),
    ],
)
def test_a_step_out_of_turn_is_refused(
    history: tuple[referencing.Command, ...], command: referencing.Command, code: str
) -> None:
    """Each by the code that says whose turn it is."""
    request(*after(*history)).when(command).refused(code)


holding = specification(siret.DECIDER)


def test_two_bodies_never_share_a_siret() -> None:
    """The second is refused, the field named with its colour."""
    claimed = SiretClaimed(siret=SIRET, request_id=REQUEST)
    holding().when(siret.ClaimSiret(SIRET, REQUEST)).then(claimed)
    holding(claimed).when(siret.ClaimSiret(SIRET, REQUEST)).then()
    refused = holding(claimed).when(siret.ClaimSiret(SIRET, OTHER)).refused("siret-already-referenced")
    assert [(missing.field, missing.colour) for missing in refused.missing] == [("siret", "blue")]


def test_a_released_siret_is_free_again() -> None:
    """Only its holder lets go of it."""
    claimed = SiretClaimed(siret=SIRET, request_id=REQUEST)
    released = SiretReleased(siret=SIRET, request_id=REQUEST)
    holding(claimed).when(siret.ReleaseSiret(SIRET, OTHER)).then()
    holding(claimed).when(siret.ReleaseSiret(SIRET, REQUEST)).then(released)
    holding(claimed, released).when(siret.ClaimSiret(SIRET, OTHER)).then(
        SiretClaimed(siret=SIRET, request_id=OTHER)
    )


body = specification(training_body.DECIDER)
SUSPEND = training_body.SuspendBody(REQUEST, True, "qualiopi-expired", ILLEGIBLE, "manager:desk", TODAY)
REINSTATE = training_body.ReinstateBody(REQUEST, True, "manager:desk", TODAY)
MOVED = TrainingBodyDetailsChanged(body_id=REQUEST, changed_by="body:1", name="Nouvel Institut")
CHANGE = training_body.ChangeDetails(MOVED, True)


def test_a_body_is_suspended_and_reinstated() -> None:
    """With the cause, the reasons and the days."""
    (suspended,) = body().when(SUSPEND).events()
    assert isinstance(suspended, TrainingBodySuspended)
    assert suspended.cause == "qualiopi-expired"
    (reinstated,) = body(suspended).when(REINSTATE).events()
    assert isinstance(reinstated, TrainingBodyReinstated)
    body(suspended, reinstated).when(REINSTATE).then()


def test_only_a_referenced_body_is_suspended() -> None:
    """There is nothing to suspend before."""
    never = training_body.SuspendBody(REQUEST, False, "decision", ILLEGIBLE, "manager:desk", TODAY)
    body().when(never).refused("body-not-referenced")


def test_a_suspension_says_why() -> None:
    """As a rejection does."""
    silent = training_body.SuspendBody(REQUEST, True, "decision", (), "manager:desk", TODAY)
    body().when(silent).refused("reasons-missing")


acct = specification(account.DECIDER)
ACCOUNT = uuid5(REQUEST, "account")
CODE = account.Code(Clear("contact-1", "AAAA-BBBB-CCCC"), NOW + timedelta(days=15))
NEW_CODE = account.Code(Clear("contact-1", "DDDD-EEEE-FFFF"), NOW + timedelta(days=30))
OPEN = account.OpenAccount(ACCOUNT, REQUEST, EMAIL, NAME, CODE)
ACTIVATE = account.ActivateAccount(ACCOUNT, True, NOW)
REISSUE = account.ReissueCodes(NEW_CODE, "assistance:desk")
NEW_EMAIL = account.ChangeEmail(Clear("contact-1", "a.legoff@lire.example"), NEW_CODE, "assistance:desk")
LOCK = account.LockAccount("system:sign-in")
(OPENED,) = acct().when(OPEN).events()
ACTIVATED = AccountActivated(account_id=ACCOUNT, body_id=REQUEST)


def test_an_account_is_activated_once_by_its_code() -> None:
    """The code is right and still valid; a second time it is refused."""
    acct(OPENED).when(ACTIVATE).then(ACTIVATED)
    acct(OPENED, ACTIVATED).when(ACTIVATE).refused("activation-refused")


def test_an_unknown_account_and_a_wrong_code_are_answered_alike() -> None:
    """So that nobody learns which addresses have accounts."""
    wrong = account.ActivateAccount(ACCOUNT, False, NOW)
    known = acct(OPENED).when(wrong).refused("activation-refused")
    unknown = acct().when(wrong).refused("activation-refused")
    assert (known.detail, known.missing, known.contact) == (unknown.detail, unknown.missing, unknown.contact)


def test_a_code_expires() -> None:
    """Assistance gives another (R4)."""
    late = account.ActivateAccount(ACCOUNT, True, CODE.expires_at)
    assert "Assistance" in acct(OPENED).when(late).refused("activation-code-expired").holder


def test_new_codes_void_the_password_and_unlock() -> None:
    """After too many wrong passwords only new codes help (R4)."""
    (locked,) = acct(OPENED, ACTIVATED).when(LOCK).events()
    assert isinstance(locked, AccountLocked)
    reissued = acct(OPENED, ACTIVATED, locked).when(REISSUE).events()
    assert isinstance(reissued[0], AccountCodesReissued)
    assert acct(OPENED, ACTIVATED, locked, *reissued).when(ACTIVATE).events() == [ACTIVATED]


def test_a_changed_address_keeps_an_active_password() -> None:
    """Only the address that signs in changes."""
    (changed,) = acct(OPENED, ACTIVATED).when(NEW_EMAIL).events()
    assert isinstance(changed, AccountEmailChanged)
    assert (changed.old_email, changed.new_email) == (EMAIL, NEW_EMAIL.new)


def test_a_changed_address_gets_the_code_that_never_arrived() -> None:
    """An account that was never activated is no dead end: the code goes to the new address."""
    changed, reissued = acct(OPENED).when(NEW_EMAIL).events()
    assert isinstance(changed, AccountEmailChanged)
    assert isinstance(reissued, AccountCodesReissued)
    assert reissued.login == NEW_EMAIL.new


def test_an_address_signs_one_account_in() -> None:
    """A second account for it is refused."""
    acct().when(account.OpenAccount(ACCOUNT, REQUEST, EMAIL, NAME, CODE, login_held_by=OTHER)).refused(
        "login-taken"
    )


ticket = specification(assistance.DECIDER)
HELP = assistance.RequestAssistance(
    OTHER, "lost-codes", EMAIL, Clear("contact-1", "perdus"), ACCOUNT, REQUEST
)
RESOLVE = assistance.ResolveAssistance(
    "codes-reissued", ("rappel au numéro du dossier",), "assistance:desk", ACCOUNT
)
(ASKED_FOR_HELP,) = ticket().when(HELP).events()


def test_assistance_says_how_it_checked() -> None:
    """No codes without a check (R4)."""
    unchecked = assistance.ResolveAssistance("codes-reissued", (), "assistance:desk", ACCOUNT)
    ticket(ASKED_FOR_HELP).when(unchecked).refused("checks-missing")
    ticket(ASKED_FOR_HELP).when(RESOLVE).then(
        AssistanceResolved(
            ticket_id=OTHER, outcome="codes-reissued", checks=("rappel au numéro du dossier",),
            resolved_by="assistance:desk", account_id=ACCOUNT,
        )
    )  # fmt: skip


def test_a_ticket_is_resolved_once() -> None:
    """Another outcome is refused."""
    history = [ASKED_FOR_HELP, *ticket(ASKED_FOR_HELP).when(RESOLVE).events()]
    other = assistance.ResolveAssistance("email-changed", ("rappel",), "assistance:desk", ACCOUNT)
    ticket(*history).when(other).refused("assistance-already-resolved")


AGGREGATES: list[tuple[Decider[Any, Any], list[Any]]] = [
    (referencing.DECIDER, [ASK, PROPOSE, SUBMIT, ACCEPT, REJECT]),
    (
        siret.DECIDER,
        [
            siret.ClaimSiret(SIRET, REQUEST),
            siret.ClaimSiret(SIRET, OTHER),
            siret.ReleaseSiret(SIRET, REQUEST),
        ],
    ),
    (training_body.DECIDER, [SUSPEND, REINSTATE, CHANGE]),
    (account.DECIDER, [OPEN, ACTIVATE, REISSUE, NEW_EMAIL, LOCK]),
    (assistance.DECIDER, [HELP, RESOLVE]),
]


@pytest.mark.parametrize(("decider", "commands"), AGGREGATES)
@for_all(data=st.data())
def test_a_decision_is_idempotent(
    decider: Decider[Any, Any], commands: list[Any], data: st.DataObject
) -> None:
    """Whatever came before, the same command again changes nothing."""
    history: list[Event] = []
    for command in data.draw(st.lists(st.sampled_from(commands), max_size=12)):
        when = specification(decider)(*history).when(command)
        try:
            decided = when.events()
        except Refused:
            continue
        when.changes_nothing_twice()
        history += decided


@pytest.mark.parametrize(("decider", "commands"), AGGREGATES)
def test_evolve_is_total(decider: Decider[Any, Any], commands: list[Any]) -> None:
    """Any event of any context may come: what an aggregate does not need, it ignores."""
    for example in EXAMPLES.values():
        decider.evolve(decider.initial, example.event)
