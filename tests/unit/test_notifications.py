"""Who is told of what, once; what e-mails say, and what becomes of them.  (R2, R10)"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4, uuid5

import aiosmtplib
import pytest

from services.notifications import alert, email, policies
from services.notifications.acts import ACTS, done
from services.notifications.letters import letter
from services.notifications.mailing import EMAILS
from services.notifications.outbox import Waiting
from services.notifications.sender import Smtp, Undeliverable, compose
from services.notifications.telling import ALERTS, SILENT
from services.notifications.words import words_of
from shared.events import EVENTS, Event, Sealed, decode, encode
from shared.events.attendance import CertificatesValidated
from shared.events.examples import EXAMPLES
from shared.events.invoicing import InvoiceSubmitted
from shared.events.notifications import (
    AlertPosted,
    AlertRead,
    DecisionUnheard,
    EmailFailed,
    EmailSent,
    Recipient,
)
from shared.events.offerings import OrderIssued, OrderSigned
from shared.events.registration import AccountOpened, ReferencingRejected, ServiceProposalSent
from shared.runtime.refusal import Refused
from tests.unit.given import specification

given = specification(alert.DECIDER)
given_email = specification(email.DECIDER)

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
BODY = Recipient(kind="body", id="b")
POSTED = AlertPosted(
    alert_id=UUID(int=1), recipient=BODY, cause_id=UUID(int=2), cause_type="x", code="can-invoice", title="T",
    text="t", link="/x",
)  # fmt: skip
READ = AlertRead(alert_id=UUID(int=1), recipient=BODY, read_by="body:b")
TO = Sealed("contact-1", "c2VhbGVk")
SENT = EmailSent(
    email_id=UUID(int=3), to=TO, template="t", cause_id=UUID(int=2), cause_type="x", message_id="<m@x>"
)
RECORD_SENT = email.RecordSent(UUID(int=3), TO, "t", UUID(int=2), "x", "<m@x>", None)
RECORD_FAILED = email.RecordFailed(
    UUID(int=3), TO, "t", UUID(int=2), "x", "SMTP 550", permanent=True, body=None
)
FAILED = EmailFailed(
    email_id=UUID(int=3),
    to=TO,
    template="t",
    cause_id=UUID(int=2),
    cause_type="x",
    reason="SMTP 550",
    permanent=True,
)


def cause(event: Event) -> policies.Cause:
    record = encode(
        event, id=uuid4(), source="/formelie/registration", stream="body-1", version=1, time=NOW,
        correlation="c", causation="c", actor="someone",
    )  # fmt: skip
    return policies.Cause.of(decode(record))


def bare(event: Event) -> Event:
    """With its mandatory fields only."""
    left_out = {name for name, field in type(event).model_fields.items() if not field.is_required()}
    return type(event).model_construct(
        **{k: v for k, v in event if k not in left_out} | dict.fromkeys(left_out)
    )


@pytest.mark.parametrize(
    ("recognised", "code"),
    [(None, "order-signed"), (True, "order-signed"), (False, "order-signed-unrecognised")],
)
def test_the_office_hears_of_a_return_that_nothing_names(recognised: bool | None, code: str) -> None:
    """One alert either way; it says what only a person can check (R6)."""
    signed = EXAMPLES[OrderSigned].event.model_copy(update={"recognised": recognised})
    (told,) = policies.alerts(cause(signed), NOW)
    assert isinstance(told.command, alert.PostAlert)
    assert (told.command.alert.code, told.command.alert.recipient.kind) == (code, "office")


def examples(kinds: Any) -> Iterator[Any]:
    for kind in kinds:
        yield pytest.param(EXAMPLES[kind].event, id=kind.__name__)


def test_an_alert_is_posted_once_and_read_once() -> None:
    """Whatever is delivered or clicked twice (R10)."""
    given().when(alert.PostAlert(POSTED)).then(POSTED)
    given(POSTED).when(alert.PostAlert(POSTED)).then()
    given(POSTED).when(alert.ReadAlert("body:b")).then(READ)
    given(POSTED, READ).when(alert.ReadAlert("body:c")).then()
    given().when(alert.ReadAlert("body:b")).refused("alert-unknown")


def test_an_e_mail_has_one_outcome() -> None:
    """Sent or failed, whoever says it first."""
    given_email().when(RECORD_SENT).then(SENT)
    given_email().when(RECORD_FAILED).then(FAILED)
    given_email(SENT).when(RECORD_FAILED).then()
    given_email(FAILED).when(RECORD_SENT).then()


@pytest.mark.parametrize("command", [alert.PostAlert(POSTED), alert.ReadAlert("body:b")])
@pytest.mark.parametrize("history", [[], [POSTED], [POSTED, READ]])
def test_a_command_repeated_changes_nothing(history: list[Event], command: Any) -> None:
    """Every decision is idempotent."""
    try:
        state = given(*history).when(command).state()
    except Refused:
        return
    assert alert.DECIDER.decide(state, command) == []


@pytest.mark.parametrize("kind", EVENTS)
def test_evolve_is_total(kind: type[Event]) -> None:
    """Any event of any context can be folded."""
    assert isinstance(alert.DECIDER.evolve(alert.Alert(), kind.model_construct()), alert.Alert)
    assert isinstance(email.DECIDER.evolve(email.Email(), kind.model_construct()), email.Email)


def test_every_event_is_told_or_known_to_be_silent() -> None:
    """A new event of any context is not forgotten: it has a line in one of the two tables, and in one only."""
    assert ALERTS.keys() | SILENT.keys() == set(EVENTS)
    assert not ALERTS.keys() & SILENT.keys()
    assert not EMAILS.keys() - ALERTS.keys() - {e for e, why in SILENT.items() if "mailing.py" in why}


def test_an_act_is_named_alike_by_its_cause_and_by_what_does_it() -> None:
    """Both have the field that says on what; none does what it calls for."""
    for event, tellings in ALERTS.items():
        for act in [telling.act for telling in tellings if telling.act]:
            assert act.on in event.model_fields, event
            assert event not in act.done_by or act.called not in (None, act.on), event
    for act in ACTS.values():
        assert act.done_by
        assert all((act.called or act.on) in event.model_fields for event in act.done_by), act.code
    assert {act.code for act in ACTS.values()} == {
        telling.act.code for tellings in ALERTS.values() for telling in tellings if telling.act
    }


def test_an_alert_names_its_act_and_a_returned_order_does_it() -> None:
    """The same subject on both sides, whatever the events are called."""
    issued = EXAMPLES[OrderIssued].event
    (part,) = policies.alerts(cause(issued), NOW)
    posted = part.command.alert
    assert (posted.act, posted.caused_at) == ("sign-order", NOW)
    (done_,) = [each for each in done(EXAMPLES[OrderSigned].event, NOW) if each.act == "sign-order"]
    assert done_.subject == posted.subject
    assert posted.dossier_id == issued.order_id  # type: ignore[attr-defined]


def test_a_decision_is_announced_whatever_one_prefers() -> None:
    """And what has a letter of its own is not announced besides (R2)."""
    (validated,) = policies.announcements(cause(EXAMPLES[CertificatesValidated].event))
    assert validated.decision
    (issued,) = policies.announcements(cause(EXAMPLES[OrderIssued].event))
    assert not issued.decision
    assert policies.announcements(cause(EXAMPLES[ReferencingRejected].event)) == []


def test_the_body_is_told_that_it_can_invoice() -> None:
    """Validated certificates post the alert that opens the invoice (R10)."""
    validated = EXAMPLES[CertificatesValidated].event
    (part,) = policies.alerts(cause(validated), NOW)
    posted = part.command.alert
    assert posted.recipient == Recipient(kind="body", id=str(validated.body_id))  # type: ignore[attr-defined]
    assert "Vous pouvez facturer" in posted.title
    assert posted.link == f"/sessions/{validated.session_id}/facture"  # type: ignore[attr-defined]
    assert posted.faq == "generer-facture"


@pytest.mark.parametrize("event", examples(ALERTS))
def test_every_alert_finds_its_words(event: Event) -> None:
    """With every field, and with the mandatory ones only: no placeholder is left, no alert is lost."""
    for told in (event, bare(event)):
        for part in policies.alerts(replace(cause(event), event=told), NOW):
            posted = part.command.alert
            assert "{" not in posted.title + posted.text + posted.link
            assert posted.title.strip()
            assert posted.text.strip()


def test_the_same_event_asks_for_the_same_alert() -> None:
    """A second delivery repeats the command: same alert, same command id (R10)."""
    delivered = cause(EXAMPLES[CertificatesValidated].event)
    later = datetime(2027, 1, 1, tzinfo=UTC)
    (first,), (again,) = policies.alerts(delivered, NOW), policies.alerts(delivered, later)
    assert (first.stream, first.asked.command, first.asked.fingerprint) == (
        again.stream, again.asked.command, again.asked.fingerprint,
    )  # fmt: skip
    assert first.asked.correlation == delivered.correlation
    assert first.asked.causation == str(delivered.id)


@pytest.mark.parametrize(
    ("perimeter", "territory", "recipient"),
    [("regional", "bretagne", "bretagne"), ("national", None, "national")],
)
def test_the_office_is_that_of_the_dossier(perimeter: str, territory: str | None, recipient: str) -> None:
    """A regional dossier is its territory's, a national one the head office's."""
    event = EXAMPLES[InvoiceSubmitted].event.model_copy(
        update={"perimeter": perimeter, "territory": territory}
    )
    (part,) = policies.alerts(cause(event), NOW)
    assert part.command.alert.recipient == Recipient(kind="office", id=recipient)


def test_a_credit_note_is_not_to_be_decided() -> None:
    """It is told as received."""
    note = EXAMPLES[InvoiceSubmitted].event.model_copy(update={"kind": "381"})
    (part,) = policies.alerts(cause(note), NOW)
    assert part.command.alert.code == "credit-note-submitted"


def test_only_a_permanent_failure_alerts_assistance() -> None:
    """With its record, in one write; nobody looks for the address of a person who was erased."""
    said = policies.outcome(RECORD_FAILED, UUID(int=2), "c", NOW)
    (told,) = said.alerts
    assert told.command.alert.recipient.kind == "assistance"
    assert told.command.alert.cause_id == uuid5(said.part.asked.command, "0")
    assert [each.posted for each in said.announcements] == [told.command.alert]
    assert policies.outcome(replace(RECORD_FAILED, permanent=False), UUID(int=2), "c", NOW).alerts == ()
    assert policies.outcome(RECORD_SENT, UUID(int=2), "c", NOW).alerts == ()


def test_a_decision_that_reaches_nobody_is_said_once() -> None:
    """To Assistance and to the office of the dossier, with what to do; closed once the body has an account again."""
    unheard = EXAMPLES[DecisionUnheard].event
    assert isinstance(unheard, DecisionUnheard)
    said = policies.unheard(unheard, "c", NOW)
    recipients = [
        (part.command.alert.recipient.kind, part.command.alert.recipient.id) for part in said.alerts
    ]
    assert recipients == [("assistance", "assistance"), ("office", "bretagne")]
    for part in said.alerts:
        assert part.command.alert.act == "open-account"
        assert part.command.alert.subject == f"body_id {unheard.body_id}"
        assert "None" not in part.command.alert.text
        assert unheard.title in part.command.alert.text
    (opened,) = [each for each in done(EXAMPLES[AccountOpened].event, NOW) if each.act == "open-account"]
    assert opened.subject == f"body_id {unheard.body_id}"
    given().when(alert.NoteUnheard(unheard)).then(unheard)
    given(unheard).when(alert.NoteUnheard(unheard)).then()


def test_two_senders_cannot_record_two_outcomes() -> None:
    """The second outcome of an e-mail comes under the same command, with another fingerprint: refused."""
    sent, failed = (
        policies.outcome(c, UUID(int=2), "c", NOW).part.asked for c in (RECORD_SENT, RECORD_FAILED)
    )
    assert sent.command == failed.command
    assert sent.fingerprint != failed.fingerprint


def test_a_text_of_any_length_fits() -> None:
    """Long reasons and names are cut, never lost with the whole alert."""
    rejected = EXAMPLES[ReferencingRejected].event
    reason = rejected.reasons[0].model_copy(update={"text": "é" * 20_000})  # type: ignore[attr-defined]
    (part,) = policies.alerts(cause(rejected.model_copy(update={"reasons": (reason, reason)})), NOW)
    assert len(part.command.alert.text) == 20_000


def text_of(message: EmailMessage, form: str = "plain") -> str:
    part = message.get_body((form,))
    assert part is not None
    return str(part.get_content())


def waiting(event: Event) -> tuple[Waiting, dict[str, str]]:
    mail = policies.emails(cause(event))[0]
    row = Waiting(
        mail.id,
        mail.template,
        TO,
        mail.words,
        {},
        mail.cause,
        mail.cause_type,
        mail.correlation,
        mail.body,
        1,
    )
    return row, dict.fromkeys(mail.personal, "ABCD-1234")


@pytest.mark.parametrize("event", examples(EMAILS))
def test_every_e_mail_finds_its_words(event: Event) -> None:
    """With every field, and with the mandatory ones only."""
    for told in (event, bare(event)):
        for mail in policies.emails(replace(cause(event), event=told)):
            words = {
                **mail.words,
                **dict.fromkeys(mail.personal, "ABCD-1234"),
                "site": "https://site.example",
                "to": "direction@organisme.example",
            }
            written = letter(mail.template, words)
            assert written.subject
            for form in (written.text, written.html):
                assert "{" not in form.replace("{ ", "").replace("body {", "")
                assert "None" not in form
                assert "contact.assistance@formiris.org" in form


def test_a_rejection_carries_its_reasons() -> None:
    """In the e-mail as in the decision (R2)."""
    rejected = EXAMPLES[ReferencingRejected].event
    message = compose(waiting(rejected)[0], "direction@organisme.example", {})
    for reason in rejected.reasons:  # type: ignore[attr-defined]
        assert reason.text in text_of(message)


def test_the_activation_code_is_easy_to_find() -> None:
    """On a line of its own, after its name."""
    row, personal = waiting(EXAMPLES[AccountOpened].event)
    text = text_of(compose(row, "direction@organisme.example", personal))
    assert "\nVotre code d'activation : ABCD-1234\n" in text


def test_a_message_is_recognisable_when_sent_again() -> None:
    """The Message-ID is made from the event, so that a copy is known as one."""
    row, personal = waiting(EXAMPLES[AccountOpened].event)
    ids = {compose(row, "direction@organisme.example", personal)["Message-ID"] for _ in range(2)}
    assert ids == {f"<{row.cause}.account-opened@formelie.formiris.org>"}


def test_an_answer_reaches_somebody() -> None:
    """The office that wrote, or Assistance: nobody's answer ends in a mailbox that no one reads (N3)."""
    proposal, _ = waiting(EXAMPLES[ServiceProposalSent].event)
    opened, personal = waiting(EXAMPLES[AccountOpened].event)
    to = "direction@organisme.example"
    assert compose(proposal, to, {})["Reply-To"] == EXAMPLES[ServiceProposalSent].event.office.email  # type: ignore[attr-defined]
    assert compose(opened, to, personal)["Reply-To"] == "contact.assistance@formiris.org"


