"""HTTP of alerts: the list, the live stream, reading one; banners; what became of e-mails.  (R10)"""

from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from services.notifications import alert
from services.notifications.described import alert_described, email_described
from services.notifications.requests import CONTEXT, After, Limit, inboxes_of, next_of, place_of
from services.notifications.views import SQL
from shared.runtime.auth import Caller, Principal
from shared.runtime.http import accepted, asked_by
from shared.runtime.refusal import ASSISTANCE, Refused
from shared.runtime.refusals import NOT_FOUND
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(tags=["alertes"])

Service = Annotated[Runtime, Depends(runtime_of)]


@router.get("/alerts")
async def alerts(
    runtime: Service, principal: Caller, unread: bool = False, state: Literal["open", "closed"] | None = None,
    after: UUID | None = None, limit: Limit = 50,
) -> Response:  # fmt: skip
    """The caller's alerts, the newest first; `next` is the `after` of the page that follows.

    Open: its act is to be done, or, where it calls for none, it was not read yet.
    """
    to = inboxes_of(principal)
    is_open = None if state is None else state == "open"
    rows = await runtime.pool.fetch(SQL.alerts, to.kind, to.ids, unread, is_open, after, limit)
    items = [alert_described(dict(row)) for row in rows]
    page = {"items": items, "next": items[-1]["id"] if len(items) == limit else None}
    return Response(orjson.dumps(page), media_type="application/json")


@router.get(
    "/alerts/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def stream(
    runtime: Service, principal: Caller, last_event_id: Annotated[str | None, Header(max_length=100)] = None
) -> StreamingResponse:
    """The caller's alerts as they are posted, read and closed: Server-Sent Events.

    `alert` is an alert as the list shows it; `counts` how many are open and unread; on `refetch`, read the list again.
    A comment every 15 seconds is a sign of life. The stream ends after ten minutes, or when the service stops: come
    back with Last-Event-ID, and what was missed is sent first.
    """
    events = await runtime.own.streams.follow(principal.subject, inboxes_of(principal), last_event_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


@router.post("/alerts/{id}/read")
async def read(id: UUID, request: Request, runtime: Service, principal: Caller) -> JSONResponse:
    """Marks an alert of the caller's as read; it stays in the list."""
    asked = await asked_by(request, principal)
    row = await runtime.pool.fetchrow(SQL.alert, id)
    if row is None or not inboxes_of(principal).holds(row["recipient_kind"], row["recipient_id"]):
        raise Refused(NOT_FOUND)
    command = alert.ReadAlert(asked.actor)
    appended = await runtime.commands.handle(alert.DECIDER, f"alert-{id}", command, asked)
    return accepted(CONTEXT, appended, {"id": str(id)})


@router.get("/alerts/summary")
async def summary(runtime: Service, principal: Caller) -> dict[str, Any]:
    """What every page shows: how many alerts are open and unread (null for who has none of their own), the banner."""
    to = inboxes_of(principal)
    row = await runtime.pool.fetchrow(SQL.counted, to.kind, to.ids) if to.kind else None
    found = await _unreachable(runtime, principal) if principal.body else []
    return {**(dict(row) if row else {"open": None, "unread": None}), "banner": found[0] if found else None}


@router.get("/banners")
async def banners(runtime: Service, principal: Caller) -> dict[str, Any]:
    """What the caller must be told on every page: e-mails to their organisation that come back."""
    return {"items": await _unreachable(runtime, principal) if principal.body else []}


async def _unreachable(runtime: Runtime, principal: Principal) -> list[dict[str, Any]]:
    rows = await runtime.pool.fetch(SQL.unreachable, UUID(principal.body))
    return [
        {
            "code": "e-mail-undelivered",
            "title": "Un e-mail de Formiris n'a pas pu vous être remis",
            "text": "L'adresse d'une personne de votre organisme ne reçoit plus nos messages, décisions comprises. "
            f"{ASSISTANCE.name}, prévenue, la changera avec vous : {ASSISTANCE.hours}, au {ASSISTANCE.phone} ou à "
            f"{ASSISTANCE.email}.",
            "since": row["failed_at"].isoformat(),
            "reason": row["reason"],
            "link": "/aide#codes-de-connexion",
        }
        for row in rows[:1]
    ]


@router.get("/emails")
async def emails(
    runtime: Service, _principal: Caller, after: After = None, limit: Limit = 50
) -> dict[str, Any]:
    """E-mails sent, refused or waiting, the newest first: which, why, and how it went; never to which address."""
    place = place_of(after) if after else (None, None)
    rows = await runtime.pool.fetch(SQL.emails, *place, limit)
    items = [email_described(dict(row)) for row in rows]
    return {"items": items, "next": next_of(items, limit, "at")}


@router.get("/emails/{id}")
async def email(id: UUID, runtime: Service, _principal: Caller) -> dict[str, Any]:
    """An e-mail that was sent or refused: where the alert to Assistance leads (N3); never to which address."""
    row = await runtime.pool.fetchrow(SQL.email, id)
    if row is None:
        raise Refused(NOT_FOUND)
    more = {name: row[name] and str(row[name]) for name in ("account", "dossier")}
    return email_described(dict(row)) | more
