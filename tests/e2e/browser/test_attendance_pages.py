"""Certificates of attendance in a real browser: the locked step, the grid, the file, the sheet, the check.  (R7, R8)"""

import re
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Page, expect

from ops.demo.play import Play
from ops.demo.scenes import attendance
from tests.e2e.browser.conftest import Visit, accessible, screenshot
from tests.e2e.browser.formiris import opens, verified
from tests.e2e.conftest import Until
from tests.papers import pdf

expect.set_options(timeout=15_000)

BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
SHEET: FilePayload = {
    "name": "emargement.pdf",
    "mimeType": "application/pdf",
    "buffer": pdf("Feuille d'émargement"),
}
STRANGER = 'Erreur Aucune affectation trouvée pour l\'enseignant "123456" dans l\'unité pédagogique "UP1"'


def place(play: Play, rest: str = "") -> str:
    return f"/sessions/{play.known['session']}/attestations{rest}"


def cell(page: Page, teacher: str, unit: str) -> str:
    return f"#h-{teacher}-{unit}"


async def looked_at(page: Page, name: str, scripts: bool = True) -> None:
    """Accessible, and kept to be looked at: once, with JavaScript, for the rules are run by a script."""
    if scripts:
        await accessible(page, name)
        await screenshot(page, name)


async def attach_sheet(page: Page) -> None:
    await page.set_input_files("[name=feuille]", files=[SHEET])
    if await page.locator("#f-envoi").count():  # a script sends it at once
        await expect(page.locator("#f-envoi")).to_contain_text("est reçu, et gardé")
    await page.get_by_role("button", name="Joindre", exact=True).click()
    await expect(page.get_by_text("Jointe, et gardée avec votre brouillon")).to_be_visible()


async def deposit(page: Page) -> None:
    """From the grid, everything in order: checked, deposited, received."""
    await page.get_by_role("button", name="Vérifier avant de déposer").click()
    await page.get_by_role("button", name="Déposer les attestations").click()
    await page.wait_for_url("**/recu")


async def test_A1_R7_a_locked_step_says_which_of_the_two_is_missing(
    visit: Visit, played_until: Until
) -> None:
    """First Formiris's step, then the body's: since when, who acts, and the button to that step."""
    play = await played_until("national", "is_ordered")
    page = await visit(play.plot.email)
    await page.goto(place(play))
    await expect(page.get_by_text("1. Soumis par Formiris : manque")).to_be_visible()
    await expect(page.locator(".refusal .turn")).to_have_count(0)
    play = await played_until("national", "returns_the_order")
    page = await visit(play.plot.email)
    await page.goto("/attestations")
    await expect(page.get_by_text("Bon de commande pas encore renvoyé signé")).to_be_visible()
    await accessible(page, "attestations-pas-encore")
    await page.goto(place(play))
    await expect(page.get_by_text("1. Soumis par Formiris : fait")).to_be_visible()
    await expect(page.get_by_text("2. Signé et renvoyé par vous : manque")).to_be_visible()
    holder = page.locator(".pairs > div", has_text="Qui doit agir")
    await expect(holder).to_contain_text("Vous, depuis aujourd’hui")
    await expect(page.locator(".refusal .btn")).to_have_attribute(
        "href", f"/bons-de-commande/{play.known['order']}"
    )
    await expect(page.locator("input[name=feuille]")).to_have_count(0)
    await looked_at(page, "attestations-verrouillees")


