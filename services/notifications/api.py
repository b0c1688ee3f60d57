"""HTTP of notifications: a person's alerts, and what became of e-mails."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from services.notifications import alert
from services.notifications.telling import NATIONAL
from services.notifications.views import SQL
from shared.runtime import faq
from shared.runtime.auth import Caller, Principal
from shared.runtime.faq import FaqEntry
from shared.runtime.http import ReadAfter, accepted, asked_by
from shared.runtime.refusal import Missing, Refused
from shared.runtime.refusals import INVALID, NOT_FOUND
from shared.runtime.service import Runtime, runtime_of

CONTEXT = "notifications"
FAQ: Mapping[str, FaqEntry] = {entry.id: entry for entry in vars(faq).values() if isinstance(entry, FaqEntry)}

router = APIRouter(tags=["alertes"], dependencies=[ReadAfter])

Service = Annotated[Runtime, Depends(runtime_of)]
Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("/alerts")
async def alerts(
    runtime: Service, principal: Caller, unread: bool = False, after: UUID | None = None, limit: Limit = 50
) -> Response:
    """The caller's alerts, the newest first; `next` is the `after` of the page that follows."""
    rows = await runtime.pool.fetch(SQL.alerts, *_recipient(principal), unread, after, limit)
    items = [_described(row) for row in rows]
    page = {"items": items, "next": items[-1]["id"] if len(items) == limit else None}
    return Response(orjson.dumps(page), media_type="application/json")


@router.post("/alerts/{id}/read")
async def read(id: UUID, request: Request, runtime: Service, principal: Caller) -> JSONResponse:
    """Marks an alert of the caller's as read; it stays in the list."""
    asked = await asked_by(request, principal)
    row = await runtime.pool.fetchrow(SQL.alert, id)
    if row is None or (row["recipient_kind"], row["recipient_id"]) != _recipient(principal):
        raise Refused(NOT_FOUND)
    command = alert.ReadAlert(asked.actor)
    appended = await runtime.commands.handle(alert.DECIDER, f"alert-{id}", command, asked)
    return accepted(CONTEXT, appended, {"id": str(id)})


@router.get("/emails")
async def emails(
    runtime: Service, _principal: Caller, after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
) -> dict[str, Any]:  # fmt: skip
    """E-mails sent, refused or waiting, the newest first: which, why, and how it went; never to which address."""
    place = _place(after) if after else (None, None)
    rows = await runtime.pool.fetch(SQL.emails, *place, limit)
    items = [_mailed(row) for row in rows]
    last = f"{items[-1]['at']} {items[-1]['id']}" if len(items) == limit else None
    return {"items": items, "next": last and base64.urlsafe_b64encode(last.encode()).decode()}


def _recipient(principal: Principal) -> tuple[str | None, str | None]:
    """Whose alerts the caller reads; an auditor reads all."""
    match principal.role:
        case "body":
            return "body", principal.body
        case "manager":
            return "office", principal.territory or NATIONAL
        case "assistance":
            return "assistance", "assistance"
        case _:
            return None, None


def _described(row: asyncpg.Record) -> dict[str, Any]:
    entry = FAQ.get(row["faq"] or "")
    return {
        "id": str(row["alert_id"]),
        "recipient": {"kind": row["recipient_kind"], "id": row["recipient_id"]},
        "code": row["code"],
        "title": row["title"],
        "text": row["text"],
        "link": row["link"],
        "faq": entry and {"question": entry.question, "link": entry.link},
        "posted_at": row["posted_at"].isoformat(),
        "read_at": row["read_at"] and row["read_at"].isoformat(),
        "cause": {"id": str(row["cause_id"]), "type": row["cause_type"]},
        "version": row["version"],
    }


def _mailed(row: asyncpg.Record) -> dict[str, Any]:
    return {
        "id": str(row["email_id"]),
        "template": row["template"],
        "cause": {"id": str(row["cause_id"]), "type": row["cause_type"]},
        "body": row["body_id"] and str(row["body_id"]),
        "status": row["status"],
        "reason": row["reason"],
        "at": row["at"].isoformat(),
    }


def _place(after: str) -> tuple[datetime, UUID]:
    try:
        at, email = base64.urlsafe_b64decode(after).decode().split(" ")
        return datetime.fromisoformat(at), UUID(email)
    except ValueError as error:
        raise Refused(INVALID, missing=[Missing("after", "after", "query", "page inconnue")]) from error
