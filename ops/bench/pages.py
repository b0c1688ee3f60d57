"""The site with a year in it and fifty people on it: how long its pages and savings take, beside a bare Jinja2 page."""

import asyncio
import gzip
import json
import re
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from itertools import islice
from statistics import median
from typing import Any

import httpx

from ops.bench.ground import Ground
from ops.bench.load import PEER, QUICK_SECONDS, SECONDS, USERS, answers_at, asked
from ops.bench.peers import interpreter
from ops.bench.row import Row
from ops.bench.year import LoadFailed, said
from ops.simulate.play import Stage
from ops.stack import Stack
from ops.stack.ports import free_port
from ops.stack.processes import ROOT

PAUSE = 3.0  # seconds that a person looks at a page, on average
PAGES_FOR_A_SAVING = 3
LIMITS = {"page": 150.0, "autosave": 60.0}  # milliseconds, of 95 in a hundred
HEAVIEST = 100.0  # kB that travel
OF_A_LIST = 2  # dossiers that a person opens of each page that names some
BARE = "bare Jinja2 page of the same size, one process"


async def rows(ground: Ground) -> Sequence[Row]:
    """Milliseconds and kilobytes. The stack runs all its services and the site; locust shares its cores."""
    python = await interpreter(PEER)
    stage, stack = ground.stage, ground.stack
    site = await Site.of(stage, stack)
    seconds = QUICK_SECONDS if ground.quick else SECONDS
    ours = await asked(python, site.all, PAUSE, seconds)
    size = int(median(site.sizes.values()))
    async with bare(size) as page:
        theirs = await asked(python, [page], PAUSE, seconds)
    heaviest = max(site.weights, key=lambda path: site.weights[path])
    conditions = f"{said(stage)}; users look at a page for {PAUSE:g} s, locust on the same cores"
    return [
        *(_timed(group, ours[group], theirs["bare"], conditions) for group in LIMITS if group in ours),
        Row(
            "heaviest page, with all it needs, as it travels", site.weights[heaviest], "kB", at_most=HEAVIEST,
            note=f"{_kind(heaviest)}; {len(site.weights)} addresses, the median page is {size / 1000:.0f} kB of HTML",
        ),
    ]  # fmt: skip


def _timed(group: str, ours: Mapping[str, float], theirs: Mapping[str, float], conditions: str) -> Row:
    note = f"p50 {ours['p50']:.0f} ms, p99 {ours['p99']:.0f} ms of {ours['count']:,}; {conditions}"
    figure = f"{group}, {USERS} users, p95"
    return Row(figure, ours["p95"], "ms", BARE, theirs["p95"], at_most=LIMITS[group], note=note)