async def test_A3_everyone_present_then_the_exceptions_with_totals_as_one_types(
    visit: Visit, played_until: Until
) -> None:
    """Live with JavaScript: totals, what exceeds the plan told on its cell, every change saved by itself."""
    play = await played_until("regional", "names_a_stranger")
    page = await visit(play.plot.email)
    await page.goto("/attestations")
    await looked_at(page, "attestations-a-deposer")
    await page.get_by_role("link", name="Déposer les attestations").click()
    await page.get_by_role("button", name="Tous présents").click()
    await expect(page.locator(cell(page, "104211", "UP1"))).to_have_value("12")
    exception = page.locator(cell(page, "104213", "UP2"))
    row = page.locator("tr", has_text="104213").locator("[data-row-total]")
    await expect(row).to_contain_text("18 h")
    await exception.fill("7")
    await exception.blur()
    await expect(exception).to_have_attribute("aria-invalid", "true")
    await expect(page.locator(f"{cell(page, '104213', 'UP2')}-e")).to_contain_text("6 h prévues au plus")
    await exception.fill("3,5")
    await expect(row).to_contain_text("15,5 h")
    await expect(page.locator("[data-whole]")).to_contain_text("63,5 h")
    await exception.press("Enter")
    await expect(exception).not_to_have_attribute("aria-invalid", "true")
    await expect(page.locator("#enregistre")).to_contain_text(re.compile(r"Enregistré à \d+\s?h"))
    await expect(page.locator("#controle")).to_contain_text("63,5 h faites sur 66 h")
    await page.reload()
    await expect(exception).to_have_value("3,5")
    await looked_at(page, "attestations-grille")


async def test_A3_the_keyboard_is_enough_and_hours_go_by_quarters(visit: Visit, played_until: Until) -> None:
    """Enter and the arrows go along the column, Tab along the row; a wrong number is told on its cell."""
    play = await played_until("regional", "names_a_stranger")
    page = await visit(play.plot.email)
    await page.goto(place(play))
    first, below = (page.locator(cell(page, teacher, "UP1")) for teacher in ("104211", "104212"))
    await first.focus()
    for key, where in (("Enter", below), ("Shift+Enter", first), ("ArrowDown", below), ("ArrowUp", first)):
        await page.keyboard.press(key)
        await expect(where).to_be_focused()
    await page.keyboard.type("3,1")
    await page.keyboard.press("Tab")
    await expect(page.locator(f"{cell(page, '104211', 'UP1')}-e")).to_contain_text("Au quart d’heure")
    await first.fill("3,25")
    await expect(first).not_to_have_attribute("aria-invalid", "true")


async def test_A3_X1_X2_what_saves_itself_is_heard_and_leaves_the_focus(
    visit: Visit, played_until: Until
) -> None:
    """Politely when it is saved, at once when it is not; the cell that holds the focus keeps it and what it says."""
    play = await played_until("regional", "names_a_stranger")
    page = await visit(play.plot.email)
    await page.goto(place(play))
    first = page.locator(cell(page, "104211", "UP1"))
    await first.click()
    await page.keyboard.type("6,5")
    await expect(page.get_by_role("status").filter(has_text="Enregistré à")).to_be_visible()
    await expect(first).to_be_focused()
    await page.route(f"**{place(play)}", lambda route: route.abort())
    await page.keyboard.type("0")
    await expect(page.get_by_role("alert")).to_contain_text("Impossible d’enregistrer")
    await expect(first).to_be_focused()
    await expect(first).to_have_value("6,50")
    await page.unroute(f"**{place(play)}")
    await page.get_by_role("button", name="Réessayer").click()
    await expect(page.get_by_role("status").filter(has_text="Enregistré à")).to_be_visible()
    await page.reload()
    await expect(first).to_have_value("6,5")


async def test_A3_the_grid_without_javascript_counts_right(visit: Visit, played_until: Until) -> None:
    """The same by its buttons; a cell beyond the plan is refused on the cell, the others are kept."""
    play = await played_until("regional", "names_a_stranger")
    page = await visit(play.plot.email, scripts=False)
    await page.goto(place(play))
    await page.get_by_role("button", name="Tous présents").click()
    await page.fill(cell(page, "104213", "UP2"), "7")
    await page.fill(cell(page, "104212", "UP2"), "4 h 30")
    await page.get_by_role("button", name="Enregistrer", exact=True).click()
    await expect(page.locator(cell(page, "104212", "UP2"))).to_have_value("4,5")
    await expect(page.locator(f"{cell(page, '104213', 'UP2')}-e")).to_contain_text("6 h prévues au plus")
    await expect(page.locator("[data-whole]")).to_contain_text("58,5 h")
    await screenshot(page, "attestations-grille-erreur")


