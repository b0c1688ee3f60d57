"""The help (R12) and signing in, in a real browser."""

import pytest

from tests.e2e.browser.conftest import Visit, accessible, screenshot
from tests.e2e.conftest import Until
from tests.second_step import WITH_A_CODE, the_code


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
async def test_R12_the_help_unfolds_and_leads_back_to_its_menu(visit: Visit, scripts: bool) -> None:
    """Four themes, questions that unfold, « Retour au menu »; with and without JavaScript."""
    page = await visit(scripts=scripts)
    await page.goto("/aide")
    assert await page.locator(".themes a").count() == 4
    question = page.locator("summary", has_text="Je ne peux pas sauvegarder ou soumettre ma demande")
    answer = page.locator("#soumettre-referencement")
    assert not await answer.is_visible()
    await question.click()
    assert await answer.is_visible()
    await answer.get_by_text("Retour au menu").click()
    assert page.url.endswith("#menu-aide")


async def test_R12_a_link_of_a_refusal_opens_its_answer(visit: Visit) -> None:
    """The address of an answer unfolds it; R8's sentence is there byte for byte."""
    page = await visit()
    await page.goto("/aide#deposer-attestations")
    assert await page.locator("#deposer-attestations").is_visible()
    sentence = (
        'Erreur Aucune affectation trouvée pour l\'enseignant "123456" dans l\'unité pédagogique "1234"'
    )
    assert sentence in await page.locator("#deposer-attestations").inner_text()


async def test_H3_the_help_is_searched_without_accents(visit: Visit) -> None:
    """« referencement siret » finds its question; nonsense says whom to ask."""
    page = await visit()
    await page.goto("/aide?q=siret")
    assert await page.locator("details.faq").count() == 1
    await page.goto("/aide?q=xyzzy")
    assert "Aucune réponse" in await page.locator("main").inner_text()
    await accessible(page, "aide-vide")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
async def test_H3_an_answer_shows_the_readers_own_fields_and_contact(
    visit: Visit, played_until: Until, scripts: bool
) -> None:
    """Which field is missing, a link to it; whom to ask about this very dossier."""
    play = await played_until("regional", "completes_the_form")
    page = await visit(play.plot.email, scripts=scripts)
    await page.goto("/aide#soumettre-referencement")
    yours = page.locator("#soumettre-referencement .yours")
    assert await yours.is_visible()
    assert "Reste à remplir" in await yours.inner_text()
    assert "Votre contact" in await yours.inner_text()
    if scripts:
        await accessible(page, "aide-vos-dossiers")
        await screenshot(page, "aide-vos-dossiers")
    await yours.get_by_role("link", name="SIRET", exact=True).click()
    await page.wait_for_url("**/identite#f-siret")


async def test_L3_signing_in_says_what_is_wrong_and_never_who_exists(
    visit: Visit, played_until: Until
) -> None:
    """The same words for an unknown address as for a wrong password; then in, and out again."""
    play = await played_until("regional", "completes_the_form")
    page = await visit()
    await page.goto("/connexion?suite=/aide")
    await accessible(page, "connexion")
    await screenshot(page, "connexion")
    said = []
    for login in ("personne@nulle-part.example", play.plot.email):
        await page.fill("[name=login]", login)
        await page.fill("[name=password]", "pas le bon mot de passe")
        await page.click("button:has-text('Se connecter')")
        said.append(await page.locator(".banner.stop").inner_text())
    assert said[0] == said[1]
    page = await visit(play.plot.email)
    assert (await page.context.cookies())[0]["httpOnly"]
    await page.goto("/aide")
    await page.locator("details.me summary").click()
    await page.get_by_role("button", name="Se déconnecter", exact=True).click()
    await page.get_by_text("Vous êtes déconnecté.").wait_for()


@pytest.mark.parametrize("scripts", [True, False])
async def test_L3_a_code_is_asked_after_the_password_of_who_has_a_second_step(
    visit: Visit, *, scripts: bool
) -> None:
    """On a page of its own, with scripts or without; pasted with spaces it leads to the page that was asked for."""
    page = await visit(scripts=scripts)
    await page.goto("/connexion?suite=/compte")
    await page.fill("[name=login]", WITH_A_CODE.login)
    await page.fill("[name=password]", WITH_A_CODE.password)
    await page.click("button:has-text('Se connecter')")
    field = page.get_by_label("Code à six chiffres")
    await field.fill("000 000")
    await field.press("Enter")
    await page.get_by_text("Ce code est incorrect").first.wait_for()
    if scripts:
        await accessible(page, "connexion-code")
        await screenshot(page, "connexion-code")
    code = the_code(periods=0 if scripts else 1)  # a code serves once
    await field.fill(f"{code[:3]} {code[3:]}")
    await field.press("Enter")
    await page.wait_for_url("**/compte")
    await page.get_by_text("un code de votre application").wait_for()
    if scripts:
        await accessible(page, "compte-formiris")


async def test_every_public_page_is_accessible(visit: Visit) -> None:
    """No rule of WCAG 2.2 AA is broken, in light and dark."""
    page = await visit()
    for path in ("/aide", "/demande", "/activation", "/mot-de-passe", "/assistance", "/rien"):
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            await page.goto(path)
            await accessible(page, f"{path[1:]}-{scheme}")
