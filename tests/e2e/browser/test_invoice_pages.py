"""Invoices in a real browser: « Puis-je facturer ? », generated or deposited, sent back, changed, paid.  (R9 to R11)"""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import FilePayload, Page, expect

from ops.demo.play import Play
from ops.demo.plot import day
from tests.e2e.browser.conftest import Visit, accessible, screenshot
from tests.e2e.browser.formiris import opens, verified
from tests.e2e.conftest import Until
from tests.papers import pdf

expect.set_options(timeout=15_000)

BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])


async def looked_at(page: Page, name: str, scripts: bool = True) -> None:
    """Accessible, and kept to be looked at: once, with JavaScript, for the rules are run by a script."""
    if scripts:
        await accessible(page, name)
        await screenshot(page, name)


def billing(play: Play) -> str:
    return f"/sessions/{play.known['session']}/facture"


def paper(content: bytes, name: str = "facture.pdf") -> FilePayload:
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


async def by_the_manager(play: Play, invoice: str, what: str, key: str, **content: Any) -> None:
    await play.reads(play.manager, "invoicing", f"/invoices/{invoice}")
    await play.does(play.manager, what, "invoicing", "POST", f"/invoices/{invoice}/{what}", key, json=content)


async def test_I1_R9_not_yet_says_what_is_missing_and_who_holds_it(visit: Visit, played_until: Until) -> None:
    """Each session with its answer; the amount with its working before anything is typed."""
    play = await played_until("regional", "comes_too_early")
    page = await visit(play.plot.email)
    main = await opens(page, "/factures", "attestations de présence validées par Formiris")
    await expect(main).to_contain_text("Pas encore")
    await expect(main.get_by_role("row", name="Accompagner")).to_contain_text("1 417,50 €")
    await looked_at(page, "factures-pas-encore")
    await page.goto(billing(play))
    await expect(page.locator(".refusal")).to_contain_text(
        "Vous serez informé par notification dans votre extranet"
    )
    await expect(page.locator(".refusal dd").nth(1)).to_contain_text("Formiris")
    await expect(page.locator("dl.sum")).to_contain_text("63 × 22,50 €")
    await expect(page.locator("[name=numero]")).to_have_count(0)
    await looked_at(page, "facture-pas-encore")
    await page.goto(f"/sessions/{play.known['session']}")
    await looked_at(page, "session")


@BOTH
async def test_I1_R10_generated_checked_submitted_and_downloaded(
    visit: Visit, played_until: Until, scripts: bool
) -> None:
    """The alert leads there; amount and working first, then a number and a date; a page to check, and a receipt."""
    play = await played_until("regional", "may_be_sent")
    page = await visit(play.plot.email, scripts=scripts)
    await opens(page, "/factures", "Les attestations sont validées.")
    await looked_at(page, "factures-a-facturer", scripts)
    await page.locator("tbody").get_by_role("link", name="Facturer").click()
    await expect(page.locator("dl.sum .total")).to_contain_text("1 417,50 €")
    await looked_at(page, "facture-a-faire", scripts)
    await page.get_by_role("button", name="Vérifier avant de soumettre").click()
    await expect(page.locator(".errors")).to_contain_text("Numéro de facture : à renseigner")
    await looked_at(page, "facture-incomplete", scripts)
    await page.fill("[name=numero]", "F-2026/12")
    await page.get_by_role("button", name="Vérifier avant de soumettre").click()
    await expect(page.locator("main")).to_contain_text("Rien n’est encore soumis")
    await looked_at(page, "facture-verifier", scripts)
    await page.get_by_role("button", name="Soumettre à Formiris").click()
    await expect(page.locator(".receipt")).to_contain_text("F-2026/12")
    await looked_at(page, "facture-recu", scripts)
    await verified(page)
    async with page.expect_download(timeout=60_000) as made:
        await page.get_by_role("link", name="Télécharger la facture").click()
    assert b"factur-x.xml" in (await (await made.value).path()).read_bytes()
    await opens(page, billing(play), "déjà facturée sous le numéro F-2026/12")
    await page.get_by_role("link", name="Voir la facture F-2026/12").click()
    await expect(page.locator("main")).to_contain_text("Une facture soumise ne change plus")
    await expect(page.locator("main input:not([type=hidden])")).to_have_count(0)
    await looked_at(page, "facture", scripts)


