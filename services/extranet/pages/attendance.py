"""A body's certificates of attendance: which sessions are open, the grid, the signed sheet, the check, the receipt.

(R7, R8, A1, A3, A4)
"""

import asyncio
import re
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.extranet.backend import Problem, Visitor
from services.extranet.files import passed_on, taken_in
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.grid import Cell, grid, lines, typed_in
from services.extranet.render import page, part
from services.extranet.roles import only_for
from services.extranet.standings import standing_of
from services.extranet.strangers import unassigned
from shared.runtime import faq

router = APIRouter(route_class=only_for("body"))

VIEWS = {
    "": "À déposer ou à venir",
    "examen": "En examen chez Formiris",
    "validees": "Validées",
}
STAGES = {
    "": ("open", "not-yet"),
    "a-venir": ("not-yet",),
    "examen": ("submitted",),
    "validees": ("validated",),
}
SAID = {
    "ok": "Enregistré.",
    "tous": "Tous présents : il reste à corriger les exceptions.",
    "feuille": "La feuille d'émargement est jointe.",
    "sans-feuille": "La feuille d'émargement est retirée du brouillon.",
}
BILLABLE = ("certificates-submitted", "to-invoice", "to-invoice-again")
"""Where a session stands whose certificates are validated and that is not invoiced; the first, for a moment still."""
BUTTONS = {"tous": "tous", "retirer": "sans-feuille", "joindre": "feuille"}


@router.get("/attestations")
async def sessions(request: Request, visitor: SignedIn, vue: str = "", apres: UUID | None = None) -> Response:
    """Sessions whose certificates are to be deposited; for the others, why not yet and who acts."""
    stages = STAGES.get(vue, STAGES[""])
    told = await asyncio.gather(
        *(visitor.get("attendance", "/sessions", stage=stage, after=apres, limit=50) for stage in stages)
    )
    return await page(
        request, "attestations-liste.html", views=VIEWS, vue=vue if vue in VIEWS else "",
        found=dict(zip(stages, told, strict=True)),
    )  # fmt: skip


