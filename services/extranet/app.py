"""The site put together: its pages, what every answer carries, and how a service's problem becomes a page."""

import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.extranet import pages
from services.extranet.acting import LISTED
from services.extranet.backend import Backend, Problem, Visitor
from services.extranet.forms import from_our_page, kept_of
from services.extranet.labels import labelled
from services.extranet.pages import signin
from services.extranet.render import STATIC, page, static
from services.extranet.session import COOKIE, END, LIFETIME, Seal
from services.extranet.settings import Settings

logger = structlog.get_logger()

ANONYMOUS, SEEN = "formelie-visite", "formelie-vu"
LARGEST_BODY = 26 * 1024 * 1024
"""A file of 20 MB, the largest that the services take, with the form around it."""
_UNUSABLE: Mapping[int, Mapping[str, Any]] = {
    400: {
        "code": "form-unreadable", "title": "Envoi illisible",
        "detail": "Ce formulaire est arrivé incomplet : rien n'a été modifié. Revenez à la page, puis recommencez.",
        "holder": "vous",
    },
    405: {
        "code": "address-of-a-form", "title": "Cette adresse ne se lit pas",
        "detail": "Elle reçoit un formulaire : partez de l'accueil pour le retrouver. Rien n'a été modifié.",
        "holder": "vous",
    },
    413: {
        "code": "too-large", "title": "Envoi trop volumineux",
        "detail": "Un fichier peut peser 20 Mo au plus : rien n'a été modifié. Réduisez-le, puis recommencez : pour un "
        "document numérisé, 150 points par pouce suffisent.",
        "holder": "vous",
    },
}  # fmt: skip
_POSITIONS = re.compile(r"[a-z]+/\d{1,6}/\d{1,18}(,[a-z]+/\d{1,6}/\d{1,18}){0,4}")
_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


