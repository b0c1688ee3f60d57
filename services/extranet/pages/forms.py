"""The two forms: each tab a page with its own address, kept by itself, checked, submitted once.  (R3, R5, F1 to F11)"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from services.extranet import draft
from services.extranet.backend import Problem, Visitor
from services.extranet.draft import Draft, Place, Tab
from services.extranet.files import passed_on
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.people import colleagues, who
from services.extranet.render import page, part
from services.extranet.roles import only_for

router = APIRouter(route_class=only_for("body"))

UNDER_WAY = timedelta(minutes=10)
"""How long after their last word somebody else is said to be filling in the form too."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a form is about: its dossier, once there is one, and where the reader reads it."""

    place: Place
    id: str
    dossier: str
    """The path of its API."""
    home: str
    submission: str

    @property
    def service(self) -> str:
        return self.place.service


def referencing(visitor: Visitor) -> Subject:
    """The referencing form of the reader's own body."""
    request, base = f"/referencing-requests/{visitor.session.body}", "/referencement/formulaire"
    place = Place(
        "registration", "/forms/referencing", f"{request}/form", base, "Demande de référencement", "votre demande",
        "soumettre-referencement",
    )  # fmt: skip
    return Subject(place, str(visitor.session.body), request, "/referencement", f"{request}/submission")


def offering(id: UUID) -> Subject:
    """The form of an offering."""
    drafted, base = f"/offerings/drafts/{id}", f"/prestations/brouillons/{id}"
    place = Place(
        "offerings",
        "/forms/offering",
        drafted,
        base,
        "Prestation",
        "votre prestation",
        "soumettre-prestation",
    )
    return Subject(place, str(id), f"/offerings/{id}", f"/prestations/{id}", f"{drafted}/submission")


# ── référencement ────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/referencement/formulaire")
async def resume_referencing(visitor: SignedIn) -> Response:
    """The first tab that lacks something, or the page to check."""
    return await _resume(visitor, referencing(visitor))


@router.get("/referencement/formulaire/verifier")
async def check_referencing(request: Request, visitor: SignedIn) -> Response:
    """Everything that was typed, before it is sent."""
    return await _check(request, visitor, referencing(visitor))


