"""Assistance: tickets by age, who asks, what refusal brought them, checks made, addresses and codes.  (R4, L1)"""

import asyncio
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid5

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.extranet.acting import act, faults_of, screen
from services.extranet.backend import Problem, Visitor
from services.extranet.catalogue import refusals
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.roles import only_for
from services.extranet.words import EMAIL_STATES, EMAILS, KINDS, event_words, who

router = APIRouter(route_class=only_for("assistance"))

SUBJECTS = {
    "lost-codes": "Codes de connexion perdus", "email-no-longer-valid": "Adresse e-mail plus valable",
    "no-assignment": "Aucune affectation trouvée", "other": "Autre demande",
}  # fmt: skip
OUTCOMES = {
    "codes-reissued": "Nouveaux codes envoyés", "email-changed": "Adresse changée", "answered": "Réponse envoyée",
    "identity-not-proven": "Identité non prouvée",
}  # fmt: skip
CHECKS = (
    "Rappel au numéro du dossier",
    "SIRET confirmé",
    "Représentant légal nommé",
    "Pièce d'identité vue",
    "Courrier à en-tête reçu",
)
_KEYS = UUID("c1a7e0f2-6a8b-5d4e-8f31-2b9d7c6e5a40")
ACTIONS = {
    "reissue-codes": ("Donner de nouveaux codes", "codes"),
    "change-email": ("Changer l'adresse e-mail", "adresse"),
    "answer": ("Répondre seulement", "repondu"),
    "identity-not-proven": ("Clore : identité non prouvée", "non-prouve"),
}
ACCOUNT_STATES = {
    "waiting": ("En attente d'activation", "warn"), "active": ("Actif", "ok"), "locked": ("Bloqué", "stop"),
    "closed": ("Fermé", ""),
}  # fmt: skip


@router.get("/")
async def tickets(
    request: Request, visitor: SignedIn, etat: str = "open", apres: str | None = None
) -> Response:
    """Those who wait, the longest first; and whether Assistance is open."""
    state = etat if etat in ("open", "resolved") else "open"
    order = "oldest" if state == "open" else "newest"
    told, hours = await asyncio.gather(
        visitor.get("registration", "/assistance-requests", status=state, order=order, after=apres, limit=50),
        visitor.get("registration", "/assistance-hours"),
    )
    following = told["next"] and f"/?{urlencode({'etat': state, 'apres': told['next']})}"
    return await screen(
        request, "assist-demandes.html", tickets=told["items"], hours=hours, state=state, following=following,
        subjects=SUBJECTS, outcomes=OUTCOMES,
    )  # fmt: skip


@router.get("/comptes")
async def accounts(request: Request, visitor: SignedIn, mots: str = "", apres: str | None = None) -> Response:
    """An account by its address, or those of the bodies with these words or this SIRET."""
    words = mots.strip()[:200]
    told: dict[str, Any] = {"items": [], "next": None}
    if len(words) >= 3:
        told = await visitor.get("registration", "/accounts", search=words, after=apres, limit=50)
    following = told["next"] and f"/comptes?{urlencode({'mots': words, 'apres': told['next']})}"
    return await screen(
        request, "assist-comptes.html", accounts=told["items"], words=words, following=following,
        states=ACCOUNT_STATES,
    )  # fmt: skip


@router.get("/assistance/comptes/{id}")
async def account(id: UUID, _visitor: SignedIn) -> Response:
    """Where the alert of an account that is locked leads."""
    return RedirectResponse(f"/comptes?mots={id}", 303)


