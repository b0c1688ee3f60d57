"""Formiris's rules, end to end over HTTP, each on the running system.  (domain.md R1 to R12)"""

import asyncio
from typing import Any

import pytest

from ops.demo.client import NOBODY, Answer
from ops.demo.outcome import outcome_of
from ops.demo.play import Play
from ops.demo.plot import Kind
from ops.demo.scenes import attendance, invoicing, offerings, registration
from ops.demo.story import Times, live
from ops.demo.tell import Silent
from ops.demo.troupe import Troupe
from tests.e2e.conftest import Until

KINDS: tuple[Kind, Kind] = ("regional", "national")


async def asked(play: Play, **changed: Any) -> Answer:
    """A referencing request as the public page sends it, but for what is changed."""
    json = {**play.plot.request, **changed}
    return await play.client.command(
        "registration", "POST", "/referencing-requests", play.body, "asked", json=json
    )


@pytest.mark.parametrize(
    ("changed", "office"),
    [
        ({"perimeter": "regional", "territory": "bretagne"}, "contact.bretagne@formiris.org"),
        ({"perimeter": "regional", "territory": "normandie"}, "contact.normandie@formiris.org"),
        ({"perimeter": "national", "territory": None}, "prestataires@formiris.org"),
    ],
)
async def test_r1_a_request_goes_to_the_office_of_its_perimeter(
    troupe: Troupe, changed: dict[str, Any], office: str
) -> None:
    """Regional: the territorial association on which the body depends; national: the head office."""
    answer = await asked(troupe.play("regional", Silent()), **changed)
    assert answer.status == 201
    assert answer["office"]["email"] == office


async def test_r1_a_regional_request_without_territory_is_told_which_there_are(troupe: Troupe) -> None:
    """No dead end: the refusal lists the territories to choose from."""
    answer = await asked(troupe.play("regional", Silent()), territory=None)
    assert answer.status == 422
    assert "bretagne" in str(answer["missing"])


async def test_r1_the_office_answers_with_a_proposal_that_opens_the_account(played_until: Until) -> None:
    """The proposal brings an e-mail with the code, the code a password, the password a token."""
    play = await played_until("national", "activates")
    await registration.activates(play)
    assert play.body.token


async def test_r2_a_rejection_is_e_mailed_with_its_reasons_and_can_be_corrected(played_until: Until) -> None:
    """The body reads why, corrects, submits again, and is accepted."""
    play = await played_until("regional", "is_rejected_once")
    await registration.is_rejected_once(play)
    page = await play.reads(play.body, "registration", registration.request_path(play))
    assert page["status"] == "submitted"
    await registration.is_accepted(play)
    page = await play.reads(play.body, "registration", registration.request_path(play))
    assert page["status"] == "accepted"


async def test_r3_an_incomplete_form_is_kept_and_says_all_that_is_missing(played_until: Until) -> None:
    """SIRET among it, although it is blue; completed, the form is submitted."""
    play = await played_until("national", "completes_the_form")
    form = registration.request_path(play, "/form")
    typed = {"name": play.plot.form["name"], "siret": ""}
    answer = await play.client.command("registration", "PUT", form, play.body, "r3", json={"fields": typed})
    assert answer["code"] == "referencing-form-incomplete"
    missing = {each["field"]: each for each in answer["missing"]}
    assert {each["where"] for each in missing.values()} == {
        "Identité", "Informations légales", "Activité", "Contacts",
    }  # fmt: skip
    assert (missing["siret"]["label"], missing["siret"]["colour"]) == ("SIRET", "blue")
    kept = (await play.reads(play.body, "registration", form))["fields"]
    assert {name: kept[name] for name in typed} == typed
    await registration.completes_the_form(play)


