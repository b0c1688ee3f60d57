"""Every error of the API as an RFC 9457 problem: a stable code, French words, what is missing, whom to ask."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import uuid4

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from shared.ledger import LedgerError
from shared.runtime import refusals
from shared.runtime.refusal import Contact, Missing, Refused

logger = structlog.get_logger()

AWAY: tuple[type[Exception], ...] = (
    LedgerError, OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError, asyncpg.TransactionRollbackError, asyncpg.InsufficientResourcesError,
)  # fmt: skip

_FRENCH = {
    "missing": "champ obligatoire",
    "extra_forbidden": "champ inconnu",
    "string_type": "texte attendu",
    "string_too_long": "texte trop long",
    "string_too_short": "texte trop court",
    "string_pattern_mismatch": "forme incorrecte",
    "int_type": "nombre entier attendu",
    "decimal_parsing": "nombre attendu",
    "date_from_datetime_parsing": "date attendue, par exemple 2026-09-01",
    "date_parsing": "date attendue, par exemple 2026-09-01",
    "uuid_parsing": "identifiant incorrect",
    "list_type": "liste attendue",
    "too_long": "liste trop longue",
    "too_short": "liste trop courte",
    "literal_error": "valeur hors de la liste permise",
    "enum": "valeur hors de la liste permise",
}


TYPE = "application/problem+json"


class Problem(JSONResponse):
    """A problem document."""

    media_type = TYPE


class FaqAnswer(BaseModel):
    """The question of the FAQ that explains a refusal, and where its answer is read."""

    question: str
    link: str


class Document(BaseModel):
    """What a problem holds (RFC 9457, and what unblocks it); a refusal may add members of its own."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    missing: list[Missing]
    holder: str
    contact: Contact
    link: str | None
    faq: FaqAnswer | None


def schemas() -> dict[str, Any]:
    """Of every error's document: the components of OpenAPI that CONTENT refers to."""
    problem = Document.model_json_schema(ref_template="#/components/schemas/Problem{model}")
    parts = problem.pop("$defs")
    return {"Problem": problem, **{f"Problem{name}": part for name, part in parts.items()}}


CONTENT: Mapping[str, Any] = {TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
"""Of every error, as OpenAPI says it."""


def problem(refused: Refused, instance: str, headers: Mapping[str, str] | None = None) -> Problem:
    """The document of a refusal; `instance` is the path that was asked."""
    refusal = refused.refusal
    body: dict[str, Any] = {
        "type": f"urn:formelie:problem:{refusal.code}",
        "title": refusal.title,
        "status": refusal.status,
        "detail": refused.detail,
        "instance": instance,
        "code": refusal.code,
        "missing": [asdict(item) for item in refused.missing],
        **refused.next_step(),
        **refused.more,
    }
    extra = dict(headers or {})
    if refusal.status == 503:
        extra.setdefault("Retry-After", "1")
    if refusal.status == 401:
        extra.setdefault("WWW-Authenticate", "Bearer")
    return Problem(body, refusal.status, extra)


def install(app: FastAPI) -> None:
    """Gives `app` one handler a kind of error."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind in AWAY:
        app.add_exception_handler(kind, _away)
    app.add_exception_handler(Exception, _unexpected)


async def _refused(request: Request, error: Exception) -> Problem:
    assert isinstance(error, Refused)  # noqa: S101  FastAPI routes by type; this is for the type checker
    logger.info("refused", code=error.refusal.code, path=request.url.path)
    return problem(error, request.url.path)


async def _invalid(request: Request, error: Exception) -> Problem:
    assert isinstance(error, RequestValidationError)  # noqa: S101  as above
    faults = error.errors()
    unreadable = next((fault for fault in faults if fault["type"] == "json_invalid"), None)
    if unreadable:
        reason = f"caractère {unreadable['loc'][-1]}"
        return problem(Refused(refusals.MALFORMED, reason=reason), request.url.path)
    return problem(Refused(refusals.INVALID, missing=[_missing(f) for f in faults]), request.url.path)


def _missing(fault: Mapping[str, Any]) -> Missing:
    """The field and what is wrong with it; never the value, which may be personal."""
    where, *path = (str(part) for part in fault["loc"])
    name = ".".join(path) or where
    return Missing(name, name, where, _FRENCH.get(fault["type"]) or _own_words(fault))


def _own_words(fault: Mapping[str, Any]) -> str:
    """Our own validators speak French; a library's message is not shown to people."""
    error = fault.get("ctx", {}).get("error")
    return str(error) if fault["type"] == "value_error" and error is not None else "valeur incorrecte"


async def _http(request: Request, error: Exception) -> Problem:
    assert isinstance(error, HTTPException)  # noqa: S101  as above
    known = {404: refusals.NO_SUCH_PAGE, 405: refusals.METHOD_NOT_ALLOWED}
    refusal = known.get(error.status_code)
    refused = Refused(refusal) if refusal else Refused(refusals.MALFORMED, reason="requête incomplète")
    return problem(refused, request.url.path, error.headers)


async def _away(request: Request, error: Exception) -> Problem:
    """A store that is away or restarting: trying again with the same key is the whole answer."""
    if isinstance(error, LedgerError) and not error.retriable:
        return await _unexpected(request, error)
    logger.warning("unavailable", path=request.url.path, error=type(error).__name__)
    return problem(Refused(refusals.UNAVAILABLE), request.url.path)


async def _unexpected(request: Request, error: Exception) -> Problem:
    incident = uuid4().hex[:12]
    logger.error("unexpected", path=request.url.path, incident=incident, exc_info=error)
    return problem(Refused(refusals.INTERNAL, incident=incident), request.url.path)
