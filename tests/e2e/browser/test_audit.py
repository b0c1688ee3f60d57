"""The auditor in a real browser: who did what, when, on what, with its proof; and nothing that can be changed."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from tests.e2e.browser.conftest import Visit, accessible, screenshot
from tests.e2e.browser.formiris import AUDITOR, REGIONAL, opens, request_page, said
from tests.e2e.conftest import Until


async def test_U1_a_dossier_is_read_with_who_did_what_and_when(visit: Visit, played_until: Until) -> None:
    """Its sentence, every event with its author and its proof, the e-mails; personal data stay sealed."""
    play = await played_until("regional", "is_accepted")
    page = await visit(AUDITOR)
    await opens(page, f"/?mots={play.plot.number}", play.plot.name)
    await accessible(page, "audit-dossiers")
    await page.click(f"text={play.plot.name}")
    told = await said(page.locator("main"))
    assert "Historique complet et intact." in told
    assert "Référencement rejeté Le certificat Qualiopi joint est celui d'une autre entité." in told
    assert "gestionnaire.bretagne (Formiris)" in told
    await page.locator("details.more summary").last.click()
    assert "donnée personnelle scellée" in await said(page.locator("details[open]"))
    assert play.plot.email not in await page.content()
    await accessible(page, "audit-dossier")
    await screenshot(page, "audit-dossier")
    await page.fill("[name=au]", "2020-01-01")
    await page.click("text=Afficher")
    told = await said(page.locator("main"))
    assert "il n'existait pas encore" in told
    assert "Rien ne s'était encore passé" in told
    await page.click("summary:has-text('Ce qui a changé depuis')")
    assert "Référencement rejeté, par gestionnaire.bretagne (Formiris)" in await said(page.locator("main"))


async def test_U1_what_changed_on_behalf_of_whom_and_who_read_is_told(
    visit: Visit, played_until: Until
) -> None:
    """The difference between two submissions; the body behind an account; readings, the reader's own included."""
    play = await played_until("regional", "is_accepted")
    await visits(visit, REGIONAL, request_page(play), "À vous de décider")
    page = await visit(AUDITOR)
    await opens(page, f"/dossiers/{play.known['body']}", "Historique complet")
    told = await said(page.locator("main"))
    assert f"pour le compte de {play.plot.name}" in told
    assert "gestionnaire.bretagne (Formiris), pour Formiris" in told
    assert "Dossier lu" not in told
    await page.click("summary:has-text('depuis la fois précédente')")
    assert await page.locator("details[open] ins").count()
    await page.click("text=Montrer aussi")
    readings = await page.locator(".timeline li", has_text="Dossier lu").all_inner_texts()
    assert any("gestionnaire.bretagne" in reading for reading in readings)
    assert any("auditeur" in reading for reading in readings)
    await accessible(page, "audit-lectures")


async def visits(visit: Visit, login: str, path: str, words: str) -> None:
    """Somebody opens a page, once it says this."""
    page = await visit(login)
    await opens(page, path, words)


async def test_U1_an_auditor_changes_nothing(visit: Visit, played_until: Until) -> None:
    """Where others decide, the auditor reads: there is no form but those that read, and signing out."""
    play = await played_until("regional", "is_rejected_once")
    page = await visit(AUDITOR)
    await opens(page, f"/referencement/{play.known['body']}", "Historique")
    assert page.url.endswith(f"/dossiers/{play.known['body']}")
    for path in ("/", page.url, "/organismes", "/envois", "/exports", "/abonnes"):
        await page.goto(path)
        assert await page.locator("main form[method=post]").count() == 0
    await accessible(page, "audit-envois")
    await screenshot(page, "audit-envois")
    answer = await page.request.post(f"/referencement/{play.known['body']}/acceptation")
    assert answer.status in (404, 405)


async def test_U2_the_extract_is_proven_without_us_and_a_changed_byte_is_pointed_at(
    visit: Visit, played_until: Until, tmp_path: Path
) -> None:
    """By the program that comes with it; the seal is an event of the history."""
    play = await played_until("regional", "is_accepted")
    page = await visit(AUDITOR)
    await opens(page, f"/dossiers/{play.known['body']}", "Historique complet")
    async with page.expect_download() as started:
        await page.click("text=Extrait scellé")
    with ZipFile(await (await started.value).path()) as archive:
        archive.extractall(tmp_path)
    code, told = verified(tmp_path)
    assert (code, told.startswith("Intact : ")) == (0, True)
    extract = tmp_path / "extrait.json"
    extract.write_text(extract.read_text("utf-8").replace("autre entité", "autre entite", 1), "utf-8")
    code, told = verified(tmp_path)
    assert code == 1
    assert told.startswith("registration/")
    assert "un octet a changé entre le" in told
    await page.goto(f"/dossiers/{play.known['body']}?lectures=oui")
    assert "extract" in await page.content()


def verified(folder: Path) -> tuple[int, str]:
    """What the program of the extract says, without anything of ours."""
    ran = subprocess.run(
        [sys.executable, "-I", "verifier.py", "extrait.json"], cwd=folder, capture_output=True, text=True,
        env={"PYTHONIOENCODING": "utf-8"}, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout
