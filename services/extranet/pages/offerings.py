"""A body's offerings: the list, each with its sessions and their orders, what may be done with them.  (R5, F10, O5)"""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from services.extranet import draft
from services.extranet.backend import Problem, Visitor
from services.extranet.done import done
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.french import typed_day
from services.extranet.lives import life_of
from services.extranet.pages.forms import offering
from services.extranet.render import page
from services.extranet.roles import only_for
from services.extranet.standings import standing_of
from services.extranet.words import EMAIL_STATES, EMAILS

router = APIRouter(prefix="/prestations", route_class=only_for("body"))

PAGE = 50
STATES: Mapping[str, tuple[str, str]] = {
    "submitted": ("En examen", "info"),
    "accepted": ("Acceptée", "ok"),
    "rejected": ("À corriger", "stop"),
    "withdrawn": ("Retirée", ""),
}
ORDERS: Mapping[str, tuple[str, str]] = {
    "issued": ("À signer et à renvoyer", "stop"),
    "signature-refused": ("Renvoi refusé", "stop"),
    "signed": ("Signé et renvoyé", "ok"),
    "cancelled": ("Annulé", ""),
}
VIEWS = {
    "": "Toutes",
    "submitted": "En examen",
    "rejected": "À corriger",
    "accepted": "Acceptées",
    "withdrawn": "Retirées",
}
DAYS = {"starts_on": "Début de la session", "ends_on": "Fin de la session"}


@router.get("")
async def offerings(
    request: Request,
    visitor: SignedIn,
    etat: str = "",
    after: Annotated[UUID | None, Query(alias="apres")] = None,
) -> Response:
    """The offerings, the newest first, and what is still a draft."""
    etat = etat if etat in VIEWS else ""
    told, drafts = await asyncio.gather(
        visitor.get("offerings", "/offerings", status=etat or None, after=after, limit=PAGE), _drafts(visitor)
    )
    known = {each["id"] for each in told["items"]}
    following = told["next"] and f"/prestations?{urlencode({'etat': etat, 'apres': told['next']})}"
    return await page(
        request, "prestations.html", items=told["items"], following=following, etat=etat, views=VIEWS, states=STATES,
        drafts=[] if etat or after else [each for each in drafts if each["id"] not in known], done=done(request),
    )  # fmt: skip


async def _drafts(visitor: Visitor) -> list[dict[str, Any]]:
    """What was typed and not submitted; somebody who only signs or invoices has none."""
    if not visitor.session.may("prepare"):
        return []
    return list((await visitor.get("offerings", "/offerings/drafts"))["items"])


@router.get("/nouvelle")
async def before_a_new_one(request: Request, visitor: SignedIn) -> Response:
    """What the form asks, from what to start; or why none can be proposed now, and who unblocks it."""
    dossier, drafts, last = await asyncio.gather(
        standing_of(visitor, str(visitor.session.body)), _drafts(visitor),
        visitor.get("offerings", "/offerings", limit=5),
    )  # fmt: skip
    tabs = await draft.tabs_of(visitor, offering(UUID(int=0)).place)
    return await page(
        request, "prestation-nouvelle.html", drafts=drafts, last=last["items"], tabs=tabs, states=STATES,
        why_not=_why_not(dossier),
    )  # fmt: skip


