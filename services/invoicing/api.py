"""HTTP of invoicing: see api_sessions.py, api_invoices.py, api_changes.py, api_documents.py and api_statements.py."""

from fastapi import APIRouter

from services.invoicing import api_changes, api_documents, api_invoices, api_sessions, api_statements
from shared.events.invoicing import InvoiceSubmitted
from shared.runtime import parts
from shared.runtime.history import history
from shared.runtime.receipts import receipts

router = APIRouter()
for part in (api_sessions, api_statements, api_documents, api_invoices, api_changes):
    router.include_router(part.router)
router.include_router(parts.router)
router.include_router(history("invoice", "invoicing"))
router.include_router(receipts({InvoiceSubmitted: api_documents.RECEIPT}))
