"""Formiris's managers in a real browser: one queue, decisions, several at once, lists that are addresses."""

import asyncio
import csv
import io
import re
from dataclasses import dataclass
from itertools import chain, takewhile
from pathlib import Path

import pytest
from playwright.async_api import Page
from stdnum import luhn

from ops.demo.play import Play
from ops.demo.plot import Plot
from ops.demo.scenes import registration
from ops.demo.scenes.offerings import returns_the_order
from ops.demo.story import ACTS
from ops.demo.tell import Silent
from ops.demo.troupe import Troupe
from tests.e2e.browser.conftest import Visit, accessible, screenshot
from tests.e2e.browser.formiris import AUDITOR, NATIONAL, REGIONAL, opens, request_page, said
from tests.e2e.conftest import Until

BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
TO_DECIDE = "À vous de décider"


async def checked(page: Page, where: str, scripts: bool) -> None:
    """The page is accessible: told by a script, where there are scripts."""
    if scripts:
        await accessible(page, where)


async def row_of(page: Page, play: Play) -> str:
    """What the queue says of a body, looked for by its number."""
    number = str(play.plot.number)
    await opens(page, f"/?mots={number}", play.plot.name)
    return await said(page.locator("tbody tr").first)


# ── the queue ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_M1_the_queue_says_of_a_dossier_what_the_body_reads(visit: Visit, played_until: Until) -> None:
    """One sentence for both; the manager's turn is highlighted, the oldest dossier comes first."""
    play = await played_until("regional", "assigns_teachers")
    page = await visit(REGIONAL)
    row = await row_of(page, play)
    sentence = (
        f"La prestation « {play.plot.offering['title']} » est acceptée ; Formiris doit soumettre les bons de commande "
        "qui manquent."
    )
    assert sentence in row
    assert await page.locator("tbody .turn").count() == 1
    await accessible(page, "gestion-file")
    body = await visit(play.plot.email)
    await opens(body, "/", "les bons de commande qui manquent")
    assert sentence in await said(body.locator("main"))
    await page.goto("/")
    await screenshot(page, "gestion-file")


@BOTH
async def test_M1_a_dossier_is_taken_on_handed_over_and_replaced_while_somebody_is_away(
    visit: Visit, played_until: Until, scripts: bool
) -> None:
    """« À moi » counts; the colleague reads the word left; whoever stands in sees it too; nothing changes hands."""
    play = await played_until("regional", "is_rejected_once")
    number = play.plot.number
    page, colleague = await visit(REGIONAL, scripts=scripts), await visit(NATIONAL, scripts=scripts)
    await row_of(page, play)
    await page.check("tbody input[type=checkbox]")
    await page.click("button:has-text('M’en charger')")
    assert "Le suivi est enregistré." in await said(page.locator("main"))
    await opens(page, f"/?suivi=moi&mots={number}", play.plot.name)
    assert "Vous" in await said(page.locator("tbody"))
    assert await page.locator(".views [aria-current] b").inner_text() == "1"
    await checked(page, "gestion-file-suivie", scripts)
    await page.click(f"th a:has-text('{play.plot.name}')")
    await page.click("summary:has-text('Suivi par vous')")
    await page.select_option("[name=vers]", NATIONAL)
    await page.fill("[name=note]", "Attend une réponse vendredi.")
    await page.click("button:has-text('Confier')")
    await checked(page, "gestion-confie", scripts)
    await opens(colleague, f"/?suivi=moi&mots={number}", play.plot.name)
    await opens(colleague, request_page(play), "Suivi par vous")
    await colleague.click("summary:has-text('Suivi par vous')")
    assert "Attend une réponse vendredi." in await said(colleague.locator("blockquote"))
    await away(colleague, NATIONAL, REGIONAL)
    await opens(page, f"/?suivi=moi&mots={number}", "remplacé par vous")
    assert f"{NATIONAL} Absent jusqu'au 31 décembre 2099" in await said(page.locator("tbody"))
    await page.goto("/absences")
    await checked(page, "gestion-absences", scripts)
    await away(page, NATIONAL, REGIONAL, ends="2020-01-02", starts="2020-01-01")
    await opens(page, f"/?suivi=moi&mots={number}", "Aucun dossier ne contient")


