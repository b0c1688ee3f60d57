"""Coming in and staying in: asking, activating, lost passwords, sessions that end, several windows.  (R1, R4, F2)"""

import asyncio
import re
import time

import httpx
import pytest
from playwright.async_api import Page, expect

from ops.demo.scenes.registration import PASSWORD, request_path
from ops.demo.tell import Silent
from ops.demo.troupe import Troupe
from ops.stack import Stack
from tests.e2e.browser.conftest import Visit, accessible, screenshot
from tests.e2e.conftest import Until

both = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
NEW = "Une autre phrase à retenir 8"


async def link_in_mail(running: Stack, to: str, words: str, besides: str = "") -> str:
    """The link that an e-mail to this address carries under these words, once it has come; another than `besides`."""
    until = time.monotonic() + 30
    async with httpx.AsyncClient(trust_env=False) as http:
        while time.monotonic() < until:
            letters = await http.get(f"{running.endpoints.http['mailbox']}/messages", params={"to": to})
            for letter in reversed(letters.json()):
                found = re.search(rf"{words} : (\S+)", letter["text"])
                if found and found[1] != besides:
                    return found[1]
            await asyncio.sleep(0.2)
    raise AssertionError(f"no e-mail with « {words} » came to {to}")


async def sign_in(page: Page, login: str, password: str = PASSWORD) -> None:
    """From the sign-in page."""
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", password)
    await page.click("button:has-text('Se connecter')")


@both
async def test_R1_L3_from_the_request_to_the_first_sign_in(
    visit: Visit, running: Stack, troupe: Troupe, scripts: bool
) -> None:
    """The public form says which office answers; the e-mail's link leads to an activation that is almost filled in."""
    play = troupe.play("national", Silent())
    asked = play.plot.request
    page = await visit(scripts=scripts)
    await page.goto("/demande")
    await page.click("button:has-text('Envoyer')")
    assert "Erreur" in await page.title()
    if scripts:
        await accessible(page, "demande-erreurs")
    await page.fill("[name=name]", asked["name"])
    await page.select_option("[name=kind]", asked["kind"])
    await page.select_option("[name=perimeter]", asked["perimeter"])
    await page.fill("[name='contact.name']", asked["contact"]["name"])
    await page.fill("[name='contact.email']", asked["contact"]["email"])
    await page.click("button:has-text('Envoyer')")
    await page.get_by_text("Votre demande est enregistrée.").wait_for()
    assert "prestataires@formiris.org" in re.sub("\u200b", "", await page.inner_text("main"))
    if scripts:
        await accessible(page, "demande-envoyee")
    play.known["body"] = re.search(r"[0-9a-f-]{36}", await page.inner_text(".banner"))[0]  # type: ignore[index]
    await play.does(
        play.manager, "sends it", "registration", "POST", request_path(play, "/proposal"), "proposal"
    )

    link = await link_in_mail(running, asked["contact"]["email"], "Activer mon compte")
    code = await code_in_mail(running, asked["contact"]["email"])
    await page.goto(link)
    assert await page.input_value("[name=login]") == asked["contact"]["email"]
    await page.fill("[name=code]", code)
    await page.fill("[name=password]", PASSWORD)
    await page.click("button:has-text('Activer')")
    await page.get_by_text("Votre compte est activé.").wait_for()
    await page.click("main a:has-text('Se connecter')")
    await sign_in(page, asked["contact"]["email"])
    await page.wait_for_url("**/")
    assert await page.locator("h1").count() == 1


async def code_in_mail(running: Stack, to: str) -> str:
    """The activation code, as a person would copy it."""
    async with httpx.AsyncClient(trust_env=False) as http:
        letters = await http.get(f"{running.endpoints.http['mailbox']}/messages", params={"to": to})
    (code,) = {
        found
        for letter in letters.json()
        for found in re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){2}", letter["text"])
    }
    return str(code)


