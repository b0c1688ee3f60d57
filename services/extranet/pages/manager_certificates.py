"""Certificates of attendance, validated or rejected line by line.  (R9, A4, M4, M5)"""

import asyncio
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.extranet.acting import act, screen
from services.extranet.backend import Problem, Visitor
from services.extranet.files import passed_on
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.roles import only_for
from services.extranet.words import EMAIL_STATES, EMAILS

router = APIRouter(route_class=only_for("manager"))

STATES = {
    "submitted": ("À décider", "info"),
    "validated": ("Validée", "ok"),
    "rejected": ("À corriger par l'organisme", "stop"),
}


@router.get("/sessions/{id}")
async def session(id: UUID, _visitor: SignedIn) -> Response:
    """Where alerts about a session lead: a manager reads its certificates, and its order and invoice from there."""
    return RedirectResponse(f"/sessions/{id}/attestations", 303)


@router.get("/sessions/{id}/attestations")
async def certificates(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """The lines as they were deposited, all good unless one is said not to be."""
    return await _certificates(request, visitor, id)


async def _certificates(
    request: Request, visitor: Visitor, id: UUID, problem: Problem | None = None, form: Form | None = None,
    faults: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    answer, sheets, standing, billing = await asyncio.gather(
        visitor.read("attendance", f"/sessions/{id}/certificates"),
        visitor.get("attendance", f"/sessions/{id}/certificates/sheets"),
        visitor.maybe("notifications", f"/dossiers/{id}/standing"),
        visitor.maybe("invoicing", f"/sessions/{id}/invoicing"),
    )
    before = (
        await _before(visitor, id)
        if answer.content["status"] == "submitted" and answer.content["revision"] > 1
        else {}
    )
    kept = None
    if form:
        reasons = {name.removeprefix("motif."): form.text(name) for name in form.data if name != "cle"}
        kept = {"bonnes": set(form.texts("bonne")), "motifs": reasons}
    return await screen(
        request, "gestion-attestations.html", problem, told=answer.content, version=answer.version,
        sheets=sheets["items"], standing=standing, billing=billing, kept=kept, faults=faults or {}, states=STATES,
        before=before, emails=EMAILS, email_states=EMAIL_STATES, id=id,
    )  # fmt: skip


async def _before(visitor: Visitor, id: UUID) -> dict[tuple[str, str], dict[str, Any]]:
    """The lines of the deposit before the last one, by unit and teacher, each with why it was rejected.  (M5)"""
    told = await visitor.get("attendance", f"/sessions/{id}/certificates/submissions")
    earlier = told["items"][-2]
    reasons: dict[tuple[str, str], list[str]] = {}
    for each in earlier["rejected"]:
        reasons.setdefault((each["unit_code"], each["teacher_number"]), []).append(each["text"])
    places = {(line["unit_code"], line["teacher_number"]): line for line in earlier["lines"]}
    return {place: line | {"reasons": reasons.get(place, [])} for place, line in places.items()}


@router.post("/sessions/{id}/attestations/decision")
async def decide(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Validates the lines that are good and rejects the others, each with its reason; only those are done again."""
    lines = [_line(place, form) for place in form.texts("ligne")]
    faults = {
        f"{line['unit']}:{line['teacher']}": "Écrivez pourquoi cette ligne est rejetée."
        for line in lines
        if line["decision"] == "rejected" and not line["reason"]
    }
    if faults:
        return await _certificates(request, visitor, id, None, form, faults)
    rejected = any(line["decision"] == "rejected" for line in lines)
    return await act(
        visitor, form, "POST", "attendance", f"/sessions/{id}/certificates/decision", json={"lines": lines},
        then=f"/sessions/{id}/attestations?fait={'lignes' if rejected else 'valide'}",
        again=lambda problem: _certificates(request, visitor, id, problem, form),
    )  # fmt: skip


def _line(place: str, form: Form) -> dict[str, Any]:
    """A line is good while it is ticked and nothing is said against it."""
    unit, _, teacher = place.partition(":")
    reason = form.text(f"motif.{place}")
    good = place in form.texts("bonne") and not reason
    return {
        "unit": unit,
        "teacher": teacher,
        "decision": "validated" if good else "rejected",
        "reason": reason or None,
    }


@router.get("/sessions/{id}/attestations/feuilles/{sha256}")
async def sheet(id: UUID, sha256: str, visitor: SignedIn) -> Response:
    """A signed attendance sheet, as it was deposited."""
    return await passed_on(visitor, "attendance", f"/sessions/{id}/certificates/sheets/{sha256}")


@router.get("/sessions/{id}/attestations/certificat.pdf")
async def certificate(id: UUID, visitor: SignedIn) -> Response:
    """The certificates as a PDF, once they are validated."""
    return await passed_on(visitor, "attendance", f"/sessions/{id}/certificates/certificate.pdf")
