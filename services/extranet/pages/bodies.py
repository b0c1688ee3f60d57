"""Training bodies as Formiris's people see them: search, what is known, suspension, reinstatement."""

import asyncio
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.extranet.acting import act, faults_of, screen
from services.extranet.backend import Problem, Visitor
from services.extranet.files import passed_on
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.queue import Filter, Place, one_page
from services.extranet.roles import only_for
from services.extranet.words import KINDS, LIKENESS

router = APIRouter(route_class=only_for("manager", "assistance", "auditor"))
deciding = APIRouter(route_class=only_for("manager"))

CAUSES = (("qualiopi-expired", "Certificat Qualiopi échu"), ("decision", "Autre décision de Formiris"))
EVERYTHING = Place("/dossiers", "Dossiers", tuple(KINDS), whole=True)
KNOWN = (
    ("legal_name", "Raison sociale"), ("siret", "SIRET"), ("legal_form", "Forme juridique"),
    ("nda", "Numéro de déclaration d'activité"), ("ape", "Code APE"), ("phone", "Téléphone"),
    ("email", "E-mail"), ("web_site", "Site"),
)  # fmt: skip


@router.get("/organismes")
async def bodies(request: Request, visitor: SignedIn, mots: str = "", apres: str | None = None) -> Response:
    """Referenced bodies, by a part of their name or of their SIRET."""
    words = mots.strip()[:100]
    told = await visitor.get("registration", "/training-bodies", search=words or None, after=apres, limit=50)
    following = told["next"] and f"/organismes?{urlencode({'mots': words, 'apres': told['next']})}"
    return await screen(
        request, "gestion-organismes.html", bodies=told["items"], words=words, following=following
    )


@router.get("/organismes/{id}")
async def body(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """A body: where it stands, what is known of it, its dossiers."""
    return await _body(request, visitor, id)


async def _body(
    request: Request, visitor: Visitor, id: UUID, problem: Problem | None = None, form: Form | None = None
) -> Response:
    answer, standing, dossiers, alike = await asyncio.gather(
        visitor.read("registration", f"/training-bodies/{id}"),
        visitor.maybe("notifications", f"/dossiers/{id}/standing"),
        one_page(visitor, Filter(EVERYTHING, holder="tous", body=str(id)), limit=20),
        alike_bodies(visitor, id),
    )
    typed = {name: form.text(name) for name in form.data} if form else {}
    return await screen(
        request, "gestion-organisme.html", problem, body=answer.content, version=answer.version, standing=standing,
        dossiers=[each for each in dossiers["items"] if each["id"] != str(id)], more=dossiers["next"], typed_in=typed,
        causes=CAUSES, known=KNOWN, kinds=KINDS, faults=faults_of(problem), likeness=LIKENESS,
        alike=[each for each in alike if each["status"] == "accepted"],
    )  # fmt: skip


async def alike_bodies(visitor: Visitor, id: UUID) -> list[dict[str, Any]]:
    """Bodies and requests that this body or request may be a second record of, for whoever decides.  (L4)"""
    if visitor.session.role != "manager":
        return []
    return list((await visitor.get("registration", f"/referencing-requests/{id}/alike"))["items"])


@router.get("/organismes/{id}/documents/{sha256}")
async def proof(id: UUID, sha256: str, visitor: SignedIn) -> Response:
    """What the body gave as proof of a change."""
    return await passed_on(visitor, "registration", f"/training-bodies/{id}/documents/{sha256}")


@deciding.post("/organismes/{id}/suspension")
async def suspend(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Suspends the body, saying why."""
    content = {"reason": form.text("reason"), "cause": form.text("cause") or "decision"}
    return await act(
        visitor, form, "POST", "registration", f"/training-bodies/{id}/suspension", json=content,
        then=f"/organismes/{id}?fait=suspendu", again=lambda problem: _body(request, visitor, id, problem, form),
    )  # fmt: skip


@deciding.post("/organismes/{id}/fusion")
async def merge(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Says that this body is a second record of another, which is used instead; to reinstate it undoes that.  (L4)"""
    reason = (
        f"Votre organisme est déjà référencé sous le nom « {form.text('nom')} » : continuez avec le compte de cet "
        "organisme. Vos dossiers restent visibles ici. Ce n'est pas le même organisme ? Dites-le à Formiris."
    )
    content = {"reason": reason, "cause": "decision", "merged_into": form.text("avec")}
    return await act(
        visitor, form, "POST", "registration", f"/training-bodies/{id}/suspension", json=content,
        then=f"/organismes/{id}?fait=fusionne", again=lambda problem: _body(request, visitor, id, problem),
    )  # fmt: skip


@deciding.post("/organismes/{id}/retablissement")
async def reinstate(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Ends the suspension."""
    content = {
        "reason": form.text("reason"),
        "qualiopi_valid_until": form.text("qualiopi_valid_until") or None,
    }
    return await act(
        visitor, form, "POST", "registration", f"/training-bodies/{id}/reinstatement", json=content,
        then=f"/organismes/{id}?fait=retabli", again=lambda problem: _body(request, visitor, id, problem, form),
    )  # fmt: skip
