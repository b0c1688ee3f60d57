"""Alerts: the list, live; and how often e-mails come.  (R10, N1 to N3)"""

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import httpx
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from services.extranet.backend import Visitor
from services.extranet.forms import Sent, SignedIn
from services.extranet.render import page, part, text_of

router = APIRouter()

_POSITION = re.compile(r"[0-9a-f]{8}-\d{1,18}")
VIEWS = {"": "À faire ou à lire", "non-lues": "Non lues", "closes": "Terminées", "toutes": "Toutes"}
_ASKED: dict[str, dict[str, str]] = {
    "": {"state": "open"},
    "non-lues": {"unread": "true"},
    "closes": {"state": "closed"},
    "toutes": {},
}


@router.get("/alertes")
async def alerts(request: Request, visitor: SignedIn, vue: str = "", after: str | None = None) -> Response:
    """The reader's alerts, those that wait first; each with its act."""
    vue = vue if vue in VIEWS else ""
    told = await visitor.get("notifications", "/alerts", **_ASKED[vue], after=after, limit=50)
    following = told["next"] and f"/alertes?{urlencode({'vue': vue, 'after': told['next']})}"
    return await page(
        request,
        "alertes.html",
        alerts=told["items"],
        groups=_grouped(told["items"]),
        following=following,
        plus_loin=bool(after),
        vue=vue,
        views=VIEWS,
    )


def _grouped(alerts: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str, list[Mapping[str, Any]]]]:
    """(id, title, words, alerts): those that wait for the reader's act, then the others; each the newest first."""
    to_do = [alert for alert in alerts if alert.get("open") and alert.get("act")]
    others = [alert for alert in alerts if alert not in to_do]
    return [
        ("alertes-a-faire", "À faire", "La plus récente en tête.", to_do),
        ("alertes-information", "Pour information", "Rien ne vous y est demandé.", others),
    ]


@router.post("/alertes/{id}/lue")
async def read(id: str, visitor: SignedIn, form: Sent) -> Response:
    """Marks an alert as read, and goes where it leads or stays in the list."""
    await visitor.act("POST", "notifications", f"/alerts/{id}/read", form.key)
    suite = form.text("suite")
    return RedirectResponse(
        suite if suite.startswith("/") and not suite.startswith("//") else "/alertes", 303
    )


@router.get("/alertes/nombre")
async def count(request: Request, visitor: SignedIn) -> Response:
    """The bell as it should look now, for a browser that cannot follow the stream."""
    summary = await visitor.get("notifications", "/alerts/summary")
    return part(request, "bell.html", unread=summary["unread"])


@router.get("/alertes/flux")
async def stream(request: Request, visitor: SignedIn, depuis: str = "") -> Response:
    """One event stream a browser: `nombre` is the bell as it should look, `alerte` what has just come or changed.

    `relire`: too much was missed. `depuis` is the last event that another window of this browser saw.
    """
    last = request.headers.get("last-event-id") or (depuis if _POSITION.fullmatch(depuis) else "")
    events = _events(request, visitor, await visitor.token(), last)
    headers = {"X-Accel-Buffering": "no", "Content-Encoding": "identity"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _events(request: Request, visitor: Visitor, token: str, last: str) -> AsyncIterator[str]:
    headers = {"Last-Event-ID": last} if last else {}
    try:
        async with visitor.backend.stream("notifications", "/alerts/stream", token, headers) as answer:
            if answer.status_code != 200:
                yield "retry: 30000\n\n"
                return
            async for event in _blocks(answer):
                yield _translated(request, event)
    except httpx.HTTPError:
        return  # the browser comes back by itself, and says what it saw last


async def _blocks(answer: httpx.Response) -> AsyncIterator[dict[str, str]]:
    """Server-Sent Events: field -> value, one event at a time; comments are signs of life and pass on."""
    block: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if not line:
            if block:
                yield block
            block = {}
        elif line.startswith(":"):
            yield {"comment": line}
        else:
            name, _, value = line.partition(":")
            block[name] = value.lstrip()


def _translated(request: Request, event: dict[str, str]) -> str:
    if "comment" in event:
        return f"{event['comment']}\n\n"
    lines = [f"{name}: {event[name]}" for name in ("id", "retry") if name in event]
    match event.get("event"):
        case "counts":
            words = text_of(request, "bell.html", **json.loads(event["data"]))
            lines += ["event: nombre", *_data(words)]
        case "alert":
            alert = json.loads(event["data"])
            told = {"id": alert["id"], "title": alert["title"], "new": alert["open"] and not alert["read_at"]}
            lines += ["event: alerte", *_data(json.dumps(told))]
        case "refetch":
            lines += ["event: relire", "data:"]
        case _:
            pass
    return "\n".join(lines) + "\n\n"


def _data(text: str) -> list[str]:
    return [f"data: {line}" for line in text.splitlines()]


# ── preferences ──────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/compte/preferences")
async def preferences(request: Request, visitor: SignedIn, ok: bool = False) -> Response:
    """How often the reader is written to about each theme."""
    return await page(
        request, "preferences.html", told=await visitor.get("notifications", "/preferences"), ok=ok
    )


@router.post("/compte/preferences")
async def choose(visitor: SignedIn, form: Sent) -> Response:
    """Chooses; decisions are sent whatever is chosen."""
    fields: dict[str, Any] = {name: values[0] for name, values in form.fields().items() if values}
    await visitor.act("PUT", "notifications", "/preferences", form.key, json={"themes": fields})
    return RedirectResponse("/compte/preferences?ok=1", 303)


@router.get("/courriels/{token}")
async def switch(request: Request, token: str) -> Response:
    """What the link of an e-mail ends, asked before it does."""
    told = await request.app.state.backend.send("GET", "notifications", f"/preferences/switch/{token}", None)
    return await page(request, "courriels.html", told=told.json(), token=token, done=False)


@router.post("/courriels/{token}")
async def switched(request: Request, token: str, _form: Sent) -> Response:
    """Ends those e-mails; no sign-in is asked."""
    told = await request.app.state.backend.send("POST", "notifications", f"/preferences/switch/{token}", None)
    return await page(request, "courriels.html", told=told.json(), token=token, done=True)
