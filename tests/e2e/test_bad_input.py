"""Bad input, at every address of every service: a problem in French, nothing changed, nothing lost, nothing leaked.

The addresses come from the services' own OpenAPI documents, so that a new route is tried from its first day.
"""

import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest_asyncio

from ops.contexts import CONTEXTS
from ops.demo.client import connections
from ops.demo.troupe import Troupe
from ops.stack import Stack

SERVICES = CONTEXTS
BAD_BODIES: Mapping[str, bytes] = {
    "malformed": b'{"decision": ',
    "not JSON at all": b"\x00\xff\xfe garbage \x80",
    "a list": b"[]",
    "a number": b"1e400",
    "null": b"null",
    "empty": b"",
    "unknown field": b'{"no_such_field": "x"}',
    "wrong types": json.dumps(
        dict.fromkeys(("decision", "reasons", "fields", "login", "lines", "number"), 7)
    ).encode(),
    "a NUL character": json.dumps(
        {"reason": "a\x00b", "number": "a\x00b", "login": "a\x00b", "name": "\x00"}
    ).encode(),
    "lone surrogate": b'{"reason": "\\ud800", "number": "\\ud800", "login": "\\ud800"}',
    "deep": b"[" * 20_000 + b"]" * 20_000,
    "far too long": b'{"reason": "' + b"x" * 900_000 + b'"}',
}


@dataclass(frozen=True, slots=True)
class Route:
    """An address that takes a command, with ids of nobody's dossiers in it."""

    service: str
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.service}{self.path}"


@pytest_asyncio.fixture(scope="module")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """Connections of these tests."""
    async with connections() as client:
        yield client


async def routes(running: Stack, http: httpx.AsyncClient, *methods: str) -> list[Route]:
    """Every route of the five services with one of these methods."""
    found = []
    for service in SERVICES:
        document = (await http.get(f"{running.endpoints.http[service]}/openapi.json")).json()
        for path, operations in document["paths"].items():
            asked = re.sub(r"\{[^}]*\}", lambda _: str(uuid4()), path)
            found += [Route(service, method.upper(), asked) for method in operations if method in methods]
    assert len(found) > 10, "the services describe their routes"
    return found


async def heads(running: Stack) -> dict[str, int]:
    """How many events each ledger holds."""
    counted = {}
    for context in CONTEXTS:
        connection = await asyncpg.connect(running.endpoints.postgres[context])
        counted[context] = await connection.fetchval("select sum(sequence)::bigint from ledger.heads")
        await connection.close()
    return counted


async def send(
    running: Stack, http: httpx.AsyncClient, route: Route, content: Any, token: str | None, **headers: str
) -> httpx.Response:
    sent = {"content-type": "application/json", "idempotency-key": str(uuid4()), **headers}
    if token:
        sent["authorization"] = f"Bearer {token}"
    url = running.endpoints.http[route.service] + route.path
    return await http.request(route.method, url, content=content, headers=sent)


def is_a_problem(answer: httpx.Response) -> str | None:
    """None for a proper refusal; otherwise what is wrong with it."""
    if not 400 <= answer.status_code < 500:
        return f"status {answer.status_code}: {answer.text[:200]}"
    if answer.headers.get("content-type") != "application/problem+json":
        return f"content type {answer.headers.get('content-type')}"
    document = answer.json()
    lacking = [part for part in ("code", "title", "detail", "holder", "contact") if not document.get(part)]
    if lacking:
        return f"{document.get('code')} lacks {lacking}"
    if re.search(r"Traceback|asyncpg|pydantic|psycopg|\.py\b", answer.text):
        return f"leaks its inside: {answer.text[:200]}"
    return None


async def test_bad_bodies_are_refused_everywhere_and_change_nothing(
    running: Stack, troupe: Troupe, http: httpx.AsyncClient
) -> None:
    """Every command of every service, with every bad body, by a manager and by nobody: a problem, and no event."""
    before = await heads(running)
    wrong = []
    for route in await routes(running, http, "post", "put", "patch"):
        for token in (troupe.staff.managers[None].token, None):
            for name, body in BAD_BODIES.items():
                if route.path.endswith("/sessions/end") and name in ("null", "empty"):
                    continue  # its body may be left out
                fault = is_a_problem(await send(running, http, route, body, token))
                if fault:
                    wrong.append(f"{route} with {name}: {fault}")
    assert not wrong, "\n".join(wrong)
    assert await heads(running) == before