async def test_A3_a_file_that_is_no_sheet_is_told_and_nothing_typed_is_lost(
    visit: Visit, played_until: Until
) -> None:
    """Each cause its own words; the hours of the same form are kept, and a good sheet survives errors (O1, O2)."""
    play = await played_until("regional", "names_a_stranger")
    page = await visit(play.plot.email, scripts=False)
    await page.goto(place(play))
    await expect(page.get_by_text("PDF, JPEG ou PNG, 20 Mo au plus")).to_be_visible()
    await page.fill(cell(page, "104211", "UP1"), "12")
    text: FilePayload = {"name": "feuille.pdf", "mimeType": "application/pdf", "buffer": b"Bonjour"}
    await page.set_input_files("[name=feuille]", files=[text])
    await page.get_by_role("button", name="Joindre", exact=True).click()
    await expect(page.locator(".refusal")).to_contain_text("Type de document non accepté")
    await expect(page.locator(cell(page, "104211", "UP1"))).to_have_value("12")
    await screenshot(page, "attestations-feuille-refusee")
    await page.get_by_role("button", name="Joindre", exact=True).click()
    await expect(page.locator(".refusal")).to_contain_text("Aucun fichier choisi")
    await attach_sheet(page)
    await page.fill(cell(page, "104211", "UP1"), "99")
    await page.get_by_role("button", name="Vérifier avant de déposer").click()
    await expect(page.locator("main")).to_contain_text("Il reste 1 point à revoir")
    await expect(page.get_by_role("link", name="Feuille d’émargement jointe")).to_be_visible()
    page = await visit(play.plot.email)
    await page.goto(place(play, "/verifier"))
    await accessible(page, "attestations-a-revoir")
    await page.goto(place(play))
    await attach_sheet(page)


@BOTH
async def test_A2_R8_a_file_is_tried_first_and_its_good_rows_are_kept(
    visit: Visit, played_until: Until, tmp_path: Path, scripts: bool
) -> None:
    """Nothing is kept before it is asked; what is wrong comes with its reasons, a file to mend, and Assistance."""
    play = await played_until("regional", "names_a_stranger")
    page = await visit(play.plot.email, scripts=scripts)
    await page.goto(place(play, "/importer"))
    await looked_at(page, "attestations-importer", scripts)
    async with page.expect_download() as modele:
        await page.get_by_role("link", name="Modèle CSV").click()
    await (await modele.value).save_as(tmp_path / "modele.csv")
    header, *rows = (tmp_path / "modele.csv").read_text("utf-8-sig").splitlines()
    cells = [row.split(";") for row in rows]
    hours = header.split(";").index("Heures faites")
    for row in cells:
        row[hours] = "99" if row[1] == "104214" else row[4]
    cells.append([cells[0][0], "123456", "UP1", "", "", "6", *cells[0][6:]])
    content = "\n".join([header, *(";".join(row) for row in cells)]).encode("cp1252")
    for tried in range(2):
        file: FilePayload = {"name": "attestations.csv", "mimeType": "text/csv", "buffer": content}
        await page.set_input_files("#fichier", files=[file])
        if scripts:
            await expect(page.locator("#fichier-envoi")).to_contain_text("« attestations.csv » est envoyé.")
        await page.get_by_role("button", name="Contrôler le fichier").click()
        await expect(page.locator("main")).to_contain_text("8 lignes lues dans « attestations.csv »")
        assert await page.locator(".refusal samp.exact").first.inner_text() == STRANGER
        await expect(page.locator("table")).to_contain_text("qui en prévoit 12")
        if tried:
            await expect(page.locator("main")).to_contain_text("le même fichier deux fois ne change rien")
        await looked_at(page, "attestations-controle-du-fichier", scripts)
        await page.get_by_role("button", name="Garder les 6 bonnes lignes").click()
        await expect(page.locator(".banner.ok")).to_contain_text("6 lignes gardées")
    async with page.expect_download() as mend:
        await page.get_by_role("link", name="Fichier à corriger").click()
    await (await mend.value).save_as(tmp_path / "a-corriger.csv")
    assert STRANGER in (tmp_path / "a-corriger.csv").read_text("utf-8-sig").replace('""', '"')
    await page.get_by_role("link", name="Demander à l’Assistance").click()
    assert STRANGER in await page.locator("[name=message]").input_value()
    await looked_at(page, "attestations-assistance", scripts)
    await page.get_by_role("button", name="Envoyer à l’Assistance").click()
    await expect(page.locator("main")).to_contain_text("C’est à l’Assistance Formiris d’agir")
    await looked_at(page, "attestations-assistance-envoyee", scripts)


