"""The home of each role: what waits for the reader now, and where everything stands."""

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.extranet.backend import Visitor
from services.extranet.forms import SignedIn
from services.extranet.lives import life_of
from services.extranet.people import colleagues
from services.extranet.render import page

router = APIRouter()

SHOWN = 20
"""Dossiers on the home page; the others have a page of their own."""
ACTS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("referencing", "proposed"): ("Complétez votre référencement", "Reprendre le brouillon"),
    ("referencing", "rejected"): ("Corrigez votre référencement", "Corriger la demande"),
    ("referencing", "qualiopi-expired"): (
        "Joignez votre nouveau certificat Qualiopi",
        "Joindre le certificat",
    ),
    ("offering", "rejected"): ("Corrigez votre prestation", "Corriger la prestation"),
    ("order", "issued"): ("Signez et renvoyez le bon de commande", "Renvoyer le bon de commande"),
    ("order", "signature-refused"): ("Renvoyez le bon de commande", "Renvoyer le bon de commande"),
    ("order", "amended"): ("Signez l'avenant au bon de commande", "Renvoyer l'avenant"),
    ("session", "to-certify"): ("Déposez les attestations de présence", "Déposer les attestations"),
    ("session", "certificates-rejected"): (
        "Corrigez les attestations de présence",
        "Corriger les attestations",
    ),
    ("session", "to-invoice"): ("Vous pouvez facturer", "Préparer la facture"),
    ("session", "to-invoice-again"): ("Facturez à nouveau", "Préparer la facture"),
    ("invoice", "to-recycle"): ("Corrigez votre facture", "Corriger la facture"),
    ("invoice", "suspended"): ("Complétez votre facture", "Compléter la facture"),
    ("invoice", "amendment-granted"): ("Rectifiez votre facture", "Rectifier la facture"),
}
"""What a body does in a state, as a title and as a button; the standing's own words for any other."""


@router.get("/")
async def home(request: Request, visitor: SignedIn) -> Response:
    """The reader's own home."""
    return await body_home(request, visitor)


async def body_home(request: Request, visitor: Visitor) -> Response:
    """A training body: what it must do now, the oldest first; then each dossier in one sentence."""
    told, names = await asyncio.gather(
        visitor.get("notifications", "/dossiers", open="all", limit=100), colleagues(visitor)
    )
    dossiers = told["items"]
    tasks = [_task(each) for each in dossiers if each["open"] and each["holder_kind"] == "body"]
    under_way = [
        each
        for each in dossiers
        if each["holder_kind"] != "nobody" and each["kind"] in ("offering", "session")
    ]
    shown = [each | {"life": life_of(each)} for each in under_way[:SHOWN]]
    held = sum(each["open"] and each["holder_kind"] == "office" for each in dossiers)
    return await page(
        request, "accueil.html", tasks=tasks, dossiers=shown, more=len(under_way) > SHOWN, held=held,
        done=len(dossiers) - len(under_way), name=names.get(visitor.session.account, ""),
    )  # fmt: skip


def _task(dossier: Mapping[str, Any]) -> dict[str, Any]:
    title, act = ACTS.get((dossier["kind"], dossier["state"]), (dossier["unblocks"], "Ouvrir le dossier"))
    return {**dossier, "act_title": title, "act": act}
