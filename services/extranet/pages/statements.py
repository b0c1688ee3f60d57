"""What the site says of itself: its accessibility, as the last run of the tests found it, and personal data."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.extranet.render import page

router = APIRouter()

CHECKED = Path(__file__).parent.parent / "accessibility.json"
"""Written by `python -m ops.screens` from what the tests in a browser found."""


@router.get("/accessibilite")
async def accessibility(request: Request) -> Response:
    """The statement: what was checked, on which pages, with what, and what was found."""
    return await page(request, "accessibilite.html", **checked())


@router.get("/donnees-personnelles")
async def personal_data(request: Request) -> Response:
    """What is kept of people, why, who reads it, and how it is erased."""
    return await page(request, "donnees-personnelles.html")


@cache
def checked() -> dict[str, Any]:
    """`on`, `browser`, `tool`, `behaviours`, and `pages`: address, whose it is, rules passed and broken."""
    found: dict[str, Any] = json.loads(CHECKED.read_text(encoding="utf-8"))
    return found | {
        "passed": sum(each["passed"] for each in found["pages"]),
        "broken": sum(each["broken"] for each in found["pages"]),
    }
