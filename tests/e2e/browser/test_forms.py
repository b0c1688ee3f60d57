"""The two forms in a real browser: kept by themselves, never lost, submitted once.  (R3, R5, F1 to F11)"""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from ops.demo.play import Play
from ops.demo.scenes.registration import PASSWORD, request_path
from tests.e2e.browser.colleagues import colleague
from tests.e2e.browser.conftest import Visit, accessible, screenshot
from tests.e2e.conftest import Until

expect.set_options(timeout=15_000)

FORM = "/referencement/formulaire"
SAVED = re.compile(r"Enregistré à \d{1,2}.h.\d\d")
BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])

Begun = Callable[..., Awaitable[tuple[Play, Page]]]


@pytest.fixture
def begun(visit: Visit, played_until: Until) -> Begun:
    """A body whose proposal has come, at a page of its form: `await begun("identite", siret=None)`."""

    async def begin(
        tab: str = "", *, scripts: bool = True, whole: bool = False, **changes: Any
    ) -> tuple[Play, Page]:
        play = await played_until("regional", "completes_the_form")
        if whole or changes:
            await typed(play, {**(play.plot.form if whole else {}), **changes})
        page = await visit(play.plot.email, scripts=scripts)
        await page.goto(f"{FORM}/{tab}")
        return play, page

    return begin


async def typed(play: Play, fields: dict[str, Any]) -> None:
    """What somebody typed elsewhere."""
    await play.client.command(
        "registration",
        "PUT",
        request_path(play, "/form"),
        play.body,
        f"types-{'-'.join(fields)}",
        json={"fields": fields},
    )


async def draft(play: Play) -> dict[str, Any]:
    """The form as Formiris's services keep it."""
    return dict((await play.reads(play.body, "registration", request_path(play, "/form"))).body)


def state(page: Page) -> Any:
    return page.locator("#enregistre")


# ── F1 ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_F1_every_change_saves_by_itself_and_the_field_keeps_the_focus(begun: Begun) -> None:
    """A second after the last word: « Enregistré à 14 h 32 », which stays; nothing that is typed in is touched."""
    play, page = await begun("identite")
    await page.locator("#f-legal_name").press_sequentially("Institut", delay=10)
    await expect(state(page)).to_contain_text(SAVED)
    assert await page.evaluate("document.activeElement.id") == "f-legal_name"
    assert (await draft(play))["fields"]["legal_name"] == "Institut"
    await page.locator("#f-legal_name").press_sequentially(" breton")
    await page.locator("#f-town").fill("Rennes")
    await expect(page.locator("[aria-current=page] .miss")).to_contain_text("6")
    assert await page.locator("#f-legal_name").input_value() == "Institut breton"
    await page.reload()
    assert await page.locator("#f-town").input_value() == "Rennes"
    assert (
        await page.evaluate("Object.keys(localStorage).filter(k => k.includes('/referencement')).length") == 0
    )


@BOTH
async def test_R3_the_plain_button_saves_and_says_what_is_missing(begun: Begun, scripts: bool) -> None:
    """Nothing typed is lost; every missing field is named with its tab, the blue SIRET too; the title says it first."""
    _, page = await begun("identite", scripts=scripts)
    await page.fill("#f-town", "Rennes")
    await page.get_by_role("button", name="Enregistrer", exact=True).click()
    errors = page.locator(".errors")
    await expect(errors.locator("h2")).to_contain_text(re.compile(r"Il manque \d+.champs"))
    assert (await page.title()).startswith("Erreur")
    assert await page.locator(".errors").evaluate("e => e === document.activeElement")
    for tab, field in (
        ("Identité", "SIRET"),
        ("Informations légales", "IBAN"),
        ("Contacts", "Nom du contact (contact 1)"),
    ):
        section = errors.locator("section", has_text=re.compile(rf"{tab}.:"))
        await expect(section).to_contain_text(field)
    assert await page.locator("#f-town").input_value() == "Rennes"
    if scripts:
        await accessible(page, "formulaire-erreurs")
        await screenshot(page, "formulaire-erreurs")


