"""Signing in and out; what was typed when a session ended comes back."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from services.extranet.backend import Problem, Visitor
from services.extranet.forms import Sent, SignedIn
from services.extranet.render import page
from services.extranet.session import Session

router = APIRouter()

SIDES = {
    "body": "Organisme de formation", "manager": "Formiris", "assistance": "Assistance Formiris",
    "auditor": "Audit",
}  # fmt: skip


@router.get("/connexion")
async def show(
    request: Request,
    suite: str = "/",
    fin: bool = False,
    bye: Annotated[bool, Query(alias="au-revoir")] = False,
) -> Response:
    """The sign-in page; `fin` when a session has just ended by itself, `au-revoir` when the reader ended it."""
    return await asked(request, ended=fin, bye=bye, next=_inside(suite))


async def asked(request: Request, status: int = 200, **context: Any) -> Response:
    """The sign-in page, with what it says besides."""
    fixed = {"ended": False, "bye": False, "next": "/", "kept": "", "problem": None, "login": ""}
    return await page(request, "connexion.html", status, **(fixed | context))


@router.post("/connexion")
async def sign_in(request: Request, form: Sent) -> Response:
    """Signs in and goes on to where the reader was; a form that was under way is shown again, as typed."""
    login, kept = form.text("login"), form.text("kept")
    address = request.client.host if request.client else ""
    backend, next_page = request.app.state.backend, _inside(form.text("suite") or "/")
    try:
        answer = await backend.tokens(login, str(form.data.get("password") or ""), address)
    except Problem as problem:
        status = problem.status if problem.status != 401 else 422
        return await asked(request, status, next=next_page, kept=kept, problem=problem, login=login)
    request.state.signed_in = visitor = Visitor(backend, Session.of(login, answer))
    visitor.session = replace(visitor.session, name=await _name(visitor))
    under_way = request.app.state.seal.open(kept) if kept else None
    if under_way and _theirs(under_way, login):
        request.state.visitor = visitor
        return await page(
            request, "reprise.html", path=_inside(under_way["path"]), fields=under_way["fields"], problem=None
        )
    return RedirectResponse(next_page, 303)


@router.post("/connexion/prolonger")
async def stay(visitor: SignedIn, _form: Sent) -> Response:
    """The session goes on: asked by a page that says it is about to end (F2)."""
    await visitor.prolong()
    return Response(status_code=204)


@router.post("/deconnexion")
async def sign_out(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """Ends the session here, or everywhere."""
    everywhere, refresh = bool(form.text("partout")), visitor.session.refresh
    try:
        only = None if everywhere or not refresh else {"refresh_token": refresh}
        await visitor.act("POST", "registration", "/sessions/end", form.key, json=only)
    except Problem as problem:
        if everywhere and problem.status != 401:
            raise
    request.state.ended, request.state.visitor = True, None
    return RedirectResponse("/connexion?au-revoir=1", 303)


def _theirs(under_way: dict[str, Any], login: str) -> bool:
    """Whether what was being sent is this person's: someone else may sign in at the same screen."""
    return under_way["login"].casefold() in ("", login.casefold())


async def _name(visitor: Visitor) -> str:
    """What the reader's side is called."""
    if visitor.session.role != "body":
        return SIDES[visitor.session.role]
    request = await visitor.maybe("registration", f"/referencing-requests/{visitor.session.body}")
    return request["name"] if request else SIDES["body"]


def _inside(path: str) -> str:
    """An address of this site; the home page for any other."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