async def test_A2_however_a_spreadsheet_is_saved_it_is_read(
    visit: Visit, played_until: Until, tmp_path: Path
) -> None:
    """UTF-8, Windows or UTF-16; semicolons, commas or tabs; French numbers; twice the same changes nothing."""
    play = await played_until("regional", "names_a_stranger")
    page = await visit(play.plot.email, scripts=False)
    template = await page.request.get(place(play, "/modele.csv"))
    header, *rows = (row.split(";") for row in (await template.body()).decode("utf-8-sig").splitlines())
    assert rows[0][4], "planned hours are there already"
    filled = [[*row[:5], "2,25", "", *row[7:]] for row in rows]
    days = [row[6] for row in rows]
    for row, day in zip(filled, days, strict=True):
        row[6] = day.removeprefix("0")
    for name, encoding, separator in (
        ("utf-8", "utf-8", ";"), ("Excel", "cp1252", "\t"), ("Unicode", "utf-16", ","), ("marque", "utf-8-sig", ";"),
    ):  # fmt: skip
        written = [
            separator.join(f'"{each}"' if separator in each else each for each in row)
            for row in (header, *filled)
        ]
        file: FilePayload = {
            "name": f"{name}.csv", "mimeType": "text/csv", "buffer": "\r\n".join(written).encode(encoding),
        }  # fmt: skip
        await page.goto(place(play, "/importer"))
        await page.set_input_files("[name=fichier]", files=[file])
        await page.get_by_role("button", name="Contrôler le fichier").click()
        await expect(page.locator("main")).to_contain_text(f"{len(rows)} bonnes, 0 à corriger")
    await page.get_by_role("button", name=f"Garder les {len(rows)} bonnes lignes").click()
    await expect(page.locator(cell(page, "104211", "UP1"))).to_have_value("2,25")
    await page.goto(place(play, "/importer"))
    await page.set_input_files("[name=fichier]", files=[file])
    await page.get_by_role("button", name="Contrôler le fichier").click()
    await expect(page.locator("main")).to_contain_text("ne change rien")
    other: FilePayload = {"name": "a.csv", "mimeType": "text/csv", "buffer": b"Nom;Prix\r\nA;1\r\n"}
    await page.set_input_files("[name=fichier]", files=[other])
    await page.get_by_role("button", name="Contrôler le fichier").click()
    await expect(page.locator(".refusal")).to_contain_text("Colonnes trouvées : « Nom », « Prix »")


async def test_R8_the_grid_says_the_very_sentence(visit: Visit, played_until: Until) -> None:
    """A teacher whom nobody assigned, added by hand: byte for byte, with the ticket and the way to correct it."""
    play = await played_until("regional", "names_a_stranger")
    page = await visit(play.plot.email)
    await page.goto(place(play))
    await page.get_by_text("Un enseignant présent n’est pas dans la grille").click()
    await page.fill("[name='plus.enseignant']", "123456")
    await page.select_option("[name='plus.unite']", "UP1")
    await page.fill("[name='plus.heures']", "6")
    await page.get_by_role("button", name="Ajouter la ligne").click()
    assert await page.locator(".refusal samp.exact").inner_text() == STRANGER
    await looked_at(page, "attestations-sans-affectation")
    await page.get_by_role("link", name="Demander à l’Assistance").click()
    assert STRANGER in await page.locator("[name=message]").input_value()
    await page.goto(place(play))
    await page.fill(cell(page, "123456", "UP1"), "")
    await page.get_by_role("button", name="Enregistrer", exact=True).click()
    await expect(page.locator(".refusal")).to_have_count(0)