@BOTH
async def test_F4_a_link_opens_the_tab_and_focuses_the_field_and_the_count_falls(
    begun: Begun, scripts: bool
) -> None:
    """From one tab's summary to another tab's field; each one that is filled in leaves the summary."""
    _, page = await begun("identite?verifie=1", scripts=scripts)
    await page.locator(".errors a", has_text="Code APE").click()
    await page.wait_for_url("**/informations-legales?verifie=1#f-ape")
    assert await page.evaluate("document.activeElement.id") == "f-ape"
    before = int(re.findall(r"\d+", await page.locator(".errors h2").inner_text())[0])
    await page.fill("#f-ape", "8559a")
    if scripts:
        await page.locator("#f-bic").focus()
        await expect(page.locator(".errors h2")).to_contain_text(str(before - 1))
        assert await page.evaluate("document.activeElement.id") == "f-bic"
        await expect(page.locator("#f-ape")).not_to_have_attribute("aria-invalid", "true")
        await expect(page.locator("#f-ape-e")).to_be_empty()
    else:
        await page.get_by_role("button", name="Enregistrer", exact=True).click()
        await expect(page.locator(".errors h2")).to_contain_text(str(before - 1))
    assert await page.locator(".errors a", has_text="Code APE").count() == 0


async def test_F4_beginning_a_group_never_makes_the_count_grow(begun: Begun) -> None:
    """The five fields of the Qualiopi certificate are missing one by one, from the start."""
    _, page = await begun("informations-legales")
    counted = page.locator("[aria-current=page] .miss")
    await expect(counted).to_contain_text("12")
    await page.fill("#f-qualiopi-number", "QUA-1")
    await expect(counted).to_contain_text("11")


# ── F2, F3 ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_F2_a_session_that_ends_while_typing_loses_nothing(begun: Begun) -> None:
    """One signs in again without leaving the form; what was typed meanwhile is saved, and said."""
    play, page = await begun("identite")
    await page.context.clear_cookies()
    await page.fill("#f-town", "Quimper")
    await expect(state(page)).to_contain_text("Votre session s’est terminée")
    await expect(state(page)).to_contain_text("Ville")
    await expect(page.locator("#crie")).to_contain_text("gardée sur cet appareil")
    await state(page).get_by_role("button", name="Se reconnecter").click()
    await accessible(page, "formulaire-reconnexion")
    await page.fill("#re-pass", "pas le bon mot de passe")
    await page.locator("#reconnexion").get_by_role("button", name="Se connecter").click()
    await expect(page.locator("#reconnexion-erreur")).to_contain_text("incorrect")
    await page.fill("#re-pass", PASSWORD)
    await page.locator("#reconnexion").get_by_role("button", name="Se connecter").click()
    await expect(state(page)).to_contain_text(SAVED)
    assert (await draft(play))["fields"]["town"] == "Quimper"
    await page.fill("#f-town", "Brest")
    await expect(page.locator("#f-town-e")).to_be_empty()
    await page.get_by_role("button", name="Enregistrer et continuer").click()
    await page.wait_for_url("**/informations-legales")


async def test_F2_without_javascript_the_form_comes_back_after_signing_in(begun: Begun) -> None:
    """A bare POST after the session ended: signed in again, what was typed is shown and sent."""
    play, page = await begun("identite", scripts=False)
    await page.fill("#f-town", "Vannes")
    await page.context.clear_cookies()
    await page.get_by_role("button", name="Enregistrer", exact=True).click()
    await expect(page.locator("main")).to_contain_text("Votre saisie est conservée")
    await page.fill("[name=login]", play.plot.email)
    await page.fill("[name=password]", PASSWORD)
    await page.get_by_role("button", name="Se connecter").click()
    await page.get_by_role("button", name="Envoyer ma saisie").click()
    assert await page.locator("#f-town").input_value() == "Vannes"
    assert (await draft(play))["fields"]["town"] == "Vannes"