async def away(page: Page, who: str, replacement: str, starts: str = "", ends: str = "2099-12-31") -> None:
    """Declares an absence, from today on unless said otherwise."""
    await page.goto("/absences")
    await page.select_option("[name=person]", who)
    if starts:
        await page.fill("[name=starts_on]", starts)
    await page.fill("[name=ends_on]", ends)
    await page.select_option("[name=replacement]", replacement)
    await page.click("text=Enregistrer l’absence")
    assert "L'absence est enregistrée." in await said(page.locator("main"))


async def test_M1_an_absence_that_ends_before_it_begins_is_refused_as_typed(visit: Visit) -> None:
    """With its four answers, and the dates still there."""
    page = await visit(REGIONAL)
    await page.goto("/absences")
    await page.fill("[name=starts_on]", "2099-02-01")
    await page.fill("[name=ends_on]", "2099-01-01")
    await page.click("text=Enregistrer l’absence")
    assert "Dates à inverser" in await said(page.locator(".refusal"))
    assert await page.input_value("[name=ends_on]") == "2099-01-01"


async def test_M2_every_filter_is_an_address_and_counts_match(visit: Visit, played_until: Until) -> None:
    """What is filtered stands in the address, which shows the same to a colleague; counts are those of the rows."""
    play = await played_until("regional", "is_rejected_once")
    page = await visit(REGIONAL)
    await row_of(page, play)
    await page.select_option("[name=etape]", "referencing")
    await page.select_option("[name=qui]", "tous")
    await page.click("text=Filtrer")
    assert "etape=referencing" in page.url
    assert await page.locator("h1").inner_text() == "À traiter\u00a0: 1\u00a0dossier"
    assert await page.locator("tbody tr").count() == 1
    assert await page.locator(".views a", has_text="Tous").locator("b").inner_text() == "1"
    colleague = await visit(NATIONAL)
    await colleague.goto(page.url)
    assert await said(colleague.locator("tbody th")) == await said(page.locator("tbody th"))
    await page.click("tbody th a")
    await page.click("text=Retour à la file")
    kept = [await page.input_value(f"[name={name}]") for name in ("etape", "qui", "mots")]
    assert kept == ["referencing", "tous", str(play.plot.number)]
    await page.select_option("[name=etape]", "invoice")
    await page.click("text=Filtrer")
    assert "0\u00a0dossier" in await page.locator("h1").inner_text()
    assert "Effacer les filtres" in await page.locator(".empty").inner_text()
    await accessible(page, "gestion-file-vide")


async def test_M6_the_export_is_exactly_the_list_and_harmless(visit: Visit, troupe: Troupe) -> None:
    """A name that a spreadsheet would run is only a name; the lines are those of the filters."""
    name = f"=1+1 Organisme {troupe.run}"
    anybody = {"name": name, "kind": "private", "perimeter": "regional", "territory": "bretagne"}
    contact = {"name": "Anne", "email": f"export.{troupe.run}@organisme.example"}
    play = troupe.play("regional", Silent())
    await play.does(
        play.body, "asks", "registration", "POST", "/referencing-requests", "to-export",
        json={**anybody, "contact": contact},
    )  # fmt: skip
    page = await visit(REGIONAL)
    await opens(page, f"/?mots=Organisme {troupe.run}", name)
    async with page.expect_download() as started:
        await page.click("text=Exporter cette liste")
    file = await (await started.value).path()
    rows = exported(file)
    assert contact["email"] not in file.read_text("utf-8-sig")
    assert [row["Dossier"] for row in rows] == [f"'{name}"]
    assert rows[0]["Qui doit agir"].startswith("Formiris")
    auditor = await visit(AUDITOR)
    await opens(auditor, "/exports", f"Organisme {troupe.run}")
    first = await said(auditor.locator("tbody tr").first)
    assert "gestionnaire.bretagne (Formiris)" in first
    assert "1 dossier" in first
    await accessible(auditor, "audit-exports")


def exported(file: Path) -> list[dict[str, str]]:
    """The lines of a file as a French spreadsheet reads them."""
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig")), delimiter=";"))


