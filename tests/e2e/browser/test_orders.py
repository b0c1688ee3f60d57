"""Référencement, prestations and bons de commande of a body, in a real browser.  (R2, R6, O1, O4, O5, H2, L4)"""

import asyncio
import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import FilePayload, Page, Route, expect

from ops.demo.play import Play
from ops.demo.plot import INPUTS
from tests.clamd import INFECTED, SLOW
from tests.e2e.browser.colleagues import colleague
from tests.e2e.browser.conftest import Visit, accessible, screenshot
from tests.e2e.browser.formiris import opens
from tests.e2e.conftest import Until
from tests.papers import pdf

expect.set_options(timeout=15_000)

BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
SIGNED = INPUTS / "order-signed.pdf"


async def returns(page: Page, document: Path | None, signatory: str = "Anne Le Goff") -> None:
    """Fills the form of the return, and sends it."""
    if document:
        await page.set_input_files("#f-fichier", document)
    await page.fill("#f-name", signatory)
    await page.fill("#f-capacity", "directrice" if signatory else "")
    await page.get_by_role("button", name="Renvoyer à Formiris").click()


def order_of(play: Play) -> str:
    return f"/bons-de-commande/{play.known['order']}"


# ── the order ────────────────────────────────────────────────────────────────────────────────────────────────────


@BOTH
async def test_R6_an_order_is_downloaded_signed_and_returned(
    visit: Visit, played_until: Until, scripts: bool
) -> None:
    """Two steps, the document, who signed and when; then both are done, and certificates may follow (R7)."""
    play = await played_until("national", "returns_the_order")
    page = await visit(play.plot.email, scripts=scripts)
    await page.goto(order_of(play))
    steps = page.locator(".steps > li")
    await expect(steps.nth(0)).to_contain_text("À vous")
    await expect(steps.nth(1)).to_contain_text("À vous")
    link = await steps.nth(0).get_by_role("link", name="Télécharger").get_attribute("href")
    pdf = await page.request.get(str(link))
    assert (pdf.headers["content-type"], (await pdf.body())[:5]) == ("application/pdf", b"%PDF-")
    if scripts:
        await accessible(page, "bon-de-commande")
        await screenshot(page, "bon-de-commande")
    await returns(page, SIGNED)
    await expect(page.locator(".banner.ok")).to_contain_text("Formiris a reçu le bon de commande")
    for step in (0, 1):
        await expect(steps.nth(step)).to_contain_text("Fait le")
    await expect(page.locator(".files")).to_contain_text(re.compile(r"Déposé par vous le .* signé le"))
    await page.get_by_role("link", name="Déposer les attestations").click()
    await page.wait_for_url("**/attestations")


async def test_O1_what_is_wrong_is_said_and_the_file_that_was_received_stays(
    visit: Visit, played_until: Until
) -> None:
    """No file, an empty one, one that is no scan, the blank order itself: one message each; never chosen twice."""
    play = await played_until("national", "returns_the_order")
    page = await visit(play.plot.email, scripts=False)
    await page.goto(order_of(play))
    await returns(page, None, signatory="")
    await expect(page.locator(".errors")).to_contain_text("Document signé : choisissez le document")
    await expect(page.locator(".errors")).to_contain_text("Nom du signataire : à renseigner")
    for content, said in ((b"", "vide"), (b"GIF89a" + b"0" * 90, "pas au format attendu")):
        await page.set_input_files(
            "#f-fichier", {"name": "bon.pdf", "mimeType": "application/pdf", "buffer": content}
        )
        await returns(page, None)
        await expect(page.locator(".refusal")).to_contain_text(said)
    blank = await (await page.request.get(f"{order_of(play)}/document")).body()
    await page.set_input_files(
        "#f-fichier", {"name": "bon.pdf", "mimeType": "application/pdf", "buffer": blank}
    )
    await returns(page, None)
    await expect(page.locator(".refusal")).to_contain_text("sans signature ni tampon")
    await page.fill("#f-signed_on", "31/12/2099")
    await returns(page, SIGNED)
    await expect(page.locator(".refusal")).to_contain_text("dans le futur")
    await expect(page.locator(".upload")).to_contain_text("Fichier reçu, et gardé")
    await page.fill("#f-signed_on", "01/10/2026")
    await returns(page, None)
    await expect(page.locator(".banner.ok")).to_contain_text("Formiris a reçu")


