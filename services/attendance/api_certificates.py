"""Certificates over HTTP: deposit, validate or reject them, whole or line by line; see where they stand."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from services.attendance.certificates import (
    DecideLines,
    RejectCertificates,
    SubmitCertificates,
    ValidateCertificates,
)
from services.attendance.dossiers import Service, handle, session_row, sheet_of
from services.attendance.opening import check_open
from services.attendance.requests import Decision, Deposit, Rejection, Validation
from services.attendance.views import SQL, session_of
from shared.runtime.auth import Caller
from shared.runtime.http import ReadAfter, asked_by, etag
from shared.runtime.paris import today
from shared.runtime.refusal import Refused
from shared.runtime.refusals import FORMIRIS, THE_BODY

router = APIRouter(tags=["attestations de présence"])

Stage = Literal["open", "not-yet", "submitted", "validated"]


@router.post("/sessions/{session}/certificates", status_code=201, dependencies=[ReadAfter])
async def submit(
    session: UUID, deposit: Deposit, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Deposits the certificates of a session (R7, R8), or the corrected lines of rejected ones."""
    asked = await asked_by(request, principal)
    row = await session_row(runtime, session, principal)
    sheet = await sheet_of(runtime, row["body_id"], deposit.sheet)
    lines = tuple(given.line() for given in deposit.lines)
    command = SubmitCertificates(session_of(row), sheet, lines, asked.actor, today(asked.now))
    return await handle(runtime, row, command, asked, 201)


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
    row = await session_row(runtime, session, principal)
    return await handle(
        runtime, row, ValidateCertificates(session_of(row), asked.actor, today(asked.now)), asked
    )


@router.post("/sessions/{session}/certificates/rejection", dependencies=[ReadAfter])
async def reject(
    session: UUID, rejection: Rejection, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Rejects all that waits for a decision, saying why; the body corrects and deposits again."""
    asked = await asked_by(request, principal)
    row = await session_row(runtime, session, principal)
    command = RejectCertificates(
        session_of(row), rejection.of_the_whole(), rejection.of_lines(), asked.actor, today(asked.now)
    )
    return await handle(runtime, row, command, asked)


@router.post("/sessions/{session}/certificates/decision", dependencies=[ReadAfter])
async def decide(
    session: UUID, decision: Decision, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Decides line by line: validated lines stay so, only rejected ones are redone; all validated, the session is."""
    asked = await asked_by(request, principal)
    row = await session_row(runtime, session, principal)
    command = DecideLines(
        session_of(row), decision.validated(), decision.rejected(), decision.others == "validated",
        asked.actor, today(asked.now),
    )  # fmt: skip
    return await handle(runtime, row, command, asked)


@router.get("/sessions/{session}/certificates", dependencies=[ReadAfter])
async def standing(session: UUID, runtime: Service, principal: Caller) -> JSONResponse:
    """Where the certificates of a session stand, what is missing, since when, and who must act next."""
    row = await session_row(runtime, session, principal)
    content = _described(row) | _next_step(row, today())
    return JSONResponse(content, headers=etag(row["version"] or 0))


@router.get("/sessions", dependencies=[ReadAfter])
async def sessions(
    runtime: Service, principal: Caller, stage: Stage = "open", after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:  # fmt: skip
    """The caller's sessions at a stage, each with who acts next; those whose certificates cannot be deposited, why.

    What waits comes in the order in which sessions end, what is done the other way round. `next` is the `after` of
    the page that follows.
    """
    body = UUID(principal.body) if principal.body else None
    day, done = today(), stage in ("submitted", "validated")
    rows = await runtime.pool.fetch(SQL.sessions, body, principal.territories, stage, day, done, after, limit)
    items = [_summary(row) | _next_step(row, day) for row in rows]
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


@router.get("/certificates", dependencies=[ReadAfter])
async def to_decide(
    runtime: Service, principal: Caller, after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:  # fmt: skip
    """Certificates that wait for a decision, the oldest first; `next` is the `after` of the page that follows."""
    rows = await runtime.pool.fetch(SQL.to_decide, principal.territories, after, limit)
    items = [dict(row) for row in rows]
    return {"items": items, "next": items[-1]["session_id"] if len(items) == limit else None}


def _described(row: asyncpg.Record) -> dict[str, Any]:
    rejection = _parsed(row["rejection"]) or {}
    return _summary(row) | {
        "version": row["version"] or 0,
        "revision": row["revision"] or 0,
        "lines": _lines(row, rejection),
        "sheet": row["sheet_hash"],
        "reasons": rejection.get("reasons") or [],
        "line_reasons": rejection.get("lines") or [],
    }


def _summary(row: asyncpg.Record) -> dict[str, Any]:
    """A session without its lines."""
    return {
        "id": str(row["session_id"]),
        "body": str(row["body_id"]),
        "body_name": row["body_name"],
        "title": row["title"],
        "place": row["place"],
        "starts_on": row["starts_on"].isoformat(),
        "ends_on": row["ends_on"].isoformat(),
        "order": _order(row),
        "status": row["status"] or "none",
        "submitted_at": _moment(row["submitted_at"]),
        "decided_on": row["decided_on"] and row["decided_on"].isoformat(),
        "totals": _parsed(row["totals"]),
    }


def _lines(row: asyncpg.Record, rejection: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each line with what became of it: submitted, validated, or rejected with its reasons."""
    lines = _parsed(row["lines"]) or []
    validated = lines if row["status"] == "validated" else _parsed(row["validated_lines"]) or []
    stand = {_who(line) for line in validated}
    reasons = defaultdict(list)
    for each in rejection.get("lines") or []:
        reasons[_who(each)].append(each["text"])
    return [
        {
            **line,
            "status": "validated" if _who(line) in stand else row["status"],
            "reasons": reasons[_who(line)],
        }
        for line in lines
    ]


def _who(line: Mapping[str, Any]) -> tuple[str, str]:
    return line["teacher_number"], line["unit_code"]


def _order(row: asyncpg.Record) -> dict[str, str] | None:
    if row["order_id"] is None:
        return None
    return {"id": str(row["order_id"]), "number": row["number"], "status": row["order_status"]}


def _next_step(row: asyncpg.Record, today: date) -> dict[str, Any]:
    """Who acts next and since when; while certificates cannot be deposited, why, and what is missing."""
    step: dict[str, Any] = {
        "can_submit": False, "why_not": None, "missing": [], "contact": None, "faq": None, "link": None,
        "since": _moment(row["submitted_at"]) if row["status"] == "submitted" else _since(row),
    }  # fmt: skip
    if row["status"] == "submitted":
        return step | {"holder": FORMIRIS, "contact": asdict(session_of(row).contact)}
    if row["status"] == "validated":
        return step | {"holder": THE_BODY}
    try:
        check_open(session_of(row), today)
    except Refused as refused:
        return step | {"since": _moment(row["order_since"])} | _explained(refused)
    return step | {"can_submit": True, "holder": THE_BODY}


def _since(row: asyncpg.Record) -> str | None:
    """Decided on that day; before any deposit, open since the session's last day."""
    day: date | None = row["decided_on"] or row["ends_on"]
    return day.isoformat() if day else None


def _explained(refused: Refused) -> dict[str, Any]:
    missing = [asdict(missing) for missing in refused.missing]
    return {"why_not": refused.why_not(), "missing": missing, **refused.next_step()}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _parsed(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)