# ── decisions ────────────────────────────────────────────────────────────────────────────────────────────────────


@BOTH
async def test_R2_a_request_is_proposed_then_rejected_with_pinned_reasons_then_accepted(
    visit: Visit, played_until: Until, scripts: bool
) -> None:
    """M5 too: a correction is pinned on its field; the manager sees what changed since."""
    play = await played_until("regional", "is_rejected_once")
    page = await visit(REGIONAL, scripts=scripts)
    await opens(page, request_page(play), "Accepter le référencement")
    await checked(page, "gestion-referencement", scripts)
    await page.click("text=Rejeter, avec des motifs")
    await page.click("text=Rejeter et prévenir")
    assert "Motifs à préciser" in await said(page.locator(".refusal"))
    await checked(page, "gestion-rejet", scripts)
    await page.click("summary:has-text('Activité')")
    await page.fill("[name='champ.references']", "Nommez vos deux dernières formations.")
    await page.click("text=Rejeter et prévenir")
    await page.wait_for_url("**?fait=rejete")
    assert "« Références » : Nommez vos deux dernières formations." in await said(page.locator("main"))
    await registration.receives(play, "the rejection", lambda mail: "deux dernières" in mail["text"])
    form = {**play.plot.form, "references": "Lire en 2025, écrire en 2026."}
    await play.does(
        play.body, "corrects", "registration", "PUT", registration.request_path(play, "/form"), "corrects",
        json={"fields": form},
    )  # fmt: skip
    await registration.submits(play, "again")
    await opens(page, request_page(play), "Accepter le référencement")
    assert await page.locator("text=Modifié depuis le rejet").count() == 1
    await screenshot(page, "gestion-referencement")
    await page.click("button:has-text('Accepter le référencement')")
    await page.wait_for_url("**/organismes/**")
    assert "Accepté." in await said(page.locator("main"))
    await checked(page, "gestion-organisme", scripts)


async def test_R1_a_new_request_gets_its_proposal(visit: Visit, troupe: Troupe) -> None:
    """The office that a request was routed to sends the proposal; the request then waits for the body."""
    play = troupe.play("regional", Silent())
    asked = await play.client.command(
        "registration", "POST", "/referencing-requests", play.body, "request", json=play.plot.request
    )
    page = await visit(REGIONAL)
    await opens(page, f"/referencement/{asked['id']}", "Envoyer la proposition")
    await page.click("button:has-text('Envoyer la proposition')")
    await page.wait_for_url("**?fait=proposition")
    assert "C'est à l'organisme d'agir" in await said(page.locator(".banner.ok"))
    await opens(page, f"/referencement/{asked['id']}", "Relire la proposition")


async def test_M4_a_colleague_was_faster_and_nothing_typed_is_lost(visit: Visit, played_until: Until) -> None:
    """Said live on the page, then « Référencement accepté par …, aujourd'hui à 10 h 02 »; what was typed is there."""
    play = await played_until("regional", "is_rejected_once")
    slow = await visit(REGIONAL)
    await slow.clock.install()
    await opens(slow, request_page(play, "/rejet"), "Rejeter et prévenir")
    await slow.fill("[name=motifs]", "Il manque une pièce.")
    fast = await visit(NATIONAL)
    await opens(fast, request_page(play), "Accepter le référencement")
    await fast.click("button:has-text('Accepter le référencement')")
    await fast.wait_for_url("**fait=accepte")
    await slow.clock.fast_forward(31_000)
    await slow.locator("[data-veille] .banner").wait_for()
    live = await said(slow.locator("#dit"))
    assert re.search(r"Référencement accepté par gestionnaire \(Formiris\), aujourd'hui à \d+ h \d\d", live)
    assert await slow.input_value("[name=motifs]") == "Il manque une pièce."
    await slow.clock.resume()
    await slow.click("text=Rejeter et prévenir")
    told = await said(slow.locator(".errors"))
    assert re.search(r"Référencement accepté par gestionnaire \(Formiris\), aujourd'hui à \d+ h \d\d", told)
    assert "Il manque une pièce." in await slow.locator("#garde").input_value()
    assert await slow.evaluate("document.activeElement.className") == "errors flow"
    await accessible(slow, "gestion-perime")


