"""A session and its order: who is assigned, issue, refuse what was returned, cancel, move.  (R6, R8, O4, O5)"""

import asyncio
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from services.extranet.acting import act, screen
from services.extranet.backend import Problem, Visitor
from services.extranet.files import passed_on
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.roles import only_for
from services.extranet.words import EMAIL_STATES, EMAILS, who

router = APIRouter(route_class=only_for("manager"))

LACKS = {
    "signature": ("La signature manque", "signed"),
    "stamp": ("Le tampon de l'organisme manque", "signed"),
    "signatory": ("Le nom ou la qualité du signataire manque", "signed"),
    "pages": ("Une ou plusieurs pages manquent", "returned"),
    "legibility": ("Le document n'est pas lisible", "returned"),
}
"""What may be missing on a returned order, and the step to do again: the one before keeps its place."""
PAPERS = {"order": "Bon de commande", "amendment": "Avenant", "returned": "Renvoyé par l'organisme"}
SHEET_TYPES = {".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@router.get("/prestations/{offering}/sessions/{id}")
async def session(request: Request, offering: UUID, id: UUID, visitor: SignedIn) -> Response:
    """A session: its days, who is assigned, its order."""
    return await _session(request, visitor, offering, id)


async def _session(
    request: Request, visitor: Visitor, offering: UUID, id: UUID, problem: Problem | None = None,
    form: Form | None = None, imported: Any = None,
) -> Response:  # fmt: skip
    after = request.query_params.get("apres")
    found, assigned, standing = await asyncio.gather(
        visitor.get("offerings", f"/offerings/{offering}"),
        visitor.get("offerings", f"/sessions/{id}/assignments", after=after, limit=100),
        visitor.maybe("notifications", f"/dossiers/{id}/standing"),
    )
    its = next((each for each in found["sessions"] if each["id"] == str(id)), None)
    if its is None:
        raise HTTPException(404)
    base = f"/prestations/{offering}/sessions/{id}"
    typed = {name: form.text(name) for name in form.data} if form else {}
    return await screen(
        request, "gestion-session.html", problem, offering=found, its=its, assigned=assigned, standing=standing,
        base=base, typed_in=typed, imported=imported,
    )  # fmt: skip


@router.post("/prestations/{offering}/sessions/{id}/affectations")
async def assign(request: Request, offering: UUID, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Assigns a teacher to a unit (R8)."""
    content = {"unit": form.text("unite"), "teacher": form.text("enseignant")}
    return await _do(
        request, visitor, offering, id, form, "POST", f"/sessions/{id}/assignments", "affecte", json=content
    )


@router.post("/prestations/{offering}/sessions/{id}/affectations/retrait")
async def unassign(request: Request, offering: UUID, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Takes an assignment back."""
    unit, _, teacher = form.text("place").partition(":")
    path = f"/sessions/{id}/assignments/{quote(unit, safe='')}/{quote(teacher, safe='')}"
    return await _do(request, visitor, offering, id, form, "DELETE", path, "retire")


@router.post("/prestations/{offering}/sessions/{id}/affectations/fichier")
async def assign_by_file(
    request: Request, offering: UUID, id: UUID, visitor: SignedIn, form: Sent
) -> Response:
    """Assigns all teachers of a file; each refused line says why, good lines are kept."""
    file = form.file("fichier")
    content = await file.read() if file else b""
    name = (file.filename or "") if file else ""
    kind = next((kind for end, kind in SHEET_TYPES.items() if name.lower().endswith(end)), "text/csv")
    tried = "true" if form.text("essai") else "false"
    try:
        answer = await visitor.act(
            "PUT", "offerings", f"/sessions/{id}/assignments.csv", form.key, content=content,
            params={"dry_run": tried}, headers={"Content-Type": kind},
        )  # fmt: skip
    except Problem as problem:
        if problem.status == 401:
            raise
        return await _session(request, visitor, offering, id, problem, form)
    return await _session(request, visitor, offering, id, form=form, imported=answer.content)


@router.post("/prestations/{offering}/sessions/{id}/commande")
async def issue(request: Request, offering: UUID, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Submits the purchase order to the body, for stamp and signature (R6)."""
    try:
        answer = await visitor.act("POST", "offerings", f"/sessions/{id}/order", form.key)
    except Problem as problem:
        if problem.status == 401:
            raise
        return await _session(request, visitor, offering, id, problem, form)
    return RedirectResponse(f"/bons-de-commande/{answer.content['id']}?fait=commande", 303)


@router.post("/prestations/{offering}/sessions/{id}/report")
async def reschedule(request: Request, offering: UUID, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Moves the session; its order is amended, to be signed again."""
    content = {
        "starts_on": form.text("debut"),
        "ends_on": form.text("fin"),
        "place": form.text("lieu") or None,
        "reason": form.text("raison") or None,
    }
    path = f"/sessions/{id}/reschedule"
    return await _do(request, visitor, offering, id, form, "POST", path, "deplace", json=content)


@router.post("/prestations/{offering}/sessions/{id}/annulation")
async def cancel_session(
    request: Request, offering: UUID, id: UUID, visitor: SignedIn, form: Sent
) -> Response:
    """Cancels the session, saying why."""
    content = {"reason": form.text("motif")}
    path = f"/sessions/{id}/cancellation"
    return await _do(request, visitor, offering, id, form, "POST", path, "annule", json=content)


async def _do(
    request: Request, visitor: Visitor, offering: UUID, id: UUID, form: Form, method: str, path: str, done: str,
    **options: Any,
) -> Response:  # fmt: skip
    return await act(
        visitor, form, method, "offerings", path, then=f"/prestations/{offering}/sessions/{id}?fait={done}",
        again=lambda problem: _session(request, visitor, offering, id, problem, form), **options,
    )  # fmt: skip


# ── the order ────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/bons-de-commande/{id}")
async def order(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """An order: its two steps, every version of its papers."""
    return await _order(request, visitor, id)


async def _order(
    request: Request, visitor: Visitor, id: UUID, problem: Problem | None = None, form: Form | None = None
) -> Response:
    answer, papers, standing = await asyncio.gather(
        visitor.read("offerings", f"/orders/{id}"),
        visitor.get("offerings", f"/orders/{id}/documents"),
        visitor.maybe("notifications", f"/dossiers/{id}/standing"),
    )
    typed = {name: form.texts(name) for name in form.data} if form else {}
    return await screen(
        request, "gestion-commande.html", problem, order=answer.content, version=answer.version,
        papers=papers["items"], standing=standing, lacks=LACKS, kinds=PAPERS, typed_in=typed, who=who,
        emails=EMAILS, email_states=EMAIL_STATES,
    )  # fmt: skip


@router.post("/bons-de-commande/{id}/refus")
async def refuse(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Refuses what was returned, saying what is missing; what was right keeps its place (O4)."""
    words = form.text("motif")
    content = {
        "missing": [each for each in form.texts("manque") if each in LACKS],
        "reasons": [words] if words else [],
    }
    return await act(
        visitor, form, "POST", "offerings", f"/orders/{id}/signature-refusal", json=content,
        then=f"/bons-de-commande/{id}?fait=refuse",
        again=lambda problem: _order(request, visitor, id, problem, form),
    )  # fmt: skip


@router.post("/bons-de-commande/{id}/annulation")
async def cancel(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Cancels the order; its session may be ordered again."""
    return await act(
        visitor, form, "POST", "offerings", f"/orders/{id}/cancellation", json={"reason": form.text("cause")},
        then=f"/bons-de-commande/{id}?fait=annule",
        again=lambda problem: _order(request, visitor, id, problem, form),
    )  # fmt: skip


@router.get("/bons-de-commande/{id}/document")
async def document(id: UUID, visitor: SignedIn) -> Response:
    """What is to be signed."""
    return await passed_on(visitor, "offerings", f"/orders/{id}/document")


@router.get("/bons-de-commande/{id}/documents/{sha256}")
async def paper(id: UUID, sha256: str, visitor: SignedIn) -> Response:
    """One of its papers, as it came."""
    return await passed_on(visitor, "offerings", f"/orders/{id}/documents/{sha256}")