def test_a_name_cannot_add_a_header() -> None:
    """Line breaks of a body's name stay in the subject's one line."""
    row, _ = waiting(EXAMPLES[ReferencingRejected].event)
    row = replace(row, words={**row.words, "body_name": "Institut\r\nBcc: tous@exemple.example"})
    message = compose(row, "direction@organisme.example", {})
    assert message["Bcc"] is None
    assert "Institut Bcc:" in message["Subject"]


@pytest.mark.parametrize(
    "address", ["a b@c.example", "a@b.example, c@d.example", "@", "a@b\r\nBcc: x@y.example"]
)
def test_an_address_that_cannot_be_one(address: str) -> None:
    """It is refused for good, without a word of it in the reason."""
    row, _ = waiting(EXAMPLES[ReferencingRejected].event)
    with pytest.raises(Undeliverable) as refused:
        compose(row, address, {})
    assert address not in str(refused.value)


@pytest.mark.parametrize(
    ("fault", "lasting"),
    [
        (
            aiosmtplib.SMTPRecipientsRefused([aiosmtplib.SMTPRecipientRefused(550, "no such user", "a@b.c")]),
            True,
        ),
        (aiosmtplib.SMTPRecipientsRefused([aiosmtplib.SMTPRecipientRefused(450, "later", "a@b.c")]), False),
        (aiosmtplib.SMTPDataError(554, "spam"), True),
        (aiosmtplib.SMTPDataError(452, "full"), False),
        (aiosmtplib.SMTPConnectError("away"), False),
        (aiosmtplib.SMTPServerDisconnected("gone"), False),
        (aiosmtplib.SMTPTimeoutError("slow"), False),
    ],
)
async def test_what_lasts_and_what_passes(
    monkeypatch: pytest.MonkeyPatch, fault: Exception, lasting: bool
) -> None:
    """A refusal of this e-mail is for good; the server's own trouble passes."""

    async def send(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(aiosmtplib, "send", send)
    with pytest.raises(Undeliverable if lasting else type(fault)):
        await Smtp("127.0.0.1", 25)(EmailMessage(), "a@b.example")


def test_words_are_those_of_people() -> None:
    """Amounts, dates and reasons as a person reads them."""
    words = words_of(EXAMPLES[InvoiceSubmitted].event)
    assert words["amount"] == "2\N{NARROW NO-BREAK SPACE}640,40\N{NO-BREAK SPACE}€"
    assert words["issued_on"] == "13/04/2026"
    assert words["document"] == "facture rectificative"
