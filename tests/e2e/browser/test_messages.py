"""Messages about a dossier in a real browser, from both sides, with JavaScript and without.  (H5)"""

import re

import pytest

from tests.e2e.browser.conftest import Visit, accessible, screenshot
from tests.e2e.browser.formiris import REGIONAL, opens, said
from tests.e2e.conftest import Until


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
async def test_H5_a_question_has_an_owner_and_a_delay_until_it_is_answered(
    visit: Visit, played_until: Until, scripts: bool
) -> None:
    """Asked from the dossier's page, told, answered, read; pinned to a field; a closed thread says where to write."""
    play = await played_until("regional", "assigns_teachers")
    place = f"/prestations/{play.known['offering']}"
    thread = f"/dossiers/{play.known['offering']}/messages"
    body, office = await visit(play.plot.email, scripts=scripts), await visit(REGIONAL, scripts=scripts)

    await opens(body, place, "Messages : écrire à Formiris")
    await body.click("text=écrire à Formiris")
    await body.fill("[name=text]", "Première ligne\n<b>seconde</b> ligne ?")
    await body.click("text=Envoyer le message")
    await body.get_by_text("Votre message est envoyé.").wait_for()
    words = await said(body.locator("main"))
    assert re.search(r"Formiris répond d'ici le \d", words)
    assert "Pas encore lu par Formiris" in words
    shown = await body.locator("main .files .prose").inner_text()
    assert shown == "Première ligne\n<b>seconde</b> ligne ?"
    if scripts:
        await accessible(body, "messages")
        await screenshot(body, "messages")

    await opens(office, "/alertes", "Message à répondre")
    await opens(office, place, "À vous de répondre")
    await office.click("text=1 message sur ce dossier")
    await office.get_by_role("link", name="Répondre au message").click()
    assert "seconde" in await said(office.locator("form blockquote"))
    await office.fill("[name=text]", "Non, rien à refaire.")
    await office.click("text=Envoyer la réponse")
    await office.get_by_text("Votre réponse est envoyée.").wait_for()
    assert "Personne n'attend de réponse." in await said(office.locator("main"))
    if scripts:
        await accessible(office, "messages-gestion")

    read = await opens(body, thread, "Non, rien à refaire.")
    assert "Répondu le" in await said(read)
    assert "Lu par Formiris le" in await said(read)

    await office.goto(place)
    await office.get_by_role("link", name="Écrire au sujet du champ").first.click()
    await office.fill("[name=text]", "Est-ce bien l'intitulé ?")
    await office.click("text=Envoyer le message")
    await opens(body, place, "À vous de répondre")
    assert "Au sujet du champ «" in await said(await opens(body, thread, "Est-ce bien l'intitulé ?"))

    closed = await opens(body, f"/dossiers/{play.known['body']}/messages", "Écrire ailleurs")
    assert "@" in await said(closed)
    assert await body.locator("main [name=text]").count() == 0
