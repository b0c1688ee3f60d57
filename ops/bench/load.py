"""Fifty people at once on a system with a year in it: how long reads and commands take, beside a bare insert."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from ops.bench.ground import Ground
from ops.bench.peers import interpreter
from ops.bench.row import Row
from ops.bench.year import LoadFailed, said
from ops.simulate.body import Body
from ops.simulate.cli import connections
from ops.simulate.play import Stage
from ops.simulate.story import Person
from ops.stack import Stack
from ops.stack.ports import free_port
from ops.stack.processes import ROOT

PEER = "locust==2.43.3"
USERS = 50
PAUSE = 1.0  # seconds that a person reads, on average, before the next click
SECONDS, QUICK_SECONDS, WARM_UP = 60, 15, 10
LIMITS = {"read": 50.0, "command": 100.0}  # milliseconds, of 95 in a hundred
READS_FOR_A_COMMAND = 4
BARE = "bare FastAPI route that inserts one row"


async def rows(ground: Ground) -> Sequence[Row]:
    """Milliseconds, and answers a second. The stack runs all its services; locust shares its cores."""
    python = await interpreter(PEER)
    stage, stack = ground.stage, ground.stack
    things = await Things.of(stage, stack)
    seconds = QUICK_SECONDS if ground.quick else SECONDS
    async with bare(stack) as insert:
        ours = await asked(python, things.all, PAUSE, seconds)
        theirs = await asked(python, [insert], PAUSE, seconds)
        ours_flat_out = await asked(python, things.all, 0.0, seconds)
        theirs_flat_out = await asked(python, [insert], 0.0, seconds)
    return [
        *(_of_group(group, ours[group], theirs["bare"], said(stage)) for group in LIMITS),
        Row(
            f"answers, {USERS} users without a pause", _rate(ours_flat_out, seconds), "a second", BARE,
            _rate(theirs_flat_out, seconds), note=f"{READS_FOR_A_COMMAND} reads for a command; p95"
            f" {ours_flat_out['read']['p95']:.0f} ms and {ours_flat_out['command']['p95']:.0f} ms",
        ),
    ]  # fmt: skip


def _of_group(group: str, ours: Mapping[str, float], theirs: Mapping[str, float], year_before: str) -> Row:
    note = (
        f"{year_before}; p50 {ours['p50']:.0f} ms, p99 {ours['p99']:.0f} ms of {ours['count']:,} answers;"
        f" users pause for {PAUSE:g} s, locust on the same cores"
    )
    figure = f"{group}s, {USERS} users, p95"
    return Row(figure, ours["p95"], "ms", BARE, theirs["p95"], at_most=LIMITS[group], note=note)


def _rate(groups: Mapping[str, Mapping[str, float]], seconds: float) -> float:
    return sum(group["count"] for group in groups.values()) / seconds


@dataclass(slots=True)
class Things:
    """What people ask for: pages of their dossiers, and commands that can be given again and again."""

    stage: Stage
    bases: Mapping[str, str]
    reads: list[dict[str, Any]] = field(default_factory=list)
    commands: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    async def of(cls, stage: Stage, stack: Stack) -> "Things":
        """Of every body that has a course; all are signed in."""
        made = cls(stage, stack.endpoints.http)
        async with connections(stack.endpoints.http.values()) as http:
            for body in [each for each in stage.bodies if each.number in stage.people and each.courses][
                :USERS
            ]:
                await made._of_body(body, http)
        return made

    @property
    def all(self) -> list[dict[str, Any]]:
        """In the proportion of reads and commands, whatever there is of either."""
        share = READS_FOR_A_COMMAND * len(self.commands) / len(self.reads)
        return self.commands * round(max(1.0, 1 / share)) + self.reads * round(max(1.0, share))

    async def _of_body(self, body: Body, http: httpx.AsyncClient) -> None:
        user, manager = self.stage.people[body.number], self.stage.staff.manager(body.territory)
        for person in (user, manager):
            person.token = await self._token(person, http)
        self._asks(
            "read",
            user,
            "GET",
            "registration",
            f"/referencing-requests/{self._id(f'b{body.number}-request')}",
        )
        self._asks("read", user, "GET", "offerings", "/offerings?limit=20")
        self._asks("read", manager, "GET", "offerings", "/orders?limit=20")
        self._asks("read", user, "GET", "invoicing", "/invoices?limit=20")
        self._asks("read", user, "GET", "notifications", "/alerts?limit=20")
        for course in body.courses[:3]:
            self._of_course(f"c{course.number}", user)
        course = body.courses[0]
        self._asks("command", None, "POST", "registration", "/referencing-requests", _request(body))
        form = {"fields": {**course.form(body.territory), "title": "Prestation {fresh}"}}
        self._asks("command", user, "POST", "offerings", "/offerings", form)
        answer = await http.post(
            f"{self.bases['offerings']}/v1/offerings", json=form,
            headers={"Authorization": f"Bearer {user.token}", "Idempotency-Key": f"load-{body.number:06d}"},
        )  # fmt: skip
        await self._open_for_assignments(answer.raise_for_status().json()["id"], body, manager, http)

    def _of_course(self, name: str, user: Person) -> None:
        session, order, invoice = (self._id(f"{name}-{step}") for step in ("assignments", "order", "invoice"))
        for service, path, about in (
            ("offerings", "/orders/{id}", order), ("attendance", "/sessions/{id}/certificates", session),
            ("invoicing", "/sessions/{id}/invoicing", session), ("invoicing", "/invoices/{id}", invoice),
        ):  # fmt: skip
            if about:
                self._asks("read", user, "GET", service, path.format(id=about))

    async def _open_for_assignments(
        self, offering: str, body: Body, manager: Person, http: httpx.AsyncClient
    ) -> None:
        """An accepted offering, to whose session teachers are assigned one by one."""
        path = f"{self.bases['offerings']}/v1/offerings/{offering}"
        headers = {
            "Authorization": f"Bearer {manager.token}",
            "Idempotency-Key": f"load-accept-{body.number:06d}",
        }
        decided = await http.post(
            f"{path}/decision", json={"decision": "accept", "reasons": []}, headers=headers
        )
        after = {"Read-After": decided.raise_for_status().headers["position"]}
        page = (await http.get(path, headers={**headers, **after})).raise_for_status().json()
        session = page["sessions"][0]
        given = {"unit": session["units"][0]["code"], "teacher": "{fresh}"}
        self._asks("command", manager, "POST", "offerings", f"/sessions/{session['id']}/assignments", given)

    async def _token(self, person: Person, http: httpx.AsyncClient) -> str:
        given = {"login": person.login, "password": person.password}
        answer = await http.post(f"{self.bases['registration']}/v1/tokens", json=given)
        token: str = answer.raise_for_status().json()["access_token"]
        return token

    def _asks(
        self, group: str, who: Person | None, method: str, service: str, path: str, content: Any = None
    ) -> None:
        thing = {
            "group": group, "method": method, "url": f"{self.bases[service]}/v1{path}", "json": content,
            "headers": {"Authorization": f"Bearer {who.token}"} if who else {},
        }  # fmt: skip
        (self.reads if group == "read" else self.commands).append(thing)

    def _id(self, step: str) -> str | None:
        return self.stage.tally.answers.get(f"{self.stage.year.name}-{step}")


def _request(body: Body) -> dict[str, Any]:
    asked = body.request()
    return {**asked, "contact": {**asked["contact"], "email": "{fresh}@load.example"}}


async def asked(
    python: object, things: list[dict[str, Any]], pause: float, seconds: float
) -> dict[str, dict[str, float]]:
    """What locust measured, by group. Raises LoadFailed."""
    settings = {"users": USERS, "pause": pause, "warm_up": WARM_UP, "seconds": seconds, "things": things}
    process = await asyncio.create_subprocess_exec(
        str(python), str(ROOT / "ops/bench/peer_locust.py"),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, trouble = await process.communicate(json.dumps(settings).encode())
    if process.returncode:
        raise LoadFailed(trouble.decode(errors="replace")[-1000:])
    found = json.loads(output.splitlines()[-1])
    if found["failures"]:
        raise LoadFailed(f"{found['failures']} answers failed, such as: {found['failed']}")
    groups: dict[str, dict[str, float]] = found["groups"]
    return groups


@asynccontextmanager
async def bare(stack: Stack) -> AsyncIterator[dict[str, Any]]:
    """The least that can be done, on the same PostgreSQL; as a thing to ask for."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ops.bench.peer_bare", cwd=ROOT, stdin=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None  # noqa: S101 - it was asked for; this is for the type checker
    process.stdin.write(json.dumps({"dsn": stack.admin_dsn, "port": port}).encode())
    process.stdin.close()
    try:
        url = f"http://127.0.0.1:{port}"
        await answers_at(f"{url}/openapi.json")
        yield {
            "group": "bare",
            "method": "POST",
            "url": f"{url}/rows",
            "headers": {},
            "json": {"name": "{fresh}"},
        }
    finally:
        process.terminate()
        await process.wait()


async def answers_at(url: str) -> None:
    """Returns once a server answers there."""
    async with asyncio.timeout(20), httpx.AsyncClient(trust_env=False) as http:
        while True:
            try:
                await http.get(url)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return
