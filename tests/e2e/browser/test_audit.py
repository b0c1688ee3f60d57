"""The auditor in a real browser: who did what, when, on what, with its proof; and nothing that can be changed."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.e2e.browser.conftest import Visit, accessible, screenshot
from tests.e2e.browser.formiris import AUDITOR, opens, said
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
    assert "Rien ne s'était encore passé" in await said(page.locator("main"))


async def test_U1_an_auditor_changes_nothing(visit: Visit, played_until: Until) -> None:
    """Where others decide, the auditor reads: there is no form but those that read, and signing out."""
    play = await played_until("regional", "is_rejected_once")
    page = await visit(AUDITOR)
    await opens(page, f"/referencement/{play.known['body']}", "Historique")
    assert page.url.endswith(f"/dossiers/{play.known['body']}")
    for path in ("/", page.url, "/organismes", "/envois"):
        await page.goto(path)
        assert await page.locator("main form[method=post]").count() == 0
    await accessible(page, "audit-envois")
    await screenshot(page, "audit-envois")
    answer = await page.request.post(f"/referencement/{play.known['body']}/acceptation")
    assert answer.status in (404, 405)


async def test_U2_the_extract_is_proven_without_us_and_a_changed_byte_shows(
    visit: Visit, played_until: Until
) -> None:
    """Each hash is that of the record and of the hash before it."""
    play = await played_until("regional", "is_accepted")
    page = await visit(AUDITOR)
    await opens(page, f"/dossiers/{play.known['body']}", "Historique complet")
    async with page.expect_download() as started:
        await page.click("text=Extrait vérifiable")
    events = extract(await (await started.value).path())
    assert len(events) > 4
    assert all(proven(event, event["record"]) for event in events)
    assert not any(proven(event, event["record"].replace("2", "3", 1)) for event in events)


def extract(file: Path) -> list[dict[str, Any]]:
    """The events of a downloaded extract."""
    events: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["events"]
    return events


def proven(event: dict[str, Any], record: str) -> bool:
    """What the extract itself says how to verify."""
    linked = bytes.fromhex(event["previous"]) + int(event["sequence"]).to_bytes(8, "big") + record.encode()
    return sha256(linked).hexdigest() == str(event["hash"])
