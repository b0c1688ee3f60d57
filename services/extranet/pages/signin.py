"""Signing in and out, with a code where an account asks for one; what was typed when a session ended comes back."""

import time
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from services.extranet.backend import Problem, Visitor
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.labels import labelled
from services.extranet.render import page
from services.extranet.session import Session
from shared.runtime.contacts import HEAD_OFFICE

router = APIRouter()

SIDES = {
    "body": "Organisme de formation", "manager": "Formiris", "assistance": "Assistance Formiris",
    "auditor": "Audit",
}  # fmt: skip

CODE_WITHIN = 600
"""Seconds that the code page serves after the password: time to find the telephone."""
_TOO_LATE = {
    "title": "Connexion à reprendre",
    "detail": "La page du code est restée ouverte trop longtemps : saisissez de nouveau votre mot de passe.",
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who signs in, with what, and where they go next; `kept`: what they were sending, sealed."""

    login: str
    password: str
    next: str
    kept: str
    code: str = ""


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
    return await _tried(request, _attempt(form, form.text("login"), str(form.data.get("password") or "")))


@router.post("/connexion/code")
async def second_step(request: Request, form: Sent) -> Response:
    """The code that goes with the password just given, which the page brings back sealed."""
    first = request.app.state.seal.open(form.text("premier"))
    if not isinstance(first, dict) or first.get("until", 0) < time.time():
        late = Problem(422, _TOO_LATE)
        return await asked(request, 422, next=_next(form), kept=form.text("kept"), problem=late)
    attempt = _attempt(form, first["login"], first["password"], form.text("code"))
    if not attempt.code:
        return await _code_asked(request, attempt, 422, fault="Saisissez le code à six chiffres.")
    return await _tried(request, attempt)


def _attempt(form: Form, login: str, password: str, code: str = "") -> Attempt:
    return Attempt(login, password, _next(form), form.text("kept"), code)


def _next(form: Form) -> str:
    return _inside(form.text("suite") or "/")


async def _tried(request: Request, attempt: Attempt) -> Response:
    address = request.client.host if request.client else ""
    backend = request.app.state.backend
    try:
        answer = await backend.tokens(attempt.login, attempt.password, address, attempt.code)
    except Problem as problem:
        if problem.code == "code-needed":
            return await _code_asked(request, attempt)
        if problem.code == "code-refused":
            return await _code_asked(request, attempt, 422, fault=problem.content["detail"])
        status = problem.status if problem.status != 401 else 422
        return await asked(
            request, status, next=attempt.next, kept=attempt.kept, problem=problem, login=attempt.login
        )
    request.state.signed_in = visitor = Visitor(backend, Session.of(attempt.login, answer))
    visitor.session = replace(visitor.session, name=await _name(visitor), second_step=bool(attempt.code))
    return await _onwards(request, visitor, attempt)


async def _code_asked(request: Request, attempt: Attempt, status: int = 200, fault: str = "") -> Response:
    """The second page. The password goes with it sealed, for a while, so that it is typed once."""
    first = {"login": attempt.login, "password": attempt.password, "until": time.time() + CODE_WITHIN}
    return await page(
        request, "connexion-code.html", status, first=request.app.state.seal.close(first), next=attempt.next,
        kept=attempt.kept, fault=fault, contact=HEAD_OFFICE,
    )  # fmt: skip


async def _onwards(request: Request, visitor: Visitor, attempt: Attempt) -> Response:
    under_way = request.app.state.seal.open(attempt.kept) if attempt.kept else None
    if under_way and _theirs(under_way, attempt.login):
        request.state.visitor = visitor
        path, fields = _inside(under_way["path"]), under_way["fields"]
        return await page(
            request, "reprise.html", path=path, fields=fields, problem=None,
            shown=await labelled(request, path, fields),
        )  # fmt: skip
    return RedirectResponse(attempt.next, 303)


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
