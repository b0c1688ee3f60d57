"""The two long forms: a page a tab, changes saved by themselves, a page to check, a receipt.  (R3, R5, F1 to F11)"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from services.extranet import draft
from services.extranet.backend import Problem, Visitor
from services.extranet.draft import Draft, Place, Tab
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.render import page, part

router = APIRouter()


def referencing(visitor: Visitor) -> Place:
    """The referencing form of the reader's own body."""
    request = f"/referencing-requests/{visitor.session.body}"
    return Place(
        "registration",
        "/forms/referencing",
        f"{request}/form",
        "/referencement/formulaire",
        "Demande de référencement",
    )


def offering(id: UUID) -> Place:
    """The form of an offering."""
    return Place(
        "offerings",
        "/forms/offering",
        f"/offerings/drafts/{id}",
        f"/prestations/brouillons/{id}",
        "Prestation",
    )


# ── référencement ────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/referencement/formulaire")
async def first_tab(visitor: SignedIn) -> Response:
    """The first tab that lacks something, or the page to check."""
    place = referencing(visitor)
    return RedirectResponse(_next(place, await draft.read(visitor, place)), 303)


@router.get("/referencement/formulaire/verifier")
async def check_referencing(request: Request, visitor: SignedIn) -> Response:
    """Everything that was typed, before it is sent."""
    return await _check(request, visitor, referencing(visitor))


@router.post("/referencement/formulaire/verifier")
async def submit_referencing(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """Submits; what is missing leads back to its field."""
    path = f"/referencing-requests/{visitor.session.body}/submission"
    return await _submit(request, visitor, referencing(visitor), path, form, {})


@router.get("/referencement/formulaire/recu")
async def referencing_receipt(request: Request, visitor: SignedIn, position: str = "") -> Response:
    """What was received, and what comes next (F11)."""
    return await _receipt(request, visitor, referencing(visitor), str(visitor.session.body), position)


@router.get("/referencement/formulaire/{tab}")
async def referencing_tab(request: Request, tab: str, visitor: SignedIn) -> Response:
    """A tab of the form."""
    return await _tab(request, visitor, referencing(visitor), tab)


@router.post("/referencement/formulaire/{tab}")
async def keep_referencing(request: Request, tab: str, visitor: SignedIn, form: Sent) -> Response:
    """Keeps a tab, complete or not."""
    return await _keep(request, visitor, referencing(visitor), tab, form)


# ── prestation ───────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/prestations/brouillons")
async def new_offering(form: Sent, _visitor: SignedIn) -> Response:
    """A new draft; it exists from its first word on."""
    made = UUID(form.key) if len(form.key) == 36 else uuid4()
    return RedirectResponse(f"/prestations/brouillons/{made}/en-tete", 303)


@router.post("/prestations/{id}/copie")
async def copy_offering(id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """The same offering to be given again, its dates and prices emptied (F10)."""
    made = (await visitor.act("POST", "offerings", f"/offerings/{id}/copy", form.key)).content["id"]
    return RedirectResponse(f"/prestations/brouillons/{made}/verifier", 303)


@router.get("/prestations/brouillons/{id}/verifier")
async def check_offering(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """Everything that was typed, before it is sent."""
    return await _check(request, visitor, offering(id))


@router.post("/prestations/brouillons/{id}/verifier")
async def submit_offering(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Submits; what is missing leads back to its field."""
    place = offering(id)
    typed = await draft.read(visitor, place)
    return await _submit(
        request, visitor, place, f"/offerings/{id}/submission", form, {"fields": typed.fields}
    )


@router.get("/prestations/brouillons/{id}/recu")
async def offering_receipt(request: Request, id: UUID, visitor: SignedIn, position: str = "") -> Response:
    """What was received, and what comes next (F11)."""
    return await _receipt(request, visitor, offering(id), str(id), position)


@router.get("/prestations/brouillons/{id}/{tab}")
async def offering_tab(request: Request, id: UUID, tab: str, visitor: SignedIn) -> Response:
    """A tab of the form."""
    return await _tab(request, visitor, offering(id), tab)


@router.post("/prestations/brouillons/{id}/{tab}")
async def keep_offering(request: Request, id: UUID, tab: str, visitor: SignedIn, form: Sent) -> Response:
    """Keeps a tab, complete or not."""
    return await _keep(request, visitor, offering(id), tab, form)


# ── both ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _tab(request: Request, visitor: Visitor, place: Place, tab: str) -> Response:
    typed = await draft.read(visitor, place)
    context = await _context(visitor, place, typed, _named(typed, tab))
    return await page(request, "formulaire.html", asked=request.query_params.get("verifie") == "1", **context)


async def _keep(request: Request, visitor: Visitor, place: Place, tab: str, form: Form) -> Response:
    """By itself, a saved tab gives back only what says so; by its button, the page that comes next."""
    typed = await draft.keep(visitor, place, tab, form)
    named = _named(typed, tab)
    context = await _context(visitor, place, typed, named)
    if request.headers.get("hx-request"):
        return part(request, "formulaire-enregistre.html", saved=True, **context)
    rows = [name for name in form.data if name.startswith(("plus.", "moins."))]
    if rows or typed.conflicts or "enregistrer" in form.data:
        return await page(request, "formulaire.html", saved=True, asked="enregistrer" in form.data, **context)
    following = _after(place, typed, named)
    return RedirectResponse(following, 303)


async def _check(
    request: Request, visitor: Visitor, place: Place, problem: Problem | None = None
) -> Response:
    typed = await draft.read(visitor, place)
    context = await _context(visitor, place, typed, None)
    status = problem.status if problem else 200
    return await page(request, "verifier.html", status, problem=problem, **context)


async def _submit(
    request: Request, visitor: Visitor, place: Place, path: str, form: Form, content: Mapping[str, Any]
) -> Response:
    try:
        answer = await visitor.act("POST", place.service, path, form.key, json=content or None)
    except Problem as problem:
        if problem.status == 401 or not problem.missing:
            raise
        return await _check(request, visitor, place, problem)
    return RedirectResponse(f"{place.base}/recu?position={answer.position}", 303)


async def _receipt(request: Request, visitor: Visitor, place: Place, id: str, position: str) -> Response:
    dossier = await visitor.maybe("notifications", f"/dossiers/{id}/standing")
    return await page(request, "recu.html", place=place, id=id, position=position, dossier=dossier)


async def _context(visitor: Visitor, place: Place, typed: Draft, tab: Tab | None) -> dict[str, Any]:
    territories: list[Any] = []
    if any(each["name"] == "territory" for each in (tab.fields if tab else ())):
        told = await visitor.get("registration", "/territories")
        territories = [{"value": each["code"], "label": each["name"]} for each in told["items"]]
    return {"place": place, "draft": typed, "tab": tab, "faults": typed.faults(), "territories": territories}


def _named(typed: Draft, slug: str) -> Tab:
    found = next((tab for tab in typed.tabs if tab.slug == slug), None)
    if found is None:
        raise HTTPException(404)
    return found


def _next(place: Place, typed: Draft) -> str:
    lacking = next((tab for tab in typed.tabs if typed.lacking(tab)), None)
    return f"{place.base}/{lacking.slug if lacking else 'verifier'}"


def _after(place: Place, typed: Draft, tab: Tab) -> str:
    """The tab that follows in the order of the screen; after the last one, the page to check."""
    slugs = [each.slug for each in typed.tabs]
    following = slugs[slugs.index(tab.slug) + 1 :]
    return f"{place.base}/{following[0] if following else 'verifier'}"