@dataclass(slots=True)
class Site:
    """What people open and save, each signed in; how large the pages are (bytes), and how much travels (kB)."""

    base: str
    pages: list[dict[str, Any]] = field(default_factory=list)
    savings: list[dict[str, Any]] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)
    _static: dict[str, int] = field(default_factory=dict)

    @classmethod
    async def of(cls, stage: Stage, stack: Stack) -> "Site":
        """The bodies that have courses, and their managers."""
        made = cls(stack.endpoints.http["extranet"])
        bodies = [body for body in stage.bodies if body.number in stage.people and body.courses]
        people = [stage.people[body.number] for body in bodies[: USERS * 4 // 5]]
        managers = {person.login: person for person in stage.staff.managers.values()}
        for person in people:
            await made._person(person.login, person.password, fills=True)
        for person in managers.values():
            await made._person(person.login, person.password, fills=False)
        return made

    @property
    def all(self) -> list[dict[str, Any]]:
        """In the proportion of pages and savings, whatever there is of either."""
        share = PAGES_FOR_A_SAVING * len(self.savings) / len(self.pages)
        return self.savings * round(max(1.0, 1 / share)) + self.pages * round(max(1.0, share))

    async def _person(self, login: str, password: str, *, fills: bool) -> None:
        async with httpx.AsyncClient(base_url=self.base, trust_env=False, timeout=30) as http:
            await _sign_in(http, login, password)
            home = await self._page(http, "/")
            opened = [home, *[await self._page(http, path) for path in _lists(home)]]
            for path in dict.fromkeys(path for page in opened for path in _dossiers(page)):
                await self._page(http, path)
            if fills:
                await self._form(http)

    async def _page(self, http: httpx.AsyncClient, path: str) -> str:
        answer = await http.get(path, follow_redirects=True)
        if answer.status_code != 200:
            raise LoadFailed(f"{path} answers {answer.status_code}")
        path = answer.url.raw_path.decode()
        self.pages.append(_thing("page", "GET", f"{self.base}{path}", http))
        self.sizes[path] = len(answer.content)
        needed = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text))
        travels = sum([await self._sized(http, name) for name in needed], len(gzip.compress(answer.content)))
        self.weights[path] = travels / 1000
        return answer.text

    async def _sized(self, http: httpx.AsyncClient, name: str) -> int:
        if name not in self._static:
            self._static[name] = len(gzip.compress((await http.get(name)).content))
        return self._static[name]

    async def _form(self, http: httpx.AsyncClient) -> None:
        """A new offering, one of whose fields is saved by itself again and again."""
        token = _token((await http.get("/aide")).text)
        begun = await http.post(
            "/prestations/brouillons", data={"jeton": token, "cle": f"bench-{token[:20]}"}
        )
        tab = (await http.get(begun.headers["location"], follow_redirects=True)).url.path
        thing = _thing("autosave", "POST", f"{self.base}{tab}", http)
        thing["headers"] |= {"HX-Request": "true", "X-Jeton": token}
        self.savings.append(thing | {"form": {"title": "Lire à voix haute {fresh}", "cle": "{fresh}"}})


def _thing(group: str, method: str, url: str, http: httpx.AsyncClient) -> dict[str, Any]:
    """As somebody's browser asks: with the cookies, compressed."""
    cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items() if name != "formelie-vu")
    return {
        "group": group,
        "method": method,
        "url": url,
        "headers": {"Cookie": cookies, "Accept-Encoding": "gzip"},
    }


async def _sign_in(http: httpx.AsyncClient, login: str, password: str) -> None:
    token = _token((await http.get("/connexion")).text)
    given = {"jeton": token, "cle": "x", "login": login, "password": password, "suite": "/"}
    answer = await http.post("/connexion", data=given)
    if answer.status_code != 303:
        raise LoadFailed(f"{login} cannot sign in: {answer.status_code}")


def _token(page: str) -> str:
    found = re.search(r'name="jeton" value="([0-9a-f]+)"', page)
    if found is None:
        raise LoadFailed("a page without a form")
    return found[1]


def _lists(page: str) -> Iterable[str]:
    """Pages that a page leads to, of no dossier."""
    return dict.fromkeys(link for link in _links(page) if _kind(link) == link and link != "/")


def _dossiers(page: str) -> Iterable[str]:
    """The first pages of a dossier that a page leads to."""
    return islice(dict.fromkeys(link for link in _links(page) if _kind(link) != link), OF_A_LIST)


def _links(page: str) -> Iterable[str]:
    """Where the menu and the content lead, on this site and to pages."""
    for link in re.findall(r'href="(/[^"#]*)"', page):
        if not re.match(r"/(static|connexion)|.*\.(pdf|csv|xlsx|xml|json)|.*/document", link):
            yield unescape(link)


def _kind(path: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", path)


@asynccontextmanager
async def bare(size: int) -> AsyncIterator[dict[str, Any]]:
    """The least that can be done: a page of as many bytes from a template, compressed; as a thing to ask for."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ops.bench.peer_page", cwd=ROOT, stdin=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None  # noqa: S101 - it was asked for; this is for the type checker
    process.stdin.write(json.dumps({"port": port, "size": size}).encode())
    process.stdin.close()
    url = f"http://127.0.0.1:{port}/"
    try:
        await answers_at(url)
        yield {"group": "bare", "method": "GET", "url": url, "headers": {"Accept-Encoding": "gzip"}}
    finally:
        process.terminate()
        await process.wait()
