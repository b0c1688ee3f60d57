"""Assistance in a real browser: who waits, what refusal brought them, checks, another address, new codes.  (R4)"""

import pytest
from playwright.async_api import Page

from ops.demo.play import Play
from ops.demo.scenes.registration import code_in, receives
from tests.e2e.browser.conftest import Visit, accessible, screenshot
from tests.e2e.browser.formiris import ASSISTANCE, opens, said
from tests.e2e.conftest import Until

BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])


async def asked(play: Play, kind: str, email: str, message: str, **more: str) -> str:
    """A request for help; the page of it."""
    answer = await play.client.command(
        "registration", "POST", "/assistance-requests", play.body, f"help-{kind}",
        json={"email": email, "kind": kind, "message": message, **more},
    )  # fmt: skip
    return f"/assistance/{answer['id']}"


async def checks(page: Page, words: str, passed: str = "oui") -> None:
    """Records a check, and waits for it."""
    await page.fill("[name=autre]", words)
    await page.check(f"[name=reussie][value={passed}]")
    async with page.expect_navigation(url="**?fait=verifie"):
        await page.click("button:has-text('Enregistrer la vérification')")


@BOTH
async def test_R4_codes_are_reissued_once_the_identity_is_proven(
    visit: Visit, played_until: Until, scripts: bool
) -> None:
    """The refusal that brought the person is shown; no codes without a check that was passed; then they come."""
    play = await played_until("regional", "completes_the_form")
    place = await asked(
        play, "lost-codes", play.plot.email, f"Codes perdus, {play.plot.number}", refusal="sign-in-refused"
    )
    page = await visit(ASSISTANCE, scripts=scripts)
    await opens(page, "/", str(play.plot.number))
    assert "L'Assistance" in await said(page.locator(".lead"))
    await opens(page, place, "C’est à vous d’agir")
    assert "Connexion refusée" in await said(page.locator(".refusal"))
    if scripts:
        await accessible(page, "assistance-demande")
    await page.check("[value=reissue-codes]")
    await page.click("button:has-text('Traiter la demande')")
    told = await said(page.locator(".refusal", has_text="Vérifications à préciser"))
    assert "Qui doit agir" in told
    await checks(page, "Rappel au numéro du dossier", "non")
    await checks(page, "SIRET confirmé")
    assert "Réussie" in await said(page.locator(".files"))
    assert "Manquée" in await said(page.locator(".files"))
    await page.check("[value=reissue-codes]")
    await page.click("button:has-text('Traiter la demande')")
    await page.wait_for_url("**?fait=codes")
    await receives(
        play, "new codes", lambda mail: "codes" in mail["subject"].lower() and code_in(mail) is not None
    )


async def test_R4_a_dead_address_is_changed_for_the_body_that_assistance_finds(
    visit: Visit, played_until: Until
) -> None:
    """The address is unknown: the body is found by its SIRET; the old address is told too (L1)."""
    play = await played_until("regional", "proposes")
    page = await visit(ASSISTANCE)
    new = f"nouvelle.{play.plot.number}@organisme.example"
    place = await asked(play, "email-changed", new, "Notre directrice est partie avec son adresse.")
    await opens(page, place, "L’adresse n’est celle d’aucun compte")
    await checks(page, "Courrier à en-tête reçu")
    await page.fill("[name=mots]", play.plot.siret)
    await page.click("button:has-text('Chercher')")
    assert "1 organisme trouvé" in await said(page.locator("[role=status]").first)
    await screenshot(page, "assistance-demande")
    await accessible(page, "assistance-organisme-trouve")
    assert await page.locator("[name=body]").is_checked()
    await page.check("[value=change-email]")
    await page.click("button:has-text('Traiter la demande')")
    assert "Nouvelle adresse" in await said(page.locator(".refusal").first)
    await page.goto(f"{place}?mots={play.plot.siret}")
    await page.check("[value=change-email]")
    await page.fill("[name=email]", new)
    await page.click("button:has-text('Traiter la demande')")
    await page.wait_for_url("**?fait=adresse")
    assert "Adresse changée" in await said(page.locator("main"))
    await receives(play, "the notice to the old address", lambda mail: "adresse" in mail["subject"].lower())
    await opens(page, f"/comptes?mots={new}", new)
    await accessible(page, "assistance-comptes")


async def test_O6_proofs_are_ticked_and_the_copy_that_came_is_said_to_be_destroyed(
    visit: Visit, played_until: Until
) -> None:
    """Each proof is an event with its author; no copy is kept; nothing ticked is pointed at; the IBAN is masked."""
    play = await played_until("regional", "proposes")
    page = await visit(ASSISTANCE)
    place = await asked(play, "lost-codes", play.plot.email, f"Codes perdus, {play.plot.number}")
    await opens(page, place, "C’est à vous d’agir")
    await page.click("button:has-text('Enregistrer la vérification')")
    assert await page.locator(".refusal").count() == 1
    await page.check("[value='SIRET confirmé']")
    await page.check('[value="Pièce d\'identité vue"]')
    await page.check("[name=detruite]")
    async with page.expect_navigation(url="**?fait=verifie"):
        await page.click("button:has-text('Enregistrer la vérification')")
    kept = await said(page.locator(".files"))
    assert "SIRET confirmé, copie détruite Réussie" in kept
    assert "Pièce d'identité vue, copie détruite Réussie" in kept
    assert "par assistance (Assistance Formiris)" in kept
    await accessible(page, "assistance-preuves")
    await opens(page, f"/organismes/{play.known['body']}", "IBAN")
    iban = str(play.plot.form["iban"]).replace(" ", "")
    assert iban[4:-4] not in (await page.content()).replace(" ", "")
    assert f"•••• {iban[-4:]}" in await said(page.locator("main"))


async def test_N3_an_email_that_came_back_leads_assistance_to_the_account(
    visit: Visit, played_until: Until
) -> None:
    """The alert opens whose e-mail it was, why it came back, and the way to the account."""
    play = await played_until("regional", "proposes")
    page = await visit(ASSISTANCE)
    told = await play.client.read("notifications", "/emails", play.staff.auditor, limit=100)
    sent = next(each for each in told["items"] if each["body"] == play.known["body"])
    await opens(page, f"/emails/{sent['id']}", play.plot.name)
    await accessible(page, "assistance-courriel")
    await page.click("text=/Voir le(s)? compte/")
    await page.wait_for_url("**/comptes?mots=**")
    assert await page.locator("tbody tr").count() >= 1


async def test_H4_the_list_shows_the_oldest_first_and_when_assistance_is_open(
    visit: Visit, played_until: Until
) -> None:
    """Opening hours with public holidays; an answer closes the request, which is then among those treated."""
    play = await played_until("regional", "activates")
    page = await visit(ASSISTANCE)
    number = str(play.plot.number)
    place = await asked(play, "no-assignment", f"a.{number}@organisme.example", f"Enseignant {number}")
    await opens(page, "/", number)
    rows = await page.locator("tbody tr").all_inner_texts()
    assert number in rows[-1]
    assert "sauf les jours fériés" in await said(page.locator(".side").nth(2))
    await accessible(page, "assistance-file")
    await screenshot(page, "assistance-file")
    await page.goto(place)
    await page.check("[value=answer]")
    await page.click("button:has-text('Traiter la demande')")
    assert "Réponse" in await said(page.locator(".refusal").first)
    await page.check("[value=answer]")
    await page.fill("[name=answer]", "L'affectation est faite : déposez à nouveau.")
    await page.click("button:has-text('Traiter la demande')")
    await page.wait_for_url("**?fait=repondu")
    await opens(page, "/?etat=resolved", number)