# ── several at once ──────────────────────────────────────────────────────────────────────────────────────────────


@BOTH
async def test_M3_several_at_once_say_who_is_left_out_and_what_became_of_each(
    visit: Visit, played_until: Until, scripts: bool
) -> None:
    """A preview before; a result a row after; the one that failed stays selected with its cause."""
    waiting = await played_until("regional", "completes_the_form")
    first, second = [await played_until("regional", "is_rejected_once") for _ in range(2)]
    plays = (waiting, first, second)
    page = await visit(REGIONAL, scripts=scripts)
    run = str(first.plot.number)[:-2]
    for play in plays:
        await opens(page, f"/?qui=tous&mots={play.plot.number}", play.plot.name)
    await page.goto(f"/?qui=tous&etape=referencing&mots={run}")
    for play in plays:
        await page.check(f"[value='referencing:{play.known['body']}']")
    await page.click("button:has-text('Accepter')")
    preview = await said(page.locator("main"))
    assert "Accepter : 2 dossiers" in preview
    assert f"{waiting.plot.name} (référencement) : Rien à décider" in preview
    await checked(page, "gestion-lot", scripts)
    await registration.is_accepted(second)
    await page.click("text=Accepter 2 dossiers")
    assert "1 sur 2 dossiers" in await said(page.locator("h1"))
    failed = page.locator("tr", has_text=second.plot.name)
    assert "Référencement accepté par gestionnaire.bretagne" in await said(failed)
    assert await failed.locator("input").is_checked()
    assert "Accepté" in await said(page.locator("tr", has_text=first.plot.name))
    await checked(page, "gestion-lot-resultat", scripts)
    await screenshot(page, "gestion-lot-resultat")


async def test_M3_the_whole_list_is_decided_not_just_its_page(visit: Visit, played_until: Until) -> None:
    """P1 too: sixty offerings, fifty on a page of less than 100 kB, sixty accepted at once; the next list is empty."""
    play = await played_until("regional", "proposes")
    await asyncio.gather(*(proposed(play, number) for number in range(60)))
    page = await visit(REGIONAL)
    place = f"/prestations?qui=office&organisme={play.known['body']}"
    await opens(page, place, "60 dossiers")
    answer = await page.goto(place)
    assert answer is not None
    assert len(await answer.body()) < 100_000
    assert await page.locator("tbody tr").count() == 50
    await page.click("text=Suite de la liste")
    assert await page.locator("tbody tr").count() == 10
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.goto(place)
    await page.check("[name=tous]")
    await page.click("button:has-text('Accepter')")
    assert "Accepter : 60 dossiers" in await said(page.locator("h1"))
    await page.click("text=Accepter 60 dossiers")
    assert "60 sur 60 dossiers" in await said(page.locator("h1"))
    assert await page.locator(".chip.ok", has_text="Accepté").count() == 60
    await opens(page, place + "&etape=offering&etat=submitted", "Aucun dossier ici")


async def proposed(play: Play, number: int) -> None:
    """An offering that waits for Formiris; one has a name that nobody can break."""
    title = f"Prestation {number:02}" + (" incompréhensiblement" * 20 if number == 59 else "")
    await play.does(
        play.body, "proposes", "offerings", "POST", "/offerings", f"proposes-{number}", status=201,
        json={"fields": {**play.plot.offering, "title": title[:490]}},
    )  # fmt: skip


# ── orders, certificates, invoices ───────────────────────────────────────────────────────────────────────────────


