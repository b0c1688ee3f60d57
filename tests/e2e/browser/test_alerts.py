"""Alerts as they come, one stream a browser; how often e-mails come; a mailbox that refuses them.  (R10)"""

import asyncio
import re

from playwright.async_api import Page, Request, expect

from ops.demo.scenes import offerings, registration
from ops.stack import Stack
from tests.e2e.browser.conftest import Visit, accessible, screenshot
from tests.e2e.browser.test_access import link_in_mail
from tests.e2e.conftest import Until

ACCEPTED = "Votre organisme est référencé"


async def test_N1_X1_X2_an_alert_comes_by_itself_is_said_and_leaves_the_focus(
    visit: Visit, played_until: Until
) -> None:
    """The bell counts it, a status region says it, the list begins with it; what has the focus keeps it."""
    play = await played_until("national", "is_accepted")
    page = await visit(play.plot.email)
    await page.goto("/alertes?vue=toutes")
    other = await page.context.new_page()
    await other.goto("/aide")
    before = await page.locator(".alerts > li").count()
    unread = int(await page.inner_text("#alertes-nombre .count"))
    focused = page.locator(".alerts > li button").last
    await focused.focus()
    await page.evaluate("window.before = document.activeElement")
    await registration.is_accepted(play)
    for window in (page, other):
        await expect(window.locator("#dit")).to_have_text(re.compile(ACCEPTED))
        await expect(window.locator("#alertes-nombre .count")).to_have_text(str(unread + 1))
    first = page.locator(".alerts > li").first
    await expect(first).to_contain_text(ACCEPTED)
    assert await page.locator(".alerts > li").count() == before + 1
    assert await page.evaluate("window.before === document.activeElement")
    assert "status" in await other.locator("#dit").aria_snapshot()
    await accessible(page, "alertes")
    await screenshot(page, "alertes")
    await first.get_by_role("button", name=re.compile("Proposer|Voir")).click()
    await page.wait_for_url("**/prestations/nouvelle*")
    await expect(other.locator("#alertes-nombre .count")).to_have_text(str(unread))


async def test_P2_six_windows_keep_one_stream_and_hand_it_over(visit: Visit, played_until: Until) -> None:
    """The window that has it passes it on when it closes; the next one says what was seen last, and misses nothing."""
    play = await played_until("national", "is_accepted")
    page = await visit(play.plot.email)
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/alertes/flux" in request.url:
            asked.append(request.url)

    page.context.on("request", note)
    first, *others = [await _opened(page, "/aide") for _ in range(6)]
    await page.close()
    held = await others[-1].evaluate("navigator.locks.query().then((all) => all.held.length)")
    assert held == 1
    await _asked(asked)
    streams = len(asked)
    assert 1 <= streams <= 2, "the page that was closed had one, and one other took it over"
    await first.close()
    await registration.is_accepted(play)
    for window in others:
        await expect(window.locator("#dit")).to_have_text(re.compile(ACCEPTED))
    assert len(asked) == streams + 1
    assert re.search(r"depuis=[0-9a-f]{8}-\d+", asked[-1])


async def _asked(requests: list[str]) -> None:
    """Whoever holds the lock asks for the stream a moment later."""
    seen = -1
    async with asyncio.timeout(15):
        while not requests or len(requests) != seen:
            seen = len(requests)
            await asyncio.sleep(1)


async def _opened(page: Page, path: str) -> Page:
    window = await page.context.new_page()
    await window.goto(path)
    return window


async def test_N1_alerts_without_javascript(visit: Visit, played_until: Until) -> None:
    """The bell is right on every page, the list is the same, reading is a button."""
    play = await played_until("national", "proposes")
    page = await visit(play.plot.email, scripts=False)
    unread = int(await page.inner_text("#alertes-nombre .count"))
    await page.goto("/alertes?vue=non-lues")
    assert await page.locator(".alerts > li.unread").count() == unread
    await page.locator("button:has-text('Marquer comme lue')").first.click()
    await page.goto("/alertes?vue=non-lues")
    assert await page.locator(".alerts > li.unread").count() == unread - 1


async def test_N2_an_e_mail_carries_its_switch(visit: Visit, running: Stack, played_until: Until) -> None:
    """Its link asks, then ends those e-mails, without signing in; decisions are said not to be optional, and why."""
    play = await played_until("national", "is_ordered")
    page = await visit(play.plot.email)
    await page.goto("/compte/preferences")
    await accessible(page, "preferences")
    await page.check("[name=orders][value=at-once]")
    await page.click("button:has-text('Enregistrer')")
    await page.get_by_text("Vos préférences sont enregistrées.").wait_for()
    await offerings.is_ordered(play)
    page = await visit()
    link = await link_in_mail(running, play.plot.email, "Ne plus recevoir ces e-mails")
    assert link.startswith(running.endpoints.http["extranet"])
    await page.goto(link)
    await accessible(page, "courriels")
    await page.click("button:has-text('Ne plus les recevoir')")
    await page.get_by_role("heading", name="Vous ne recevrez plus ces e-mails").wait_for()
    page = await visit(play.plot.email)
    await page.goto("/compte/preferences")
    assert await page.is_checked("[name=orders][value=none]")
    assert "décision" in await page.inner_text("main")


async def test_N3_a_mailbox_that_refuses_is_seen_on_every_page(visit: Visit, played_until: Until) -> None:
    """An e-mail came back: a banner from sign-in on, with whom to ask."""
    play = await played_until("national", "is_accepted")
    invited = {
        "email": f"refuse@{play.plot.number}.example", "name": "Petit", "first_name": "Hugo", "rights": ["invoice"],
    }  # fmt: skip
    await play.does(play.body, "invites", "registration", "POST", "/accounts", "invite", json=invited)
    page = await visit(play.plot.email)
    for _ in range(40):
        if await page.locator(".banner.stop").count():
            break
        await page.wait_for_timeout(250)
        await page.reload()
    assert "n’a pas pu vous être remis" in await page.inner_text(".banner.stop")
    assert "01 58 45 10 20" in (await page.inner_text(".banner.stop")).replace("\u00a0", " ")
    await accessible(page, "banniere")
