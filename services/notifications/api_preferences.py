"""HTTP of preferences: how often e-mails come, by theme; and the switch that each e-mail has."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse

from services.notifications.preferences import DECIDER, ChoosePreferences, Preferences
from services.notifications.requests import CONTEXT, PreferencesGiven
from services.notifications.themes import ALWAYS, FREQUENCIES, LABELS
from shared.runtime.asked import Asked
from shared.runtime.auth import Caller
from shared.runtime.dossier import dossier
from shared.runtime.http import accepted, asked_by, etag
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(tags=["préférences"])

Service = Annotated[Runtime, Depends(runtime_of)]
Token = Annotated[str, Path(max_length=400)]


@router.get("/preferences")
async def preferences(runtime: Service, principal: Caller) -> JSONResponse:
    """How often the caller is written to about each theme, and what is always sent."""
    chosen = await dossier(runtime, DECIDER, _stream(principal.subject))
    return JSONResponse(_described(chosen.state), headers=etag(chosen.version))


@router.put("/preferences")
async def choose(
    given: PreferencesGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Chooses how often, for the themes named; the others stay as they are."""
    asked = await asked_by(request, principal)
    command = ChoosePreferences(principal.subject, given.themes, asked.actor)
    appended = await runtime.commands.handle(DECIDER, _stream(principal.subject), command, asked)
    return accepted(CONTEXT, appended, {"themes": dict(given.themes)})


@router.get("/preferences/switch/{token}")
async def switch_shown(token: Token, runtime: Service) -> dict[str, Any]:
    """What the link of an e-mail would end; it changes nothing, for machines follow links before people do."""
    return _switched(runtime.own.switches.read(token).themes)


@router.post("/preferences/switch/{token}")
async def switch(token: Token, request: Request, runtime: Service) -> dict[str, Any]:
    """Ends the e-mails that the link names, in one click and without signing in (RFC 8058)."""
    found = runtime.own.switches.read(token)
    command = ChoosePreferences(found.account, dict.fromkeys(found.themes, "none"), "e-mail:switch", "e-mail")
    click = uuid4()  # each click counts: who changed their mind in between ends them again
    asked = Asked(
        click, sha256(click.bytes).digest(), "e-mail:switch", datetime.now(UTC), request.scope["correlation"]
    )
    await runtime.commands.handle(DECIDER, _stream(found.account), command, asked)
    return _switched(found.themes)


def _switched(themes: tuple[str, ...]) -> dict[str, Any]:
    ended = [{"theme": theme, "label": label} for theme, label in LABELS.items() if theme in themes]
    return {"themes": ended, "always": ALWAYS}


def _described(chosen: Preferences) -> dict[str, Any]:
    return {
        "items": [
            {"theme": theme, "label": label, "frequency": chosen.frequency(theme)}
            for theme, label in LABELS.items()
        ],
        "frequencies": dict(FREQUENCIES),
        "always": ALWAYS,
    }


def _stream(account: str) -> str:
    return f"preferences-{account}"
