"""Registration decided: requests, SIRET, bodies, accounts, assistance.  (R1 to R4)"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.registration import account, administrators, assistance, referencing, siret, training_body
from services.registration.forms import FORM, referencing_form
from shared.events import Clear, Event
from shared.events.examples import EXAMPLES
from shared.events.parts import Office, QualiopiCertificate, Reason
from shared.events.registration import (
    AccountActivated,
    AccountCodesReissued,
    AccountEmailChanged,
    AccountLocked,
    AdministratorNamed,
    AdministratorRemoved,
    AssistanceIdentityChecked,
    AssistanceResolved,
    ReferencingAccepted,
    ReferencingRejected,
    ReferencingRequested,
    ReferencingSubmitted,
    ServiceProposalSent,
    SiretClaimed,
    SiretReleased,
    TrainingBodyBankDetailsChanged,
    TrainingBodyDetailsChanged,
    TrainingBodyReinstated,
    TrainingBodySuspended,
)
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refused
from shared.runtime.rights import ALL_RIGHTS
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
REINSTATE = training_body.ReinstateBody(REQUEST, True, "manager:desk", TODAY, TODAY + timedelta(days=1000))
MOVED = TrainingBodyDetailsChanged(body_id=REQUEST, changed_by="body:1", name="Nouvel Institut")
CHANGE = training_body.ChangeDetails(MOVED, True, TODAY)


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


def test_a_second_record_is_merged_into_another_body_and_separated_again() -> None:
    """Never into itself, nor into one that is not to be used either (L4)."""
    merged = training_body.Merged(OTHER, "Institut", suspended=False)
    merge = replace(SUSPEND, cause="decision", merged=merged)
    (suspended,) = body().when(merge).events()
    assert isinstance(suspended, TrainingBodySuspended)
    assert (suspended.merged_into, suspended.merged_into_name) == (OTHER, "Institut")
    (reinstated,) = body(suspended).when(REINSTATE).events()
    assert isinstance(reinstated, TrainingBodyReinstated)
    for other in (replace(merged, into=REQUEST), replace(merged, suspended=True)):
        body().when(replace(merge, merged=other)).refused("merger-impossible")


EXPIRED = TODAY - timedelta(days=1)
SUSPEND_EXPIRED = training_body.SuspendExpired(REQUEST, True, EXPIRED, "policy:qualiopi-expiry", TODAY)
PROOF = "a" * 64
NEW_CERTIFICATE = training_body.ChangeDetails(
    TrainingBodyDetailsChanged(
        body_id=REQUEST, changed_by="body:1", proof_hash=PROOF,
        qualiopi=QualiopiCertificate(valid_until=TODAY + timedelta(days=1000)),
    ),
    True,
    TODAY,
)  # fmt: skip
NEW_IBAN = training_body.ChangeDetails(
    TrainingBodyDetailsChanged(
        body_id=REQUEST, changed_by="body:1", proof_hash=PROOF, body_name="Institut",
        iban=Clear("representative-1", "FR7630006000011234567890189"),
    ),
    True,
    TODAY,
    EMAIL,
)  # fmt: skip


def test_a_certificate_that_ended_suspends() -> None:
    """The day after its last day, once; a certificate given since counts."""
    (suspended,) = body().when(SUSPEND_EXPIRED).events()
    assert isinstance(suspended, TrainingBodySuspended)
    assert (suspended.cause, suspended.suspended_by) == ("qualiopi-expired", "policy:qualiopi-expiry")
    body(suspended).when(SUSPEND_EXPIRED).then()
    body(NEW_CERTIFICATE.details).when(SUSPEND_EXPIRED).then()
    body().when(replace(SUSPEND_EXPIRED, accepted_until=TODAY)).then()


def test_a_body_is_reinstated_with_a_new_certificate_only() -> None:
    """Given by the body before, or named by Formiris."""
    (suspended,) = body().when(SUSPEND_EXPIRED).events()
    old = replace(REINSTATE, qualiopi_valid_until=None, accepted_until=EXPIRED)
    body(suspended).when(old).refused("qualiopi-expired")
    (reinstated,) = body(suspended, NEW_CERTIFICATE.details).when(old).events()
    assert isinstance(reinstated, TrainingBodyReinstated)
    assert reinstated.qualiopi_valid_until == TODAY + timedelta(days=1000)


def test_a_new_certificate_ends_what_the_end_of_the_old_one_began() -> None:
    """By itself, with its proof; never a suspension that Formiris decided, nor by a certificate that ended."""
    (suspended,) = body().when(SUSPEND_EXPIRED).events()
    changed, reinstated = body(suspended).when(NEW_CERTIFICATE).events()
    assert changed == NEW_CERTIFICATE.details
    assert isinstance(reinstated, TrainingBodyReinstated)
    assert (reinstated.reinstated_by, reinstated.reinstated_on) == ("policy:qualiopi-renewed", TODAY)
    assert reinstated.qualiopi_valid_until == TODAY + timedelta(days=1000)
    (decided,) = body().when(replace(SUSPEND, cause="decision")).events()
    late = replace(NEW_CERTIFICATE, on=TODAY + timedelta(days=1001))
    for history, command in ((decided, NEW_CERTIFICATE), (suspended, late)):
        body(history).when(command).then(NEW_CERTIFICATE.details)


def test_what_matters_changes_with_a_proof() -> None:
    """Each such field is named; the rest needs none."""
    unproven = replace(
        NEW_CERTIFICATE, details=NEW_CERTIFICATE.details.model_copy(update={"proof_hash": None})
    )
    refused = body().when(unproven).refused("proof-missing")
    assert [missing.label for missing in refused.missing] == ["Certificat Qualiopi"]
    body().when(CHANGE).then(MOVED)


def test_a_new_iban_is_told_to_the_old_contact() -> None:
    """With its last four characters, in case it was not the body that changed it."""
    _, told = body().when(NEW_IBAN).events()
    assert isinstance(told, TrainingBodyBankDetailsChanged)
    assert (told.to, told.iban_ends_with, told.proof_hash) == (EMAIL, "0189", PROOF)


acct = specification(account.DECIDER)
ACCOUNT = uuid5(REQUEST, "account")
CODE = account.Code(Clear("contact-1", "AAAA-BBBB-CCCC"), NOW + timedelta(days=15))
NEW_CODE = account.Code(Clear("contact-1", "DDDD-EEEE-FFFF"), NOW + timedelta(days=30))
OPEN = account.OpenAccount(ACCOUNT, REQUEST, EMAIL, NAME, CODE)
ACTIVATE = account.ActivateAccount(ACCOUNT, True, NOW)
REISSUE = account.ReissueCodes(NEW_CODE, "assistance:desk")
UNDO_CODE = account.Code(Clear("contact-1", "UUUU-NNNN-DDDD"), NOW + timedelta(hours=72))
NEW_EMAIL = account.ChangeEmail(
    Clear("contact-1", "a.legoff@lire.example"), NEW_CODE, "assistance:desk", undo=UNDO_CODE
)
UNDO = account.UndoEmailChange(True, NOW, CODE, "anonymous")
LOCK = account.LockAccount("system:sign-in", NOW, NOW + timedelta(minutes=15))
RESET = uuid5(REQUEST, "reset")
ASK_RESET = account.AskReset(
    RESET, account.Code(Clear("contact-1", "RRRR-SSSS-TTTT"), NOW + timedelta(hours=1))
)
COMPLETE_RESET = account.CompleteReset(RESET, True, NOW)
ONLY_INVOICE = account.ChangeRights(frozenset({"invoice"}), "body:1")
CLOSE = account.CloseAccount("body:1")
END_SESSIONS = account.EndSessions(0, "body:1")
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


def test_a_changed_address_voids_the_password_and_ends_the_sessions() -> None:
    """Whoever reads the old address may know the password: codes go to the new one, a way back to the old one (R4)."""
    changed, reissued = acct(OPENED, ACTIVATED).when(NEW_EMAIL).events()
    assert isinstance(changed, AccountEmailChanged)
    assert (changed.old_email, changed.new_email) == (EMAIL, NEW_EMAIL.new)
    assert changed.undo_code == UNDO_CODE.value
    state = account.DECIDER.fold([OPENED, ACTIVATED, changed, reissued])
    assert (state.status, state.signs_in(NOW), state.generation) == ("waiting", False, 2)


def test_the_old_address_takes_a_change_back() -> None:
    """Within 72 hours, once; then it signs in again, with codes of its own."""
    history = [OPENED, ACTIVATED, *acct(OPENED, ACTIVATED).when(NEW_EMAIL).events()]
    back, reissued = acct(*history).when(UNDO).events()
    assert isinstance(back, AccountEmailChanged)
    assert (back.new_email, back.undo_code) == (EMAIL, None)
    acct(*history, back, reissued).when(UNDO).refused("email-undo-refused")
    late = replace(UNDO, now=UNDO_CODE.expires_at)
    acct(*history).when(late).refused("email-undo-refused")


def test_a_lock_ends_by_itself() -> None:
    """Until when is said; from then on the right password signs in, and wrong ones lock again."""
    (locked,) = acct(OPENED, ACTIVATED).when(LOCK).events()
    state = account.DECIDER.fold([OPENED, ACTIVATED, locked])
    assert not state.signs_in(LOCK.until - timedelta(seconds=1))
    assert state.signs_in(LOCK.until)
    again = replace(LOCK, now=LOCK.until, until=LOCK.until + timedelta(minutes=15))
    assert len(acct(OPENED, ACTIVATED, locked).when(again).events()) == 1


def test_a_forgotten_password_is_replaced_once_by_its_code() -> None:
    """The code of the last reset, within the hour; sessions end, a lock too."""
    (asked,) = acct(OPENED, ACTIVATED).when(ASK_RESET).events()
    (reset,) = acct(OPENED, ACTIVATED, asked).when(COMPLETE_RESET).events()
    acct(OPENED, ACTIVATED, asked, reset).when(COMPLETE_RESET).refused("password-reset-refused")
    late = replace(COMPLETE_RESET, now=NOW + timedelta(hours=1))
    acct(OPENED, ACTIVATED, asked).when(late).refused("password-reset-expired")
    wrong = replace(COMPLETE_RESET, code_is_right=False)
    acct(OPENED, ACTIVATED, asked).when(wrong).refused("password-reset-refused")
    assert account.DECIDER.fold([OPENED, ACTIVATED, asked, reset]).generation == 1


def test_rights_are_those_last_given() -> None:
    """The first account of a body has all of them; an invited one those of its invitation."""
    (changed,) = acct(OPENED, ACTIVATED).when(ONLY_INVOICE).events()
    assert account.DECIDER.fold([OPENED]).rights == ALL_RIGHTS
    assert account.DECIDER.fold([OPENED, ACTIVATED, changed]).rights == {"invoice"}
    invited = replace(OPEN, rights=frozenset({"prepare"}), by="body:1")
    assert acct().when(invited).state().rights == {"prepare"}


def test_a_closed_account_answers_as_an_unknown_one() -> None:
    """No code opens it again."""
    (closed,) = acct(OPENED, ACTIVATED).when(CLOSE).events()
    for command, code in ((ACTIVATE, "activation-refused"), (REISSUE, "account-unknown")):
        acct(OPENED, ACTIVATED, closed).when(command).refused(code)
    acct(OPENED, ACTIVATED, closed).when(CLOSE).then()


def test_sessions_end_once_for_each_generation() -> None:
    """Asked for twice from the same session, they end once."""
    (ended,) = acct(OPENED, ACTIVATED).when(END_SESSIONS).events()
    acct(OPENED, ACTIVATED, ended).when(END_SESSIONS).then()


admins = specification(administrators.DECIDER)
FIRST, SECOND = administrators.first_account(REQUEST), UUID("33333333-3333-5333-8333-333333333333")


def test_a_body_is_never_without_an_administrator() -> None:
    """The first account administers from the start; it may stop once another does."""
    admins().when(administrators.SetAdministrator(REQUEST, FIRST, True)).then()
    admins().when(administrators.SetAdministrator(REQUEST, FIRST, False)).refused("last-administrator")
    named = AdministratorNamed(body_id=REQUEST, account_id=SECOND)
    admins().when(administrators.SetAdministrator(REQUEST, SECOND, True)).then(named)
    removed = AdministratorRemoved(body_id=REQUEST, account_id=FIRST)
    admins(named).when(administrators.SetAdministrator(REQUEST, FIRST, False)).then(removed)
    last = administrators.SetAdministrator(REQUEST, SECOND, False)
    admins(named, removed).when(last).refused("last-administrator")


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
    by, check = "assistance:desk", "rappel au numéro du dossier"
    ticket(ASKED_FOR_HELP).when(RESOLVE).then(
        AssistanceIdentityChecked(ticket_id=OTHER, check=check, passed=True, checked_by=by),
        AssistanceResolved(
            ticket_id=OTHER, outcome="codes-reissued", checks=(check,), resolved_by=by, account_id=ACCOUNT,
            requester_email=EMAIL, body_id=REQUEST,
        ),
    )  # fmt: skip


def test_each_check_is_an_event_and_a_failed_one_opens_nothing() -> None:
    """Codes need one that was passed; « not proven » needs one that was tried (R4)."""
    failed = assistance.RecordCheck("SIRET cité de mémoire", False, "assistance:desk")
    (recorded,) = ticket(ASKED_FOR_HELP).when(failed).events()
    unchecked = assistance.ResolveAssistance("codes-reissued", (), "assistance:desk", ACCOUNT)
    ticket(ASKED_FOR_HELP, recorded).when(unchecked).refused("checks-missing")
    unproven = assistance.ResolveAssistance("identity-not-proven", (), "assistance:desk", None)
    ticket(ASKED_FOR_HELP).when(unproven).refused("checks-missing")
    (resolved,) = ticket(ASKED_FOR_HELP, recorded).when(unproven).events()
    assert isinstance(resolved, AssistanceResolved)
    assert resolved.checks == ("SIRET cité de mémoire",)


def test_an_answer_says_something() -> None:
    """A question that opens nothing needs no check, but an answer."""
    silent = assistance.ResolveAssistance("answered", (), "assistance:desk", None)
    ticket(ASKED_FOR_HELP).when(silent).refused("answer-missing")
    answered = replace(silent, answer=Clear("requester-1", "Voici comment faire."))
    assert len(ticket(ASKED_FOR_HELP).when(answered).events()) == 1


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
    (training_body.DECIDER, [SUSPEND, SUSPEND_EXPIRED, REINSTATE, CHANGE, NEW_CERTIFICATE, NEW_IBAN]),
    (
        account.DECIDER,
        [
            OPEN,
            ACTIVATE,
            REISSUE,
            NEW_EMAIL,
            UNDO,
            LOCK,
            ASK_RESET,
            COMPLETE_RESET,
            ONLY_INVOICE,
            CLOSE,
            END_SESSIONS,
        ],
    ),
    (
        administrators.DECIDER,
        [
            administrators.SetAdministrator(REQUEST, who, administers)
            for who in (FIRST, SECOND)
            for administers in (True, False)
        ],
    ),
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
