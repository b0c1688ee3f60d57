"""Certificates by file: the template, what would be kept and what not, the rows to mend, a call to Assistance.

(R8, A2)
"""

import base64
import binascii
import zlib
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from services.extranet.backend import Problem, Visitor
from services.extranet.files import passed_on
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.render import page
from services.extranet.roles import only_for
from services.extranet.strangers import LINES_OF_A_TICKET, unassigned
from shared.runtime import faq

router = APIRouter(prefix="/sessions/{id}/attestations", route_class=only_for("body"))

LARGEST = 20_000_000
_NO_FILE = {
    "code": "document-not-chosen",
    "title": "Aucun fichier choisi",
    "detail": "Choisissez d'abord votre fichier CSV ou Excel, puis contrôlez-le.",
    "holder": "vous",
    "faq": {"question": faq.CERTIFICATES.question, "link": faq.CERTIFICATES.link},
}


@router.get("/importer")
async def import_page(request: Request, id: UUID, visitor: SignedIn, garde: int | None = None) -> Response:
    """The template, the limits, and the rows of the last file that were not kept."""
    return await _shown(request, visitor, id, kept=garde)


@router.post("/importer")
async def try_file(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Reads a file and says what would be kept; nothing is, until its person says so."""
    file, sent = form.file("fichier"), _sent(form)
    content: bytes | UUID
    if file:
        content = await file.read(LARGEST + 1)
        about: dict[str, Any] = {"name": file.filename, "carried": _carried(content)}
    elif sent:
        content, about = sent, {"name": form.text("nom"), "sent": str(sent)}
    else:
        return await _shown(request, visitor, id, Problem(422, _NO_FILE))
    try:
        outcome = await _import(visitor, id, content, dry_run=True)
    except Problem as problem:
        if problem.status == 401 or problem.status >= 500:
            raise
        return await _shown(request, visitor, id, problem)
    return await _shown(request, visitor, id, outcome=outcome, **about)


@router.post("/importer/garder")
async def keep_rows(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Keeps the rows that can stand, in the draft; the others wait in a file to mend."""
    try:
        content = _sent(form) or zlib.decompressobj().decompress(
            base64.b64decode(form.text("contenu"), validate=True), LARGEST
        )
        outcome = await _import(visitor, id, content, dry_run=False)
    except (binascii.Error, zlib.error):
        return await _shown(request, visitor, id, Problem(422, _NO_FILE))
    except Problem as problem:
        if problem.status == 401 or problem.status >= 500:
            raise
        return await _shown(request, visitor, id, problem)
    if outcome["refused"]:
        return RedirectResponse(f"/sessions/{id}/attestations/importer?garde={outcome['kept']}", 303)
    return RedirectResponse(f"/sessions/{id}/attestations?fait=ok", 303)


def _sent(form: Form) -> UUID | None:
    """The file whose parts came before the form."""
    try:
        return UUID(form.text("envoi"))
    except ValueError:
        return None


async def _import(visitor: Visitor, id: UUID, content: bytes | UUID, *, dry_run: bool) -> dict[str, Any]:
    """Imports a file, or the one whose parts the service has."""
    params = {"dry_run": str(dry_run).lower()}
    if isinstance(content, UUID):
        params["upload"] = str(content)
    answer = await visitor.act(
        "POST", "attendance", f"/sessions/{id}/certificates/import", params=params,
        content=content if isinstance(content, bytes) else b"", headers={"Content-Type": "application/octet-stream"},
    )  # fmt: skip
    outcome: dict[str, Any] = answer.content
    return outcome


def _carried(content: bytes) -> str:
    """The file, to come back with the page's next form: nothing is kept here, and nobody chooses it twice."""
    return base64.b64encode(zlib.compress(content)).decode()


async def _shown(
    request: Request, visitor: Visitor, id: UUID, problem: Problem | None = None, **context: Any
) -> Response:
    told, draft = await visitor.several(
        ("attendance", f"/sessions/{id}/certificates"), ("attendance", f"/sessions/{id}/certificates/draft")
    )
    outcome = context.get("outcome")
    refused = outcome["refused"] if outcome else draft["refused"]
    blank: dict[str, Any] = {"outcome": None, "name": "", "carried": "", "sent": "", "kept": None}
    return await page(
        request, "attestations-importer.html", problem.status if problem else 200, told=told, draft=draft, id=id,
        problem=problem, refused=refused, unassigned=unassigned(refused), **blank | context,
    )  # fmt: skip


@router.get("/modele.{kind}")
async def template(id: UUID, kind: str, visitor: SignedIn) -> Response:
    """The session's spreadsheet to fill in."""
    if kind not in ("csv", "xlsx"):
        raise HTTPException(404)
    return await passed_on(visitor, "attendance", f"/sessions/{id}/certificates/template.{kind}")


@router.get("/a-corriger.csv")
async def to_mend(id: UUID, visitor: SignedIn) -> Response:
    """The rows that were not kept, each with its reason."""
    return await passed_on(visitor, "attendance", f"/sessions/{id}/certificates/refused.csv")


# ── the ticket ───────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/assistance")
async def ticket(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """A call to Assistance about assignments, with both numbers of each in it already (R8)."""
    pairs = [pair.partition("|")[::2] for pair in request.query_params.getlist("ligne")[:LINES_OF_A_TICKET]]
    told = await visitor.get("attendance", f"/sessions/{id}/certificates")
    return await page(request, "attestations-assistance.html", told=told, id=id, pairs=pairs, problem=None)


@router.post("/assistance")
async def call(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Opens the ticket: dossier, refusal and moment go with it."""
    told = await visitor.get("attendance", f"/sessions/{id}/certificates")
    content = {
        "email": visitor.session.login, "kind": "no-assignment", "message": form.text("message"), "dossier": str(id),
        "refusal": "no-assignment",
    }  # fmt: skip
    try:
        answer = await visitor.act("POST", "registration", "/assistance-requests", form.key, json=content)
    except Problem as problem:
        if problem.status == 401 or problem.status >= 500:
            raise
        return await page(
            request, "attestations-assistance.html", problem.status, told=told, id=id, pairs=[], problem=problem,
            message=form.text("message"),
        )  # fmt: skip
    return await page(request, "attestations-demande.html", told=told, id=id, receipt=answer.content)