@router.get("/emails/{id}")
async def email(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """An e-mail that could not be delivered: whose, why, and where its address is mended (N3)."""
    told = await visitor.get("notifications", f"/emails/{id}")
    body, accounts = await asyncio.gather(
        _its_body(visitor, told["body"]),
        visitor.get("registration", "/accounts", search=told["account"]) if told["account"] else _nobody(),
    )
    return await screen(
        request, "assist-courriel.html", email=told, body=body, accounts=accounts["items"], emails=EMAILS,
        states=EMAIL_STATES, named=event_words,
    )  # fmt: skip


async def _nobody() -> dict[str, Any]:
    return {"items": []}


@router.get("/assistance/{id}")
async def ticket(request: Request, id: UUID, visitor: SignedIn, mots: str = "") -> Response:
    """Who asks, what they were refused, what was checked, and what may be done."""
    return await _ticket(request, visitor, id, words=mots.strip()[:100])


async def _ticket(
    request: Request, visitor: Visitor, id: UUID, problem: Problem | None = None, form: Form | None = None,
    words: str = "",
) -> Response:  # fmt: skip
    answer, hours = await asyncio.gather(
        visitor.read("registration", f"/assistance-requests/{id}"),
        visitor.get("registration", "/assistance-hours"),
    )
    told = answer.content
    body, found, standing = await asyncio.gather(
        _its_body(visitor, told["body"]),
        _bodies(visitor, words),
        _standing(visitor, told.get("dossier")),
    )
    typed = {name: form.texts(name) for name in form.data} if form else {}
    return await screen(
        request, "assist-demande.html", problem, ticket=told, version=answer.version, hours=hours, body=body,
        found=found, words=words, standing=standing,
        refusal=refusals().get(told.get("refusal") or ""),
        subjects=SUBJECTS, outcomes=OUTCOMES, checks=CHECKS, actions=ACTIONS, typed_in=typed, who=who,
        faults=faults_of(problem),
    )  # fmt: skip


async def _its_body(visitor: Visitor, body: str | None) -> dict[str, Any] | None:
    """The body of the account that asks, once it is referenced."""
    found: dict[str, Any] | None = (
        await visitor.maybe("registration", f"/training-bodies/{body}") if body else None
    )
    return found


async def _bodies(visitor: Visitor, words: str) -> list[dict[str, Any]]:
    """Bodies to choose from."""
    if not words:
        return []
    told = await visitor.get("registration", "/training-bodies", search=words, limit=10)
    items: list[dict[str, Any]] = told["items"]
    return items


async def _standing(visitor: Visitor, dossier: str | None) -> dict[str, Any] | None:
    """Where the dossier that the person was at stands, when it is one of ours."""
    try:
        named = UUID(dossier or "")
    except ValueError:
        return None
    found: dict[str, Any] | None = await visitor.maybe("notifications", f"/dossiers/{named}/standing")
    return found


@router.post("/assistance/{id}/verifications")
async def check(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Records each proof that was seen, whether it proved who asks, and that no copy was kept.  (O6, L1)"""
    made = [words for words in (*form.texts("verification"), form.text("autre")) if words]
    erased = ", copie détruite" if form.text("detruite") else ""
    passed = form.text("reussie") == "oui"
    try:
        for words in made or [""]:
            await visitor.act(
                "POST", "registration", f"/assistance-requests/{id}/checks", str(uuid5(_KEYS, f"{form.key} {words}")),
                json={"check": words and words + erased, "passed": passed},
            )  # fmt: skip
    except Problem as problem:
        if problem.status == 401:
            raise
        return await _ticket(request, visitor, id, problem, form)
    return RedirectResponse(f"/assistance/{id}?fait=verifie", 303)


@router.post("/assistance/{id}/resolution")
async def resolve(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """New codes, another address, an answer, or none of them: each is an event, and said to the person (R4)."""
    action = form.text("action")
    content: dict[str, Any] = {
        "action": action,
        "checks": [],
        "email": form.text("email") or None,
        "answer": form.text("answer") or None,
        "body": form.text("body") or None,
    }
    done = ACTIONS.get(action, ("", ""))[1]
    return await act(
        visitor, form, "POST", "registration", f"/assistance-requests/{id}/resolution", json=content,
        then=f"/assistance/{id}?fait={done}", again=lambda problem: _ticket(request, visitor, id, problem, form),
    )  # fmt: skip


@router.get("/referencement/{id}")
@router.get("/prestations/{id}")
@router.get("/bons-de-commande/{id}")
@router.get("/sessions/{id}")
@router.get("/sessions/{id}/attestations")
@router.get("/sessions/{id}/facture")
@router.get("/factures/{id}")
async def dossier(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """What a caller asks about: where it stands, who must act, whom to ask, and which e-mails arrived."""
    return await screen(
        request, "assist-dossier.html", kinds=KINDS, emails=EMAILS, email_states=EMAIL_STATES,
        standing=await visitor.get("notifications", f"/dossiers/{id}/standing"),
    )  # fmt: skip