async def test_r4_lost_codes_are_given_again_by_assistance(played_until: Until) -> None:
    """Someone asks, is told when Assistance answers, proves who they are, and signs in with the codes e-mailed."""
    play = await played_until("regional", "completes_the_form")
    asked = {"email": play.plot.email, "kind": "lost-codes", "message": "Je n'ai plus mes codes."}
    ticket = await play.client.command(
        "registration", "POST", "/assistance-requests", play.body, "lost", json=asked
    )
    assert ticket["sentence"].startswith("L'Assistance")
    resolution = f"/assistance-requests/{ticket['id']}/resolution"
    given = {"action": "reissue-codes", "checks": []}
    await play.is_refused(
        play.staff.assistance, "gives codes to whoever asks", "checks-missing",
        "registration", "POST", resolution, "unchecked", json=given,
    )  # fmt: skip
    await play.does(
        play.staff.assistance, "gives new codes", "registration", "POST", resolution, "reissue",
        json={**given, "checks": ["rappel au numéro du dossier"]},
    )  # fmt: skip
    refused = await play.client.sign_in(play.plot.email, registration.PASSWORD)
    assert refused["code"] == "sign-in-refused"
    mail = await registration.receives(
        play, "new codes", lambda mail: "nouveaux codes" in registration.text_of(mail)
    )
    password = "Gomme-Compas-9-Regle"
    login = {"login": play.plot.email, "code": registration.code_in(mail), "password": password}
    await play.does(
        play.body, "activates again", "registration", "POST", "/accounts/activation", "again", json=login
    )
    signed_in = await play.client.sign_in(play.plot.email, password)
    assert signed_in.status == 200


async def test_r5_an_incomplete_offering_is_kept_and_says_all_that_is_missing(played_until: Until) -> None:
    """« Type de coût des sessions » among it, although it is blue; completed, the offering is submitted."""
    play = await played_until("national", "proposes")
    await play.reads(play.body, "offerings", "/offerings")
    typed = {"title": play.plot.offering["title"], "cost_type": ""}
    answer = await play.client.command(
        "offerings", "POST", "/offerings", play.body, "r5", json={"fields": typed}
    )
    assert answer["code"] == "offering-form-incomplete"
    missing = {each["field"]: each for each in answer["missing"]}
    assert {each["where"] for each in missing.values()} == {
        "En-tête", "Pédagogie", "Inscription", "Synthèse", "Description", "Session",
    }  # fmt: skip
    assert (missing["cost_type"]["label"], missing["cost_type"]["colour"]) == (
        "Type de coût des sessions",
        "blue",
    )
    (draft,) = (await play.reads(play.body, "offerings", "/offerings/drafts"))["items"]
    assert (await play.reads(play.body, "offerings", f"/offerings/drafts/{draft['id']}"))["fields"] == typed
    await offerings.proposes(play)


async def test_r6_an_order_is_submitted_downloaded_signed_and_returned(played_until: Until) -> None:
    """In two steps that the order shows: nothing is done, then both are."""
    play = await played_until("regional", "is_ordered")
    await offerings.is_ordered(play)
    page = await play.reads(play.body, "offerings", offerings.order_path(play))
    assert (page["status"], [step["done"] for step in page["steps"]]) == ("issued", [False, False])
    paper = await play.reads(play.body, "offerings", offerings.order_path(play, "/document"))
    assert paper.headers["content-type"] == "application/pdf"
    await offerings.returns_the_order(play)
    page = await play.reads(play.body, "offerings", offerings.order_path(play))
    assert (page["status"], [step["done"] for step in page["steps"]]) == ("signed", [True, True])


async def test_r7_certificates_wait_for_the_order_to_be_signed_and_returned(played_until: Until) -> None:
    """Each of the two steps is refused by its own name; once both are done the deposit is taken."""
    play = await played_until("national", "before_the_order_is_issued")
    await attendance.before_the_order_is_issued(play)
    await offerings.is_ordered(play)
    await attendance.before_the_order_is_returned(play)
    await offerings.returns_the_order(play)
    await attendance.deposits_certificates(play)


async def test_r7_a_returned_order_that_was_refused_closes_the_certificates_again(
    played_until: Until,
) -> None:
    """Returned without stamp and refused: certificates wait until it is returned again."""
    play = await played_until("regional", "returns_it_unstamped_first")
    await offerings.returns_it_unstamped_first(play)
    await play.reads(play.body, "attendance", offerings.session_path(play, "/certificates"))
    await play.is_refused(
        play.body, "deposits certificates", "order-signature-refused",
        "attendance", "POST", offerings.session_path(play, "/certificates"), "too-early",
        json=await attendance.sheet(play),
    )  # fmt: skip
    await offerings.returns_the_order(play)
    await attendance.deposits_certificates(play)


