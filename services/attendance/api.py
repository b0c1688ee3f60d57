"""HTTP of attendance: deposit certificates, validate or reject them, see where they stand."""

from dataclasses import asdict, replace
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import APIRouter, Depends, Query, Request, UploadFile
from fastapi.responses import JSONResponse

from services.attendance.certificates import (
    DECIDER,
    Command,
    RejectCertificates,
    Sheet,
    SubmitCertificates,
    ValidateCertificates,
)
from services.attendance.opening import check_open
from services.attendance.requests import Deposit, Rejection, Validation
from services.attendance.views import SQL, session_of
from shared.runtime.asked import Asked
from shared.runtime.auth import Caller, Principal
from shared.runtime.http import ReadAfter, accepted, asked_by, etag
from shared.runtime.paris import today
from shared.runtime.refusal import Refused
from shared.runtime.refusals import FORMIRIS, NOT_FOUND, THE_BODY
from shared.runtime.service import Runtime, runtime_of
from shared.runtime.uploads import received

CONTEXT = "attendance"

router = APIRouter(tags=["attestations de présence"])

Service = Annotated[Runtime, Depends(runtime_of)]


@router.post("/documents", status_code=201)
async def deposit_document(file: UploadFile, runtime: Service, _principal: Caller) -> dict[str, str]:
    """Keeps a PDF (a signed attendance sheet) and gives the sha256 that names it; twice the same is once."""
    return {"sha256": (await received(file, runtime.documents)).sha256}


@router.post("/sessions/{session}/certificates", status_code=201, dependencies=[ReadAfter])
async def submit(
    session: UUID, deposit: Deposit, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Deposits the certificates of a session (R7, R8), or those that correct rejected ones."""
    asked = await asked_by(request, principal)
    row = await _session(runtime, session, principal)
    await runtime.documents.require(deposit.sheet)
    lines = tuple(given.line() for given in deposit.lines)
    command = SubmitCertificates(session_of(row), Sheet(deposit.sheet), lines, asked.actor, today(asked.now))
    return await _handle(runtime, row, command, asked, 201)


@router.post("/sessions/{session}/certificates/validation", dependencies=[ReadAfter])
async def validate(
    session: UUID,
    request: Request,
    runtime: Service,
    principal: Caller,
    _validation: Validation | None = None,
) -> JSONResponse:
    """Validates what was deposited: final, and the session can be invoiced (R9)."""
    asked = await asked_by(request, principal)
    row = await _session(runtime, session, principal)
    return await _handle(
        runtime, row, ValidateCertificates(session_of(row), asked.actor, today(asked.now)), asked
    )


@router.post("/sessions/{session}/certificates/rejection", dependencies=[ReadAfter])
async def reject(
    session: UUID, rejection: Rejection, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Rejects what was deposited, saying why; the body corrects and deposits again."""
    asked = await asked_by(request, principal)
    row = await _session(runtime, session, principal)
    command = RejectCertificates(
        session_of(row), rejection.of_the_whole(), rejection.of_lines(), asked.actor, today(asked.now)
    )
    return await _handle(runtime, row, command, asked)


@router.get("/sessions/{session}/certificates", dependencies=[ReadAfter])
async def standing(session: UUID, runtime: Service, principal: Caller) -> JSONResponse:
    """Where the certificates of a session stand, what is missing, and who must act next."""
    row = await _session(runtime, session, principal)
    content = _described(row) | _next_step(row, today())
    return JSONResponse(content, headers=etag(row["version"] or 0))


@router.get("/certificates", dependencies=[ReadAfter])
async def to_decide(
    runtime: Service, principal: Caller, after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:  # fmt: skip
    """Certificates that wait for a decision, the oldest first; `next` is the `after` of the page that follows."""
    rows = await runtime.pool.fetch(SQL.to_decide, principal.territory, after, limit)
    items = [dict(row) for row in rows]
    return {"items": items, "next": items[-1]["session_id"] if len(items) == limit else None}


async def _session(runtime: Runtime, session: UUID, principal: Principal) -> asyncpg.Record:
    row = await runtime.pool.fetchrow(SQL.session, session)
    if row is None:
        raise Refused(NOT_FOUND)
    principal.check(str(row["body_id"]), row["territory"])
    return row


async def _handle(
    runtime: Runtime, row: asyncpg.Record, command: Command, asked: Asked, status: int = 200
) -> JSONResponse:
    session = str(row["session_id"])
    asked = replace(asked, correlation=row["correlation"])
    appended = await runtime.commands.handle(DECIDER, f"certificates-{session}", command, asked)
    return accepted(CONTEXT, appended, {"id": session}, status)


def _described(row: asyncpg.Record) -> dict[str, Any]:
    rejection = _parsed(row["rejection"]) or {}
    return {
        "id": str(row["session_id"]),
        "body": str(row["body_id"]),
        "title": row["title"],
        "starts_on": row["starts_on"].isoformat(),
        "ends_on": row["ends_on"].isoformat(),
        "order": _order(row),
        "status": row["status"] or "none",
        "version": row["version"] or 0,
        "revision": row["revision"] or 0,
        "lines": _parsed(row["lines"]) or [],
        "sheet": row["sheet_hash"],
        "submitted_at": row["submitted_at"] and row["submitted_at"].isoformat(),
        "decided_on": row["decided_on"] and row["decided_on"].isoformat(),
        "reasons": rejection.get("reasons") or [],
        "line_reasons": rejection.get("lines") or [],
        "totals": _parsed(row["totals"]),
    }


def _order(row: asyncpg.Record) -> dict[str, str] | None:
    if row["order_id"] is None:
        return None
    return {"id": str(row["order_id"]), "number": row["number"], "status": row["order_status"]}


def _next_step(row: asyncpg.Record, today: date) -> dict[str, Any]:
    """Who acts next; while certificates cannot be deposited, why, and what is missing."""
    step: dict[str, Any] = {"can_submit": False, "why_not": None, "missing": [], "contact": None, "faq": None}
    if row["status"] == "submitted":
        return step | {"holder": FORMIRIS}
    if row["status"] == "validated":
        return step | {"holder": THE_BODY}
    try:
        check_open(session_of(row), today)
    except Refused as refused:
        return step | _explained(refused)
    return step | {"can_submit": True, "holder": THE_BODY}


def _explained(refused: Refused) -> dict[str, Any]:
    missing = [asdict(missing) for missing in refused.missing]
    return {"why_not": refused.why_not(), "missing": missing, **refused.next_step()}


def _parsed(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)