@both
async def test_L3_a_lost_password_is_replaced_by_the_link_that_was_sent(
    visit: Visit, running: Stack, played_until: Until, scripts: bool
) -> None:
    """The same page for an address that nobody has; the link carries its code; the other sessions end."""
    play = await played_until("regional", "completes_the_form")
    elsewhere = await visit(play.plot.email)
    page = await visit(scripts=scripts)
    said = []
    for login in ("personne@nulle-part.example", play.plot.email):
        await page.goto("/mot-de-passe")
        await page.fill("[name=login]", login)
        await page.click("button:has-text('Recevoir un code')")
        said.append(await page.inner_text("main"))
    assert said[0] == said[1]
    await page.goto(await link_in_mail(running, play.plot.email, "Choisir un nouveau mot de passe"))
    if scripts:
        await accessible(page, "nouveau-mot-de-passe")
    await page.fill("[name=password]", "court")
    await page.click("button:has-text('Changer')")
    assert "Erreur" in await page.title()
    await page.fill("[name=password]", NEW)
    await page.click("button:has-text('Changer')")
    await page.get_by_text("Votre mot de passe est changé").first.wait_for()
    await page.goto("/connexion")
    await sign_in(page, play.plot.email, NEW)
    await page.wait_for_url("**/")
    del elsewhere  # its access token serves until the next refresh (ADR 0014)


@both
async def test_R4_assistance_is_asked_with_a_receipt(visit: Visit, scripts: bool) -> None:
    """Who must act and when it answers; a wrong address is said on its field, and nothing typed is lost."""
    page = await visit(scripts=scripts)
    await page.goto("/assistance")
    await page.select_option("[name=kind]", "lost-codes")
    await page.fill("[name=email]", "pas une adresse")
    await page.fill("[name=message]", "Ma collègue est partie.")
    await page.click("button:has-text('Envoyer')")
    assert "Erreur" in await page.title()
    assert await page.input_value("[name=message]") == "Ma collègue est partie."
    if scripts:
        await accessible(page, "assistance-erreurs")
        assert await page.evaluate("document.activeElement.className") == "errors flow"
    await page.fill("[name=email]", "anne@organisme.example")
    await page.click("button:has-text('Envoyer')")
    await page.get_by_text("Demande enregistrée.").wait_for()


@both
async def test_H4_a_request_carries_the_refusal_and_its_author_sees_what_becomes_of_it(
    visit: Visit, played_until: Until, scripts: bool
) -> None:
    """From a refusal: what, where and when go along; its page says where it stands, to whoever has its number."""
    play = await played_until("regional", "completes_the_form")
    page = await visit(play.plot.email, scripts=scripts)
    await page.goto("/compte")
    await page.locator("tbody tr").get_by_role("link", name="Changer les droits").click()
    await page.get_by_label("Administrer").uncheck()
    await page.get_by_role("button", name="Changer les droits").click()
    await page.locator(".refusal").get_by_role("link", name="Demander à l’Assistance").click()
    joined = page.locator("section[aria-labelledby=joint]")
    await expect(joined).to_contain_text("Dernier administrateur")
    assert await page.input_value("[name=email]") == play.plot.email
    await expect(page.locator(".lead")).to_contain_text(re.compile("répond maintenant|rouvre le"))
    if scripts:
        await accessible(page, "assistance-depuis-un-refus")
        await screenshot(page, "assistance-depuis-un-refus")
    await page.fill("[name=message]", "Ma collègue part.")
    await page.get_by_role("button", name="Envoyer").click()
    await page.get_by_text("Demande enregistrée.").wait_for()
    await expect(page.locator(".lead")).to_contain_text("C’est à l’Assistance Formiris d’agir")
    number = page.url.partition("/suivi/")[2].partition("?")[0]
    kept = await play.reads(play.staff.assistance, "registration", f"/assistance-requests/{number}")
    assert kept["refusal"] == "last-administrator"
    assert kept["dossier"]
    assert kept["happened_at"]
    await play.does(
        play.staff.assistance, "answers", "registration", "POST", f"/assistance-requests/{number}/resolution",
        f"answers-{number}", json={"action": "answer", "checks": [], "answer": "C'est fait."},
    )  # fmt: skip
    anybody = await visit(scripts=scripts)
    await anybody.goto(f"/assistance/suivi/{number}")
    await expect(anybody.locator("h1")).to_have_text("L’Assistance a traité votre demande")
    assert play.plot.email not in await anybody.inner_text("main")
    if scripts:
        await accessible(anybody, "assistance-suivi")
        await screenshot(page, "assistance-suivi")
    await page.goto("/assistance")
    await page.get_by_role("link", name=re.compile("Demande traitée")).click()
    await expect(page.locator("h1")).to_have_text("L’Assistance a traité votre demande")


