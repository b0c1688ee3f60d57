"""Signing in and out; what was typed when a session ended comes back."""

from dataclasses import replace

from fastapi import APIRouter, Request
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
async def show(request: Request, suite: str = "/", fin: bool = False) -> Response:
    """The sign-in page; `fin` when a session has just ended."""
    return await page(request, "connexion.html", ended=fin, next=_inside(suite), kept="", problem=None)


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
        return await page(
            request, "connexion.html", status, ended=False, next=next_page, kept=kept, problem=problem
        )
    request.state.signed_in = visitor = Visitor(backend, Session.of(login, answer))
    visitor.session = replace(visitor.session, name=await _name(visitor))
    under_way = request.app.state.seal.open(kept) if kept else None
    if under_way:
        request.state.visitor = visitor
        return await page(
            request, "reprise.html", path=_inside(under_way["path"]), fields=under_way["fields"]
        )
    return RedirectResponse(next_page, 303)


@router.post("/deconnexion")
async def sign_out(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """Ends the session here, or everywhere."""
    if form.text("partout"):
        await visitor.act("POST", "registration", "/sessions/end", form.key)
    request.state.ended, request.state.visitor = True, None
    return RedirectResponse("/connexion", 303)


async def _name(visitor: Visitor) -> str:
    """What the reader's side is called."""
    if visitor.session.role != "body":
        return SIDES[visitor.session.role]
    request = await visitor.maybe("registration", f"/referencing-requests/{visitor.session.body}")
    return request["name"] if request else SIDES["body"]


def _inside(path: str) -> str:
    """An address of this site; the home page for any other."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
