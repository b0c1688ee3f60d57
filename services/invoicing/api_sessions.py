"""« Puis-je facturer ? » over HTTP, for every session that the caller can see.  (R9, R10)"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.invoicing.dossiers import Service, billing_row
from services.invoicing.may_invoice import about_number, answer
from services.invoicing.views import SQL, billing_of
from shared.events.values import InvoiceNumber
from shared.runtime.auth import Caller
from shared.runtime.http import ReadAfter, etag

router = APIRouter(tags=["factures"], dependencies=[ReadAfter])


@router.get("/sessions/{session}/invoicing")
async def may_invoice(
    session: UUID, runtime: Service, principal: Caller, number: Annotated[InvoiceNumber | None, Query()] = None
) -> JSONResponse:  # fmt: skip
    """Yes and how much, or why not and who must act next; and whether `number` is free, while it is typed (R9)."""
    row = await billing_row(runtime, session, principal)
    held = None
    if row["invoice_id"]:
        held = {"id": str(row["invoice_id"]), "number": row["number"], "status": row["status"]}
    found = answer(billing_of(row), held)
    if number:
        taken_by = await runtime.pool.fetchval(SQL.number_taken, row["body_id"], number)
        found["number"] = about_number(number, taken_by)
    return JSONResponse(found, headers=etag(row["version"] or 0))