async def test_F3_what_is_typed_while_the_network_is_down_is_kept_and_sent_later(begun: Begun) -> None:
    """Named as unsaved, kept in the browser even when the page is left, sent by itself once it can be."""
    play, page = await begun("identite")
    await page.context.set_offline(True)
    await page.fill("#f-town", "Lorient")
    await expect(state(page)).to_contain_text("Pas encore enregistré : Ville")
    await expect(page.locator("#crie")).to_contain_text("Impossible d’enregistrer")
    await page.context.set_offline(False)
    await expect(state(page)).to_contain_text(SAVED)
    assert (await draft(play))["fields"]["town"] == "Lorient"

    async def away(route: Route) -> None:
        await (route.fulfill(status=503, body="") if route.request.method == "POST" else route.continue_())

    await page.route("**/identite", away)
    await page.fill("#f-town", "Vitré")
    await expect(state(page)).to_contain_text("Pas encore enregistré")
    page.on("dialog", lambda dialog: dialog.accept())
    await page.goto("/aide")
    await page.unroute("**/identite")
    await page.goto(f"{FORM}/identite")
    await expect(state(page)).to_contain_text(SAVED)
    assert await page.locator("#f-town").input_value() == "Vitré"
    assert (await draft(play))["fields"]["town"] == "Vitré"


async def test_F3_a_link_waits_for_what_is_not_saved_yet(begun: Begun) -> None:
    """Typed, and gone to another tab at once: it is saved on the way, and nobody is asked anything."""
    play, page = await begun("identite")
    await page.fill("#f-town", "Dinan")
    await page.locator(".tabs a", has_text="Activité").click()
    await page.wait_for_url("**/activite")
    assert (await draft(play))["fields"]["town"] == "Dinan"


async def test_F3_signing_out_wipes_what_the_browser_kept(begun: Begun) -> None:
    """Nothing of an account stays behind on a shared computer."""
    _, page = await begun("identite")
    await page.route("**/identite", lambda route: route.abort())
    await page.fill("#f-town", "Redon")
    await expect(state(page)).to_contain_text("Pas encore enregistré")
    await page.locator("details.me summary").click()
    await page.get_by_role("button", name="Se déconnecter", exact=True).click()
    await page.wait_for_url("**/connexion*")
    assert await page.evaluate("JSON.stringify(localStorage)") == "{}"


# ── F5, F6, F9 ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_F5_mandatory_is_said_in_words_and_colour_is_decoration(begun: Begun) -> None:
    """With every colour removed, the page still tells; the blue SIRET is « (obligatoire) » like the red ones."""
    _, page = await begun("identite")
    await page.emulate_media(forced_colors="active", color_scheme="light")
    told = await page.locator(".fields label").all_inner_texts()
    assert "SIRET (obligatoire)" in told
    assert "Sigle (facultatif)" in told
    assert all(label.endswith(("(obligatoire)", "(facultatif)")) for label in told)
    colour = await page.evaluate(
        """() => { for (const sheet of document.styleSheets) sheet.disabled = true; return document.body.innerText }"""
    )
    assert "SIRET (obligatoire)" in colour
    assert "Reste à remplir" in colour
    assert "8 champs manquants" in colour.replace("\u00a0", " ")


async def test_F6_a_draft_looks_like_a_draft(begun: Begun) -> None:
    """Formiris has not received it, and how much is missing; the page to check offers no way to submit."""
    _, page = await begun("identite")
    await expect(page.locator(".banner.warn")).to_contain_text("Brouillon : Formiris ne l’a pas reçu.")
    await expect(page.locator(".banner.warn")).to_contain_text(re.compile(r"Il manque \d+.champs, dont 8"))
    await page.goto(f"{FORM}/verifier")
    assert await page.get_by_role("button", name="Soumettre à Formiris").count() == 0
    await expect(page.locator("main")).to_contain_text("avant de pouvoir soumettre")
    await accessible(page, "verifier-incomplet")
    await screenshot(page, "verifier-incomplet")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("732 829 320 00074", ""),
        ("732.829.320.00074", ""),
        ("732829320", "SIREN"),
        ("732 829 320 00075", "incorrect"),
    ],
)
async def test_F9_a_siret_is_understood_as_people_type_it(begun: Begun, given: str, said: str) -> None:
    """Spaces and dots are accepted; a SIREN typed instead is named as such."""
    _, page = await begun("identite")
    await page.fill("#f-siret", given)
    await expect(state(page)).to_contain_text(SAVED)
    line = page.locator("#f-siret-e")
    await (expect(line).to_contain_text(said) if said else expect(line).to_be_empty())
    assert await page.locator("#f-siret").get_attribute("aria-invalid") == ("true" if said else None)


