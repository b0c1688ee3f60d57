"""What a body and Formiris write to each other about a dossier, on one page for both sides.  (H5)"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.extranet import people
from services.extranet.acting import faults_of
from services.extranet.backend import Problem, Visitor
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.queue import link_of
from services.extranet.render import page
from services.extranet.words import KINDS, who

router = APIRouter()

DONE: Mapping[str, tuple[str, str]] = {
    "message": (
        "Votre message est envoyé.",
        "Son destinataire est prévenu ; vous verrez ici quand il l'aura lu.",
    ),
    "reponse": ("Votre réponse est envoyée.", "La question n'attend plus rien."),
}
LONGEST = 200


@router.get("/dossiers/{id}/messages")
async def messages(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """The messages of a dossier, the newest first, and where to write one.

    `repondre`: the message to answer; `champ` with its `libelle`, or `ligne` (`unit:teacher`): what a new one is about.
    """
    asked = request.query_params
    typed = {name: asked.get(name, "") for name in ("repondre", "champ", "libelle", "ligne")}
    return await _page(request, visitor, id, typed)


@router.post("/dossiers/{id}/messages")
async def post(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Sends a message, once however often the form is."""
    answers = form.text("repondre")
    content = {
        "text": form.text("text"),
        "answers": answers or None,
        "pinned_to": pin_of({name: form.text(name) for name in form.data}),
        "awaits_answer": form.text("attend") == "oui",
    }
    try:
        await visitor.act("POST", "notifications", f"/dossiers/{id}/messages", form.key, json=content)
    except Problem as problem:
        if problem.status == 401:
            raise
        return await _refused(request, visitor, id, form, problem)
    done = "reponse" if answers else "message"
    return RedirectResponse(f"/dossiers/{id}/messages?fait={done}", 303)


async def _refused(request: Request, visitor: Visitor, id: UUID, form: Form, problem: Problem) -> Response:
    typed = {name: form.text(name) for name in form.data} | {"asked": "1"}
    return await _page(request, visitor, id, typed, problem)


async def _page(
    request: Request, visitor: Visitor, id: UUID, typed: Mapping[str, str], problem: Problem | None = None
) -> Response:
    after = request.query_params.get("apres") or None
    told = await visitor.get("notifications", f"/dossiers/{id}/messages", after=after)
    named = await _named(visitor, told)
    items = [each | {"who": named(each)} for each in told["items"]]
    known = {each["id"]: each for each in items}
    return await page(
        request, "messages.html", problem.status if problem else 200, problem=problem, told=told, items=items,
        known=known, typed_in=typed, pin=pin_of(typed), answered=known.get(typed.get("repondre", "")),
        kind=KINDS.get(told["kind"], "Dossier"), faults=faults_of(problem), dossier=_dossier(visitor, told),
        done=DONE.get(request.query_params.get("fait", "")), writes=visitor.session.role != "auditor",
    )  # fmt: skip


def _dossier(visitor: Visitor, told: Mapping[str, Any]) -> str:
    """Where the reader sees the dossier."""
    role = visitor.session.role
    if role == "auditor":
        return f"/dossiers/{told['id']}"
    return str(told["link"]) if role == "body" else link_of(told)


async def _named(visitor: Visitor, told: Mapping[str, Any]) -> Any:
    """From a message to its author, as the reader knows them."""
    session = visitor.session
    if session.role == "body":
        names = await people.colleagues(visitor)
        return lambda each: people.who(each["by"], session.account, names)
    of_the_body = told["body_name"] or "L’organisme de formation"
    return lambda each: of_the_body if each["side"] == "body" else who(each["by"])


def pin_of(given: Mapping[str, str]) -> dict[str, str] | None:
    """What a message is about, as its link names it; None when it is about the whole dossier."""
    if field := given.get("champ", "")[:LONGEST]:
        return {"kind": "field", "name": field, "label": given.get("libelle", "")[:LONGEST] or field}
    line = given.get("ligne", "")[:80]
    unit, _, teacher = line.partition(":")
    if unit and teacher:
        return {"kind": "line", "name": line, "label": f"Enseignant {teacher}, unité {unit}"}
    return None