async def test_A4_F7_two_people_on_one_draft_see_both_values(visit: Visit, played_until: Until) -> None:
    """The second to save is shown what the first one typed, beside what they typed; nothing is overwritten unseen."""
    play = await played_until("regional", "names_a_stranger")
    one, two = await visit(play.plot.email, scripts=False), await visit(play.plot.email)
    for page in (one, two):
        await page.goto(place(play))
    await one.fill(cell(one, "104211", "UP1"), "12")
    await one.get_by_role("button", name="Enregistrer", exact=True).click()
    await two.fill(cell(two, "104211", "UP1"), "9")
    await two.get_by_role("button", name="Enregistrer", exact=True).click()
    await expect(two.locator(f"{cell(two, '104211', 'UP1')}-e")).to_contain_text(
        "Enregistré entre-temps : 12"
    )
    await expect(two.locator(cell(two, "104211", "UP1"))).to_have_value("9")
    await accessible(two, "attestations-conflit")
    await two.get_by_role("button", name="Enregistrer", exact=True).click()
    await expect(two.locator(".banner.ok")).to_be_visible()


@BOTH
async def test_A4_checked_deposited_rejected_by_the_line_and_certified(
    visit: Visit, played_until: Until, scripts: bool
) -> None:
    """Compared before it is sent, with a receipt; only the rejected line is done again; then the certificates."""
    play = await played_until("national", "names_a_stranger")
    page = await visit(play.plot.email, scripts=scripts)
    await page.goto(place(play))
    await page.get_by_role("button", name="Tous présents").click()
    await attach_sheet(page)
    await page.fill("[name=total]", "65")
    await page.get_by_role("button", name="Vérifier avant de déposer").click()
    await expect(page.locator("main")).to_contain_text("66 h, la feuille d’émargement 65 h")
    await page.get_by_role("link", name="Modifier les heures").click()
    await page.fill("[name=total]", "66")
    await page.get_by_role("button", name="Vérifier avant de déposer").click()
    await looked_at(page, "attestations-verifier", scripts)
    await page.get_by_role("button", name="Déposer les attestations").click()
    await expect(page.locator(".receipt")).to_contain_text("7 lignes, 66 h")
    await verified(page)
    await looked_at(page, "attestations-recu", scripts)
    await page.goto(place(play))
    await expect(page.locator("main")).to_contain_text("C’est à Formiris d’agir")
    await expect(page.locator("main input")).to_have_count(0)

    reason = "La signature de l'après-midi manque."
    line = {"teacher": "104211", "unit": "UP1", "decision": "rejected", "reason": reason}
    await play.reads(play.manager, "attendance", f"/sessions/{play.known['session']}/certificates")
    await play.does(
        play.manager, "rejects one line", "attendance", "POST",
        f"/sessions/{play.known['session']}/certificates/decision", "reject",
        json={"lines": [line], "others": "validated"},
    )  # fmt: skip
    await opens(page, place(play), "Formiris a rejeté 1 ligne")
    await expect(page.locator("main input[inputmode=decimal][data-planned]")).to_have_count(1)
    await expect(page.locator(f"{cell(page, '104211', 'UP1')}-e")).to_contain_text(
        "signature de l’après-midi"
    )
    await looked_at(page, "attestations-une-ligne-rejetee", scripts)
    await page.fill(cell(page, "104211", "UP1"), "9")
    await page.fill("[name=total]", "63")
    await deposit(page)

    manager = await visit("gestionnaire", scripts=scripts)
    lines = await opens(manager, place(play), "avant")
    row = lines.locator("tbody tr").filter(has=manager.locator("[name=ligne][value='UP1:104211']"))
    await expect(row).to_contain_text("avant")
    await expect(row).to_contain_text("Rejetée au dépôt précédent : La signature de l’après-midi manque.")
    await looked_at(manager, "gestion-attestations-corrigees", scripts)

    await attendance.are_validated(play)
    await opens(page, place(play), "Formiris a validé les attestations")
    await looked_at(page, "attestations-validees", scripts)
    async with page.expect_download() as paper:
        await page.get_by_role("link", name="Toutes les attestations (PDF)").click()
    assert (await (await paper.value).path()).read_bytes().startswith(b"%PDF")
    await page.get_by_role("link", name="Facturer la session").click()
    await page.wait_for_url("**/facture")
