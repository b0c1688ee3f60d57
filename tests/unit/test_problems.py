"""Whatever goes wrong, the answer is an RFC 9457 problem that says what is missing, whom to ask and where to read."""

from collections.abc import AsyncIterator
from typing import Annotated

import asyncpg
import pytest
from fastapi import FastAPI, File, UploadFile
from httpx import ASGITransport, AsyncClient, Response
from pydantic import BaseModel, ConfigDict, Field

from shared.ledger import StoreUnavailable
from shared.runtime import faq, problems
from shared.runtime.http import Correlation
from shared.runtime.limits import JSON_LIMIT, BodyLimit
from shared.runtime.refusal import ASSISTANCE, Missing, Refusal, Refused

CLOSED = Refusal(
    "closed", 409, "Fermé", "Le guichet {name} est fermé.", "Formiris", ASSISTANCE, faq.CERTIFICATES
)


class Form(BaseModel):
    """What the test's route takes."""

    model_config = ConfigDict(extra="forbid")
    town: Annotated[str, Field(max_length=10)]
    count: int = 0


def app() -> FastAPI:
    """An application with one route for each way of failing."""
    app = FastAPI()
    problems.install(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(Correlation)

    @app.post("/form")
    async def form(form: Form) -> Form:
        return form

    @app.post("/documents")
    async def documents(file: Annotated[UploadFile, File()]) -> int:
        return len(await file.read())

    @app.get("/refused")
    async def refused() -> None:
        raise Refused(CLOSED, missing=[Missing("order", "Bon de commande", "Commande")], name="{B}")

    @app.get("/away/{kind}")
    async def away(kind: str) -> None:
        raise {
            "postgres": asyncpg.CannotConnectNowError("starting up"),
            "socket": ConnectionResetError(),
            "ledger": StoreUnavailable("gone"),
        }[kind]

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError("secret of Jeanne")

    return app


async def ask(method: str, path: str, **arguments: object) -> Response:
    transport = ASGITransport(app(), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.request(method, path, **arguments)  # type: ignore[arg-type]  # httpx's own keywords


async def test_a_refusal_says_everything_a_person_needs() -> None:
    """Code, French words, what is missing, who acts next, whom to ask and which FAQ answer."""
    answer = await ask("GET", "/refused")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:formelie:problem:closed",
        "title": "Fermé",
        "status": 409,
        "detail": "Le guichet {B} est fermé.",
        "instance": "/refused",
        "code": "closed",
        "missing": [
            {
                "field": "order",
                "label": "Bon de commande",
                "where": "Commande",
                "reason": "à renseigner",
                "colour": None,
            }
        ],
        "holder": "Formiris",
        "contact": {
            "name": "Assistance Formiris",
            "email": "contact.assistance@formiris.org",
            "phone": "01 58 45 10 20",
            "hours": "du lundi au vendredi, de 8h30 à 17h00",
        },
        "link": None,
        "faq": {"question": faq.CERTIFICATES.question, "link": "/aide#deposer-attestations"},
    }


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed-request"),
        (b"\xff\xfe", 400, "malformed-request"),
        (b"[]", 422, "invalid-request"),
        (b'{"town": 3}', 422, "invalid-request"),
        (b'{"town": "x", "other": 1}', 422, "invalid-request"),
        (b'{"town": "much too long a name"}', 422, "invalid-request"),
        (b"", 422, "invalid-request"),
        (b"x" * (JSON_LIMIT + 1), 413, "too-large"),
    ],
)
async def test_bad_input_is_a_problem(body: bytes, status: int, code: str) -> None:
    """Malformed JSON, wrong types, unknown fields, too long, nothing at all, far too much: each its code."""
    answer = await ask("POST", "/form", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_wrong_field_is_named_and_its_value_is_not_repeated() -> None:
    """The problem names each field and what is wrong in French, and never echoes what was typed."""
    answer = await ask("POST", "/form", json={"town": "Jeanne Martin de Nantes", "other": 1})
    assert {(m["field"], m["reason"]) for m in answer.json()["missing"]} == {
        ("town", "texte trop long"),
        ("other", "champ inconnu"),
    }
    assert "Jeanne" not in answer.text


async def test_a_body_without_declared_length_is_cut_at_the_limit() -> None:
    """A stream that never ends is refused as soon as it passes the limit."""
    pieces = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal pieces
        while pieces < 1000:
            pieces += 1
            yield b"x" * 65536

    answer = await ask("POST", "/form", content=endless(), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


@pytest.mark.parametrize("kind", ["postgres", "socket", "ledger"])
async def test_a_store_that_is_away_is_said_to_be_passing(kind: str) -> None:
    """A transient fault is a 503 that says nothing is lost and when to try again."""
    answer = await ask("GET", f"/away/{kind}")
    assert (answer.status_code, answer.json()["code"]) == (503, "temporarily-unavailable")
    assert answer.headers["retry-after"] == "1"


async def test_our_own_fault_leaks_nothing() -> None:
    """An unexpected error is a number to quote; its message stays in the log."""
    answer = await ask("GET", "/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert "Jeanne" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "code"), [("GET", "/nowhere", "no-such-page"), ("PUT", "/form", "method-not-allowed")]
)
async def test_an_unknown_address_is_a_problem_too(method: str, path: str, code: str) -> None:
    """404 and 405 have the same shape as every other refusal."""
    assert (await ask(method, path)).json()["code"] == code


async def test_the_correlation_id_comes_back() -> None:
    """A given id is kept, a malformed one is replaced."""
    kept = await ask("GET", "/refused", headers={"X-Correlation-Id": "dossier-0001"})
    made = await ask("GET", "/refused", headers={"X-Correlation-Id": "bad id\t!"})
    assert kept.headers["x-correlation-id"] == "dossier-0001"
    assert len(made.headers["x-correlation-id"]) == 36
