"""Before an account serves: asking to be referenced, activating, a lost password, a call to Assistance.  (R1, R4)"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.extranet.backend import Answer, Problem
from services.extranet.forms import Form, Sent
from services.extranet.render import page

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Screen:
    """A form of a few fields: where it goes, its template, and its fields with their labels."""

    path: str
    template: str
    labels: Mapping[str, str]


DEMAND = Screen(
    "/demande", "demande.html",
    {
        "name": "Nom de l'organisme", "kind": "Nature de l'organisme", "perimeter": "Périmètre",
        "territory": "Association territoriale", "contact.name": "Votre nom", "contact.email": "Votre adresse e-mail",
    },
)  # fmt: skip
ACTIVATION = Screen(
    "/activation", "activation.html",
    {"login": "Adresse e-mail", "code": "Code d'activation", "password": "Mot de passe"},
)  # fmt: skip
RESET = Screen("/mot-de-passe", "mot-de-passe.html", {"login": "Adresse e-mail"})
NEW_PASSWORD = Screen(
    "/mot-de-passe/{id}",
    "nouveau-mot-de-passe.html",
    {"code": "Code reçu", "password": "Nouveau mot de passe"},
)
HELP = Screen(
    "/assistance", "assistance-demande.html",
    {"email": "Votre adresse e-mail", "kind": "Votre difficulté", "message": "Votre message"},
)  # fmt: skip


async def _shown(request: Request, screen: Screen, **context: Any) -> Response:
    fixed: dict[str, Any] = {"typed_in": {}, "faults": {}, "problem": None, "labels": screen.labels}
    return await page(request, screen.template, **(fixed | context))


async def _again(request: Request, screen: Screen, form: Form, problem: Problem, **context: Any) -> Response:
    """The same form, as typed, with what is wrong."""
    if problem.status >= 500:
        raise problem
    faults = {str(each["field"]): f"{each.get('reason') or 'à renseigner'}" for each in problem.missing}
    typed_in = {name: form.text(name) for name in screen.labels if name != "password"}
    return await _shown(
        request, screen, status=problem.status, typed_in=typed_in, faults=faults, problem=problem, **context
    )


async def _sent(request: Request, path: str, key: str, content: Mapping[str, Any]) -> Answer:
    """A command of somebody who is not signed in."""
    backend = request.app.state.backend
    headers = {"Idempotency-Key": key, **backend.on_behalf_of(request.client.host if request.client else "")}
    answer = await backend.send("POST", "registration", path, None, json=content, headers=headers)
    return Answer(answer.json() if answer.content else None, None, answer.headers.get("position"))


async def _territories(request: Request) -> list[tuple[str, str]]:
    answer = await request.app.state.backend.send("GET", "registration", "/territories", None)
    return [(each["code"], each["name"]) for each in answer.json()["items"]]


@router.get(DEMAND.path)
async def demand(request: Request) -> Response:
    """Asking to be referenced: who, where, and who answers."""
    return await _shown(request, DEMAND, territories=await _territories(request))


@router.post(DEMAND.path)
async def send_demand(request: Request, form: Sent) -> Response:
    """Sends the request; the page says which office answers, and what comes next."""
    content = {
        "name": form.text("name"), "kind": form.text("kind"), "perimeter": form.text("perimeter"),
        "territory": form.text("territory") or None,
        "contact": {"name": form.text("contact.name"), "email": form.text("contact.email")},
    }  # fmt: skip
    try:
        answer = await _sent(request, "/referencing-requests", form.key, content)
    except Problem as problem:
        return await _again(request, DEMAND, form, problem, territories=await _territories(request))
    return await page(
        request, "demande-envoyee.html", receipt=answer.content, email=form.text("contact.email")
    )


@router.get(ACTIVATION.path)
async def activation(request: Request, login: str = "") -> Response:
    """Activating an account with the code that came by e-mail."""
    return await _shown(request, ACTIVATION, typed_in={"login": login})


@router.post(ACTIVATION.path)
async def activate(request: Request, form: Sent) -> Response:
    """Activates, and leads to signing in."""
    content = {name: str(form.data.get(name) or "").strip() for name in ("login", "code")}
    content["password"] = str(form.data.get("password") or "")
    try:
        await _sent(request, "/accounts/activation", form.key, content)
    except Problem as problem:
        return await _again(request, ACTIVATION, form, problem)
    return await page(
        request, "fait.html", title="Votre compte est activé", text="Vous pouvez vous connecter."
    )


@router.get(RESET.path)
async def reset(request: Request) -> Response:
    """A lost password, while the address still lives."""
    return await _shown(request, RESET)


@router.post(RESET.path)
async def send_reset(request: Request, form: Sent) -> Response:
    """The same answer whoever asks."""
    try:
        await _sent(request, "/password-resets", form.key, {"login": form.text("login")})
    except Problem as problem:
        return await _again(request, RESET, form, problem)
    return await page(request, "mot-de-passe-envoye.html")


@router.get(NEW_PASSWORD.path)
async def new_password(request: Request, id: str, code: str = "") -> Response:
    """A new password, with the code that came by e-mail."""
    return await _shown(request, NEW_PASSWORD, id=id, typed_in={"code": code})


@router.post(NEW_PASSWORD.path)
async def send_new_password(request: Request, id: str, form: Sent) -> Response:
    """Sets it; the other sessions end."""
    content = {"code": form.text("code"), "password": str(form.data.get("password") or "")}
    try:
        await _sent(request, f"/password-resets/{id}/completion", form.key, content)
    except Problem as problem:
        return await _again(request, NEW_PASSWORD, form, problem, id=id)
    return await page(
        request, "fait.html", title="Votre mot de passe est changé", text="Vos autres sessions sont fermées."
    )


@router.get(HELP.path)
async def assistance(request: Request) -> Response:
    """A call to Assistance: lost codes, or an address that is no longer valid (R4)."""
    return await _shown(request, HELP)


@router.post(HELP.path)
async def call_assistance(request: Request, form: Sent) -> Response:
    """Opens a ticket, and says when Assistance answers."""
    content = {name: form.text(name) for name in HELP.labels}
    try:
        answer = await _sent(request, "/assistance-requests", form.key, content)
    except Problem as problem:
        return await _again(request, HELP, form, problem)
    return await page(request, "assistance-envoyee.html", receipt=answer.content)