def scan(padding: int = 0, mark: bytes = b"") -> FilePayload:
    """A returned order of that many bytes more, as a telephone would weigh it."""
    content = pdf("Bon pour accord") + b"\n%" + mark + b"0" * padding
    return {"name": "bon-signé.pdf", "mimeType": "application/pdf", "buffer": content}


async def test_O1_limits_are_said_before_and_each_cause_has_its_words(
    visit: Visit, played_until: Until, tmp_path: Path
) -> None:
    """As soon as a file is chosen: too large, empty, a telephone's photo by its name or its content."""
    play = await played_until("national", "returns_the_order")
    page = await visit(play.plot.email)
    await page.goto(order_of(play))
    await expect(page.locator("#f-fichier-h")).to_contain_text("PDF, JPEG ou PNG, 20 Mo au plus")
    (tmp_path / "grand.pdf").touch()
    os.truncate(tmp_path / "grand.pdf", 20_000_001)
    heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(50)
    for name, content, words in (
        ("grand.pdf", None, "20 Mo au plus"), ("vide.pdf", b"", "vide (0 octet)"), ("IMG_1.HEIC", heic, "HEIC"),
        ("IMG_1.jpg", heic, "Photo au format HEIC"), ("bon.pdf", b"GIF89a" + b"0" * 90, "pas au format attendu"),
    ):  # fmt: skip
        if content is not None:
            (tmp_path / name).write_bytes(content)
        await page.set_input_files("#f-fichier", tmp_path / name)
        await expect(page.locator(".upload .error")).to_contain_text(words)
        await expect(page.get_by_role("alert")).to_contain_text(words)
        await expect(page.locator("#f-fichier")).to_have_value("")
    await accessible(page, "bon-de-commande-fichier-refuse")
    await page.set_input_files("#f-fichier", SIGNED)
    await expect(page.locator(".upload .saved")).to_contain_text(
        "est reçu, et gardé : aucun virus n’y est trouvé"
    )
    await expect(page.locator(".upload .error")).to_have_count(0)


async def test_O2_X1_an_upload_goes_on_after_a_cut_and_its_form_waits_for_it(
    visit: Visit, played_until: Until
) -> None:
    """Sent part by part as soon as it is chosen; the cut is heard, no part is sent twice, the form leaves by itself."""
    play = await played_until("national", "returns_the_order")
    page = await visit(play.plot.email)
    await page.goto(order_of(play))
    begun: list[int] = []

    async def cut(route: Route) -> None:
        begun.append(int(route.request.url.partition("debut=")[2]))
        await (route.abort() if len(begun) == 2 else route.continue_())

    await page.route("**/envois/**debut=*", cut)
    await page.set_input_files("#f-fichier", files=[scan(1_200_000)])
    await expect(page.get_by_role("alert")).to_contain_text("Connexion perdue à 43 %")
    await expect(page.get_by_role("progressbar", name="Envoi du fichier")).to_be_visible()
    await screenshot(page, "bon-de-commande-envoi-coupe")
    await page.fill("#f-name", "Anne Le Goff")
    await page.fill("#f-capacity", "directrice")
    await page.get_by_role("button", name="Renvoyer à Formiris").click()
    await expect(page.locator(".banner.ok")).to_contain_text("Formiris a reçu le bon de commande")
    part = 512 * 1024
    assert begun == [0, part, part, 2 * part]