# ── F7 ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@BOTH
async def test_F7_two_people_meet_on_one_field_and_choose(begun: Begun, visit: Visit, scripts: bool) -> None:
    """Both values, who and when; the other fields of both go through; either value may be kept."""
    play, mine = await begun("identite", scripts=scripts, phone="02 99 00 00 00")
    theirs = await visit(await colleague(play, "prepare"), scripts=scripts)
    await theirs.goto(f"{FORM}/identite")
    for page, phone, other in (
        (theirs, "02 99 00 00 21", ("#f-town", "Rennes")),
        (mine, "02 99 00 00 12", ("#f-ape", "")),
    ):
        await page.fill("#f-phone", phone)
        if other[1]:
            await page.fill(*other)
        else:
            await page.fill("#f-acronym", "IBP")
        if scripts:
            await expect(state(page)).to_contain_text(SAVED)
        else:
            await page.get_by_role("button", name="Enregistrer", exact=True).click()
    two = mine.locator("#f-phone-c")
    await expect(two).to_contain_text("02 99 00 00 12")
    await expect(two).to_contain_text("02 99 00 00 21")
    await expect(two).to_contain_text(re.compile(r"Anatole Cordelion, à \d"))
    assert await mine.locator("#f-phone").input_value() == "02 99 00 00 12"
    kept = (await draft(play))["fields"]
    assert (kept["town"], kept["acronym"], kept["phone"]) == ("Rennes", "IBP", "02 99 00 00 21")
    if scripts:
        await accessible(mine, "formulaire-deux-valeurs")
        await screenshot(mine, "formulaire-deux-valeurs")
        await two.get_by_role("button", name="Garder la mienne").click()
        await expect(state(mine)).to_contain_text(SAVED)
        assert (await draft(play))["fields"]["phone"] == "02 99 00 00 12"
    else:
        await two.get_by_role("button", name="Garder l’autre").click()
        assert await mine.locator("#f-phone").input_value() == "02 99 00 00 21"
    assert await mine.locator("#f-phone-c fieldset").count() == 0


async def test_F7_a_field_that_one_left_alone_is_never_a_conflict_and_who_else_types_is_shown(
    begun: Begun, visit: Visit
) -> None:
    """The colleague's new value stays; the page says who is filling in the form too."""
    play, mine = await begun("identite", phone="02 99 00 00 00")
    theirs = await visit(await colleague(play, "prepare"))
    await theirs.goto(f"{FORM}/identite")
    await theirs.fill("#f-phone", "02 99 00 00 21")
    await expect(state(theirs)).to_contain_text(SAVED)
    await mine.fill("#f-town", "Rennes")
    await expect(state(mine)).to_contain_text(SAVED)
    await expect(mine.locator("#brouillon-mots")).to_contain_text(
        re.compile(r"Anatole Cordelion remplit aussi ce formulaire.:.«.Téléphone.», à")
    )
    assert (await draft(play))["fields"]["phone"] == "02 99 00 00 21"
    assert await mine.locator("#f-phone-c fieldset").count() == 0


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@BOTH
async def test_rows_are_added_and_removed_and_the_new_one_has_the_focus(begun: Begun, scripts: bool) -> None:
    """Contacts; Enter in a field saves, and neither adds nor removes anything."""
    play, page = await begun("contacts", scripts=scripts)
    await page.select_option("#f-contacts-0-purpose", label="Contact pédagogique")
    await page.fill("#f-contacts-0-name", "Guéguen")
    await page.get_by_role("button", name="Ajouter un contact").click()
    await expect(page.locator("fieldset.rang")).to_have_count(2)
    assert await page.evaluate("document.activeElement.id") == "f-contacts-1-purpose"
    assert await page.locator("#f-contacts-0-name").input_value() == "Guéguen"
    await page.fill("#f-contacts-1-name", "Riou")
    await page.locator("#f-contacts-1-name").press("Enter")
    await expect(state(page)).to_contain_text(SAVED)
    await expect(page.locator("fieldset.rang")).to_have_count(2)
    await page.get_by_role("button", name="Retirer contact 1").click()
    await expect(page.locator("fieldset.rang")).to_have_count(1)
    assert await page.locator("#f-contacts-0-name").input_value() == "Riou"
    assert (await draft(play))["fields"]["contacts"] == [{"name": "Riou"}]
    if scripts:
        await accessible(page, "formulaire-contacts")


