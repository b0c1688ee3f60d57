"""A purchase order: downloaded, signed and stamped, returned; every version kept, a refusal with reasons.  (R6, O4)"""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.extranet.backend import Problem, Visitor
from services.extranet.done import done
from services.extranet.files import passed_on, taken_in
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.french import today, typed_day
from services.extranet.lives import life_of
from services.extranet.people import colleagues, who
from services.extranet.render import page
from services.extranet.roles import only_for
from services.extranet.standings import standing_of

router = APIRouter(prefix="/bons-de-commande/{id}", route_class=only_for("body"))

LABELS = {
    "name": "Nom du signataire",
    "capacity": "Sa qualité",
    "signed_on": "Signé le",
    "fichier": "Document signé",
}
_UNBLOCKS = {
    "order-document-other": "Le bon de commande {number}, signé et tamponné.",
    "order-document-superseded": "Le dernier avenant au bon de commande {number}, signé et tamponné.",
    "order-document-unsigned": "La signature et le tampon, sur le bon de commande {number}.",
}
"""What is to be brought, where the refusal itself says what came."""
_ABOUT_THE_FILE = ("document-", "order-document-")


@router.get("")
async def order(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """Where it stands, its two steps, its papers, and how to return it."""
    return await _order(request, visitor, id)


@router.post("/renvoi")
async def give_back(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Returns it signed and stamped; a file that was received stays when something else is wrong."""
    paper = form.text("document")
    faults = _faults(form)
    try:
        paper = await taken_in(visitor, "offerings", form.file("fichier")) or paper
        if not paper:
            faults["fichier"] = "choisissez le document signé et tamponné"
        if faults:
            return await _order(request, visitor, id, form=form, paper=paper, faults=faults)
        await visitor.act(
            "POST", "offerings", f"/orders/{id}/signed-document", form.key, json=_signed(form, paper)
        )
    except Problem as problem:
        if problem.status in (401, 404) or problem.status >= 500:
            raise
        kept = "" if problem.code.startswith(_ABOUT_THE_FILE) else paper
        return await _order(request, visitor, id, problem, form, kept, faults)
    return RedirectResponse(f"/bons-de-commande/{id}?fait=renvoye", 303)


@router.get("/document")
async def download(id: UUID, visitor: SignedIn) -> Response:
    """What is to be signed: the order, or its last amendment."""
    return await passed_on(visitor, "offerings", f"/orders/{id}/document")


@router.get("/documents/{sha256}")
async def version(id: UUID, sha256: str, visitor: SignedIn) -> Response:
    """One of its papers, as it was deposited."""
    return await passed_on(visitor, "offerings", f"/orders/{id}/documents/{sha256}")


def _faults(form: Form) -> dict[str, str]:
    said = {name: "à renseigner" for name in ("name", "capacity") if not form.text(name)}
    if not typed_day(form.text("signed_on")):
        said["signed_on"] = "une date, par exemple 01/09/2026"
    return said


def _signed(form: Form, paper: str) -> dict[str, Any]:
    signatory = {"name": form.text("name"), "capacity": form.text("capacity")}
    return {"document": paper, "signatory": signatory, "signed_on": typed_day(form.text("signed_on"))}


async def _order(
    request: Request, visitor: Visitor, id: UUID, problem: Problem | None = None,
    form: Form | None = None, paper: str = "", faults: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    found, papers, dossier, names = await asyncio.gather(
        visitor.get("offerings", f"/orders/{id}"),
        visitor.get("offerings", f"/orders/{id}/documents"),
        standing_of(visitor, id),
        colleagues(visitor),
    )
    session = await standing_of(visitor, found["session"])
    listed = [
        {**each, "who": who(each["by"], visitor.session.account, names)} for each in reversed(papers["items"])
    ]
    refused = next((each for each in listed if each.get("refused_at")), None)
    return await page(
        request, "bon-de-commande.html", problem.status if problem else 422 if faults else 200, order=found,
        papers=listed, dossier=dossier, life=life_of(session) if session else (), problem=problem, paper=paper,
        refused=refused if found["status"] == "signature-refused" else None, faults=faults or {}, labels=LABELS,
        typed=_typed(form, found), done=done(request), seen=_seen(found),
        told=problem and {**problem.content, "unblocks": _UNBLOCKS.get(problem.code, "").format_map(found) or None},
    )  # fmt: skip


def _typed(form: Form | None, order: Mapping[str, Any]) -> dict[str, str]:
    """What was typed; at first, the signatory of the return before, and today."""
    if form:
        return {name: form.text(name) for name in ("name", "capacity", "signed_on")}
    name, _, capacity = str(order["signatory"] or "").partition(", ")
    return {"name": name, "capacity": capacity, "signed_on": f"{today():%d/%m/%Y}"}


def _seen(order: Mapping[str, Any]) -> bool:
    """Whether the paper itself was found right in a return that is refused: only its copy is sent again."""
    signed, _ = order["steps"]
    return order["status"] == "signature-refused" and bool(signed["done"])
