"""A body's own request to be referenced: where it stands, its steps, what was sent, and the decision.  (R1, R2)"""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from services.extranet import draft
from services.extranet.backend import Visitor
from services.extranet.done import done
from services.extranet.files import passed_on
from services.extranet.forms import SignedIn
from services.extranet.pages.forms import referencing
from services.extranet.render import page
from services.extranet.roles import only_for
from services.extranet.standings import standing_of
from services.extranet.words import EMAIL_STATES, EMAILS

router = APIRouter(route_class=only_for("body"))


@router.get("/referencement")
async def own(request: Request, visitor: SignedIn) -> Response:
    """The body's own request."""
    return await _request(request, visitor)


@router.get("/referencement/proposition.pdf")
async def proposal(visitor: SignedIn) -> Response:
    """The « Proposition d'offre de service », as Formiris sent it."""
    return await passed_on(
        visitor, "registration", f"/referencing-requests/{visitor.session.body}/proposal.pdf"
    )


@router.get("/referencement/{id:uuid}")
async def by_its_number(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """The same, where alerts and lists lead."""
    if str(id) != visitor.session.body:
        raise HTTPException(404)
    return await _request(request, visitor)


async def _request(request: Request, visitor: Visitor) -> Response:
    subject = referencing(visitor)
    asked, sent, typed, dossier = await asyncio.gather(
        visitor.get(subject.service, subject.dossier),
        visitor.get(subject.service, f"{subject.dossier}/submissions"),
        draft.read(visitor, subject.place),
        standing_of(visitor, subject.id),
    )
    return await page(
        request, "referencement.html", asked=asked, sent=sent["items"], draft=typed, dossier=dossier,
        place=subject.place,
        steps=_steps(asked, sent["items"]), done=done(request), words=draft.words,
        emails=EMAILS, email_states=EMAIL_STATES, last=sent["items"][-1]["fields"] if sent["items"] else {},
        territories=(await visitor.backend.lasting("registration", "/territories"))["items"],
    )  # fmt: skip


def _steps(asked: Mapping[str, Any], sent: list[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """(name, words, done | now | held | next), as the life of a dossier is shown."""
    status, at = asked["status"], [each["at"] for each in sent]
    decided = {"accepted": ("Acceptée", "done"), "rejected": ("Rejetée", "held")}.get(status)
    return [
        ("Demande", "Envoyée", "done"),
        ("Proposition", "Reçue", "done") if status != "requested" else ("Proposition", "À venir de Formiris", "now"),
        ("Formulaire", "Soumis", "done") if at and status != "rejected" else (
            "Formulaire", "À corriger" if status == "rejected" else "À compléter",
            "held" if status == "rejected" else "now" if status == "proposed" else "next",
        ),
        ("Décision", *decided) if decided else ("Décision", "En examen", "now") if status == "submitted"
        else ("Décision", "Pas encore", "next"),
    ]  # fmt: skip
