"""A body's invoices: « Puis-je facturer ? » for each session, the amount with its working, generating or depositing.

(R9, R10, I1, I3)
"""

import asyncio
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from services.extranet.backend import Problem, Visitor
from services.extranet.files import passed_on, taken_in
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.french import months, today, typed_day
from services.extranet.render import page, part
from services.extranet.roles import only_for
from services.extranet.standings import standing_of
from shared.runtime import faq

router = APIRouter(route_class=only_for("body"))

VIEWS = {"": "Puis-je facturer ?", "facturees": "Sessions facturées", "factures": "Toutes mes factures"}
ANSWERS = {
    "": ("yes", "not-yet"),
    "a-facturer": ("yes",),
    "pas-encore": ("not-yet",),
    "facturees": ("invoiced",),
}
STATES = {
    "submitted": ("En examen", "info"), "returned": ("À compléter", "stop"), "accepted": ("Acceptée", "ok"),
    "rejected": ("Rejetée", "stop"), "corrected": ("Rectifiée", ""), "credited": ("Annulée par un avoir", ""),
    "paid": ("Payée", "ok"),
}  # fmt: skip
TITLES = {"380": "Facture", "384": "Facture rectificative", "381": "Avoir"}
LABELS = {
    "numero": "Numéro de facture",
    "date": "Date de facture",
    "echeance": "Échéance",
    "document": "Votre facture",
    "montant": "Montant",
}
FIELDS = {
    "number": "numero",
    "issued_on": "date",
    "due_on": "echeance",
    "document": "document",
    "amount": "montant",
}
UNBLOCKS = {
    "invoice-number-taken": "Un numéro que votre organisme n'a pas encore utilisé.",
    "already-invoiced": "Rien : cette session a déjà sa facture.",
}
_OF_A_FIELD = {"invoice-number-taken": "numero", "invoice-date": "date", "invoice-due-date": "echeance"}


@router.get("/factures")
async def invoices(request: Request, visitor: SignedIn, vue: str = "", apres: UUID | None = None) -> Response:
    """Every session with its answer, what is missing and who holds it; or every invoice."""
    if vue == "factures":
        told = await visitor.get("invoicing", "/invoices", after=apres, limit=50)
        return await page(
            request, "factures-toutes.html", views=VIEWS, vue=vue, told=told, states=STATES, titles=TITLES
        )
    answers = ANSWERS.get(vue, ANSWERS[""])
    found = await asyncio.gather(
        *(visitor.get("invoicing", "/sessions", answer=answer, after=apres, limit=50) for answer in answers),
        visitor.get("invoicing", "/invoices", limit=5),
    )
    return await page(
        request, "factures.html", views=VIEWS, vue=vue if vue in VIEWS else "", states=STATES, titles=TITLES,
        found=dict(zip(answers, found[:-1], strict=True)), last=found[-1]["items"], month=f"{today():%Y-%m}",
    )  # fmt: skip


@router.get("/factures.{kind}")
async def export(
    kind: str, visitor: SignedIn, etat: str | None = None, du: str = "", au: str = ""
) -> Response:
    """All invoices, or those of a state and of some days, as a spreadsheet."""
    if kind not in ("csv", "xlsx"):
        raise HTTPException(404)
    asked = {"status": etat, "from": typed_day(du), "to": typed_day(au)}
    return await passed_on(
        visitor, "invoicing", f"/invoices.{kind}", **{name: value for name, value in asked.items() if value}
    )


@router.get("/factures/releve")
async def statement(request: Request, visitor: SignedIn, mois: str = "") -> Response:
    """What was due at the start of a month, each movement, and what is due at its end (I4)."""
    known = months(today(), 18)
    month = mois if mois in known else next(iter(known))
    told = await visitor.get("invoicing", f"/statements/{month}")
    return await page(request, "factures-releve.html", told=told, month=month, months=known)


@router.get("/factures/releves/{month}.pdf")
async def statement_pdf(month: str, visitor: SignedIn) -> Response:
    """The same on paper."""
    return await passed_on(visitor, "invoicing", f"/statements/{month}/pdf")


# ── the invoice of a session ─────────────────────────────────────────────────────────────────────────────────────


