"""A session of a body: where it stands, and its three parts: order, certificates, invoice."""

import asyncio
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.extranet.forms import SignedIn
from services.extranet.lives import life_of
from services.extranet.pages.home import ACTS
from services.extranet.pages.invoices import STATES
from services.extranet.render import page
from services.extranet.roles import only_for
from services.extranet.standings import standing_of
from services.extranet.words import EMAIL_STATES, EMAILS

router = APIRouter(route_class=only_for("body"))


@router.get("/sessions/{id}")
async def session(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """The sentence that everybody reads, the steps, and a way to each part."""
    told, billing, dossier = await asyncio.gather(
        visitor.get("attendance", f"/sessions/{id}/certificates"),
        visitor.maybe("invoicing", f"/sessions/{id}/invoicing"),
        standing_of(visitor, id),
    )
    state = (dossier["kind"], dossier["state"]) if dossier else ("", "")
    return await page(
        request, "session.html", told=told, billing=billing or {}, dossier=dossier, id=id, states=STATES,
        life=life_of(dossier) if dossier else (), act=ACTS.get(state, ("", "Continuer"))[1],
        emails=EMAILS, email_states=EMAIL_STATES,
    )  # fmt: skip