async def test_I1_ones_own_invoice_is_compared_and_survives_an_error(
    visit: Visit, played_until: Until
) -> None:
    """A wrong file has its words; a good one is kept while the rest is mended; what was compared is shown."""
    play = await played_until("regional", "may_be_sent")
    page = await visit(play.plot.email, scripts=False)
    await opens(page, billing(play), "vous pouvez facturer")
    await page.get_by_text("Déposer ma propre facture").click()
    await page.fill("[name=numero]", "F-77")
    await page.set_input_files("[name=fichier]", files=[paper(b"Bonjour")])
    await page.get_by_role("button", name="Vérifier ma facture").click()
    await expect(page.locator(".refusal")).to_contain_text("Type de document non accepté")
    await expect(page.locator("[name=numero]")).to_have_value("F-77")
    await page.fill("[name=date]", "le mois dernier")
    await page.get_by_text("Déposer ma propre facture").click()
    await page.set_input_files("[name=fichier]", files=[paper(pdf("Facture F-78"))])
    await page.get_by_role("button", name="Vérifier ma facture").click()
    await expect(page.locator(".errors")).to_contain_text("Date de facture : une date")
    await expect(page.get_by_text("Fichier reçu, et gardé")).to_be_visible()
    await page.fill("[name=date]", day("today"))
    await page.get_by_role("button", name="Vérifier avant de soumettre").click()
    await expect(page.locator("main")).to_contain_text("Le numéro F-77 n’apparaît pas dans le texte")
    await page.get_by_role("link", name="Modifier").click()
    await page.fill("[name=numero]", "F-78")
    await page.get_by_role("button", name="Vérifier avant de soumettre").click()
    await expect(page.locator("main")).to_contain_text("Le numéro est bien dans le document")
    await screenshot(page, "facture-deposee-verifier")
    await page.get_by_role("button", name="Soumettre à Formiris").click()
    await expect(page.locator(".receipt")).to_contain_text("F-78")


async def test_I2_sent_back_by_kind_says_whether_the_number_stays(visit: Visit, played_until: Until) -> None:
    """Suspended: the number stays, an answer is enough. Rejected: another number, on a form filled in."""
    play = await played_until("regional", "is_suspended_once")
    invoice = play.known["invoice"]
    reason = {"code": "hours-under-check", "text": "Les émargements du deuxième jour sont relus."}
    await by_the_manager(play, invoice, "return", "suspend", kind="suspended", reasons=[reason])
    page = await visit(play.plot.email)
    await opens(page, f"/factures/{invoice}", "Votre numéro F-117 reste.")
    await looked_at(page, "facture-suspendue")
    await page.get_by_role("link", name="Corriger").click()
    await page.get_by_role("button", name="Renvoyer à Formiris").click()
    await expect(page.locator(".errors")).to_contain_text("Réponse à compléter")
    await looked_at(page, "facture-completer")
    await page.fill("[name=reponse]", "Les émargements sont complets.")
    await page.set_input_files("[name='fichier.piece']", files=[paper(pdf("Émargements"), "piece.pdf")])
    await page.get_by_role("button", name="Renvoyer à Formiris").click()
    await expect(page.locator(".banner.ok")).to_contain_text("La facture est repartie vers Formiris")
    await opens(page, f"/factures/{invoice}", "Pièce jointe 1")
    reason = {"code": "recipient-wrong", "text": "Elle est adressée à la DDEC."}
    await by_the_manager(play, invoice, "return", "reject", kind="rejected", reasons=[reason])
    await opens(page, f"/factures/{invoice}", "ne peut plus servir")
    await looked_at(page, "facture-rejetee")
    await page.get_by_role("link", name="Corriger : une autre facture").click()
    await expect(page.locator(".banner.warn")).to_contain_text("La facture F-117 est rejetée")
    await page.locator("[name=numero]").press_sequentially("F-117")
    await expect(page.locator("#numero-dit")).to_contain_text("Voir la facture F-117")
    await page.get_by_role("button", name="Vérifier avant de soumettre").click()
    await expect(page.locator(".refusal")).to_contain_text("Numéro de facture déjà utilisé")
    await expect(page.get_by_role("link", name="Voir la facture qui porte ce numéro")).to_have_attribute(
        "href", f"/factures/{invoice}"
    )
    await looked_at(page, "facture-numero-pris")


async def test_I3_a_number_and_a_session_are_invoiced_once(visit: Visit, played_until: Until) -> None:
    """The session from two windows, the number while it is typed: each time a link to the first invoice."""
    play = await played_until("regional", "may_be_sent")
    one = await visit(play.plot.email)
    await opens(one, billing(play), "vous pouvez facturer")
    two = await one.context.new_page()
    await two.goto(billing(play))
    for page, number in ((one, "F-1"), (two, "F-2")):
        await page.fill("[name=numero]", number)
        await page.get_by_role("button", name="Vérifier avant de soumettre").click()
    await one.get_by_role("button", name="Soumettre à Formiris").click()
    await expect(one.locator(".receipt")).to_contain_text("F-1")
    first = one.url.partition("/recu")[0].rpartition("/")[2]
    await two.get_by_role("button", name="Soumettre à Formiris").click()
    await expect(two.locator("main")).to_contain_text("déjà facturée")
    await expect(two.locator(f"main a[href='/factures/{first}']").first).to_be_visible()
    await looked_at(two, "facture-deja")
    await by_the_manager(
        play, first, "return", "reject", kind="rejected",
        reasons=[{"code": "recipient-wrong", "text": "Elle est adressée à la DDEC."}],
    )  # fmt: skip
    await opens(two, f"/factures/{first}", "ne peut plus servir")
    await two.goto(billing(play))
    typed = two.locator("[name=numero]")
    await typed.press_sequentially("F-1")
    told = two.get_by_role("status").filter(has_text="déjà utilisé")
    await expect(told.get_by_role("link", name="Voir la facture F-1")).to_have_attribute(
        "href", f"/factures/{first}"
    )
    await expect(typed).to_be_focused()
    await typed.press_sequentially("-B")
    await expect(two.locator("#numero-dit")).to_contain_text("Ce numéro est libre")


