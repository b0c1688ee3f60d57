"""Every page of every role, followed link by link from its home: accessible, small, quiet, one heading.  (X1 to X4)

What was checked becomes the site's accessibility statement: `python -m ops.screens` puts it in its place.
"""

import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit

import axe_playwright_python
import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Error, Page, Response

from ops.demo.play import Play
from ops.demo.scenes.registration import PASSWORD
from tests.e2e.browser.conftest import SCREENS, Visit, broken_rules
from tests.e2e.conftest import Until

HEAVIEST = 100_000
"""Bytes that travel for a page and what it needs, the first time."""
ALIKE = 2
"""Pages looked at of those whose addresses differ by an id only."""
EVERYWHERE = (
    "les règles automatiques des WCAG 2.2, niveaux A et AA, en clair et en sombre",
    "un titre de page, un seul titre de premier niveau, une langue",
    "aucun défilement horizontal à 320 px de large, soit un zoom de 400 %",
    "aucun style ni script dans la page, aucune erreur du navigateur",
    "moins de 100 ko à charger",
)
BEHAVIOURS = (
    "au clavier seul : se connecter, aller au contenu, ouvrir les menus, remplir et enregistrer",
    "ce qui arrive ou s'enregistre est dit par une zone d'état, sans que le focus bouge",
    "les erreurs d'un formulaire sont résumées en tête, où va le focus, avec un lien vers chaque champ",
    "en couleurs forcées, rien n'est dit par la couleur seule ; sans animation ; imprimé, le contenu reste entier",
    "sans JavaScript, chaque tâche se fait",
)
"""Each is tried by a test of its own in this folder."""
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
ROLES = {
    "": "tout le monde",
    "body": "organisme",
    "gestionnaire": "gestion nationale",
    "gestionnaire.bretagne": "gestion d’un territoire",
    "assistance": "Assistance",
    "auditeur": "audit",
}
_LINKS = (
    "[...document.querySelectorAll('a[href]')].filter((a) => !a.hasAttribute('download')).map((a) => a.href)"
)
_WIDER = """[...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1
    && !e.closest('.sr, .skip, [popover]:not(:popover-open), .scroll'))
    .slice(0, 3).map((e) => e.outerHTML.slice(0, 160))"""


@dataclass(slots=True)
class Seen:
    """What went wrong on a role's pages, and what was checked."""

    faults: list[str] = field(default_factory=list)
    pages: list[dict[str, Any]] = field(default_factory=list)


@pytest_asyncio.fixture(scope="module")
async def statement(browser: Browser) -> AsyncIterator[list[dict[str, Any]]]:
    """Every page seen; written when the module is done, for the statement."""
    pages: list[dict[str, Any]] = []
    yield pages
    found = {
        "on": datetime.now(UTC).date().isoformat(),
        "browser": f"Chromium {browser.version.partition('.')[0]}",
        "tool": "axe-core " + "".join(re.findall(r"axe v([0-9.]+)", AXE.read_text(encoding="utf-8"))[:1]),
        "behaviours": BEHAVIOURS,
        "everywhere": EVERYWHERE,
        "pages": sorted(pages, key=lambda each: (each["role"], each["address"])),
    }
    (SCREENS / "accessibility.json").write_text(
        json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8"
    )


@pytest.mark.timeout(600)
@pytest.mark.parametrize("who", ROLES)
async def test_X_every_page_of(
    who: str, visit: Visit, played_until: Until, statement: list[dict[str, Any]]
) -> None:
    """From its home, link by link."""
    login = who
    if who in ("", "body"):
        played = await _lived(played_until)
        login = played.plot.email if who else ""
    page = await visit(login or None)
    seen = await Crawl(page, ROLES[who]).follow("/connexion" if who == "" else "/")
    statement += seen.pages
    assert not seen.faults, "\n".join(seen.faults)
    assert len(seen.pages) > 5


