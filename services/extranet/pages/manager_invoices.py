"""Invoices: the amount with its working; accept, send back by kind, change, pay.  (R11, I1, I2, I4)"""

import asyncio
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.extranet.acting import act, faults_of, lines_of, screen
from services.extranet.backend import Problem, Visitor
from services.extranet.files import passed_on
from services.extranet.forms import Form, Sent, SignedIn
from services.extranet.roles import only_for
from services.extranet.words import EMAIL_STATES, EMAILS

router = APIRouter(route_class=only_for("manager"))

STATES = {
    "submitted": ("Soumise", "info"), "returned": ("Renvoyée à l'organisme", "warn"), "accepted": ("Acceptée", "ok"),
    "rejected": ("Rejetée", "stop"), "corrected": ("Rectifiée", ""), "credited": ("Annulée par un avoir", ""),
    "paid": ("Payée", "ok"),
}  # fmt: skip
TITLES = {"380": "Facture", "384": "Facture rectificative", "381": "Avoir"}
REMEDIES = (("corrective-invoice", "Une facture rectificative"), ("credit-note", "Un avoir"))


@router.get("/factures.xlsx")
async def workbook(visitor: SignedIn) -> Response:
    """All invoices that the reader sees, as a workbook; that it is taken away is kept first (M6)."""
    told = await visitor.get("notifications", "/dossiers/counts", kind="invoice", open="all")
    taken = {"address": "/factures.xlsx", "rows": sum(each["count"] for each in told["items"])}
    await visitor.act("POST", "notifications", "/exports", json=taken)
    return await passed_on(visitor, "invoicing", "/invoices.xlsx")


@router.get("/factures/{id}")
async def invoice(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """An invoice, beside what is due."""
    return await _invoice(request, visitor, id)


async def _invoice(
    request: Request, visitor: Visitor, id: UUID, problem: Problem | None = None, form: Form | None = None
) -> Response:
    answer, standing = await asyncio.gather(
        visitor.read("invoicing", f"/invoices/{id}"),
        visitor.maybe("notifications", f"/dossiers/{id}/standing"),
    )
    billing = await visitor.maybe("invoicing", f"/sessions/{answer.content['session_id']}/invoicing")
    typed = {name: form.text(name) for name in form.data} if form else {}
    return await screen(
        request, "gestion-facture.html", problem, invoice=answer.content, version=answer.version, standing=standing,
        billing=billing, typed_in=typed, states=STATES, titles=TITLES, remedies=REMEDIES, emails=EMAILS,
        email_states=EMAIL_STATES, faults=faults_of(problem),
    )  # fmt: skip


@router.post("/factures/{id}/acceptation")
async def accept(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Accepts the invoice for payment."""
    content = {"decision": "accept"}
    return await _do(request, visitor, id, form, "decision", "accepte", content)


@router.get("/factures/{id}/renvoi")
async def send_back_page(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """Sending back by kind: each says whether the number stays (I2)."""
    return await _sending_back(request, visitor, id)


async def _sending_back(
    request: Request, visitor: Visitor, id: UUID, problem: Problem | None = None, form: Form | None = None,
    fault: str = "",
) -> Response:  # fmt: skip
    answer, kinds, standing = await asyncio.gather(
        visitor.read("invoicing", f"/invoices/{id}"),
        visitor.get("invoicing", "/return-reasons"),
        visitor.maybe("notifications", f"/dossiers/{id}/standing"),
    )
    kept = {name: form.texts(name) for name in form.data} if form else {}
    return await screen(
        request, "gestion-renvoi.html", problem, invoice=answer.content, version=answer.version, kinds=kinds,
        standing=standing, kept=kept, fault=fault, titles=TITLES,
    )  # fmt: skip


@router.post("/factures/{id}/renvoi")
async def send_back(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Sends back; rejected, the invoice frees its session."""
    kind = form.text("sorte")
    chosen = form.texts(f"motif.{kind}")
    text = form.text("mot")
    if not kind or not chosen:
        fault = "Choisissez ce qui arrive à la facture, et au moins un motif de cette sorte."
        return await _sending_back(request, visitor, id, None, form, fault)
    content = {"kind": kind, "reasons": [{"code": code, "text": text or None} for code in chosen]}
    return await act(
        visitor, form, "POST", "invoicing", f"/invoices/{id}/return", json=content,
        then=f"/factures/{id}?fait=renvoye",
        again=lambda problem: _sending_back(request, visitor, id, problem, form),
    )  # fmt: skip


@router.post("/factures/{id}/reprise")
async def resume(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Takes up an invoice that was sent back, once what was missing is known."""
    return await _do(
        request, visitor, id, form, "resumption", "repris", {"answer": form.text("reponse") or None}
    )


@router.post("/factures/{id}/modification")
async def amend(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Grants or refuses the change that was asked for (R11)."""
    grants = form.text("decision") == "grant"
    content: dict[str, Any] = (
        {"decision": "grant", "remedy": form.text("moyen") or "corrective-invoice"}
        if grants
        else {"decision": "refuse", "reasons": lines_of(form.text("motifs"))}
    )
    done = "accorde" if grants else "decline"
    return await _do(request, visitor, id, form, "amendment-decision", done, content)


@router.post("/factures/{id}/paiement")
async def pay(request: Request, id: UUID, visitor: SignedIn, form: Sent) -> Response:
    """Tells that it was paid, under the reference of the bank statement (I4)."""
    content = {"reference": form.text("reference"), "paid_on": form.text("paid_on")}
    return await _do(request, visitor, id, form, "payment", "paye", content)


async def _do(
    request: Request, visitor: Visitor, id: UUID, form: Form, what: str, done: str, content: dict[str, Any]
) -> Response:
    return await act(
        visitor, form, "POST", "invoicing", f"/invoices/{id}/{what}", json=content, then=f"/factures/{id}?fait={done}",
        again=lambda problem: _invoice(request, visitor, id, problem, form),
    )  # fmt: skip


@router.get("/factures/{id}/document")
async def document(id: UUID, visitor: SignedIn) -> Response:
    """The invoice on paper."""
    return await passed_on(visitor, "invoicing", f"/invoices/{id}/document")


@router.get("/factures/{id}/documents/{sha256}")
async def paper(id: UUID, sha256: str, visitor: SignedIn) -> Response:
    """A paper that was deposited with it."""
    return await passed_on(visitor, "invoicing", f"/invoices/{id}/documents/{sha256}")


@router.get("/sessions/{id}/facture")
async def billing(request: Request, id: UUID, visitor: SignedIn) -> Response:
    """Whether a session can be invoiced, and how much; its invoice, when it has one."""
    told, standing = await asyncio.gather(
        visitor.get("invoicing", f"/sessions/{id}/invoicing"),
        visitor.maybe("notifications", f"/dossiers/{id}/standing"),
    )
    if told["invoice"]:
        return RedirectResponse(f"/factures/{told['invoice']['id']}", 303)
    return await screen(request, "gestion-facturation.html", told=told, standing=standing, id=id)