@router.get("/sessions/{id}/facture")
async def billing(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """Whether and how much; why not yet; the form, prefilled, when it can be."""
    return await _shown(request, visitor, id, {"date": f"{today():%d/%m/%Y}", **request.query_params})


@router.get("/sessions/{id}/facture/numero")
async def number(request: Request, id: UUID, visitor: SignedIn, numero: str = "") -> Response:
    """Said while it is typed: whether a number is free, or which invoice bears it (I3)."""
    try:
        told = await visitor.get("invoicing", f"/sessions/{id}/invoicing", number=numero.strip() or None)
    except Problem as problem:
        if problem.status != 422:
            raise
        return part(request, "facture-numero.html", about=None, wrong=True)
    return part(request, "facture-numero.html", about=told.get("number"), wrong=False)


@router.post("/sessions/{id}/facture")
async def prepare(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Everything that would be submitted, to be checked first; a deposited invoice is kept and compared."""
    typed = {name: form.text(name) for name in LABELS}
    try:
        typed["document"] = await _document(visitor, form)
        content = _content(id, typed)
        seen = (await visitor.act("POST", "invoicing", "/invoices/preview", form.key, json=content)).content
    except Problem as problem:
        return await _again(request, visitor, id, typed, problem)
    told = await visitor.get("invoicing", f"/sessions/{id}/invoicing")
    return await page(request, "facture-verifier.html", told=told, seen=seen, typed_in=typed, id=id)


@router.post("/sessions/{id}/facture/envoi")
async def submit(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Submits what was checked."""
    typed = {name: form.text(name) for name in LABELS}
    try:
        answer = await visitor.act("POST", "invoicing", "/invoices", form.key, json=_content(id, typed))
    except Problem as problem:
        return await _again(request, visitor, id, typed, problem)
    return RedirectResponse(f"/factures/{answer.content['id']}/recu", 303)


async def _document(visitor: Visitor, form: Form) -> str:
    """The body's own invoice: the file that came, else the one that was sent before. Raises `Problem`."""
    if sent := await taken_in(visitor, "invoicing", form.file("fichier")):
        return sent
    if "deposer" in form.data and not form.text("document"):
        raise Problem(422, _NO_FILE)
    return form.text("document")


def _content(session: UUID, typed: dict[str, str]) -> dict[str, Any]:
    """As the API takes it. Raises `Problem` for what is missing or no date, each with its field."""
    day, due = typed_day(typed["date"]), typed_day(typed["echeance"])
    missing = [
        {"field": name, "label": LABELS[name], "reason": reason}
        for name, reason in (
            ("numero", "" if typed["numero"] else "à renseigner"),
            ("date", "" if day else "une date, par exemple 24/11/2026" if typed["date"] else "à renseigner"),
            ("echeance", "une date, par exemple 24/12/2026" if typed["echeance"] and not due else ""),
        )
        if reason
    ]
    if missing:
        raise Problem(422, {**_INCOMPLETE, "missing": missing})
    given = {"session": str(session), "number": typed["numero"], "issued_on": day, "due_on": due or None}
    return {**given, "document": typed["document"] or None}


_INCOMPLETE = {
    "code": "invoice-incomplete",
    "title": "Facture à compléter",
    "detail": "Rien n'est soumis. Ce que vous avez saisi est gardé, votre fichier aussi.",
    "holder": "vous",
    "faq": {"question": faq.INVOICE.question, "link": faq.INVOICE.link},
}
_NO_FILE = {
    "code": "document-not-chosen",
    "title": "Aucun fichier choisi",
    "detail": "Choisissez le PDF de votre facture sur votre appareil, puis vérifiez-la.",
    "holder": "vous",
    "missing": [{"field": "fichier", "label": "Votre facture (PDF)", "reason": "à choisir"}],
}


async def _again(
    request: Request, visitor: Visitor, id: UUID, typed: dict[str, str], problem: Problem
) -> Response:
    if problem.status == 401 or problem.status >= 500:
        raise problem
    return await _shown(request, visitor, id, typed, problem)


async def _shown(
    request: Request, visitor: Visitor, id: UUID, typed: Any, problem: Problem | None = None
) -> Response:
    told, dossier = await asyncio.gather(
        visitor.get("invoicing", f"/sessions/{id}/invoicing"),
        standing_of(visitor, id),
    )
    return await page(
        request, "facture-session.html", problem.status if problem else 200, told=told, dossier=dossier, id=id,
        typed_in=typed, problem=problem, faults=faults_of(problem), labels=LABELS,
        refused=problem and {**problem.content, "unblocks": UNBLOCKS.get(problem.code)},
    )  # fmt: skip


def faults_of(problem: Problem | None) -> dict[str, str]:
    """The words under each field of the page that a problem is about."""
    if problem is None:
        return {}
    found = {
        FIELDS.get(str(each["field"]), str(each["field"])): str(each["reason"]) for each in problem.missing
    }
    if problem.code in _OF_A_FIELD:
        found |= {_OF_A_FIELD[problem.code]: str(problem.content["detail"])}
    return found if problem.code != "deposited-invoice-differs" else {}