async def _lived(played_until: Until) -> Play:
    """A body with something at every stage."""
    return await played_until("regional", "is_paid")


class Crawl:
    """Goes through the pages that one reader can reach."""

    def __init__(self, page: Page, role: str) -> None:
        self._page, self._role = page, role
        self._said: list[str] = []
        self._weight = 0
        self._from: dict[str, str] = {}
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._said.append(f"script: {error}"))
        page.on("response", self._weighed)

    async def follow(self, start: str) -> Seen:
        """Every address that leads nowhere else than to this site, once for each kind."""
        seen, waiting, known, alike = (
            Seen(),
            [start, "/accessibilite", "/donnees-personnelles"],
            set[str](),
            dict[str, int](),
        )
        while waiting:
            path = waiting.pop(0)
            kind = _kind(path)
            if path in known or alike.get(kind, 0) >= ALIKE:
                continue
            known.add(path)
            alike[kind] = alike.get(kind, 0) + 1
            await self._look(path, seen, first=alike[kind] == 1)
            for link in await self._links():
                if link not in known:
                    self._from.setdefault(link, path)
                    waiting.append(link)
        return seen

    async def _look(self, path: str, seen: Seen, *, first: bool) -> None:
        self._said.clear()
        self._weight = 0
        try:
            answer = await self._page.goto(path, wait_until="load")
        except Error as error:
            if not re.search("Download is starting|ERR_ABORTED", str(error)):
                seen.faults.append(f"{path}: {error}")
            return
        if answer is not None and "text/html" not in answer.headers.get("content-type", ""):
            return
        faults = [fault async for fault in self._faults(answer)]
        broken, passed = await broken_rules(self._page)
        faults += broken
        if first:
            for scheme in ("dark", "light"):
                await self._page.emulate_media(color_scheme=scheme)
                if scheme == "dark":
                    faults += [
                        f"sombre, {fault}"
                        for fault in (await broken_rules(self._page, ["color-contrast"]))[0]
                    ]
        title = (await self._page.title()).removesuffix(" – FormElie")
        address = _kind(path)
        if not any((each["address"]) == address for each in seen.pages):
            seen.pages.append(
                {
                    "address": address,
                    "title": title,
                    "role": self._role,
                    "passed": passed,
                    "broken": len(broken),
                }
            )
        where = f"{self._role} {path} (from {self._from.get(path, 'the start')})"
        seen.faults += [f"{where}: {fault}" for fault in [*faults, *self._said]]

    async def _faults(self, answer: Response | None) -> AsyncIterator[str]:
        page = self._page
        if answer is None or answer.status != 200:
            yield f"status {answer and answer.status}"
        if (headings := await page.locator("h1").count()) != 1:
            yield f"{headings} headings of the first level"
        if not re.fullmatch(r".{2,} – FormElie", await page.title()):
            yield f"title « {await page.title()} »"
        if self._weight > HEAVIEST:
            yield f"{self._weight:,} bytes"
        if await page.locator("[style], style, script:not([src])").count():
            yield "a style or a script in the page"
        if await page.locator(
            "form:not([novalidate]) :is([required], [type=email], [type=url], [type=number])"
        ).count():
            yield "a form that the browser checks with words of its own"
        await page.set_viewport_size({"width": 320, "height": 640})
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            yield f"wider than 320 px: {await page.evaluate(_WIDER)}"
        await page.set_viewport_size({"width": 1280, "height": 900})

    async def _links(self) -> list[str]:
        here = urlsplit(self._page.url)
        found = [urldefrag(link).url for link in await self._page.evaluate(_LINKS)]
        inside = [each for link in found if (each := urlsplit(link)).netloc == here.netloc]
        return list(dict.fromkeys(each.path + (f"?{each.query}" if each.query else "") for each in inside))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._said.append(f"console: {message.text}")

    async def _weighed(self, response: Response) -> None:
        if "/alertes/flux" not in response.url and response.status == 200:
            with contextlib.suppress(Error):  # the page is left before all of it came
                self._weight += (await response.request.sizes())["responseBodySize"]