async def test_X4_R5_sessions_hold_units_and_an_offering_is_proposed_without_javascript(
    visit: Visit, played_until: Until
) -> None:
    """A new offering from nothing: the blue cost type is named, rows within rows, the territory a list, submitted."""
    play = await played_until("regional", "proposes")
    page = await visit(play.plot.email, scripts=False)
    await page.goto("/prestations/nouvelle")
    await page.get_by_role("button", name="Commencer").click()
    form = play.plot.offering
    await _fill(page, {"title": form["title"], "kind": form["kind"], "perimeter": "regional"})
    await page.select_option("#f-territory", label="Bretagne")
    await page.get_by_role("button", name="Enregistrer et continuer").click()
    for names in (
        ("objectives", "programme", "audience", "prerequisites", "methods", "assessment", "trainers"),
        ("group_minimum", "group_maximum", "registration_deadline"),
        ("summary", "total_hours"),
        ("description", "mode", "accessibility"),
    ):
        await _fill(page, {name: form[name] for name in names})
        await page.get_by_role("button", name="Enregistrer et continuer").click()
    await page.get_by_role("button", name="Ajouter une unité").click()
    session = form["sessions"][0]
    for name in ("starts_on", "ends_on", "place", "timetable", "price"):
        await page.fill(f"#f-sessions-0-{name}", str(session[name]))
    for place, unit in enumerate(session["units"]):
        for name, value in unit.items():
            await page.fill(f"#f-sessions-0-units-{place}-{name}", value)
    await page.get_by_role("button", name="Enregistrer", exact=True).click()
    await expect(page.locator(".errors h2")).to_contain_text("Il manque 1")
    await expect(page.locator(".errors")).to_contain_text("Type de coût des sessions")
    await page.select_option("#f-cost_type", form["cost_type"])
    await page.get_by_role("button", name="Enregistrer et continuer").click()
    await page.get_by_role("button", name="Soumettre à Formiris").click()
    await expect(page.locator("h1")).to_contain_text("Formiris a reçu votre prestation")


async def _fill(page: Page, values: dict[str, Any]) -> None:
    for name, value in values.items():
        control = page.locator(f"#f-{name}")
        if await control.evaluate("e => e.tagName") == "SELECT":
            await control.select_option(str(value))
        else:
            await control.fill(str(value))


# ── F8, F10, F11 ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_F8_F11_checked_submitted_once_and_the_receipt_still_answers(
    begun: Begun, visit: Visit
) -> None:
    """Two clicks are one submission; the receipt has the event and its hash, and is there again when bookmarked."""
    play, page = await begun("verifier", whole=True)
    await expect(page.locator("main")).to_contain_text("Tout est rempli")
    await expect(page.locator("main")).to_contain_text("FR76 •••• 0189")
    await accessible(page, "verifier")
    await screenshot(page, "verifier")
    await page.get_by_role("button", name="Soumettre à Formiris").dblclick()
    await page.wait_for_url("**/recu")
    await expect(page.locator(".receipt")).to_have_count(1)
    await expect(page.locator(".receipt")).to_contain_text(re.compile(r"registration/\d+/\d+"))
    await expect(page.locator(".receipt")).to_contain_text(re.compile(r"[0-9a-f]{64}"))
    await expect(page.locator("main")).to_contain_text("C’est à Formiris")
    sent = await play.reads(play.manager, "registration", request_path(play, "/submissions"))
    assert len(sent["items"]) == 1
    await accessible(page, "recu")
    await screenshot(page, "recu")
    told = await page.locator(".receipt").inner_text()
    later = await visit(play.plot.email, scripts=False)
    await later.goto(f"{FORM}/recu")
    assert await later.locator(".receipt").inner_text() == told
    await later.goto(f"{FORM}/identite")
    assert later.url.endswith("/referencement")


