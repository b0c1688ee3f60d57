"""HTTP of offerings: see api_drafts.py, api_offerings.py, api_sessions.py and api_orders.py."""

from fastapi import APIRouter

from services.offerings import api_drafts, api_offerings, api_orders, api_sessions
from shared.events.offerings import OfferingSubmitted
from shared.runtime import parts
from shared.runtime.history import history
from shared.runtime.receipts import receipts

router = APIRouter()
for part in (api_drafts, api_offerings, api_sessions, api_orders):
    router.include_router(part.router)
router.include_router(parts.router)
router.include_router(receipts({OfferingSubmitted: api_offerings.RECEIPT}))
router.include_router(history("offering", "draft", "assignments", "order"))