async def test_unknown_dossiers_are_not_found_by_anyone(
    running: Stack, troupe: Troupe, http: httpx.AsyncClient
) -> None:
    """Reading a dossier that does not exist is a 404 problem, whoever asks; without a token, a 401.

    422 where the address holds no id but a month, a digest, a territory; a history that nobody wrote is empty, and
    so are parts that oneself never sent; a request for help is followed by anyone who has its number.
    """
    wrong = []
    every = await routes(running, http, "get")
    for route in every:
        if not re.search(r"[0-9a-f]{8}-", route.path) or re.search(r"/history$|/parts/", route.path):
            continue
        unknown = 404 if route.path.endswith("/progress") else 401
        for who, status in ((troupe.staff.managers[None], 404), (troupe.staff.auditor, 404), (None, unknown)):
            answer = await send(running, http, route, None, who.token if who else None)
            if answer.status_code not in (status, 403, 422) or is_a_problem(answer):
                wrong.append(f"{route} by {who and who.name}: {answer.status_code} {answer.text[:120]}")
    assert not wrong, "\n".join(wrong)


async def test_ten_megabytes_of_garbage_are_cut_short(
    running: Stack, troupe: Troupe, http: httpx.AsyncClient
) -> None:
    """A body far over the limit is refused by its declared length, or as soon as it passes the limit."""
    garbage = bytes(range(256)) * 40 * 1024
    route = Route("registration", "POST", "/v1/referencing-requests")
    declared = await send(running, http, route, garbage, None)
    assert (declared.status_code, declared.json()["code"]) == (413, "too-large")


async def test_a_document_that_is_not_a_pdf_is_refused_by_its_content(
    running: Stack, troupe: Troupe, http: httpx.AsyncClient
) -> None:
    """Name and declared type are not trusted: ten megabytes of garbage called .pdf are refused, an empty file too."""
    manager = troupe.staff.managers[None].token
    url = f"{running.endpoints.http['offerings']}/v1/documents"
    for content, code in ((bytes(range(256)) * 40 * 1024, "document-type"), (b"", "document-empty")):
        answer = await http.post(
            url,
            files={"file": ("../../signed.pdf", content, "application/pdf")},
            headers={"authorization": f"Bearer {manager}", "idempotency-key": str(uuid4())},
        )
        assert answer.json()["code"] == code


async def test_a_key_is_for_one_request_only(running: Stack, http: httpx.AsyncClient) -> None:
    """The same key with the same body gives the first answer; with another body it is refused; without one too."""
    route = Route("registration", "POST", "/v1/referencing-requests")
    request = {
        "name": "Atelier des Essais", "kind": "private", "perimeter": "national", "territory": None,
        "contact": {"name": "Anne Essai", "email": f"anne.{uuid4().hex}@atelier.example"},
    }  # fmt: skip
    body, key = json.dumps(request).encode(), {"idempotency-key": str(uuid4())}
    first = await send(running, http, route, body, None, **key)
    again = await send(running, http, route, body, None, **key)
    other = await send(running, http, route, json.dumps({**request, "name": "Autre"}).encode(), None, **key)
    short = await send(running, http, route, body, None, **{"idempotency-key": "x"})
    assert first.status_code == 201
    assert (again.status_code, again.json()) == (201, first.json())
    assert other.json()["code"] == "idempotency-key-reused"
    assert short.json()["code"] == "idempotency-key-missing"


async def test_headers_that_make_no_sense_are_named(
    running: Stack, troupe: Troupe, http: httpx.AsyncClient
) -> None:
    """A wrong If-Match or Read-After is a problem that shows what is expected; a forged token is a 401."""
    manager = troupe.staff.managers[None].token
    decide = Route("invoicing", "POST", f"/v1/invoices/{uuid4()}/decision")
    read = Route("invoicing", "GET", "/v1/invoices")
    body = b'{"decision": "accept", "reasons": []}'
    matched = await send(running, http, decide, body, manager, **{"if-match": "latest"})
    after = await send(running, http, read, None, manager, **{"read-after": "yesterday"})
    forged = await send(running, http, read, None, "a.b.c")
    assert is_a_problem(matched) is None
    assert after.json()["missing"][0]["field"] == "Read-After"
    assert (forged.status_code, forged.json()["code"]) == (401, "not-signed-in")
