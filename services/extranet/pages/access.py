"""Before an account serves: asking to be referenced, activating, a lost password, an address changed.  (R1, R4)"""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.extranet.backend import Problem
from services.extranet.forms import Sent
from services.extranet.public import Screen, again, sent, shown, told
from services.extranet.render import page

router = APIRouter()

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
    {"code": "Code reçu", "password": "Nouveau mot de passe", "login": "Adresse e-mail"},
)
UNDO = Screen("/adresse/{id}", "adresse.html", {"code": "Code d'annulation"})


async def _territories(request: Request) -> list[tuple[str, str]]:
    found = await told(request, "registration", "/territories")
    return [(each["code"], each["name"]) for each in found["items"]]


@router.get(DEMAND.path)
async def demand(request: Request) -> Response:
    """Asking to be referenced: who, where, and who answers."""
    return await shown(request, DEMAND, territories=await _territories(request))


@router.post(DEMAND.path)
async def send_demand(request: Request, form: Sent) -> Response:
    """Sends the request; the page says which office answers, and what comes next."""
    content = {
        "name": form.text("name"), "kind": form.text("kind"), "perimeter": form.text("perimeter"),
        "territory": form.text("territory") or None,
        "contact": {"name": form.text("contact.name"), "email": form.text("contact.email")},
    }  # fmt: skip
    try:
        answer = await sent(request, "/referencing-requests", form.key, content)
    except Problem as problem:
        return await again(request, DEMAND, form, problem, territories=await _territories(request))
    return await page(
        request, "demande-envoyee.html", receipt=answer.content, email=form.text("contact.email")
    )


@router.get(ACTIVATION.path)
async def activation(request: Request, login: str = "") -> Response:
    """Activating an account with the code that came by e-mail."""
    return await shown(request, ACTIVATION, typed_in={"login": login})


@router.post(ACTIVATION.path)
async def activate(request: Request, form: Sent) -> Response:
    """Activates, and leads to signing in."""
    content = {name: str(form.data.get(name) or "").strip() for name in ("login", "code")}
    content["password"] = str(form.data.get("password") or "")
    try:
        await sent(request, "/accounts/activation", form.key, content)
    except Problem as problem:
        return await again(request, ACTIVATION, form, problem)
    return await page(
        request, "fait.html", title="Votre compte est activé", text="Vous pouvez vous connecter."
    )


@router.get(RESET.path)
async def reset(request: Request) -> Response:
    """A lost password, while the address still lives."""
    return await shown(request, RESET)


@router.post(RESET.path)
async def send_reset(request: Request, form: Sent) -> Response:
    """The same answer whoever asks."""
    try:
        await sent(request, "/password-resets", form.key, {"login": form.text("login")})
    except Problem as problem:
        return await again(request, RESET, form, problem)
    return await page(request, "mot-de-passe-envoye.html")


@router.get(NEW_PASSWORD.path)
async def new_password(request: Request, id: str, code: str = "", login: str = "") -> Response:
    """A new password, with the code that came by e-mail."""
    return await shown(request, NEW_PASSWORD, id=id, typed_in={"code": code, "login": login})


@router.post(NEW_PASSWORD.path)
async def send_new_password(request: Request, id: str, form: Sent) -> Response:
    """Sets it; the other sessions end. A link that serves no more is replaced in one click (L3)."""
    content = {"code": form.text("code"), "password": str(form.data.get("password") or "")}
    try:
        await sent(request, f"/password-resets/{id}/completion", form.key, content)
    except Problem as problem:
        return await again(request, NEW_PASSWORD, form, problem, id=id)
    return await page(
        request, "fait.html", title="Votre mot de passe est changé", text="Vos autres sessions sont fermées."
    )


@router.get(UNDO.path)
async def change_of_address(request: Request, id: UUID, code: str = "") -> Response:
    """Where the old address of an account takes its change back, with the code that it got (L1)."""
    return await shown(request, UNDO, id=id, typed_in={"code": code})


@router.post(UNDO.path)
async def undo(request: Request, id: UUID, form: Sent) -> Response:
    """Takes it back: the sessions end, and new codes go to the old address."""
    try:
        await sent(request, f"/accounts/{id}/email-undo", form.key, {"code": form.text("code")})
    except Problem as problem:
        return await again(request, UNDO, form, problem, id=id)
    return await page(
        request, "fait.html", title="Le changement d’adresse est annulé",
        text="Les connexions ouvertes se ferment ; de nouveaux codes vous arrivent par e-mail, à cette adresse.",
    )  # fmt: skip
