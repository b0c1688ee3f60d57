"""A real browser on the running system: Debian's chromium, by Playwright.

`await visit(play.plot.email)` is a page signed in as that body; `visit(scripts=False)` one without JavaScript.
Screenshots and what was checked are kept in `.formelie/screens` (or FORMELIE_SCREENS) to be looked at.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

from ops.demo.scenes.registration import PASSWORD
from ops.stack import Stack
from ops.stack.processes import ROOT

Visit = Callable[..., Awaitable[Page]]
SCREENS = Path(os.environ.get("FORMELIE_SCREENS", ROOT / ".formelie" / "screens"))
SCREENS.mkdir(parents=True, exist_ok=True)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where there is no chromium the screens are not tried, and that is said."""
    if shutil.which("chromium") is None:
        here = Path(__file__).parent
        for item in items:
            if here in item.path.parents:
                item.add_marker(
                    pytest.mark.skip(reason="there is no chromium: .ci/screens installs Debian's")
                )


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all; every visit has a context of its own."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("there is no chromium: .ci/screens installs it")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield launched
        await launched.close()


@pytest_asyncio.fixture
async def visit(browser: Browser, running: Stack) -> AsyncIterator[Visit]:
    """Opens the site, signed in when a login is given: a body's e-mail, or the login of somebody of Formiris."""
    passwords = {account.login: account.password for account in running.endpoints.accounts}
    contexts = []

    async def visited(login: str | None = None, *, scripts: bool = True, width: int = 1280) -> Page:
        context = await browser.new_context(
            base_url=running.endpoints.http["extranet"], java_script_enabled=scripts, locale="fr-FR",
            viewport={"width": width, "height": 900},
        )  # fmt: skip
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(15_000)
        if login is not None:
            await page.goto("/connexion")
            await page.fill("[name=login]", login)
            await page.fill("[name=password]", passwords.get(login, PASSWORD))
            await page.click("text=Se connecter")
            await page.wait_for_url(lambda url: "/connexion" not in url)
        return page

    yield visited
    for context in contexts:
        await context.close()


async def accessible(page: Page, where: str) -> None:
    """Fails with every rule that the page breaks, and the elements that break it."""
    broken, _ = await broken_rules(page)
    assert not broken, f"{where}:\n" + "\n".join(broken)


async def broken_rules(page: Page, only: Sequence[str] = ()) -> tuple[list[str], int]:
    """The rules that the page breaks, with the elements that break them, and how many it keeps."""
    rules = {"type": "rule", "values": only} if only else {"type": "tag", "values": RULES}
    found = (await Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})).response
    told = [
        f"{rule['id']}: {rule['help']}\n    {node['html'][:200]}"
        for rule in found["violations"]
        for node in rule["nodes"][:3]
    ]
    return told, len(found["passes"])


async def screenshot(page: Page, name: str) -> None:
    """Keeps the page as it looks, at the width of a desk and of a phone."""
    for width in (1280, 375):
        await page.set_viewport_size({"width": width, "height": 900})
        await page.screenshot(path=SCREENS / f"{name}-{width}.png", full_page=True)
    await page.set_viewport_size({"width": 1280, "height": 900})
