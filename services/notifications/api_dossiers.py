"""HTTP of dossiers: where each stands and who must act next; the caller's queue; the FAQ that every answer links to.

(R12)
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from services.notifications.dossiers import described, followed, standing_for
from services.notifications.facts import Kind
from services.notifications.reading import noted
from services.notifications.requests import PERSON, After, Limit, begun_before, next_of, place_of, searched
from services.notifications.standing import Holder
from services.notifications.views import SQL
from shared.runtime import faq
from shared.runtime.auth import Caller, Principal
from shared.runtime.paris import today
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(tags=["dossiers"])

Service = Annotated[Runtime, Depends(runtime_of)]
State = Annotated[str | None, Query(max_length=40, pattern=r"^[a-z-]+$")]
Search = Annotated[str | None, Query(max_length=100)]
Days = Annotated[int | None, Query(ge=1, le=3_650)]
Kinds = Annotated[list[Kind] | None, Query(max_length=10)]
Open = Literal["yes", "no", "all"]
Follower = Annotated[str | None, Query(pattern=PERSON)]
NOBODY = "nobody"

_LEADS = {"yes": True, "no": False, "all": None}


@router.get("/dossiers")
async def dossiers(
    runtime: Service, principal: Caller, kind: Kinds = None, holder: Holder | None = None, state: State = None,
    open: Open = "yes", body: UUID | None = None, search: Search = None, older_than: Days = None,
    follower: Follower = None, after: After = None, limit: Limit = 50,
) -> dict[str, Any]:  # fmt: skip
    """The caller's dossiers, the longest in their state first: a body's own, those of a manager's territories.

    Open: somebody must act on this very dossier. `search`: a part of the title or of the body's name, whatever its
    accents. `older_than`: that many days or more in their state. `follower`: whoever of Formiris follows them, or
    stands in for that person today; `nobody`. `next` is the `after` of the page that follows.
    """
    place = place_of(after) if after else (None, None)
    rows = await runtime.pool.fetch(
        SQL.dossiers, *_whose(principal, body), _LEADS[open], kind, holder, state, *place, searched(search),
        begun_before(older_than), await _followers(runtime, principal, follower), today(), limit,
    )  # fmt: skip
    items = [described(dict(row)) | (followed(dict(row)) if principal.role != "body" else {}) for row in rows]
    return {"items": items, "next": next_of(items, limit, "since")}


@router.get("/dossiers/counts")
async def counts(
    runtime: Service, principal: Caller, kind: Kinds = None, holder: Holder | None = None, state: State = None,
    open: Open = "yes", body: UUID | None = None, search: Search = None, older_than: Days = None,
    follower: Follower = None,
) -> dict[str, Any]:  # fmt: skip
    """How many dossiers a list has, by kind and holder; `older`: those that `older_than` would leave."""
    rows = await runtime.pool.fetch(
        SQL.dossier_counts, *_whose(principal, body), _LEADS[open], kind, holder, state, searched(search),
        begun_before(older_than), await _followers(runtime, principal, follower),
    )  # fmt: skip
    return {"items": [dict(row) for row in rows]}


async def _followers(runtime: Runtime, principal: Principal, follower: str | None) -> list[str] | None:
    """Who follows what is listed; None: whoever. It is no business of a body's."""
    if follower is None or principal.role == "body":
        return None
    if follower == NOBODY:
        return []
    replaced = await runtime.pool.fetch(SQL.replaced_by, follower, today())
    return [follower, *(row["person"] for row in replaced)]


def _whose(principal: Principal, body: UUID | None) -> tuple[UUID | None, list[str] | None]:
    """The body and the territories whose dossiers are listed; None: any. A body lists its own, whatever it asks."""
    return UUID(principal.body) if principal.body else body, principal.territories


@router.get("/dossiers/{id}/standing")
async def standing(id: UUID, request: Request, runtime: Service, principal: Caller) -> dict[str, Any]:
    """Where a dossier stands, who must act next, since when, what unblocks it, whom to ask, and what was written.

    A referencing request (or the body's), an offering, a session, an order, an invoice, an assistance request. That it
    was read is kept (U1).
    """
    told = await standing_for(runtime.pool, id, principal)
    await noted(runtime, request, id, "dossier", principal)
    return told


@router.get("/faq")
async def questions() -> dict[str, Any]:
    """The whole FAQ: themes, questions, answers, and how to reach Assistance."""
    return faq.page()