@pytest.mark.parametrize(
    ("kind", "whom"),
    [("regional", "contact.bretagne@formiris.org"), ("national", "contact.gestion@formiris.org")],
)
async def test_I3_R11_a_change_is_asked_by_its_way_and_made_once_granted(
    visit: Visit, played_until: Until, kind: Any, whom: str
) -> None:
    """A submitted invoice is read-only; the request goes by perimeter; then a corrective invoice or a credit note."""
    play = await played_until(kind, "cannot_be_changed")
    invoice = play.known["invoice"]
    page = await visit(play.plot.email)
    await opens(page, f"/factures/{invoice}", "F-117")
    await expect(page.locator("#modifier ~ *, section[aria-labelledby=modifier]").last).to_contain_text(
        whom.partition("@")[0]
    )
    await page.get_by_text("Demander une modification").click()
    await page.fill("[name=souhait]", "Une demi-journée a été comptée en trop.")
    await looked_at(page, f"facture-modification-{kind}")
    await page.get_by_role("button", name="Envoyer la demande").click()
    await expect(page.locator("main")).to_contain_text("Votre demande de modification est partie")
    remedy = "corrective-invoice" if kind == "regional" else "credit-note"
    await by_the_manager(
        play, invoice, "amendment-decision", "grant", decision="grant", remedy=remedy, reasons=[]
    )
    if kind == "regional":
        await opens(page, f"/factures/{invoice}", "Faire la facture rectificative")
        await page.get_by_role("link", name="Faire la facture rectificative").click()
        await page.locator("[name=numero]").press_sequentially("F-117")
        await expect(page.locator("#numero-dit")).to_contain_text("Voir la facture F-117")
        await looked_at(page, "facture-rectifier")
        await page.fill("[name=numero]", "F-117-R")
        await page.fill("[name=montant]", "99 999,00")
        await page.get_by_role("button", name="Soumettre la facture rectificative").click()
        await expect(page.locator(".refusal, .errors")).to_contain_text("Montant trop élevé")
        await page.fill("[name=montant]", "1 300,00 €")
        await page.get_by_role("button", name="Soumettre la facture rectificative").click()
        await expect(page.locator(".receipt")).to_contain_text("1 300,00 €")
    else:
        await opens(page, f"/factures/{invoice}", "Faire l’avoir")
        await page.get_by_role("link", name="Faire l’avoir").click()
        await looked_at(page, "facture-avoir")
        await page.fill("[name=numero]", "F-117-A")
        await page.get_by_role("button", name="Soumettre l’avoir").click()
        await expect(page.locator("main")).to_contain_text("La session peut être facturée à nouveau")
        await looked_at(page, "facture-avoir-recu")
    await opens(page, f"/factures/{invoice}", "Remplacée par" if kind == "regional" else "Annulée par")


async def test_I4_the_payment_is_followed_and_matched(
    visit: Visit, played_until: Until, tmp_path: Path
) -> None:
    """The bank's reference holds the number; the month's statement and the export say the same, on paper too."""
    play = await played_until("regional", "is_answered")
    page = await visit(play.plot.email)
    main = await opens(page, f"/factures/{play.known['due']}", "VIR F-117-R")
    await expect(main).to_contain_text("Payée le")
    await looked_at(page, "facture-payee")
    await page.goto("/factures?vue=factures")
    await expect(page.get_by_role("row", name="F-117-R")).to_contain_text("Payée")
    await looked_at(page, "factures-toutes")
    for name, start in (("CSV", "Numéro".encode()), ("Excel", b"PK")):
        async with page.expect_download() as export:
            await page.get_by_role("button", name=name).click()
        content = (await (await export.value).path()).read_bytes().removeprefix(b"\xef\xbb\xbf")
        assert content.startswith(start)
        assert name == "Excel" or b"VIR F-117-R" in content
    await page.goto("/factures/releve")
    await expect(page.locator("table")).to_contain_text("Référence du virement : VIR F-117-R")
    await expect(page.locator("dl.sum .total")).to_contain_text("0,00 €")
    await looked_at(page, "factures-releve")
    async with page.expect_download(timeout=60_000) as statement:
        await page.get_by_role("link", name="Relevé (PDF)").click()
    assert (await (await statement.value).path()).read_bytes().startswith(b"%PDF")
    await page.goto("/factures?vue=facturees")
    await expect(page.locator("main")).to_contain_text("Déjà facturée")
    await accessible(page, "factures-facturees")
