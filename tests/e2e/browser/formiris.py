"""What the tests of Formiris's pages share: who they are, and waiting for what services tell each other."""

import asyncio
import time

from playwright.async_api import Locator, Page, expect

from ops.demo.play import Play

REGIONAL, NATIONAL, ASSISTANCE, AUDITOR = "gestionnaire.bretagne", "gestionnaire", "assistance", "auditeur"
PATIENCE = 20.0


async def opens(page: Page, path: str, words: str) -> Locator:
    """Opens a page again until it says these words; gives its content."""
    main, began = page.locator("main"), time.monotonic()
    while True:
        await page.goto(path)
        if words in _plain(await main.inner_text()):
            return main
        assert time.monotonic() - began < PATIENCE, (
            f"{path} never says « {words} »: {await main.inner_text()}"
        )
        await asyncio.sleep(0.2)


async def said(place: Locator) -> str:
    """What a person reads, with plain spaces and apostrophes."""
    return " ".join(_plain(await place.inner_text()).replace("’", "'").split())


def _plain(text: str) -> str:
    """Plain spaces; no places where an address may be broken."""
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u200b", "")


def request_page(play: Play, rest: str = "") -> str:
    """The page of a body's request."""
    return f"/referencement/{play.known['body']}{rest}"


async def verified(page: Page) -> None:
    """The receipt on this page comes as a file, and its link says that it is in the ledger (F11)."""
    async with page.expect_download(timeout=60_000) as coming:
        await page.get_by_role("link", name="Télécharger le reçu").click()
    assert (await coming.value).suggested_filename.startswith("recu-")
    await page.get_by_role("link", name="Vérifier ce reçu").click()
    await expect(page.locator("main")).to_contain_text("Oui : ce reçu est au registre")
    await page.go_back()
