"""« Puis-je facturer ? » over HTTP, for every session that the caller can see.  (R9, R10)"""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.invoicing.dossiers import Service, billing_row
from services.invoicing.may_invoice import about_number
from services.invoicing.may_invoice import answer as answer_about
from services.invoicing.views import SQL, Found, billing_of
from shared.events.values import InvoiceNumber
from shared.runtime.auth import Caller
from shared.runtime.http import ReadAfter, etag

router = APIRouter(tags=["factures"], dependencies=[ReadAfter])


@router.get("/sessions")
async def sessions(
    runtime: Service, principal: Caller, answer: Literal["yes", "not-yet", "invoiced"] = "yes",
    after: UUID | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:  # fmt: skip
    """The caller's sessions with that answer, the last to end first; `next` is the `after` of the page that follows."""
    body = UUID(principal.body) if principal.body else None
    ids = await runtime.pool.fetch(SQL.sessions, body, principal.territories, answer, after, limit)
    listed = [row["session_id"] for row in ids]
    found = {row["session_id"]: dict(row) for row in await runtime.pool.fetch(SQL.billing, listed)}
    items = [_answered(found[session]) for session in listed if session in found]
    return {"items": items, "next": str(listed[-1]) if len(listed) == limit else None}


@router.get("/sessions/{session}/invoicing")
async def may_invoice(
    session: UUID, runtime: Service, principal: Caller, number: Annotated[InvoiceNumber | None, Query()] = None
) -> JSONResponse:  # fmt: skip
    """Yes and how much, or why not and who must act next; and whether `number` is free, while it is typed (R9)."""
    row = await billing_row(runtime, session, principal)
    found = _answered(row)
    if number:
        taken_by = await runtime.pool.fetchval(SQL.number_taken, row["body_id"], number)
        found["number"] = about_number(number, taken_by)
    return JSONResponse(found, headers=etag(row["version"] or 0))


def _answered(row: Found) -> dict[str, Any]:
    held = None
    if row["invoice_id"]:
        held = {"id": str(row["invoice_id"]), "number": row["number"], "status": row["status"]}
    return answer_about(billing_of(row), held)