async def test_F11_a_receipt_is_downloaded_and_verified_by_a_stranger(begun: Begun, visit: Visit) -> None:
    """The PDF comes as a file; its lines, typed without an account or JavaScript, are found; one sign less, not."""
    _, page = await begun("verifier", whole=True)
    await page.get_by_role("button", name="Soumettre à Formiris").click()
    await page.wait_for_url("**/recu")
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="Télécharger le reçu").click()
    paper = await coming.value
    assert paper.suggested_filename.startswith("recu-")
    assert (await (await page.request.get(paper.url)).body()).startswith(b"%PDF")
    lines = [await line.inner_text() for line in await page.locator(".receipt dd.mono").all()]
    await page.get_by_role("link", name="Vérifier ce reçu").click()
    await expect(page.get_by_role("status").filter(has_text="Oui")).to_contain_text(
        "Demande de référencement"
    )
    await accessible(page, "recu-verifie")
    await screenshot(page, "recu-verifie")
    stranger = await visit(None, scripts=False)
    await stranger.goto("/aide")
    await stranger.get_by_role("link", name="Vérifier un reçu").click()
    for label, typed in zip(("Dossier", "Événement", "Empreinte"), lines, strict=True):
        await stranger.get_by_label(label).fill(typed)
    await stranger.get_by_role("button", name="Vérifier").click()
    await expect(stranger.locator("main")).to_contain_text("Oui")
    await stranger.get_by_label("Empreinte").fill(("0" if lines[2][0] != "0" else "1") + lines[2][1:])
    await stranger.get_by_role("button", name="Vérifier").click()
    await expect(stranger.locator("main")).to_contain_text("Non")


async def test_F8_the_same_form_sent_twice_without_javascript_is_one_submission(begun: Begun) -> None:
    """The second answer is the first one's receipt."""
    _, page = await begun("verifier", whole=True, scripts=False)
    answers = [
        await page.request.post(
            f"{FORM}/verifier",
            form={
                name: await page.locator(f"form[action$=verifier] [name={name}]").input_value()
                for name in ("jeton", "cle")
            },
        )
        for _ in range(2)
    ]
    assert [answer.url.rpartition("/")[2] for answer in answers] == ["recu", "recu"]
    assert (await answers[1].text()).count('class="receipt"') == 1


async def test_F10_a_copy_has_its_dates_and_prices_emptied_and_listed(
    visit: Visit, played_until: Until
) -> None:
    """Everything else is kept; what is to be typed anew is named."""
    play = await played_until("regional", "assigns_teachers")
    page = await visit(play.plot.email)
    await page.goto(f"/prestations/{play.known['offering']}")
    await page.get_by_role("button", name="Copier cette prestation").click()
    await page.wait_for_url("**/verifier?copie=1")
    errors = await page.locator(".errors").inner_text()
    for label in ("Date limite d’inscription", "Début de la session (session 1)", "Prix (session 1)"):
        assert label in errors
    assert play.plot.offering["title"].replace("'", "’") in (await page.locator("main").inner_text()).replace(
        "'", "’"
    )
    assert await page.locator(".errors li").count() == 4
    await accessible(page, "copie")
    await screenshot(page, "copie")
    await page.goto("/prestations")
    await expect(page.locator(".files li").first).to_contain_text("Il manque 4 champs")
    copy = await page.locator(".files a").first.get_attribute("href")
    await page.locator(".files a").first.click()
    await page.locator(".tabs a", has_text="Vérifier").click()
    await page.locator("summary", has_text="Abandonner ce brouillon").click()
    await page.get_by_role("button", name="Effacer le brouillon").click()
    await expect(page.locator(".banner.ok")).to_contain_text("Le brouillon est abandonné")
    assert await page.locator(f".files a[href='{copy}']").count() == 0


