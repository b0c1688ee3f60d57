"""HTTP of dossiers: where each stands and who must act next; the caller's queue; the FAQ that every answer links to.

(R12)
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.notifications.dossiers import described, standing_for
from services.notifications.facts import Kind
from services.notifications.requests import After, Limit, next_of, place_of
from services.notifications.standing import Holder
from services.notifications.views import SQL
from shared.runtime import faq
from shared.runtime.auth import Caller
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(tags=["dossiers"])

Service = Annotated[Runtime, Depends(runtime_of)]
State = Annotated[str | None, Query(max_length=40, pattern=r"^[a-z-]+$")]


@router.get("/dossiers")
async def dossiers(
    runtime: Service, principal: Caller, kind: Kind | None = None, holder: Holder | None = None, state: State = None,
    open: Literal["yes", "no", "all"] = "yes", after: After = None, limit: Limit = 50,
) -> dict[str, Any]:  # fmt: skip
    """The caller's dossiers, the longest in their state first: a body's own, those of a manager's territories.

    Open: somebody must act on this very dossier. `next` is the `after` of the page that follows.
    """
    leads = {"yes": True, "no": False, "all": None}[open]
    whose = (principal.body and UUID(principal.body), principal.territories)
    place = place_of(after) if after else (None, None)
    rows = await runtime.pool.fetch(SQL.dossiers, *whose, leads, kind, holder, state, *place, limit)
    items = [described(dict(row)) for row in rows]
    return {"items": items, "next": next_of(items, limit, "since")}


@router.get("/dossiers/{id}/standing")
async def standing(id: UUID, runtime: Service, principal: Caller) -> dict[str, Any]:
    """Where a dossier stands, who must act next, since when, what unblocks it, whom to ask, and what was written.

    A referencing request (or the body's), an offering, a session, an order, an invoice, an assistance request.
    """
    return await standing_for(runtime.pool, id, principal)


@router.get("/faq")
async def questions() -> dict[str, Any]:
    """The whole FAQ: themes, questions, answers, and how to reach Assistance."""
    return faq.page()
