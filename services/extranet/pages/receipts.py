"""Anybody who holds a receipt learns whether it is in the ledger, unchanged; nothing else is said.  (F11)"""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.extranet.public import told
from services.extranet.render import page

router = APIRouter()

LABELS = {"dossier": "Dossier", "evenement": "Événement", "empreinte": "Empreinte SHA-256"}
_UNSEEN = re.compile(r"[\s\u00ad\u200b-\u200d\u2060\ufeff]")
_EVENT = re.compile(r"(registration|offerings|attendance|invoicing)/(\d{1,4})/([1-9]\d{0,17})")
_TO_COPY = "à recopier du reçu en entier"


@router.get("/recu")
async def verify(request: Request, dossier: str = "", evenement: str = "", empreinte: str = "") -> Response:
    """The three lines of a receipt, typed or brought by its link, and the verdict on them."""
    typed_in = {
        name: _UNSEEN.sub("", typed)[:200].lower()
        for name, typed in zip(LABELS, (dossier, evenement, empreinte), strict=True)
    }
    asked = any(typed_in.values())
    faults = _faults(typed_in) if asked else {}
    verdict = await _verdict(request, typed_in) if asked and not faults else None
    return await page(
        request, "recu-verifier.html", 422 if faults else 200, labels=LABELS, typed_in=typed_in, faults=faults,
        verdict=verdict,
    )  # fmt: skip


def _faults(typed_in: Mapping[str, str]) -> dict[str, str]:
    """What cannot be a line of a receipt, by field."""
    right = {
        "dossier": _is_id(typed_in["dossier"]),
        "evenement": _EVENT.fullmatch(typed_in["evenement"]),
        "empreinte": re.fullmatch("[0-9a-f]{64}", typed_in["empreinte"]),
    }
    return {name: _TO_COPY for name, fits in right.items() if not fits}


def _is_id(typed: str) -> bool:
    try:
        return bool(UUID(typed))
    except ValueError:
        return False


async def _verdict(request: Request, typed_in: Mapping[str, str]) -> dict[str, Any]:
    service, partition, sequence = typed_in["evenement"].split("/")
    query = f"dossier={UUID(typed_in['dossier'])}&hash={typed_in['empreinte']}"
    found: dict[str, Any] = await told(request, service, f"/receipts/{partition}/{sequence}?{query}")
    return found