def _kind(path: str) -> str:
    """An address without what makes one page of many."""
    bare = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}", "…", path)
    place, _, query = bare.partition("?")
    place = re.sub(r"/\d[\d-]*(?=/|$)", "/…", place)
    return f"{place}?{'&'.join(_names(query))}" if query else place


def _names(query: str) -> Iterator[str]:
    yield from sorted({pair.split("=")[0] for pair in query.split("&")})


# ── in every way ─────────────────────────────────────────────────────────────────────────────────────────────────

_COVERED = """() => [...document.querySelectorAll(
    'main :is(a[href], button, input:not([type=hidden]), select, textarea)')]
    .filter((e) => e.getClientRects().length).filter((e) => {
        e.focus();
        const box = e.getBoundingClientRect(), x = box.left + Math.min(box.width, innerWidth) / 2;
        const on = document.elementFromPoint(x, box.top + box.height / 2);
        return on && !e.contains(on) && !on.contains(e) && !e.labels?.[0]?.contains(on);
    }).map((e) => e.outerHTML.slice(0, 120))"""


async def test_X3_colours_forced_motion_reduced_printed(visit: Visit, played_until: Until) -> None:
    """The highlighter becomes a line, nothing moves, paper shows the content whole and no button."""
    play = await played_until("regional", "returns_the_order")
    page = await visit(play.plot.email)
    await page.emulate_media(forced_colors="active", reduced_motion="reduce")
    await page.goto("/")
    turn = page.locator(".turn").first
    assert "underline" in await turn.evaluate("(e) => getComputedStyle(e).textDecorationLine")
    assert await page.evaluate("document.getAnimations().length") == 0
    await page.emulate_media(media="print")
    assert not await page.locator(".nav, .tools, .btn").filter(visible=True).count()
    assert await page.locator("main h1").is_visible()
    await page.screenshot(path=SCREENS / "imprime.png", full_page=True)


@pytest.mark.parametrize("width", [375, 1280])
async def test_X3_nothing_covers_what_has_the_focus(visit: Visit, played_until: Until, width: int) -> None:
    """The bar that stays at the bottom of a form gives way to each field (WCAG 2.4.11)."""
    play = await played_until("national", "completes_the_form")
    page = await visit(play.plot.email, width=width)
    await page.goto("/referencement/formulaire")
    assert await page.evaluate(_COVERED) == []


async def test_X_by_keyboard_alone(visit: Visit, played_until: Until) -> None:
    """Signed in, to the content, into a menu and out of it, a preference chosen and saved, without a mouse."""
    play = await played_until("national", "is_accepted")
    page = await visit()
    await page.goto("/connexion?suite=/compte/preferences")
    await page.locator("[name=login]").focus()
    await page.keyboard.type(play.plot.email)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/compte/preferences")
    await page.get_by_role("heading", level=1, name="Préférences").wait_for()
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "contenu"
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")
    chosen = await page.evaluate("document.activeElement.name + ' ' + document.activeElement.value")
    while await page.evaluate("document.activeElement.type") != "submit":
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.get_by_text("Vos préférences sont enregistrées.").wait_for()
    name, value = chosen.split()
    assert await page.is_checked(f"[name={name}][value={value}]")


async def test_the_pictures_of_the_readme(visit: Visit, played_until: Until) -> None:
    """A body that has something to do, and a manager's queue; `python -m ops.screens` takes them over."""
    play = await played_until("regional", "returns_the_order")
    for login, name in ((play.plot.email, "accueil"), ("gestionnaire", "file")):
        page = await visit(login)
        await page.set_viewport_size({"width": 1280, "height": 960})
        await page.goto("/")
        await page.screenshot(path=SCREENS / f"{name}.png")