@both
async def test_L1_a_change_of_address_is_taken_back_by_its_old_one(
    visit: Visit, running: Stack, played_until: Until, scripts: bool
) -> None:
    """The old address is told, with a link that undoes it; a wrong code is refused with its four answers."""
    play = await played_until("regional", "completes_the_form")
    new = play.plot.email.replace("contact", "usurpe")
    made = await play.client.command(
        "registration", "POST", "/assistance-requests", play.body, "help",
        json={"email": play.plot.email, "kind": "email-changed", "message": "Changez mon adresse."},
    )  # fmt: skip
    await play.does(
        play.staff.assistance, "changes it", "registration", "POST", f"/assistance-requests/{made['id']}/resolution",
        "changes-the-address", json={"action": "change-email", "checks": ["SIRET confirmé"], "email": new},
    )  # fmt: skip
    page = await visit(scripts=scripts)
    link = await link_in_mail(running, play.plot.email, "Annuler le changement d'adresse")
    await page.goto(f"{link[: link.index('?')]}?code=AAAA-AAAA-AAAA")
    await page.get_by_role("button", name="Annuler le changement d’adresse").click()
    await expect(page.locator(".refusal")).to_contain_text("Changement d’adresse maintenu")
    if scripts:
        await accessible(page, "adresse")
        await screenshot(page, "adresse")
    await page.goto(link)
    await page.get_by_role("button", name="Annuler le changement d’adresse").click()
    await page.get_by_text("Le changement d’adresse est annulé").first.wait_for()
    await link_in_mail(running, play.plot.email, "Activer mon compte")


@both
async def test_L3_a_link_that_serves_no_more_is_replaced_in_one_click(
    visit: Visit, running: Stack, played_until: Until, scripts: bool
) -> None:
    """A newer one has replaced it: the page offers another, without typing the address again."""
    play = await played_until("regional", "completes_the_form")
    page = await visit(scripts=scripts)
    await page.goto("/mot-de-passe")
    await page.fill("[name=login]", play.plot.email)
    await page.click("button:has-text('Recevoir un code')")
    link = await link_in_mail(running, play.plot.email, "Choisir un nouveau mot de passe")
    await page.goto(link.replace("code=", "code=X"))
    await page.fill("[name=password]", NEW)
    await page.click("button:has-text('Changer le mot de passe')")
    assert "Erreur" in await page.title()
    if scripts:
        await accessible(page, "lien-perime")
    await page.get_by_role("button", name=re.compile("Recevoir un nouveau lien à")).click()
    await page.get_by_role("heading", name="Regardez vos e-mails").wait_for()
    await page.goto(
        await link_in_mail(running, play.plot.email, "Choisir un nouveau mot de passe", besides=link)
    )
    await page.fill("[name=password]", NEW)
    await page.click("button:has-text('Changer le mot de passe')")
    await page.get_by_text("Votre mot de passe est changé").first.wait_for()


async def test_F2_a_session_about_to_end_is_said_before_and_goes_on_in_one_click(
    visit: Visit, played_until: Until
) -> None:
    """Ten minutes before, aloud and with the hour, whatever the page; what is typed stays where it is."""
    play = await played_until("regional", "completes_the_form")
    page = await visit(play.plot.email)
    await page.goto("/compte/utilisateurs/inviter")
    assert await page.locator("#session-bientot").count() == 0
    await page.fill("[name=name]", "Le Goff")
    soon = str(int(time.time()) + 500)
    await page.evaluate(f"document.cookie = 'formelie-fin={soon}; path=/'")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(page.locator("#session-bientot")).to_contain_text(re.compile(r"se termine à \d+.h.\d\d"))
    await expect(page.locator("#crie")).to_contain_text("Votre session se termine")
    await accessible(page, "session-bientot")
    await page.get_by_role("button", name="Rester connecté").click()
    await expect(page.locator("#dit")).to_have_text("Vous restez connecté.")
    await expect(page.locator("#session-bientot")).to_have_count(0)
    assert await page.input_value("[name=name]") == "Le Goff"
    ends = {each["name"]: each["value"] for each in await page.context.cookies()}["formelie-fin"]
    assert int(ends) > time.time() + 11 * 3600