@router.post("/referencement/formulaire/verifier")
async def submit_referencing(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """Submits; what is missing leads back to its field."""
    return await _submit(request, visitor, referencing(visitor), form)


@router.get("/referencement/formulaire/recu/{revision}.pdf")
async def referencing_receipt_on_paper(revision: int, visitor: SignedIn) -> Response:
    """The receipt of one submission, to keep (F11)."""
    return await _on_paper(visitor, referencing(visitor), revision)


@router.get("/referencement/formulaire/recu")
async def referencing_receipt(request: Request, visitor: SignedIn) -> Response:
    """What was received, and what comes next (F11)."""
    return await _receipt(request, visitor, referencing(visitor))


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
async def new_offering(_visitor: SignedIn, form: Sent) -> Response:
    """A new draft; it exists from its first word on."""
    made = UUID(form.key) if len(form.key) == 36 else uuid4()
    return RedirectResponse(f"/prestations/brouillons/{made}/en-tete", 303)


@router.post("/prestations/{id}/copie")
async def copy_offering(id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """The same offering to be given again, its dates and prices emptied (F10)."""
    made = (await visitor.act("POST", "offerings", f"/offerings/{id}/copy", form.key)).content["id"]
    return RedirectResponse(f"/prestations/brouillons/{made}/verifier?copie=1", 303)


@router.post("/prestations/brouillons/{id}/abandon")
async def give_up(id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Forgets a draft, because the reader asked for it."""
    await visitor.act("DELETE", "offerings", f"/offerings/drafts/{id}", form.key)
    return RedirectResponse("/prestations?fait=brouillon-abandonne", 303)


@router.get("/prestations/brouillons/{id}")
async def resume_offering(id: UUID, visitor: SignedIn) -> Response:
    """The first tab that lacks something, or the page to check."""
    return await _resume(visitor, offering(id))


@router.get("/prestations/brouillons/{id}/verifier")
async def check_offering(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """Everything that was typed, before it is sent."""
    return await _check(request, visitor, offering(id))


@router.post("/prestations/brouillons/{id}/verifier")
async def submit_offering(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Submits; what is missing leads back to its field."""
    return await _submit(request, visitor, offering(id), form)


@router.get("/prestations/brouillons/{id}/recu/{revision}.pdf")
async def offering_receipt_on_paper(id: UUID, revision: int, visitor: SignedIn) -> Response:
    """The receipt of one submission, to keep (F11)."""
    return await _on_paper(visitor, offering(id), revision)


@router.get("/prestations/brouillons/{id}/recu")
async def offering_receipt(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """What was received, and what comes next (F11)."""
    return await _receipt(request, visitor, offering(id))


@router.get("/prestations/brouillons/{id}/{tab}")
async def offering_tab(request: Request, id: UUID, tab: str, visitor: SignedIn) -> Response:
    """A tab of the form."""
    return await _tab(request, visitor, offering(id), tab)


@router.post("/prestations/brouillons/{id}/{tab}")
async def keep_offering(request: Request, id: UUID, tab: str, visitor: SignedIn, form: Sent) -> Response:
    """Keeps a tab, complete or not."""
    return await _keep(request, visitor, offering(id), tab, form)


# ── both ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _resume(visitor: Visitor, subject: Subject) -> Response:
    typed, dossier = await _typed(visitor, subject)
    if _sent(dossier):
        return RedirectResponse(subject.home, 303)
    lacking = typed.first_lacking
    return RedirectResponse(f"{subject.place.base}/{lacking.slug if lacking else 'verifier'}", 303)


async def _typed(visitor: Visitor, subject: Subject) -> tuple[Draft, Mapping[str, Any]]:
    """The draft, and the dossier as it stands; empty before it was ever submitted."""
    typed, dossier = await asyncio.gather(
        draft.read(visitor, subject.place), visitor.maybe(subject.service, subject.dossier)
    )
    return typed, dossier or {}


def _sent(dossier: Mapping[str, Any]) -> bool:
    """Whether Formiris has it: nothing of it is typed any more."""
    return dossier.get("status") in ("submitted", "accepted", "withdrawn")


async def _tab(request: Request, visitor: Visitor, subject: Subject, slug: str) -> Response:
    typed, dossier = await _typed(visitor, subject)
    if _sent(dossier):
        return RedirectResponse(subject.home, 303)
    tab = _named(typed, slug)
    asked = request.query_params
    context = await _context(visitor, subject, typed, tab)
    return await page(
        request, "formulaire.html", asked=asked.get("verifie") == "1", saved=asked.get("enregistre") == "1",
        row=asked.get("rang", ""), copied=asked.get("copie") == "1", dossier=dossier, **context,
    )  # fmt: skip


async def _keep(request: Request, visitor: Visitor, subject: Subject, slug: str, form: Form) -> Response:
    """By itself, a saved tab gives back only what is said around its fields; by a button, the page that comes next."""
    typed = await draft.keep(visitor, subject.place, slug, form)
    tab = _named(typed, slug)
    asked = form.text("verifie") == "1"
    if request.headers.get("hx-request"):
        context = await _context(visitor, subject, typed, tab)
        return part(request, "formulaire-enregistre.html", asked=asked, row="", **context)
    typed.seen = {name: mark for name, mark in typed.seen.items() if typed.conflict(name)}
    if typed.conflicts:
        context = await _context(visitor, subject, typed, tab)
        return await page(
            request,
            "formulaire.html",
            409,
            asked=asked,
            saved=True,
            row="",
            copied=False,
            dossier={},
            **context,
        )
    return RedirectResponse(_following(subject.place, typed, tab, form, asked=asked), 303)


def _following(place: Place, typed: Draft, tab: Tab, form: Form, *, asked: bool) -> str:
    """The page after a button: the same one, with its new row; or the next one in the order of the screen."""
    here, query = f"{place.base}/{tab.slug}", {"verifie": "1"} if asked else {}
    if path := draft.asks_for_rows(form):
        if draft.copies_a_row(form):
            path, query = path.rpartition(".")[0], {**query, "copie": "1"}
        return f"{here}?{urlencode({**query, 'rang': draft.row_of(typed.fields, path)})}"
    if "enregistrer" in form.data:
        return f"{here}?{urlencode({'verifie': '1', 'enregistre': '1'})}"
    if draft.chose(form):
        return f"{here}?{urlencode({**query, 'enregistre': '1'})}"
    slugs = [each.slug for each in typed.tabs]
    following = slugs[slugs.index(tab.slug) + 1 :]
    return f"{place.base}/{following[0] if following else 'verifier'}"


async def _check(
    request: Request, visitor: Visitor, subject: Subject, problem: Problem | None = None
) -> Response:
    typed, dossier = await _typed(visitor, subject)
    if _sent(dossier) and problem is None:
        return RedirectResponse(subject.home, 303)
    context = await _context(visitor, subject, typed, None)
    return await page(
        request, "verifier.html", problem.status if problem else 200, problem=problem, dossier=dossier,
        copied=request.query_params.get("copie") == "1", **context,
    )  # fmt: skip


async def _submit(request: Request, visitor: Visitor, subject: Subject, form: Form) -> Response:
    try:
        await visitor.act("POST", subject.service, subject.submission, form.key)
    except Problem as problem:
        if problem.status in (401, 404) or problem.status >= 500:
            raise
        return await _check(request, visitor, subject, problem)
    return RedirectResponse(f"{subject.place.base}/recu", 303)


async def _receipt(request: Request, visitor: Visitor, subject: Subject) -> Response:
    """Each time the form was submitted, the last one first, with what proves it; the same whenever it is opened."""
    sent, dossier, names = await asyncio.gather(
        visitor.get(subject.service, f"{subject.dossier}/submissions"),
        visitor.maybe("notifications", f"/dossiers/{subject.id}/standing"),
        colleagues(visitor),
    )
    receipts = [
        each | {"who": who(each["by"], visitor.session.account, names)} for each in reversed(sent["items"])
    ]
    if not receipts:
        raise HTTPException(404)
    return await page(
        request, "recu.html", subject=subject, place=subject.place, receipts=receipts, dossier=dossier
    )


async def _on_paper(visitor: Visitor, subject: Subject, revision: int) -> Response:
    return await passed_on(visitor, subject.service, f"{subject.dossier}/submissions/{revision}/receipt.pdf")


async def _context(visitor: Visitor, subject: Subject, typed: Draft, tab: Tab | None) -> dict[str, Any]:
    """What every page of a form shows around its fields."""
    other = _somebody_else(typed, visitor.session.account)
    names = await colleagues(visitor) if typed.conflicts or other else {}
    conflicts = [
        {**each, "who": who(each.get("by"), visitor.session.account, names)} for each in typed.conflicts
    ]
    typed.conflicts = conflicts
    return {
        "subject": subject, "place": subject.place, "draft": typed, "tab": tab, "faults": typed.faults(),
        "territories": await _territories(visitor, tab), "shown": draft.shown, "words": draft.words,
        "beside": other and {**other, "who": who(other["by"], visitor.session.account, names)},
    }  # fmt: skip


async def _territories(visitor: Visitor, tab: Tab | None) -> list[dict[str, str]]:
    """The territories that answer today, for a form that asks for one; the page to check shows one by its name too."""
    if tab and not any(each["name"] == "territory" for each in tab.fields):
        return []
    told = await visitor.backend.lasting("registration", "/territories")
    return [
        {"value": each["code"], "label": each["name"], "code": each["code"], "name": each["name"]}
        for each in told["items"]
    ]


def _somebody_else(typed: Draft, account: str) -> dict[str, str] | None:
    """The last word of somebody else, when it is fresh: they are filling in the same form."""
    label = {each["name"]: each["label"] for tab in typed.tabs for each in tab.fields}
    fresh = [
        {"field": label.get(name, name), "by": last["by"], "at": last["at"]}
        for name, last in typed.changed.items()
        if last.get("at") and not last["by"].endswith(account) and _recent(last["at"])
    ]
    return max(fresh, key=lambda each: each["at"], default=None)


def _recent(at: str) -> bool:
    return datetime.now(UTC) - datetime.fromisoformat(at) < UNDER_WAY


def _named(typed: Draft, slug: str) -> Tab:
    found = typed.tab(slug)
    if found is None:
        raise HTTPException(404)
    return found