@BOTH
async def test_F10_a_session_is_copied_within_its_form_without_its_dates_and_price(
    visit: Visit, played_until: Until, scripts: bool
) -> None:
    """Place, timetable and units are there again; what is empty is listed, each a link to its field."""
    play = await played_until("regional", "proposes")
    page = await visit(play.plot.email, scripts=scripts)
    await page.goto("/prestations/nouvelle")
    await page.get_by_role("button", name="Commencer").click()
    await page.goto(page.url.replace("en-tete", "session"))
    session = play.plot.offering["sessions"][0]
    for name in ("starts_on", "ends_on", "place", "timetable", "price"):
        await page.fill(f"#f-sessions-0-{name}", str(session[name]))
    await page.fill("#f-sessions-0-units-0-code", "UP-7")
    await page.get_by_role("button", name="Copier session 1").click()
    said = page.locator(".banner.ok")
    await expect(said).to_contain_text("La session est copiée")
    assert await said.get_by_role("link").all_inner_texts() == [
        "Début de la session (session 2)", "Fin de la session (session 2)", "Prix (session 2)",
        "Intitulé de l’unité pédagogique (session 2, unité 1)", "Heures de l’unité pédagogique (session 2, unité 1)",
    ]  # fmt: skip
    assert await page.evaluate("document.activeElement.id") == "f-sessions-1-starts_on"
    for name in ("starts_on", "ends_on", "price"):
        assert await page.locator(f"#f-sessions-1-{name}").input_value() == ""
    assert await page.locator("#f-sessions-1-place").input_value() == session["place"]
    assert await page.locator("#f-sessions-1-units-0-code").input_value() == "UP-7"
    if scripts:
        await accessible(page, "session-copiee")
        await screenshot(page, "session-copiee")


async def test_a_rejected_request_is_corrected_where_formiris_says(visit: Visit, played_until: Until) -> None:
    """The reasons on top of the form, what was typed is there, and it is submitted again: two receipts."""
    play = await played_until("regional", "is_rejected_once")
    reason = "Le certificat Qualiopi joint est celui d'une autre entité."
    await play.does(
        play.manager, "rejects", "registration", "POST", request_path(play, "/decision"), "reject",
        json={"decision": "reject", "reasons": [{"text": reason, "field": "qualiopi.number"}]},
    )  # fmt: skip
    page = await visit(play.plot.email)
    await page.goto("/referencement")
    await expect(page.locator("main")).to_contain_text("autre entité")
    await accessible(page, "referencement-rejete")
    await screenshot(page, "referencement-rejete")
    await page.get_by_role("link", name="Corriger la demande").click()
    await page.goto(f"{FORM}/informations-legales")
    await expect(page.locator(".yours")).to_contain_text("autre entité")
    await screenshot(page, "formulaire-rejete")
    await page.fill("#f-qualiopi-number", "QUA-2026-0001")
    await expect(state(page)).to_contain_text(SAVED)
    await page.goto(f"{FORM}/verifier")
    await page.get_by_role("button", name="Soumettre à Formiris").click()
    await expect(page.locator(".receipt")).to_have_count(2)


# ── the rest ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_X3_long_names_and_three_hundred_characters_fit_at_320_pixels(begun: Begun) -> None:
    """Nothing runs out of the page, in the form and in the page to check."""
    long = "Association Ombrelle pour la formation continue des enseignants " * 5
    _, page = await begun("identite", legal_name=long[:300], web_site="https://" + "a" * 200 + ".example")
    await page.set_viewport_size({"width": 320, "height": 800})
    for path in ("identite", "verifier"):
        await page.goto(f"{FORM}/{path}")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_every_tab_is_accessible_in_light_and_dark(begun: Begun) -> None:
    """No rule of WCAG 2.2 AA is broken, at the width of a desk and of a phone."""
    _, page = await begun("identite", siret="732829320")
    for tab in ("en-tete", "identite", "informations-legales", "activite", "contacts"):
        for scheme, width in (("light", 1280), ("dark", 375)):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
            await page.set_viewport_size({"width": width, "height": 900})
            await page.goto(f"{FORM}/{tab}")
            await accessible(page, f"formulaire-{tab}-{scheme}")
        await page.emulate_media(color_scheme="light")
        await screenshot(page, f"formulaire-{tab}")


async def test_somebody_without_the_right_to_sign_is_told_who_has_it(begun: Begun, visit: Visit) -> None:
    """No disabled button without its reason."""
    play, _ = await begun("verifier", whole=True)
    page = await visit(await colleague(play, "prepare"))
    await page.goto(f"{FORM}/verifier")
    assert await page.get_by_role("button", name="Soumettre à Formiris").count() == 0
    await expect(page.locator("main")).to_contain_text("n’a pas le droit de signer")