@both
async def test_F2_a_form_sent_after_the_session_ended_is_kept_and_shown_again(
    visit: Visit, played_until: Until, scripts: bool
) -> None:
    """Signing in again shows what was being sent, to be sent; nothing is sent by itself."""
    play = await played_until("regional", "completes_the_form")
    page = await visit(play.plot.email, scripts=scripts)
    await page.goto("/compte/preferences")
    await page.check("[name=orders][value=daily]")
    await page.context.clear_cookies(name="formelie")
    await page.click("button:has-text('Enregistrer')")
    await page.get_by_text("Votre saisie est conservée").wait_for()
    if scripts:
        await accessible(page, "session-finie")
    await sign_in(page, play.plot.email, "faux")
    await sign_in(page, play.plot.email)
    await page.get_by_role("heading", name="Votre saisie est conservée").wait_for()
    if scripts:
        await accessible(page, "reprise")
    await page.click("button:has-text('Envoyer ma saisie')")
    await page.get_by_text("Vos préférences sont enregistrées.").wait_for()
    assert await page.is_checked("[name=orders][value=daily]")


async def test_F7_two_windows_one_of_which_signed_in_again(visit: Visit, played_until: Until) -> None:
    """The window that stayed open is told at once; what it sends afterwards is shown again, not lost."""
    play = await played_until("regional", "completes_the_form")
    page = await visit(play.plot.email)
    await page.goto("/compte/preferences")
    await page.check("[name=invoices][value=none]")
    other = await page.context.new_page()
    await other.goto("/aide")
    await other.locator("details.me summary").click()
    await other.get_by_role("button", name="Se déconnecter", exact=True).click()
    await other.get_by_text("Vous êtes déconnecté.").wait_for()
    await page.get_by_text("Vous êtes déconnecté").first.wait_for()
    assert await page.inner_text("#crie") != ""
    assert await page.is_checked("[name=invoices][value=none]")
    await sign_in(other, play.plot.email)
    await other.wait_for_url("**/")
    await page.click("button:has-text('Enregistrer')")
    await page.click("button:has-text('Envoyer ma saisie')")
    await page.get_by_text("Vos préférences sont enregistrées.").wait_for()
    assert await page.is_checked("[name=invoices][value=none]")


async def test_F7_signing_out_everywhere_reaches_other_browsers(
    visit: Visit, running: Stack, played_until: Until
) -> None:
    """Their refresh tokens serve no more; the session that was left is told why it has to sign in."""
    play = await played_until("regional", "completes_the_form")
    page = await visit(play.plot.email)
    given = {"login": play.plot.email, "password": PASSWORD}
    async with httpx.AsyncClient(base_url=running.endpoints.http["registration"], trust_env=False) as http:
        elsewhere = (await http.post("/v1/tokens", json=given)).json()
        await page.locator("details.me summary").click()
        await page.get_by_role("button", name="Se déconnecter partout").click()
        await page.get_by_text("Vous êtes déconnecté.").wait_for()
        refresh = {"grant_type": "refresh_token", "refresh_token": elsewhere["refresh_token"]}
        answer = await http.post("/v1/tokens", json=refresh)
    assert answer.json()["code"] == "session-over"
    await page.goto("/alertes")
    await page.get_by_text("Connectez-vous pour continuer").wait_for()


async def test_signing_out_ends_the_session_and_not_only_the_cookie(
    visit: Visit, played_until: Until
) -> None:
    """A copy of the cookie opens nothing once its access token is late: its refresh token was ended."""
    play = await played_until("regional", "completes_the_form")
    page = await visit(play.plot.email)
    (cookie,) = [each for each in await page.context.cookies() if each["name"] == "formelie"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    await page.locator("details.me summary").click()
    await page.get_by_role("button", name="Se déconnecter", exact=True).click()
    await page.get_by_text("Vous êtes déconnecté.").wait_for()
    assert "formelie" not in {each["name"] for each in await page.context.cookies()}
    await page.go_back()
    await page.reload()
    assert "/connexion" in page.url
