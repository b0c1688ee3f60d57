"""One's own account and the people of a body, in a real browser.  (L1, L2)"""

import pytest
from playwright.async_api import expect

from ops.demo.scenes.registration import code_in
from tests.e2e.browser.colleagues import colleague
from tests.e2e.browser.conftest import Visit, accessible, screenshot
from tests.e2e.conftest import Until

expect.set_options(timeout=15_000)

BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])


@BOTH
async def test_L2_a_colleague_is_invited_given_rights_and_closed(
    visit: Visit, played_until: Until, scripts: bool
) -> None:
    """What is missing is said; the code goes out; rights change; the account closes, and its login serves no more."""
    play = await played_until("regional", "completes_the_form")
    email = play.plot.email.replace("contact", "hugo.petit")
    page = await visit(play.plot.email, scripts=scripts)
    await page.goto("/compte")
    await page.get_by_role("link", name="Inviter un collègue").click()
    await page.get_by_label("Préparer").uncheck()
    await page.get_by_role("button", name="Envoyer l’invitation").click()
    await expect(page.locator(".errors li")).to_have_count(4)
    if scripts:
        await accessible(page, "compte-inviter")
        await screenshot(page, "compte-inviter")
    await page.fill("#f-email", email)
    await page.fill("#f-first_name", "Hugo")
    await page.fill("#f-name", "Petit")
    await page.get_by_label("Facturer").check()
    await page.get_by_role("button", name="Envoyer l’invitation").click()
    await expect(page.locator(".banner.ok")).to_contain_text("L’invitation est envoyée")
    row = page.locator("tbody tr", has_text=email)
    await expect(row).to_contain_text("Code envoyé, pas encore activé")
    await play.finds(
        play.body, "mailbox", f"/messages?to={email}", "the code",
        lambda mails: next((code for mail in mails if (code := code_in(mail))), None),
    )  # fmt: skip
    await row.get_by_role("link", name="Changer les droits").click()
    await page.get_by_label("Signer et soumettre").check()
    await page.get_by_role("button", name="Changer les droits").click()
    await expect(row).to_contain_text("Signer et soumettre, Facturer")
    await row.get_by_role("link", name="Changer les droits").click()
    if scripts:
        await accessible(page, "compte-utilisateur")
        await screenshot(page, "compte-utilisateur")
    await page.locator("summary", has_text="Fermer le compte").click()
    await page.get_by_role("button", name="Fermer ce compte").click()
    await expect(row).to_contain_text("Fermé")


async def test_L2_the_last_administrator_stays_one(visit: Visit, played_until: Until) -> None:
    """Refused with its four answers, and said before it is tried."""
    play = await played_until("regional", "completes_the_form")
    page = await visit(play.plot.email)
    await page.goto("/compte")
    await expect(page.locator(".banner.warn")).to_contain_text("Une seule personne administre les comptes")
    await accessible(page, "compte")
    await screenshot(page, "compte")
    await page.locator("tbody tr").get_by_role("link", name="Changer les droits").click()
    await page.get_by_label("Administrer").uncheck()
    await page.get_by_role("button", name="Changer les droits").click()
    await expect(page.locator(".refusal")).to_contain_text("Dernier administrateur")
    await expect(page.locator(".refusal")).to_contain_text("Dans l’aide")


async def test_L2_somebody_who_does_not_administer_is_told_who_does(
    visit: Visit, played_until: Until
) -> None:
    """No list of the others, no button; the name of whom to ask."""
    play = await played_until("regional", "completes_the_form")
    page = await visit(await colleague(play, "prepare"))
    await page.goto("/compte")
    await expect(page.locator("main")).to_contain_text("Anatole Cordelion")
    await expect(page.locator("main")).to_contain_text("administre les comptes de votre organisme")
    assert await page.locator("table").count() == 0
    await accessible(page, "compte-sans-droit")
    answer = await page.goto("/compte/utilisateurs/inviter")
    assert answer is not None
    assert await page.get_by_role("button", name="Envoyer l’invitation").count() == 0
    await expect(page.locator("main")).to_contain_text("n’a pas le droit d’inviter")


async def test_L1_ones_own_address_leads_to_assistance_and_a_password_is_reset(
    visit: Visit, played_until: Until
) -> None:
    """An address is changed by Assistance only; a code for a new password goes to one's own."""
    play = await played_until("regional", "completes_the_form")
    page = await visit(play.plot.email)
    await page.goto("/compte")
    assert (
        await page.get_by_role("link", name="Demander à l’Assistance").get_attribute("href") == "/assistance"
    )
    await page.get_by_role("button", name="Changer de mot de passe").click()
    await expect(page.locator(".banner.ok")).to_contain_text("Un code vient de vous être envoyé")
    await play.finds(
        play.body, "mailbox", f"/messages?to={play.plot.email}", "the code for a new password",
        lambda mails: next((mail for mail in mails if "mot de passe" in mail["subject"].lower()), None),
    )  # fmt: skip


async def test_L2_signing_out_everywhere_ends_the_other_windows_too(
    visit: Visit, played_until: Until
) -> None:
    """Here at once; on another device when its token is renewed, within the hour: said so where it is done."""
    play = await played_until("regional", "completes_the_form")
    page = await visit(play.plot.email)
    await page.goto("/compte")
    await page.get_by_role("button", name="Se déconnecter partout").last.click()
    await page.wait_for_url("**/connexion*")
    await page.goto("/compte")
    assert "/connexion?" in page.url