async def test_r8_a_teacher_without_assignment_is_refused_in_the_very_words_of_the_faq(
    played_until: Until,
) -> None:
    """The exact sentence with the real numbers, and whom to ask."""
    play = await played_until("national", "names_a_stranger")
    document = await attendance.sheet(play)
    line = {**document["lines"][0], "teacher": "987654", "unit": "UP2"}
    answer = await play.client.command(
        "attendance", "POST", offerings.session_path(play, "/certificates"), play.body, "stranger",
        json={**document, "lines": [line]},
    )  # fmt: skip
    assert answer["detail"] == (
        'Erreur Aucune affectation trouvée pour l\'enseignant "987654" dans l\'unité pédagogique "UP2"'
    )
    assert answer["contact"]["email"] == "contact.assistance@formiris.org"


@pytest.mark.parametrize("kind", KINDS)
async def test_r9_an_invoice_waits_for_the_validation_of_the_certificates(
    played_until: Until, kind: Kind
) -> None:
    """Deposited or not, certificates that nobody validated open no invoice."""
    play = await played_until(kind, "comes_too_early")
    await invoicing.comes_too_early(play)
    await attendance.are_validated(play)
    await invoicing.is_sent(play)


async def test_r10_the_body_is_told_that_it_may_invoice(played_until: Until) -> None:
    """One alert in its extranet, which it can mark as read; no other body sees it."""
    play = await played_until("national", "may_be_sent")
    other = await played_until("national", "completes_the_form")
    await invoicing.may_be_sent(play)
    alerts = (await play.reads(play.body, "notifications", "/alerts"))["items"]
    (told,) = [alert for alert in alerts if "facturer" in alert["title"] + alert["text"]]
    await play.does(
        play.body, "reads the alert", "notifications", "POST", f"/alerts/{told['id']}/read", "alert-read"
    )
    theirs = (await other.reads(other.body, "notifications", "/alerts"))["items"]
    assert told["id"] not in [alert["id"] for alert in theirs]


@pytest.mark.parametrize(
    ("kind", "whom"),
    [("regional", "contact.bretagne@formiris.org"), ("national", "contact.gestion@formiris.org")],
)
async def test_r11_a_submitted_invoice_never_changes_and_the_refusal_says_whom_to_ask(
    played_until: Until, kind: Kind, whom: str
) -> None:
    """Regional: the proximity site; national: the management desk. The invoice stays as it was."""
    play = await played_until(kind, "cannot_be_changed")
    before = await play.reads(play.body, "invoicing", invoicing.invoice_path(play))
    answer = await play.client.command(
        "invoicing",
        "PUT",
        invoicing.invoice_path(play),
        play.body,
        "change",
        json=invoicing.invoice(play, "X-1"),
    )
    assert answer["code"] == "invoice-submitted"
    assert answer["contact"]["email"] == whom
    after = await play.reads(play.body, "invoicing", invoicing.invoice_path(play))
    assert after.body == before.body


async def test_r12_the_faq_is_interactive_and_refusals_link_to_its_answers(troupe: Troupe) -> None:
    """A menu of four themes, questions that unfold into answers, a way back; a refusal names one of them."""
    play = troupe.play("national", Silent())
    faq = await play.reads(NOBODY, "notifications", "/faq")
    assert "Cliquez sur la question qui vous concerne" in faq["introduction"]
    assert faq["back"] == "Retour au menu"
    assert len(faq["themes"]) == 4
    questions = [question for theme in faq["themes"] for question in theme["questions"]]
    assert all(question["answer"] for question in questions)
    refused = await play.client.sign_in("personne@lire-et-dire.example", "un mot de passe")
    answers = {question["link"]: question["question"] for question in questions}
    assert answers[refused["faq"]["link"]] == refused["faq"]["question"]


async def test_the_whole_life_of_two_bodies_at_once(troupe: Troupe) -> None:
    """From the request to the payment; both dossiers come to their end, neither sees the other's."""
    pair = troupe.pair(Silent())
    await asyncio.gather(*(live(play, Times()) for play in pair))
    for play in pair:
        outcome = await outcome_of(play)
        assert [outcome["request"], outcome["certificates"]] == ["accepted", "validated"]
        assert "paid" in str(outcome["invoices"])
