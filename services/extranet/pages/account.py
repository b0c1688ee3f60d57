"""One's own account, and the people of the body: who may do what, invited and closed.  (L1, L2)"""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from services.extranet.backend import Problem, Visitor
from services.extranet.done import done
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.render import page
from services.extranet.roles import only_for

router = APIRouter(prefix="/compte", route_class=only_for("body"))

RIGHTS: Mapping[str, tuple[str, str]] = {
    "prepare": ("Préparer", "Remplir les formulaires, saisir les attestations, déplacer une session."),
    "sign": ("Signer et soumettre", "Soumettre à Formiris, renvoyer les bons de commande signés."),
    "invoice": ("Facturer", "Générer et déposer les factures, demander une rectification."),
    "administer": ("Administrer", "Changer les informations de l’organisme, inviter et fermer des comptes."),
}
STATES: Mapping[str, tuple[str, str]] = {
    "active": ("Actif", "ok"), "waiting": ("Code envoyé, pas encore activé", "warn"), "locked": ("Bloqué", "stop"),
    "closed": ("Fermé", ""),
}  # fmt: skip
LABELS = {"email": "Adresse e-mail", "first_name": "Prénom", "name": "Nom", "rights": "Droits"}


@router.get("")
async def account(request: Request, visitor: SignedIn) -> Response:
    """One's own account; for those who administer, everybody's."""
    return await _account(request, visitor)


async def _account(request: Request, visitor: Visitor, problem: Problem | None = None) -> Response:
    people, users = await asyncio.gather(visitor.get("registration", "/colleagues"), _users(visitor))
    mine: dict[str, Any] = next(
        (each for each in people["items"] if each["id"] == visitor.session.account), {}
    )
    return await page(
        request, "compte.html", problem.status if problem else 200, mine=mine, users=users, rights=RIGHTS,
        states=STATES, administrators=[each for each in people["items"] if each["administers"]], done=done(request),
        problem=problem,
    )  # fmt: skip


async def _users(visitor: Visitor) -> list[dict[str, Any]]:
    if not visitor.session.may("administer"):
        return []
    return list((await visitor.get("registration", "/accounts", limit=100))["items"])


@router.post("/mot-de-passe")
async def new_password(visitor: SignedIn, form: Sent) -> Response:
    """Sends a code to one's own address: whoever reads it chooses the new password."""
    await visitor.act(
        "POST", "registration", "/password-resets", form.key, json={"login": visitor.session.login}
    )
    return RedirectResponse("/compte?fait=mot-de-passe", 303)


@router.get("/utilisateurs/inviter")
async def before_inviting(request: Request, visitor: SignedIn) -> Response:
    """Whom to invite, and what they may do."""
    return await _inviting(request, visitor)


@router.post("/utilisateurs/inviter")
async def invite(request: Request, visitor: SignedIn, form: Sent) -> Response:
    """Sends the code that opens the account."""
    faults = {name: "à renseigner" for name in ("email", "first_name", "name") if not form.text(name)}
    if not _rights(form):
        faults["rights"] = "choisissez au moins un droit"
    if faults:
        return await _inviting(request, visitor, form=form, faults=faults)
    content = {name: form.text(name) for name in ("email", "first_name", "name")} | {"rights": _rights(form)}
    try:
        await visitor.act("POST", "registration", "/accounts", form.key, json=content)
    except Problem as problem:
        if problem.status == 401 or problem.status >= 500:
            raise
        faults = {_last(each["field"]): each.get("reason") or "à revoir" for each in problem.missing}
        return await _inviting(request, visitor, problem, form, faults)
    return RedirectResponse("/compte?fait=invite", 303)


def _last(path: str) -> str:
    return path.rpartition(".")[2]


async def _inviting(
    request: Request, visitor: Visitor, problem: Problem | None = None,
    form: Form | None = None, faults: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    return await page(
        request, "compte-inviter.html", problem.status if problem else 422 if faults else 200, problem=problem,
        typed={name: form.text(name) if form else "" for name in LABELS}, chosen=_rights(form) if form else ["prepare"],
        faults=faults or {}, labels=LABELS, rights=RIGHTS, may=visitor.session.may("administer"),
    )  # fmt: skip


@router.get("/utilisateurs/{id:uuid}")
async def user(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """What somebody may do, and how to close their account."""
    return await _user(request, visitor, id)


@router.post("/utilisateurs/{id:uuid}/droits")
async def change_rights(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """All the rights that they have from now on; the last administrator stays one."""
    return await _changed(request, visitor, id, "droits", "PATCH", form, json={"rights": _rights(form)})


@router.post("/utilisateurs/{id:uuid}/fermeture")
async def close(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Closes the account and ends its sessions; the dossiers are the body's, and stay."""
    return await _changed(request, visitor, id, "ferme", "DELETE", form)


async def _changed(
    request: Request, visitor: Visitor, id: UUID, what: str, method: str, form: Form, **options: Any
) -> Response:
    try:
        await visitor.act(method, "registration", f"/accounts/{id}", form.key, **options)
    except Problem as problem:
        if problem.status in (401, 404) or problem.status >= 500:
            raise
        return await _user(request, visitor, id, problem)
    return RedirectResponse(f"/compte?fait={what}", 303)


async def _user(request: Request, visitor: Visitor, id: UUID, problem: Problem | None = None) -> Response:
    found = next((each for each in await _users(visitor) if each["id"] == str(id)), None)
    if found is None:
        raise HTTPException(404)
    return await page(
        request, "compte-utilisateur.html", problem.status if problem else 200, user=found, rights=RIGHTS,
        states=STATES, problem=problem,
    )  # fmt: skip


def _rights(form: Form) -> list[str]:
    return [right for right in RIGHTS if right in form.texts("rights")]
