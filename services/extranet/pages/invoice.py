"""One invoice of a body: its receipt, what became of it, a change asked for, what is sent again, its payment.

(R11, I2 to I4)
"""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.extranet.backend import Problem, Visitor
from services.extranet.files import passed_on, taken_in
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.french import today, typed_amount, typed_day
from services.extranet.pages.invoices import LABELS, STATES, TITLES, faults_of
from services.extranet.render import page
from services.extranet.roles import only_for
from services.extranet.standings import standing_of
from services.extranet.words import EMAIL_STATES, EMAILS

router = APIRouter(prefix="/factures/{id}", route_class=only_for("body"))

SAID = {
    "modification": (
        "Votre demande de modification est partie.",
        "La facture ne change pas pendant ce temps.",
    ),
    "reprise": ("La facture est repartie vers Formiris.", "Elle garde son numéro."),
}


@router.get("")
async def invoice(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """As it was submitted: it never changes; and what became of it."""
    return await _shown(request, visitor, id)


async def _shown(
    request: Request, visitor: Visitor, id: UUID, problem: Problem | None = None, wish: str = ""
) -> Response:
    told, dossier = await asyncio.gather(
        visitor.get("invoicing", f"/invoices/{id}"), standing_of(visitor, id)
    )
    return await page(
        request, "facture.html", problem.status if problem else 200, told=told, dossier=dossier, id=id, states=STATES,
        titles=TITLES, problem=problem, wish=wish, said=SAID.get(request.query_params.get("fait", "")), emails=EMAILS,
        email_states=EMAIL_STATES,
    )  # fmt: skip


@router.get("/recu")
async def receipt(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """What Formiris received, with its proof; it stays at its address.  (F11)"""
    told, sent = await visitor.several(
        ("invoicing", f"/invoices/{id}"), ("invoicing", f"/invoices/{id}/submissions")
    )
    return await page(request, "facture-recu.html", told=told, id=id, receipt=sent["items"][0], titles=TITLES)


@router.get("/recu.pdf")
async def receipt_on_paper(id: UUID, visitor: SignedIn) -> Response:
    """The same, to keep (F11)."""
    return await passed_on(visitor, "invoicing", f"/invoices/{id}/submissions/1/receipt.pdf")


@router.post("/modification")
async def ask_for_a_change(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Sends the wish to whoever answers for the training (R11)."""
    wish = form.text("souhait")
    if not wish:
        return await _shown(request, visitor, id, Problem(422, _NO_WISH))
    try:
        await visitor.act(
            "POST", "invoicing", f"/invoices/{id}/amendment-requests", form.key, json={"reason": wish}
        )
    except Problem as problem:
        if problem.status == 401 or problem.status >= 500:
            raise
        return await _shown(request, visitor, id, problem, wish)
    return RedirectResponse(f"/factures/{id}?fait=modification", 303)


_NO_WISH = {
    "code": "amendment-empty",
    "title": "Demande à compléter",
    "detail": "Écrivez ce qui doit changer, et pourquoi : rien n'est encore envoyé.",
    "holder": "vous",
}


# ── « Corriger » ─────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/corriger")
async def correct(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """The next thing to send about this invoice, filled in; whether its number stays is said."""
    return await _correcting(request, visitor, id, {"date": f"{today():%d/%m/%Y}"})


async def _correcting(
    request: Request, visitor: Visitor, id: UUID, typed: Mapping[str, str], problem: Problem | None = None
) -> Response:
    told, asked = await visitor.several(
        ("invoicing", f"/invoices/{id}"), ("invoicing", f"/invoices/{id}/correction")
    )
    what = asked["path"].rpartition("/")[2]
    if what == "invoices":
        return RedirectResponse(
            f"/sessions/{told['session_id']}/facture?{urlencode({'apres': told['number']})}", 303
        )
    return await page(
        request, "facture-corriger.html", problem.status if problem else 200, told=told, asked=asked, what=what, id=id,
        typed_in=typed, problem=problem, faults=faults_of(problem), labels=LABELS | MORE_LABELS, titles=TITLES,
    )  # fmt: skip


MORE_LABELS = {"reponse": "Votre réponse", "facture": "La facture à nouveau", "piece": "Une pièce"}


@router.post("/reprise")
async def resume(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Brings what was missing: an answer, the invoice anew, a paper. What was sent already is not asked twice."""
    typed = {name: form.text(name) for name in ("reponse", "facture", "piece")}
    try:
        typed |= await _brought(visitor, form)
        given = {name: typed[field] for field, name in _SENT.items() if typed[field]}
        if not given:
            return await _correcting(request, visitor, id, typed, Problem(422, _NOTHING))
        await visitor.act("POST", "invoicing", f"/invoices/{id}/resumption", form.key, json=given)
    except Problem as problem:
        if problem.status == 401 or problem.status >= 500:
            raise
        return await _correcting(request, visitor, id, typed, problem)
    return RedirectResponse(f"/factures/{id}?fait=reprise", 303)


async def _brought(visitor: Visitor, form: Form) -> dict[str, str]:
    """The files that came with the answer, each kept by invoicing under its sha256."""
    files = {name: form.file(f"fichier.{name}") for name in ("facture", "piece")}
    return {name: await taken_in(visitor, "invoicing", file) for name, file in files.items() if file}


_SENT = {"reponse": "answer", "facture": "document", "piece": "supplement"}
_NOTHING = {
    "code": "answer-empty",
    "title": "Réponse à compléter",
    "detail": "Répondez, ou joignez ce qui manque : rien n'est encore envoyé.",
    "holder": "vous",
}


@router.post("/rectification")
async def replace(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Submits the corrective invoice that Formiris granted."""
    amount = typed_amount(form.text("montant"))
    return await _replaced(request, visitor, id, form, "correction", {"amount": amount})


@router.post("/avoir")
async def credit(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Submits the credit note that Formiris granted; the session can then be invoiced anew."""
    return await _replaced(request, visitor, id, form, "credit-note", {})


async def _replaced(
    request: Request, visitor: Visitor, id: UUID, form: Form, what: str, more: Mapping[str, Any]
) -> Response:
    typed = {name: form.text(name) for name in ("numero", "date", "montant")}
    content = {"number": typed["numero"], "issued_on": typed_day(typed["date"]) or typed["date"], **more}
    try:
        answer = await visitor.act("POST", "invoicing", f"/invoices/{id}/{what}", form.key, json=content)
    except Problem as problem:
        if problem.status == 401 or problem.status >= 500:
            raise
        return await _correcting(request, visitor, id, typed, problem)
    return RedirectResponse(f"/factures/{answer.content['id']}/recu", 303)


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/document")
async def document(id: UUID, visitor: SignedIn) -> Response:
    """The invoice on paper: a Factur-X, or the PDF that was deposited."""
    return await passed_on(visitor, "invoicing", f"/invoices/{id}/document")


@router.get("/factur-x.xml")
async def factur_x(id: UUID, visitor: SignedIn) -> Response:
    """The data of a generated invoice."""
    return await passed_on(visitor, "invoicing", f"/invoices/{id}/factur-x.xml")


@router.get("/documents/{sha256}")
async def paper(id: UUID, sha256: str, visitor: SignedIn) -> Response:
    """A paper brought beside it."""
    return await passed_on(visitor, "invoicing", f"/invoices/{id}/documents/{sha256}")