def _why_not(dossier: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Why the body may not propose now, as a refusal says it: it stands somewhere else than accepted."""
    if dossier is None or dossier["state"] == "accepted":
        return None
    return {
        "title": "Votre organisme ne peut pas encore proposer de prestation",
        "detail": dossier["sentence"],
        "unblocks": dossier["unblocks"],
        "holder": "vous" if dossier["holder_kind"] == "body" else dossier["holder"],
        **{name: dossier.get(name) for name in ("contact", "faq", "since", "link")},
    }


@router.get("/{id:uuid}")
async def one(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """Where an offering stands, its sessions and their orders, the decision, and what may be done."""
    return await _offering(request, visitor, id)


@router.post("/{id:uuid}/retrait")
async def withdraw(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Takes it back, as long as nothing of it is ordered."""
    try:
        await visitor.act(
            "POST", "offerings", f"/offerings/{id}/withdrawal", form.key,
            json={"reason": form.text("motif") or None},
        )  # fmt: skip
    except Problem as problem:
        if problem.status in (401, 404) or problem.status >= 500:
            raise
        return await _offering(request, visitor, id, problem)
    return RedirectResponse(f"/prestations/{id}?fait=retiree", 303)


async def _offering(request: Request, visitor: Visitor, id: UUID, problem: Problem | None = None) -> Response:
    found, dossier, tabs = await asyncio.gather(
        visitor.get("offerings", f"/offerings/{id}"),
        standing_of(visitor, id),
        draft.tabs_of(visitor, offering(id).place),
    )
    territories = (await visitor.backend.lasting("registration", "/territories"))["items"]
    return await page(
        request, "prestation.html", problem.status if problem else 200, problem=problem, offering=found,
        dossier=dossier, tabs=[tab for tab in tabs if tab.label != "Session"], life=life_of(dossier) if dossier else (),
        states=STATES, orders=ORDERS, done=done(request), words=draft.words, territories=territories,
        cost_types=_choices(tabs, "cost_type"),
        emails=EMAILS, email_states=EMAIL_STATES, ordered=any(each["order_status"] for each in found["sessions"]),
    )  # fmt: skip


def _choices(tabs: list[draft.Tab], name: str) -> dict[str, str]:
    """The labels of a choice of the form."""
    found = next((each for tab in tabs for each in tab.fields if each["name"] == name), {"choices": ()})
    return {each["value"]: each["label"] for each in found["choices"]}


# ── sessions that move or fall out ───────────────────────────────────────────────────────────────────────────────


@router.get("/{offering}/sessions/{id}/deplacer")
async def before_moving(request: Request, offering: UUID, id: UUID, visitor: SignedIn) -> Response:
    """The days of a session, and what moving them asks to be signed again (O5)."""
    return await _moving(request, visitor, offering, id)


@router.post("/{offering}/sessions/{id}/deplacer")
async def move(request: Request, offering: UUID, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Moves it; where it was ordered, leads to the amendment to sign."""
    days = {name: typed_day(form.text(name)) for name in DAYS}
    faults = {name: "une date, par exemple 01/09/2026" for name, day in days.items() if not day}
    if faults:
        return await _moving(request, visitor, offering, id, form=form, faults=faults)
    content = {**days, "place": form.text("place") or None, "reason": form.text("reason") or None}
    try:
        answer = await visitor.act("POST", "offerings", f"/sessions/{id}/reschedule", form.key, json=content)
    except Problem as problem:
        if problem.status in (401, 404) or problem.status >= 500:
            raise
        return await _moving(request, visitor, offering, id, problem, form)
    if answer.content.get("to_sign_again"):
        _, session = await _session(visitor, offering, id)
        return RedirectResponse(f"/bons-de-commande/{session['order']}?fait=avenant", 303)
    return RedirectResponse(f"/prestations/{offering}?fait=deplacee", 303)


@router.get("/{offering}/sessions/{id}/annuler")
async def before_cancelling(request: Request, offering: UUID, id: UUID, visitor: SignedIn) -> Response:
    """What cancelling a session does to its order."""
    return await _cancelling(request, visitor, offering, id)


@router.post("/{offering}/sessions/{id}/annuler")
async def cancel(request: Request, offering: UUID, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Cancels it, and its order with it."""
    if not form.text("reason"):
        faults = {"reason": "à renseigner : Formiris et les inscrits doivent savoir pourquoi"}
        return await _cancelling(request, visitor, offering, id, faults=faults)
    try:
        await visitor.act(
            "POST",
            "offerings",
            f"/sessions/{id}/cancellation",
            form.key,
            json={"reason": form.text("reason")},
        )
    except Problem as problem:
        if problem.status in (401, 404) or problem.status >= 500:
            raise
        return await _cancelling(request, visitor, offering, id, problem, form)
    return RedirectResponse(f"/prestations/{offering}?fait=annulee", 303)


async def _moving(
    request: Request, visitor: Visitor, offering: UUID, id: UUID,
    problem: Problem | None = None, form: Form | None = None, faults: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    found, session = await _session(visitor, offering, id)
    names = (*DAYS, "place", "reason")
    typed = {name: form.text(name) for name in names} if form else _as_shown(session)
    return await page(
        request, "session-deplacer.html", _status(problem, faults), offering=found, its=session, problem=problem,
        typed=typed, faults=faults or {}, labels={**DAYS, "place": "Lieu", "reason": "Pourquoi"}, orders=ORDERS,
    )  # fmt: skip


async def _cancelling(
    request: Request, visitor: Visitor, offering: UUID, id: UUID,
    problem: Problem | None = None, form: Form | None = None, faults: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    found, session = await _session(visitor, offering, id)
    return await page(
        request, "session-annuler.html", _status(problem, faults), offering=found, its=session, problem=problem,
        typed={"reason": form.text("reason") if form else ""}, faults=faults or {},
        labels={"reason": "Pourquoi"}, orders=ORDERS,
    )  # fmt: skip


def _as_shown(session: Mapping[str, Any]) -> dict[str, str]:
    days = {name: "/".join(reversed(str(session[name]).split("-"))) for name in DAYS}
    return {**days, "place": session["place"], "reason": ""}


def _status(problem: Problem | None, faults: Mapping[str, str] | None) -> int:
    return problem.status if problem else 422 if faults else 200


async def _session(visitor: Visitor, offering: UUID, id: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    """An offering and one of its sessions."""
    found = await visitor.get("offerings", f"/offerings/{offering}")
    session = next((each for each in found["sessions"] if each["id"] == str(id)), None)
    if session is None:
        raise HTTPException(404)
    return found, session