async def test_O2_a_form_that_is_sent_too_soon_says_what_it_waits_for(
    visit: Visit, played_until: Until
) -> None:
    """While the file is on its way; and the file that came survives an error of the form."""
    play = await played_until("national", "returns_the_order")
    page = await visit(play.plot.email)
    await page.goto(order_of(play))
    held = asyncio.Event()

    async def wait(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await page.route("**/envois/**debut=*", wait)
    await page.set_input_files("#f-fichier", SIGNED)
    await expect(page.locator(".upload progress")).to_be_visible()
    await page.get_by_role("button", name="Renvoyer à Formiris").click()
    await expect(page.get_by_role("status").filter(has_text="dès qu’il sera reçu")).to_be_attached()
    await expect(page.locator(".upload")).to_contain_text("Votre fichier est encore en route")
    held.set()
    await expect(page.locator(".errors")).to_contain_text("Nom du signataire : à renseigner")
    await accessible(page, "bon-de-commande-erreurs")
    await expect(page.locator(".upload")).to_contain_text("Fichier reçu, et gardé")
    await returns(page, None)
    await expect(page.locator(".banner.ok")).to_contain_text("Formiris a reçu")


async def test_O3_an_infected_file_is_refused_and_the_version_before_stays(
    visit: Visit, played_until: Until
) -> None:
    """The virus is named; a scanner that is late is said to be, in time, and nothing that was there has moved."""
    play = await played_until("regional", "returns_the_order")
    page = await visit(play.plot.email)
    await page.goto(order_of(play))
    papers = await page.locator(".files").inner_text()
    await page.set_input_files("#f-fichier", files=[scan(mark=INFECTED)])
    await expect(page.locator(".upload .error")).to_contain_text("« Eicar-Test-Signature »")
    await expect(page.get_by_role("alert")).to_contain_text(
        "celui que vous aviez déposé avant reste en place"
    )
    await screenshot(page, "bon-de-commande-virus")
    await page.set_input_files("#f-fichier", files=[scan(mark=SLOW)])
    await expect(page.locator(".upload")).to_contain_text("Formiris le contrôle")
    await expect(page.locator(".upload .error")).to_contain_text("Antivirus en retard", timeout=30_000)
    await expect(page.locator(".upload .error")).to_contain_text("Formiris en est prévenu")
    await page.set_input_files("#f-fichier", [])
    await page.reload()
    assert await page.locator(".files").inner_text() == papers


async def test_O3_without_javascript_a_virus_is_told_on_the_page(visit: Visit, played_until: Until) -> None:
    """The same words, with the four answers, and what was typed stays."""
    play = await played_until("regional", "returns_the_order")
    page = await visit(play.plot.email, scripts=False)
    await page.goto(order_of(play))
    await page.set_input_files("#f-fichier", files=[scan(mark=INFECTED)])
    await returns(page, None, signatory="Yves Tanguy")
    await expect(page.locator("#refus-renvoi")).to_contain_text("Virus trouvé dans le document")
    assert await page.locator("#f-name").input_value() == "Yves Tanguy"


async def test_O4_another_order_is_not_taken_for_ours(visit: Visit, played_until: Until) -> None:
    """The reference on the paper tells: which one was sent, which one is expected; never an electronic signature."""
    play = await played_until("national", "returns_the_order")
    page = await visit(play.plot.email)
    await page.goto(order_of(play))
    other: FilePayload = {
        "name": "bon.pdf", "mimeType": "application/pdf", "buffer": pdf("Bon de commande BC-2026-AAAA-BBBB-CCCC"),
    }  # fmt: skip
    await page.set_input_files("#f-fichier", files=[other])
    await returns(page, None)
    refusal = page.locator("section.refus")
    await expect(refusal).to_contain_text("BC-2026-AAAA-BBBB-CCCC")
    number = await page.locator(".head .mono").inner_text()
    missing = refusal.locator(".pairs > div", has_text="Ce qui manque")
    await expect(missing).to_contain_text(f"Le bon de commande {number}, signé et tamponné.")
    await accessible(page, "bon-de-commande-autre")
    await screenshot(page, "bon-de-commande-autre")
    words = " ".join((await page.locator("main").inner_text()).split())
    assert (
        words.count("signature électronique") == words.count("Ce n’est pas une signature électronique") == 1
    )


async def test_O4_a_return_that_is_refused_keeps_its_place_and_its_versions(
    visit: Visit, played_until: Until
) -> None:
    """What is missing and who acts; what was right stays right; both papers are there, and the next one is taken."""
    play = await played_until("regional", "returns_the_order")
    page = await visit(play.plot.email)
    await page.goto(order_of(play))
    refusal = page.locator(".refusal")
    await expect(refusal).to_contain_text("Le cachet de l’organisme manque")
    for answer in ("Ce qui manque", "Qui doit agir", "Qui contacter", "Dans l’aide"):
        await expect(refusal.locator("dt", has_text=answer)).to_be_visible()
    await expect(page.locator(".steps")).to_contain_text("Votre place dans la file est gardée")
    assert await page.locator("#f-name").input_value() == "Anne Le Goff"
    await accessible(page, "bon-de-commande-renvoi-refuse")
    await screenshot(page, "bon-de-commande-renvoi-refuse")
    await refusal.get_by_role("link", name="Renvoyer le bon de commande").click()
    await returns(page, SIGNED)
    await expect(page.locator(".files > li")).to_have_count(3)
    await expect(page.locator(".files")).to_contain_text("Refusé le")
    await expect(page.locator(".files")).to_contain_text("Reçu par Formiris")
    for link in await page.locator(".files a").all():
        paper = await page.request.get(str(await link.get_attribute("href")))
        assert paper.ok


async def test_O4_the_right_to_sign_is_enough_to_return_an_order(visit: Visit, played_until: Until) -> None:
    """Whoever signs need not prepare: the scan goes with the signature."""
    play = await played_until("national", "returns_the_order")
    page = await visit(await colleague(play, "sign"))
    await page.goto(order_of(play))
    await returns(page, SIGNED)
    await expect(page.locator(".banner.ok")).to_contain_text("Formiris a reçu")


async def test_O4_somebody_without_the_right_to_sign_reads_and_is_told(
    visit: Visit, played_until: Until
) -> None:
    """No button that does nothing: who can return it is said."""
    play = await played_until("national", "returns_the_order")
    page = await visit(await colleague(play, "prepare"))
    await page.goto(order_of(play))
    assert await page.get_by_role("button", name="Renvoyer à Formiris").count() == 0
    await expect(page.locator("main")).to_contain_text("n’a pas le droit de signer")


@BOTH
async def test_O5_a_session_that_moves_has_an_amendment_to_sign_again(
    visit: Visit, played_until: Until, scripts: bool
) -> None:
    """The order keeps its number; what must be signed again is said before, and is the page that follows."""
    play = await played_until("national", "names_a_stranger")
    page = await visit(play.plot.email, scripts=scripts)
    await page.goto(order_of(play))
    number = await page.locator(".head .mono").inner_text()
    await page.goto(f"/prestations/{play.known['offering']}")
    await page.get_by_role("link", name="Déplacer").click()
    await expect(page.locator(".banner.warn")).to_contain_text("Un avenant")
    if scripts:
        await accessible(page, "session-deplacer")
        await screenshot(page, "session-deplacer")
    await page.fill("#f-starts_on", "le printemps")
    await page.get_by_role("button", name="Déplacer la session").click()
    await expect(page.locator(".errors")).to_contain_text("Début de la session")
    assert await page.locator("#f-starts_on").input_value() == "le printemps"
    await page.fill("#f-starts_on", "10/12/2026")
    await page.fill("#f-ends_on", "12.12.2026")
    await page.fill("#f-reason", "La salle n'est plus libre.")
    await page.get_by_role("button", name="Déplacer la session").click()
    await page.wait_for_url("**/bons-de-commande/*")
    await expect(page.locator(".banner.ok")).to_contain_text("avenant est à signer")
    await expect(page.locator(".steps")).to_contain_text("Télécharger l’avenant n° 1")
    await expect(page.locator("main")).to_contain_text("du 10 au 12 décembre")
    await expect(page.locator(".head .mono")).to_have_text(number)
    await expect(page.locator(".steps > li").nth(0)).to_contain_text("À vous")
    if scripts:
        await screenshot(page, "bon-de-commande-avenant")
    await returns(page, SIGNED)
    await expect(page.locator(".files > li")).to_have_count(4)


async def test_O5_a_session_is_cancelled_with_its_order(visit: Visit, played_until: Until) -> None:
    """A reason is asked; nothing is left to sign."""
    play = await played_until("national", "returns_the_order")
    page = await visit(play.plot.email)
    await page.goto(f"/prestations/{play.known['offering']}")
    await page.get_by_role("link", name="Annuler la session").click()
    await page.get_by_role("button", name="Annuler la session").click()
    await expect(page.locator(".errors")).to_contain_text("Pourquoi")
    await accessible(page, "session-annuler")
    await page.fill("#f-reason", "Trop peu d'inscrits.")
    await page.get_by_role("button", name="Annuler la session").click()
    await expect(page.locator(".banner.ok")).to_contain_text("La session est annulée")
    await expect(page.locator(".table")).to_contain_text("Trop peu d’inscrits")
    await page.goto(order_of(play))
    await expect(page.locator(".steps")).to_contain_text("Annulé")
    assert await page.get_by_role("button", name="Renvoyer à Formiris").count() == 0
    await accessible(page, "bon-de-commande-annule")


async def test_H2_where_a_dossier_stands_is_one_sentence_everywhere(
    visit: Visit, played_until: Until
) -> None:
    """State, holder, since when, what unblocks: at home, in the list and on the order itself."""
    play = await played_until("national", "returns_the_order")
    page = await visit(play.plot.email)
    await page.goto(order_of(play))
    lead = await page.locator(".lead").inner_text()
    sentence = lead.partition(" C’est à vous d’agir")[0]
    assert "doit le signer, le tamponner et le renvoyer" in sentence
    assert re.search(r"C’est à vous d’agir, depuis .+\s: télécharger le bon de commande, le signer", lead)
    for path in ("/", "/dossiers?qui=body"):
        main = await opens(page, path, "Renvoyer le bon de commande" if path == "/" else "bon de commande")
        await expect(main).to_contain_text(sentence)
        if path == "/":
            await expect(page.locator("h1")).to_have_text(re.compile(r"Bonjour \w+.* \w+"))
            await expect(page.locator(".dossier .meta")).to_contain_text("périmètre national")
        await accessible(page, f"ou-en-est{path.partition('?')[0]}".replace("/", "-"))


# ── offerings ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_offering_that_is_rejected_is_corrected_and_one_is_withdrawn(
    visit: Visit, played_until: Until
) -> None:
    """Reasons on the page and in the form; submitted again from what was typed; then taken back."""
    play = await played_until("regional", "proposes")
    offering = await _proposed(play, "Une prestation à revoir")
    reason = {"text": "L'évaluation n'est pas décrite.", "field": "assessment"}
    await play.does(
        play.manager, "rejects", "offerings", "POST", f"/offerings/{offering}/decision", "rejects-offering",
        json={"decision": "reject", "reasons": [reason]},
    )  # fmt: skip
    page = await visit(play.plot.email)
    await page.goto(f"/prestations/{offering}")
    await expect(page.locator(".refusal")).to_contain_text("L’évaluation n’est pas décrite")
    await accessible(page, "prestation-rejetee")
    await screenshot(page, "prestation-rejetee")
    await page.get_by_role("link", name="Corriger la prestation").click()
    await page.goto(f"/prestations/brouillons/{offering}/pedagogie")
    await expect(page.locator(".yours")).to_contain_text("L’évaluation n’est pas décrite")
    await page.fill("#f-assessment", "Un questionnaire, puis une mise en situation devant le groupe.")
    await page.get_by_role("button", name="Enregistrer et continuer").click()
    await page.goto(f"/prestations/brouillons/{offering}/verifier")
    await page.get_by_role("button", name="Soumettre à Formiris").click()
    await expect(page.locator(".receipt")).to_have_count(2)
    await page.get_by_role("link", name="Voir le dossier").click()
    await page.locator("summary", has_text="Retirer cette prestation").click()
    await page.get_by_role("button", name="Retirer la prestation").click()
    await expect(page.locator(".banner.ok")).to_contain_text("La prestation est retirée")
    await accessible(page, "prestation-retiree")