# ── the draft ────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/sessions/{id}/attestations")
async def certificates(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """Where the certificates of a session stand; while they can be deposited, the draft."""
    return await _shown(request, visitor, id)


@router.post("/sessions/{id}/attestations")
async def keep(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Keeps hours, sheet and total, whichever button was pressed, or by itself; a good file is never lost."""
    try:
        told = await _keep(visitor, id, form)
    except Problem as problem:
        return await _not_kept(request, visitor, id, form, problem)
    if request.headers.get("hx-request"):
        return part(request, "attestations-enregistre.html", id=id, draft=told.content, version=told.version)
    try:
        await _attach(visitor, id, form)
        if "tous" in form.data:
            await visitor.act(
                "POST", "attendance", f"/sessions/{id}/certificates/draft/everyone-present", form.key
            )
    except Problem as problem:
        return await _not_kept(request, visitor, id, form, problem)
    return RedirectResponse(_following(id, form), 303)


def _following(id: UUID, form: Form) -> str:
    """Where each button leads."""
    base = f"/sessions/{id}/attestations"
    if "verifier" in form.data:
        return f"{base}/verifier"
    said = next((said for name, said in BUTTONS.items() if name in form.data), "ok")
    if said == "ok" and (form.file("feuille") or form.text("feuille.recue")):
        said = "feuille"
    turned = form.text("page.suivante") if "page.suivante" in form.data else form.text("apres")
    query = urlencode({"apres": turned, "fait": said} if turned else {"fait": said})
    return f"{base}?{query}{'#feuille' if 'feuille' in said else ''}"


async def _keep(visitor: Visitor, id: UUID, form: Form) -> Any:
    """The draft with what the page sent in it, on the version that the page showed."""
    path = f"/sessions/{id}/certificates"
    draft, session = await visitor.several(("attendance", f"{path}/draft"), ("attendance", path))
    content: dict[str, Any] = {"lines": lines(draft, session, form)}
    if "total" in form.data:
        content["sheet_hours"] = form.text("total")
    if sheet := form.text("feuille.recue"):
        content["sheet"] = sheet
    if "retirer" in form.data:
        content["sheet"] = None
    version = form.text("version")
    return await visitor.act(
        "PUT",
        "attendance",
        f"{path}/draft",
        form.key,
        int(version) if version.isdigit() else None,
        json=content,
    )


async def _attach(visitor: Visitor, id: UUID, form: Form) -> None:
    """The signed sheet, kept at once: a form that is shown again still has it."""
    if sheet := await taken_in(visitor, "attendance", form.file("feuille")):
        await visitor.act(
            "PUT", "attendance", f"/sessions/{id}/certificates/draft", form.key, json={"sheet": sheet}
        )
    elif "joindre" in form.data and not form.text("feuille.recue"):
        raise Problem(422, _NO_FILE)


_NO_FILE = {
    "code": "document-not-chosen",
    "title": "Aucun fichier choisi",
    "detail": "Choisissez d'abord la feuille d'émargement sur votre appareil, puis joignez-la.",
    "holder": "vous",
    "faq": {"question": faq.CERTIFICATES.question, "link": faq.CERTIFICATES.link},
}


async def _not_kept(request: Request, visitor: Visitor, id: UUID, form: Form, problem: Problem) -> Response:
    """The page as it was typed, and what is wrong; by itself, only the words around the fields."""
    if problem.status == 401 or problem.status >= 500:
        raise problem
    if request.headers.get("hx-request"):
        return part(request, "attestations-enregistre.html", id=id, problem=problem, draft=None)
    return await _shown(request, visitor, id, problem, form)


async def _shown(
    request: Request, visitor: Visitor, id: UUID, problem: Problem | None = None, form: Form | None = None
) -> Response:
    path, after = f"/sessions/{id}/certificates", request.query_params.get("apres", "")
    told, read = await asyncio.gather(
        visitor.get("attendance", path), visitor.read("attendance", f"{path}/draft")
    )
    if told["status"] in ("submitted", "validated"):
        dossier = await standing_of(visitor, id)
        return await page(
            request, "attestations-deposees.html", told=told, id=id, problem=problem, first=_first(after),
            billable=dossier is None or dossier["state"] in BILLABLE, dossier=dossier,
        )  # fmt: skip
    after = form.text("apres") if form else after
    stale = problem is not None and problem.code == "version-mismatch"
    rows = grid(
        read.content, told, after, typed_in(form) if form and problem and _lines_lost(problem) else None
    )
    return await page(
        request, "attestations.html", problem.status if problem else 200, told=told, draft=read.content, grid=rows,
        version=read.version, id=id, problem=problem, stale=stale, after=after,
        said=SAID.get(request.query_params.get("fait", "")),
        total=form.text("total") if form else read.content["sheet_hours"],
        unassigned=unassigned([{**fault, **_of(cell)} for cell, fault in rows.faults]),
    )  # fmt: skip


def _first(after: str) -> int:
    """Where a page of deposited lines begins."""
    return int(after) if re.fullmatch(r"\d{1,5}", after) else 0


def _of(cell: Cell) -> dict[str, str]:
    return {"teacher": cell.teacher, "unit": cell.unit}


def _lines_lost(problem: Problem) -> bool:
    """Whether the refusal is of what was typed; a refused file came after that was kept."""
    return not problem.code.startswith("document-")


# ── checked, deposited, received ─────────────────────────────────────────────────────────────────────────────────


@router.get("/sessions/{id}/attestations/verifier")
async def check(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """Order, session, sheet and lines, compared before they are sent."""
    return await _check(request, visitor, id)


@router.post("/sessions/{id}/attestations/verifier")
async def deposit(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Deposits what was checked, and nothing that came after."""
    version = form.text("version")
    try:
        await visitor.act(
            "POST", "attendance", f"/sessions/{id}/certificates/draft/deposit", form.key,
            int(version) if version.isdigit() else None,
        )  # fmt: skip
    except Problem as problem:
        if problem.status == 401 or problem.status >= 500:
            raise
        return await _check(request, visitor, id, problem)
    return RedirectResponse(f"/sessions/{id}/attestations/recu", 303)


async def _check(request: Request, visitor: Visitor, id: UUID, problem: Problem | None = None) -> Response:
    path = f"/sessions/{id}/certificates"
    told, read = await asyncio.gather(
        visitor.get("attendance", path), visitor.read("attendance", f"{path}/draft")
    )
    if told["status"] in ("submitted", "validated") and problem is None:
        return RedirectResponse(f"/sessions/{id}/attestations", 303)
    return await page(
        request, "attestations-verifier.html", problem.status if problem else 200, told=told, draft=read.content,
        version=read.version, grid=grid(read.content, told), id=id, problem=problem,
    )  # fmt: skip


@router.get("/sessions/{id}/attestations/recu")
async def receipt(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """What Formiris received last, with its proof; it stays at its address.  (F11)"""
    base = f"/sessions/{id}/certificates"
    told, sheets, sent = await visitor.several(
        ("attendance", base), ("attendance", f"{base}/sheets"), ("attendance", f"{base}/submissions")
    )
    if not sent["items"]:
        return RedirectResponse(f"/sessions/{id}/attestations", 303)
    return await page(
        request, "attestations-recu.html", told=told, sheets=sheets["items"], receipt=sent["items"][-1], id=id
    )


@router.get("/sessions/{id}/attestations/recu/{revision}.pdf")
async def receipt_on_paper(id: UUID, revision: int, visitor: SignedIn) -> Response:
    """The receipt of one deposit, to keep (F11)."""
    return await passed_on(
        visitor, "attendance", f"/sessions/{id}/certificates/submissions/{revision}/receipt.pdf"
    )


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/sessions/{id}/attestations/feuilles/{sha256}")
async def sheet(id: UUID, sha256: str, visitor: SignedIn) -> Response:
    """A signed sheet, as it was sent."""
    return await passed_on(visitor, "attendance", f"/sessions/{id}/certificates/sheets/{sha256}")


@router.get("/sessions/{id}/attestations/certificat.pdf")
async def certificate(id: UUID, visitor: SignedIn, enseignant: str | None = None) -> Response:
    """The certificate of a teacher, or a page for each."""
    params = {"teacher": enseignant} if enseignant else {}
    return await passed_on(visitor, "attendance", f"/sessions/{id}/certificates/certificate.pdf", **params)
