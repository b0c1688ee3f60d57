"""Deciding on what is filled in as a form: a referencing request, an offering.  (R1, R2, M4, M5)"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.extranet.acting import act, lines_of, screen
from services.extranet.backend import Problem, Visitor
from services.extranet.files import passed_on
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.pages.bodies import alike_bodies
from services.extranet.roles import only_for
from services.extranet.words import EMAIL_STATES, EMAILS, LIKENESS

router = APIRouter(route_class=only_for("manager"))


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of dossier that is a form: its API, its page, its words."""

    service: str
    api: str
    schema: str
    page: str
    kind: str
    accept: str
    watched: str


REQUEST = Subject(
    "registration", "/referencing-requests/{id}", "/forms/referencing", "/referencement/{id}",
    "Demande de référencement", "Accepter le référencement", "referencing",
)  # fmt: skip
OFFERING = Subject(
    "offerings", "/offerings/{id}", "/forms/offering", "/prestations/{id}", "Prestation", "Accepter la prestation",
    "offering",
)  # fmt: skip


@router.get("/referencement/{id}")
async def request_page(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """A referencing request, read tab by tab."""
    return await _dossier(request, visitor, REQUEST, id)


@router.get("/prestations/{id}")
async def offering_page(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """An offering and its sessions."""
    return await _dossier(request, visitor, OFFERING, id)


@router.post("/referencement/{id}/proposition")
async def propose(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Sends the « Proposition d'offre de service » (R1)."""
    return await act(
        visitor, form, "POST", "registration", f"/referencing-requests/{id}/proposal",
        then=f"/referencement/{id}?fait=proposition",
        again=lambda problem: _dossier(request, visitor, REQUEST, id, problem),
    )  # fmt: skip


@router.get("/referencement/{id}/proposition.pdf")
async def proposal(id: UUID, visitor: SignedIn) -> Response:
    """The proposal as it was sent."""
    return await passed_on(visitor, "registration", f"/referencing-requests/{id}/proposal.pdf")


@router.post("/referencement/{id}/acceptation")
async def accept_request(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """References the body (R2)."""
    return await _accept(request, visitor, REQUEST, id, form)


@router.post("/prestations/{id}/acceptation")
async def accept_offering(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Accepts the offering; its sessions can be ordered."""
    return await _accept(request, visitor, OFFERING, id, form)


async def _accept(request: Request, visitor: Visitor, subject: Subject, id: UUID, form: Form) -> Response:
    return await act(
        visitor, form, "POST", subject.service, f"{subject.api.format(id=id)}/decision",
        json={"decision": "accept", "reasons": []}, then=f"{subject.page.format(id=id)}?fait=accepte",
        again=lambda problem: _dossier(request, visitor, subject, id, problem),
    )  # fmt: skip


@router.get("/referencement/{id}/rejet")
async def reject_request_page(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """Reasons, in words or pinned on fields (M5)."""
    return await _rejection(request, visitor, REQUEST, id)


@router.get("/prestations/{id}/rejet")
async def reject_offering_page(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """Likewise."""
    return await _rejection(request, visitor, OFFERING, id)


@router.post("/referencement/{id}/rejet")
async def reject_request(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Rejects with reasons; the body corrects and submits again (R2)."""
    return await _reject(request, visitor, REQUEST, id, form)


@router.post("/prestations/{id}/rejet")
async def reject_offering(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Likewise."""
    return await _reject(request, visitor, OFFERING, id, form)


async def _reject(request: Request, visitor: Visitor, subject: Subject, id: UUID, form: Form) -> Response:
    schema = await visitor.get(subject.service, subject.schema)
    return await act(
        visitor, form, "POST", subject.service, f"{subject.api.format(id=id)}/decision",
        json={"decision": "reject", "reasons": _reasons(schema, form)},
        then=f"{subject.page.format(id=id)}?fait=rejete",
        again=lambda problem: _rejection(request, visitor, subject, id, problem, form),
    )  # fmt: skip


def _reasons(schema: Mapping[str, Any], form: Form) -> list[Any]:
    """What was typed for the whole, then what was typed beside a field, which its text names."""
    pinned = [
        {"text": f"« {field['label']} » : {words}", "field": field["name"]}
        for tab in schema["tabs"]
        for field in tab["fields"]
        if (words := form.text(f"champ.{field['name']}"))
    ]
    return [*lines_of(form.text("motifs")), *pinned]


async def _rejection(
    request: Request, visitor: Visitor, subject: Subject, id: UUID,
    problem: Problem | None = None, form: Form | None = None,
) -> Response:  # fmt: skip
    found = await _read(visitor, subject, id)
    kept = (
        {name: form.text(name) for name in form.data if name.startswith(("champ.", "motifs"))} if form else {}
    )
    return await screen(
        request, "gestion-rejet.html", problem, subject=subject, id=id, base=subject.page.format(id=id), kept=kept,
        **found,
    )  # fmt: skip


async def _dossier(
    request: Request, visitor: Visitor, subject: Subject, id: UUID, problem: Problem | None = None
) -> Response:
    found, alike = await asyncio.gather(_read(visitor, subject, id), _alike(visitor, subject, id))
    if subject is REQUEST and found["dossier"]["status"] == "accepted" and not problem:
        done = request.url.query
        return RedirectResponse(f"/organismes/{id}{'?' + done if done else ''}", 303)
    return await screen(
        request, "gestion-dossier.html", problem, subject=subject, id=id, base=subject.page.format(id=id),
        emails=EMAILS, email_states=EMAIL_STATES, alike=alike,
        likeness=LIKENESS, **found,
    )  # fmt: skip


async def _alike(visitor: Visitor, subject: Subject, id: UUID) -> list[dict[str, Any]]:
    return await alike_bodies(visitor, id) if subject is REQUEST else []


async def _read(visitor: Visitor, subject: Subject, id: UUID) -> dict[str, Any]:
    """The dossier with its version, the form, each submission, and where it stands: asked at once."""
    api = subject.api.format(id=id)
    answer, schema, submissions, standing = await asyncio.gather(
        visitor.read(subject.service, api),
        visitor.get(subject.service, subject.schema),
        visitor.get(subject.service, f"{api}/submissions"),
        visitor.maybe("notifications", f"/dossiers/{id}/standing"),
    )
    items = submissions["items"]
    last = items[-1]["fields"] if items else {}
    before = items[-2]["fields"] if len(items) > 1 else None
    return {
        "dossier": answer.content,
        "version": answer.version,
        "tabs": schema["tabs"],
        "fields": last,
        "submitted_at": items[-1]["at"] if items else None,
        "before": before,
        "changed": differences(before, last),
        "standing": standing,
    }


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> set[str]:
    """The fields that are not what they were in the submission before; none for the first one."""
    if before is None:
        return set()
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}
