"""HTTP of notifications, by resource: alerts and what became of e-mails, preferences, dossiers and who follows them,
messages about them, the FAQ."""

from fastapi import APIRouter

from services.notifications import api_alerts, api_dossiers, api_following, api_messages, api_preferences
from services.notifications.requests import CONTEXT
from shared.runtime.http import ReadAfter

__all__ = ["CONTEXT", "router"]

router = APIRouter(dependencies=[ReadAfter])
for resource in (api_alerts, api_dossiers, api_following, api_messages, api_preferences):
    router.include_router(resource.router)