async def test_P1_a_list_is_paged_by_key_and_its_filters_are_addresses(
    visit: Visit, played_until: Until
) -> None:
    """Sixty offerings: fifty, then ten; under 100 kB; long titles stay inside the page of a phone."""
    play = await played_until("regional", "proposes")
    for number in range(60):
        await _proposed(
            play, f"Prestation {number:02}" + (" incompréhensiblement" * 20 if number == 59 else "")
        )
    page = await visit(play.plot.email, width=375)
    answer = await page.goto("/prestations")
    assert answer is not None
    assert len(await answer.body()) < 100_000
    assert await page.locator("tbody tr").count() == 50
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_role("link", name="Prestations plus anciennes").click()
    assert await page.locator("tbody tr").count() == 10
    await page.goto("/prestations?etat=rejected")
    await expect(page.locator(".empty")).to_contain_text("Aucune prestation dans cet état")
    await page.goto("/dossiers?qui=office&etape=offering")
    assert await page.locator("tbody tr").count() == 50
    await expect(page.locator(".views [aria-current]")).to_contain_text(re.compile(r"Chez Formiris\s+60"))
    await accessible(page, "dossiers")
    await screenshot(page, "dossiers")
    await page.goto("/prestations")
    await accessible(page, "prestations")
    await screenshot(page, "prestations")


