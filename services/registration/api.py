"""HTTP of registration: see api_referencing.py, api_bodies.py, api_accounts.py and api_assistance.py."""

from fastapi import APIRouter

from services.registration import api_accounts, api_assistance, api_bodies, api_referencing

router = APIRouter()
for part in (api_referencing, api_bodies, api_accounts, api_assistance):
    router.include_router(part.router)

root = api_accounts.root
