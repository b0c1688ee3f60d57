"""A call to Assistance, with what the person was refused, where and when; and what became of it.  (R4, H4)"""

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from services.extranet.backend import Problem, Visitor
from services.extranet.catalogue import refusals
from services.extranet.forms import Sent
from services.extranet.public import Screen, again, hours_of, sent, shown, told
from services.extranet.render import page
from services.extranet.standings import standing_of

router = APIRouter()

HELP = Screen(
    "/assistance", "assistance-demande.html",
    {"email": "Votre adresse e-mail", "kind": "Votre difficulté", "message": "Votre message"},
)  # fmt: skip
CARRIED = ("refus", "depuis", "quand")
"""What the link of a refusal brings: its code, the page where it was met, and the moment."""
STEPS: Mapping[str, str] = {
    "requested": "Reçue",
    "checked": "Vérification d’identité faite",
    "resolved": "Traitée",
}
OUTCOMES: Mapping[str, str] = {
    "codes-reissued": "De nouveaux codes ont été envoyés par e-mail.",
    "email-changed": "L’adresse du compte a été changée : un e-mail est parti à l’ancienne et à la nouvelle.",
    "answered": "La réponse a été envoyée par e-mail.",
    "identity-not-proven": "L’identité n’a pas pu être prouvée : rien n’a été changé. Appelez l’Assistance.",
}
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@router.get(HELP.path)
async def assistance(
    request: Request,
    refus: Annotated[str, Query(max_length=60)] = "",
    depuis: Annotated[str, Query(max_length=300)] = "",
    quand: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """What is asked, prefilled with what is known; when somebody answers; and what was asked before."""
    visitor: Visitor | None = request.state.visitor
    typed_in = {
        "email": visitor.session.login if visitor and "@" in visitor.session.login else "",
        "kind": "other" if visitor or refus else "",
    }
    carried = _believed({"refus": refus, "depuis": depuis, "quand": quand})
    return await shown(request, HELP, typed_in=typed_in, **await _around(request, carried))


@router.post(HELP.path)
async def call_assistance(request: Request, form: Sent) -> Response:
    """Opens a ticket; its page says what becomes of it."""
    carried = _believed({name: form.text(name) for name in CARRIED})
    content = {name: form.text(name) for name in HELP.labels} | _circumstances(carried)
    try:
        answer = await sent(request, "/assistance-requests", form.key, content)
    except Problem as problem:
        return await again(request, HELP, form, problem, **await _around(request, carried))
    return RedirectResponse(f"/assistance/suivi/{answer.content['id']}?envoyee=1", 303)


def _believed(given: Mapping[str, str]) -> dict[str, str]:
    """A refusal of the catalogue, a page of this site, a moment; anything else is left out."""
    known = {
        "refus": given["refus"] if given["refus"] in refusals() else "",
        "depuis": given["depuis"] if given["depuis"].startswith("/") else "",
        "quand": given["quand"] if _is_moment(given["quand"]) else "",
    }
    return {name: value for name, value in known.items() if value}


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _circumstances(carried: Mapping[str, str]) -> dict[str, str]:
    """As the ticket keeps them: the dossier of the page, else the page itself."""
    depuis = carried.get("depuis", "")
    found = _ID.search(depuis)
    known = {
        "dossier": found[0] if found else depuis,
        "refusal": carried.get("refus"),
        "happened_at": carried.get("quand"),
    }
    return {name: value for name, value in known.items() if value}


async def _around(request: Request, carried: Mapping[str, str]) -> dict[str, Any]:
    """What the page tells besides its form; it is right without any of it."""
    found = _ID.search(carried.get("depuis", ""))
    visitor: Visitor | None = request.state.visitor
    body = visitor if visitor and visitor.session.role == "body" else None
    hours, before, dossier = await asyncio.gather(
        hours_of(request),
        _asked_before(body),
        standing_of(body, found[0]) if body and found else _nothing(),
    )
    refusal = refusals().get(carried.get("refus", ""))
    return {"hours": hours, "before": before, "dossier": dossier, "refusal": refusal, "carried": carried}


async def _nothing() -> None:
    return None


async def _asked_before(visitor: Visitor | None) -> list[dict[str, Any]]:
    """The last requests of the reader's body."""
    if visitor is None:
        return []
    try:
        answer = await visitor.get("notifications", "/dossiers", kind="ticket", open="all", limit=100)
    except Problem as problem:
        if problem.status == 401:
            raise
        return []
    return list(answer["items"])[-5:][::-1]


@router.get("/assistance/suivi/{id:uuid}")
async def followed(request: Request, id: UUID, envoyee: bool = False) -> Response:
    """What became of a request, for whoever has its number: no sign-in, since that is often what is missing."""
    ticket, hours = await asyncio.gather(
        told(request, "registration", f"/assistance-requests/{id}/progress"), hours_of(request)
    )
    return await page(
        request, "assistance-suivi.html", ticket=ticket, hours=hours, steps=STEPS, outcomes=OUTCOMES, just_sent=envoyee,
        refusal=refusals().get(ticket["refusal"] or ""),
    )  # fmt: skip


@router.get("/assistance/{id:uuid}")
async def by_its_number(id: UUID) -> Response:
    """Where alerts and lists lead those who are not Assistance."""
    return RedirectResponse(f"/assistance/suivi/{id}", 303)