async def _proposed(play: Play, title: str) -> str:
    fields: dict[str, Any] = {**play.plot.offering, "title": title[:490]}
    answer = await play.does(
        play.body, "proposes", "offerings", "POST", "/offerings", f"proposes-{title[:14].replace(' ', '-')}",
        status=201, json={"fields": fields},
    )  # fmt: skip
    return str(answer["id"])


async def test_H1_a_body_that_is_not_referenced_is_told_why_it_cannot_propose(
    visit: Visit, played_until: Until
) -> None:
    """The four answers, and no form that would be refused at its end; empty lists say what comes."""
    play = await played_until("regional", "completes_the_form")
    page = await visit(play.plot.email)
    await page.goto("/prestations/nouvelle")
    assert await page.get_by_role("button", name="Commencer").count() == 0
    for answer in ("Ce qui manque", "Qui doit agir", "Qui contacter", "Dans l’aide"):
        await expect(page.locator(".refusal dt", has_text=answer)).to_be_visible()
    await accessible(page, "prestation-nouvelle-refusee")
    await screenshot(page, "prestation-nouvelle-refusee")
    for path in ("/prestations", "/dossiers?qui=nobody", "/organisme", "/referencement"):
        await page.goto(path)
        await accessible(page, f"vide-{path.strip('/').partition('?')[0]}")