def application(settings: Settings) -> FastAPI:
    """The ASGI application."""
    app = FastAPI(
        title="FormElie extranet", lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.settings = settings
    app.state.seal = Seal(settings.extranet_secret.get_secret_value())
    app.state.backend = Backend(settings)
    for router in pages.ROUTERS:
        app.include_router(router)
    app.add_api_route("/static/{digest}/{name}", _static)
    app.add_api_route("/favicon.ico", _icon)  # asked for beside documents, which name no icon
    app.add_api_route("/livez", _alive)
    app.add_api_route("/readyz", _alive)
    app.add_exception_handler(Problem, _refused)
    app.add_exception_handler(HTTPException, _no_page)
    app.add_exception_handler(RequestValidationError, _no_page)
    app.add_middleware(Around, app)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await app.state.backend.close()


async def _alive() -> Mapping[str, str]:
    return {"status": "alive"}


async def _icon() -> Response:
    return RedirectResponse(static("mark.svg"), 301)


async def _static(digest: str, name: str) -> Response:
    """A file of static/, kept by browsers for ever: its address changes with its content."""
    if not re.fullmatch(r"[a-z0-9.-]+\.(css|js|svg|png)", name) or not (STATIC / name).is_file():
        raise HTTPException(404)
    del digest
    return FileResponse(STATIC / name, headers={"Cache-Control": "public, max-age=31536000, immutable"})


async def _refused(request: Request, problem: Exception) -> Response:
    """A service's problem, as a page with its four answers; a session that ended leads to signing in again."""
    assert isinstance(problem, Problem)  # noqa: S101 - registered for Problem only
    if problem.status == 401:
        whose = request.state.visitor.session.login if request.state.visitor else ""
        request.state.visitor = None
        request.state.ended = True
        if request.headers.get("hx-request") or "event-stream" in request.headers.get("accept", ""):
            return Response(status_code=401)  # the page says so itself, and keeps what was typed
        if request.method == "GET":
            return RedirectResponse(f"/connexion?fin=1&suite={quote(_address(request))}", 303)
        kept = await _kept(request, whose)
        return await signin.asked(request, 401, ended=True, next=_came_from(request), kept=kept)
    if problem.code == "form-not-ours" and from_our_page(request):
        return await _sent_again(request, problem)
    return await page(request, "refus.html", problem.status, problem=problem)


async def _sent_again(request: Request, problem: Problem) -> Response:
    """A form of ours that was open for too long: shown as typed, to be sent with a token of today."""
    path, fields = _address(request), await kept_of(request)
    if path in ("/connexion", "/connexion/code"):
        return await signin.asked(
            request, problem.status, problem=problem, login="".join(fields.get("login", []))
        )
    return await page(
        request, "reprise.html", problem.status, path=path, fields=fields, problem=problem,
        shown=await labelled(request, path, fields),
    )  # fmt: skip


async def _kept(request: Request, whose: str) -> str:
    """What a form of ours was sending when the session ended, sealed for whoever it belongs to; else nothing."""
    fields = await kept_of(request) if from_our_page(request) else {}
    content = {"path": _address(request), "fields": fields, "login": whose}
    return str(request.app.state.seal.close(content)) if fields else ""


def _came_from(request: Request) -> str:
    """The page whose form was sent, as the browser says; a form's own address may have no page."""
    referer = urlsplit(request.headers.get("referer", ""))
    inside = referer.netloc == request.headers.get("host") and referer.path != "/connexion"
    return referer.path + (f"?{referer.query}" if referer.query else "") if inside else "/"


async def _no_page(request: Request, error: Exception) -> Response:
    status = (
        error.status_code if isinstance(error, HTTPException) else 404
    )  # an address that cannot be one of ours
    if status in _UNUSABLE:
        return await page(request, "refus.html", status, problem=Problem(status, _UNUSABLE[status]))
    return await page(request, "introuvable.html", status)


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _at_most(limit: int, receive: Receive) -> Receive:
    """What a browser sends, refused once it is larger than anything that a page of ours sends."""
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise HTTPException(413)
        return message

    return counted


async def _broken(request: Request, error: Exception) -> Response:
    """A fault of ours: told to whoever operates the site, and to the reader without a dead end."""
    logger.error("page failed", exc_info=error, path=request.url.path)
    request.state.visitor = None
    return await page(request, "panne.html", 500)


class Around:
    """Who visits, before the page; the cookies and the headers of security, after it."""

    def __init__(self, app: ASGIApp, site: FastAPI) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or scope["path"].startswith(("/static/", "/livez", "/readyz")):
            return await self._app(scope, receive, send)
        request = Request(scope)
        state = request.state
        state.visitor, state.ended, state.signed_in = self._visitor(request), False, None
        state.listed = None
        given = request.cookies.get(ANONYMOUS, "")
        state.anonymous = given if re.fullmatch(r"[0-9a-f-]{36}", given) else str(uuid4())

        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = [*message["headers"], *self._headers(request, given)]
            await send(message)

        try:
            await self._app(scope, _at_most(LARGEST_BODY, receive), answer)
        except Exception as error:
            if begun:
                raise
            await (await _broken(request, error))(scope, receive, answer)

    def _visitor(self, request: Request) -> Visitor | None:
        session = self._site.state.seal.session(request.cookies.get(COOKIE))
        if session is None:
            return None
        seen = request.cookies.get(SEEN, "")
        return Visitor(self._site.state.backend, session, seen if _POSITIONS.fullmatch(seen) else "")

    def _headers(self, request: Request, anonymous: str) -> list[tuple[bytes, bytes]]:
        state, made = request.state, Response()
        secure = self._site.state.settings.secure_cookies or request.url.scheme == "https"
        always: dict[str, Any] = {"httponly": True, "secure": secure, "samesite": "lax"}
        visitor: Visitor | None = state.signed_in or state.visitor
        if state.ended and not state.signed_in:
            made.delete_cookie(COOKIE, **always)
            made.delete_cookie(END, secure=secure, samesite="lax")
        elif visitor and (state.signed_in or visitor.renewed):
            made.set_cookie(COOKIE, self._site.state.seal.cookie(visitor.session), max_age=LIFETIME, **always)
            ends = str(int(time.time()) + LIFETIME)
            made.set_cookie(END, ends, max_age=LIFETIME, secure=secure, samesite="lax")
        if visitor and visitor.read_after != request.cookies.get(SEEN, ""):
            made.set_cookie(SEEN, visitor.read_after, max_age=60, **always)
        if state.listed:
            made.set_cookie(LISTED, quote(state.listed), max_age=LIFETIME, **always)
        if not visitor and state.anonymous != anonymous:
            made.set_cookie(ANONYMOUS, state.anonymous, **always)
        cookies = [(name, value) for name, value in made.raw_headers if name == b"set-cookie"]
        fixed = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
        return [*cookies, *fixed, (b"cache-control", b"private, no-store")]