async def test_R6_an_order_is_issued_and_its_return_refused_keeps_the_signature(
    visit: Visit, played_until: Until
) -> None:
    """O4: an illegible copy is returned again, the signature keeps its place; what was returned is downloaded."""
    play = await played_until("regional", "is_ordered")
    page = await visit(REGIONAL)
    await opens(page, f"/prestations/{play.known['offering']}", "À soumettre")
    await accessible(page, "gestion-prestation")
    await page.click("table a")
    await accessible(page, "gestion-session")
    await page.fill("[name=enseignant]", "999999")
    await page.click("button:has-text('Affecter')")
    assert "999999" in await said(page.locator("tbody"))
    await page.click("button:has-text('Soumettre le bon de commande')")
    await page.wait_for_url("**/bons-de-commande/**")
    play.known["order"] = page.url.rpartition("/")[2].partition("?")[0]
    await _returned(play)
    await opens(page, f"/bons-de-commande/{play.known['order']}", "Contrôler le renvoi")
    async with page.expect_download() as started:
        await page.click("text=Renvoyé par l’organisme")
    assert (await started.value).suggested_filename.endswith(".pdf")
    await page.check("[value=legibility]")
    await page.click("text=Refuser ce renvoi")
    await page.wait_for_url("**?fait=refuse")
    steps = [await said(step) for step in await page.locator(".steps > li").all()]
    assert "Fait" in steps[0]
    assert "À faire par l'organisme" in steps[1]
    await accessible(page, "gestion-commande")
    await screenshot(page, "gestion-commande")


async def _returned(play: Play) -> None:
    await play.reads(play.body, "offerings", f"/orders/{play.known['order']}")
    await returns_the_order(play)


@BOTH
async def test_R9_certificates_are_decided_line_by_line(
    visit: Visit, played_until: Until, scripts: bool
) -> None:
    """All good unless said otherwise; a line rejected without its reason is pointed at; the others are validated."""
    play = await played_until("regional", "are_validated")
    page = await visit(REGIONAL, scripts=scripts)
    await opens(page, f"/sessions/{play.known['session']}/attestations", "Enregistrer la décision")
    await checked(page, "gestion-attestations", scripts)
    boxes = page.locator("[name=bonne]")
    lines = await boxes.count()
    assert all([await box.is_checked() for box in await boxes.all()])
    await boxes.first.uncheck()
    await page.click("text=Enregistrer la décision")
    assert "1 ligne rejetée sans motif" in await said(page.locator(".errors"))
    await checked(page, "gestion-attestations-motif", scripts)
    await page.locator("[name^='motif.']").first.fill("La feuille indique 6 heures.")
    await page.click("text=Enregistrer la décision")
    await page.wait_for_url("**?fait=lignes")
    assert await page.locator("tbody .chip.ok").count() == lines - 1
    assert "La feuille indique 6 heures." in await said(page.locator("tbody"))
    await screenshot(page, "gestion-attestations")


async def test_I2_an_invoice_is_sent_back_by_kind_then_accepted_and_paid(
    visit: Visit, played_until: Until
) -> None:
    """The amount shows its working; a kind says whether the number stays; the payment bears our number (I4)."""
    play = await played_until("regional", "cannot_be_changed")
    page = await visit(REGIONAL)
    await opens(page, f"/factures/{play.known['invoice']}", TO_DECIDE)
    assert "Le montant égale le calcul" in await said(page.locator("main"))
    await accessible(page, "gestion-facture")
    await page.click("text=Renvoyer ou rejeter")
    await page.click("text=Renvoyer et prévenir")
    assert "Choisissez ce qui arrive" in await said(page.locator(".errors"))
    await accessible(page, "gestion-renvoi")
    assert "Il faudra un autre numéro" in await said(page.locator("fieldset", has_text="Rejetée"))
    await page.check("[value=suspended]")
    await page.check("[name='motif.suspended'][value='hours-under-check']")
    await page.click("text=Renvoyer et prévenir")
    await page.wait_for_url("**?fait=renvoye")
    assert "Elle garde son numéro." in await said(page.locator("main"))
    await page.click("summary:has-text('Reprendre')")
    await page.fill("[name=reponse]", "Les heures sont vérifiées.")
    await page.click("button:has-text('Reprendre la facture')")
    await page.wait_for_url("**?fait=repris")
    await page.click("button:has-text('Accepter la facture')")
    await page.wait_for_url("**?fait=accepte")
    assert "117" in await page.input_value("[name=reference]")
    await page.click("button:has-text('Enregistrer le paiement')")
    await page.wait_for_url("**?fait=paye")
    await accessible(page, "gestion-facture-payee")
    await screenshot(page, "gestion-facture")