# ── référencement, organisme ─────────────────────────────────────────────────────────────────────────────────────


async def test_R1_the_proposal_and_the_steps_of_the_request_are_there(
    visit: Visit, played_until: Until
) -> None:
    """Where it stands, the PDF that Formiris sent, whom to ask; its own address leads to the same page."""
    play = await played_until("regional", "completes_the_form")
    page = await visit(play.plot.email)
    await page.goto(f"/referencement/{play.known['body']}")
    await expect(page.locator(".life [aria-current]")).to_contain_text("À compléter")
    await expect(page.locator(".lead .turn")).to_contain_text("C’est à vous d’agir")
    pdf = await page.request.get("/referencement/proposition.pdf")
    assert (await pdf.body())[:5] == b"%PDF-"
    await accessible(page, "referencement")
    await screenshot(page, "referencement")
    other = await page.goto("/referencement/00000000-0000-0000-0000-000000000000")
    assert other is not None
    assert other.status == 404


@BOTH
async def test_O6_L4_details_change_with_what_proves_them(
    visit: Visit, played_until: Until, scripts: bool
) -> None:
    """A phone changes at once; an IBAN asks for its proof, is masked, and is told to the old contact."""
    play = await played_until("regional", "proposes")
    page = await visit(play.plot.email, scripts=scripts)
    await page.goto("/organisme/modifier/identite")
    assert await page.locator("#f-siret").count() == 0
    await page.fill("#f-phone", "02 99 11 22 33")
    await page.fill("#f-acronym", "IBDP")
    await page.get_by_role("button", name="Enregistrer les modifications").click()
    await expect(page.locator(".banner.ok")).to_contain_text("Vos informations sont modifiées")
    await expect(page.locator("main")).to_contain_text("02 99 11 22 33")
    await page.goto("/organisme/modifier/informations-legales")
    await page.fill("#f-iban", "FR14 2004 1010 0505 0001 3M02 606")
    await page.get_by_role("button", name="Enregistrer les modifications").click()
    await expect(page.locator(".refusal")).to_contain_text("Justificatif à joindre")
    assert await page.locator("#f-iban").input_value() == "FR14 2004 1010 0505 0001 3M02 606"
    await page.set_input_files("#preuve-fichier", SIGNED)
    await page.fill("#f-ape", "85")
    await page.get_by_role("button", name="Enregistrer les modifications").click()
    await expect(page.locator(".errors")).to_contain_text("Code APE")
    await expect(page.locator(".upload")).to_contain_text("Justificatif reçu, et gardé")
    if scripts:
        await accessible(page, "organisme-modifier")
        await screenshot(page, "organisme-modifier")
    await page.fill("#f-ape", "8559B")
    await page.get_by_role("button", name="Enregistrer les modifications").click()
    await expect(page.locator("main")).to_contain_text("FR14 •••• 2606")
    await expect(page.locator(".files")).to_contain_text("IBAN")
    assert "2004 1010" not in await page.content()
    told = f"Coordonnées bancaires modifiées : {play.plot.name}"
    before = "gestion@pedagogies-bretagne.example"  # the administrative contact of the form
    await play.finds(
        play.body, "mailbox", f"/messages?to={before}", "the e-mail to the contact of before",
        lambda mails: next((mail for mail in mails if mail["subject"] == told), None),
    )  # fmt: skip
    if scripts:
        await accessible(page, "organisme")
        await screenshot(page, "organisme")


async def test_L4_a_suspension_says_its_reason_and_who_lifts_it(visit: Visit, played_until: Until) -> None:
    """On the body's own page, with whom to ask; and no offering can be begun meanwhile."""
    play = await played_until("regional", "proposes")
    await play.does(
        play.manager, "suspends", "registration", "POST", f"/training-bodies/{play.known['body']}/suspension",
        "suspends", json={"reason": "Certificat Qualiopi échu.", "cause": "qualiopi-expired"},
    )  # fmt: skip
    page = await visit(play.plot.email)
    main = await opens(page, "/organisme", "Certificat Qualiopi échu")
    await expect(main.locator(".refusal .turn")).to_contain_text("Vous")
    await expect(page.get_by_role("link", name="Joindre le nouveau certificat Qualiopi")).to_be_visible()
    await accessible(page, "organisme-suspendu")
    await screenshot(page, "organisme-suspendu")
    await opens(page, "/prestations/nouvelle", "ne peut pas encore proposer de prestation")
