"""HTTP of registration: the api_*.py beside this, by resource."""

from fastapi import APIRouter

from services.registration import (
    api_accounts,
    api_alike,
    api_assistance,
    api_bodies,
    api_passwords,
    api_referencing,
    api_tokens,
)
from shared.events.registration import ReferencingSubmitted
from shared.runtime import parts
from shared.runtime.history import history
from shared.runtime.receipts import receipts

router = APIRouter()
for part in (api_referencing, api_alike, api_bodies, api_tokens, api_accounts, api_passwords, api_assistance):
    router.include_router(part.router)
router.include_router(api_referencing.forms)
router.include_router(api_accounts.colleagues)
router.include_router(parts.router)
router.include_router(receipts({ReferencingSubmitted: api_referencing.RECEIPT}))
router.include_router(history("referencing", "draft", "body", "account", "administrators", "ticket"))

root = api_tokens.root