async def test_R11_a_change_asked_for_is_refused_with_reasons(visit: Visit, played_until: Until) -> None:
    """A refusal without a reason is pointed at; with one, the invoice stays as it is."""
    play = await played_until("regional", "cannot_be_changed")
    await play.does(
        play.body, "asks for a change", "invoicing", "POST",
        f"/invoices/{play.known['invoice']}/amendment-requests", "amend", json={"reason": "Une heure de trop."},
    )  # fmt: skip
    page = await visit(REGIONAL)
    await opens(page, f"/factures/{play.known['invoice']}", "L’organisme demande une modification")
    assert "Une heure de trop." in await said(page.locator("blockquote"))
    await page.click("text=Refuser la modification")
    assert await page.locator("[name=motifs][aria-invalid]").count() == 1
    await accessible(page, "gestion-modification")
    await page.fill("[name=motifs]", "Les heures sont celles de la feuille.")
    await page.click("text=Refuser la modification")
    await page.wait_for_url("**?fait=decline")


async def test_a_body_is_suspended_and_reinstated(visit: Visit, played_until: Until) -> None:
    """Found by its SIRET; the suspension carries its reason, the reinstatement ends it."""
    play = await played_until("regional", "proposes")
    page = await visit(REGIONAL)
    await opens(page, f"/organismes?mots={play.plot.siret}", play.plot.name)
    await accessible(page, "gestion-organismes")
    await page.click(f"text={play.plot.name}")
    await page.click("summary:has-text('Suspendre')")
    await page.select_option("[name=cause]", "decision")
    await page.fill("[name=reason]", "Contrôle en cours.")
    await page.click("button:has-text('Suspendre')")
    await page.wait_for_url("**?fait=suspendu")
    assert "Contrôle en cours." in await said(page.locator("main"))
    await page.fill("[name=reason]", "Contrôle terminé.")
    await page.click("text=Rétablir le référencement")
    await page.wait_for_url("**?fait=retabli")


async def test_another_territory_s_dossier_does_not_exist(visit: Visit, played_until: Until) -> None:
    """A national body's dossier is refused to a territory's manager as missing, with its four answers."""
    play = await played_until("national", "activates")
    page = await visit(REGIONAL)
    answer = await page.goto(request_page(play))
    assert answer is not None
    assert answer.status == 404
    for part in ("Ce qui manque", "Qui doit agir", "Qui contacter", "Dans l'aide"):
        assert part in await said(page.locator(".refusal"))


@dataclass(frozen=True, slots=True)
class OtherPlace(Plot):
    """Another place of a body that is referenced already: the same SIREN, another SIRET."""

    siren: str = ""

    @property
    def siret(self) -> str:
        number = f"{self.siren}0002"
        return number + luhn.calc_check_digit(number)


async def test_L4_a_second_record_is_merged_and_separated_again(
    visit: Visit, played_until: Until, troupe: Troupe
) -> None:
    """The page proposes it; the body reads which record serves; one button undoes it."""
    first, second = await played_until("regional", "proposes"), troupe.play("regional", Silent())
    mine = second.plot
    second.plot = OtherPlace(mine.kind, mine.number, mine.given, mine.named, first.plot.siret[:9])
    scenes = chain(*(scenes for _, scenes in ACTS["regional"]))
    for scene in takewhile(lambda scene: scene.__name__ != "proposes", scenes):
        await scene(second)
    page = await visit(REGIONAL)
    await opens(page, f"/organismes/{second.known['body']}", "Même SIREN")
    await accessible(page, "gestion-doublon")
    await screenshot(page, "gestion-doublon")
    await page.get_by_role("button", name=f"Fusionner avec « {first.plot.name} »").click()
    await page.wait_for_url("**?fait=fusionne")
    theirs = await visit(second.plot.email)
    await opens(theirs, "/organisme", f"fusionnée avec celle de {first.plot.name}")
    await accessible(theirs, "organisme-fusionne")
    await page.fill("[name=reason]", "Ce sont deux organismes.")
    await page.get_by_role("button", name="Séparer à nouveau les deux fiches").click()
    await page.wait_for_url("**?fait=retabli")
    await opens(theirs, "/organisme", "Référencé depuis")
