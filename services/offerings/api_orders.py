"""Purchase orders over HTTP: see, download, return signed, refuse, cancel; and the documents they rest on.  (R6)"""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse

from services.offerings import order
from services.offerings.dossiers import CONTEXT, reasons
from services.offerings.refusals import NOBODY
from services.offerings.requests import CancellationIn, SignatureRefusalIn, SignedDocumentIn
from services.offerings.views import SQL
from shared.events import Clear, Sealed
from shared.events.offerings import OrderIssued
from shared.runtime.asked import Asked
from shared.runtime.auth import Caller, Principal
from shared.runtime.dossier import dossier
from shared.runtime.http import ReadAfter, accepted, asked_by, etag
from shared.runtime.paris import today
from shared.runtime.projection import Row, read
from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_FOUND, THE_BODY
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(tags=["bons de commande"])

Service = Annotated[Runtime, Depends(runtime_of)]
Status = Literal["issued", "signed", "signature-refused", "cancelled"]

PDF = "application/pdf"


@router.post("/documents", status_code=201)
async def deposit_document(file: UploadFile, runtime: Service, _principal: Caller) -> dict[str, str]:
    """Keeps a PDF and gives the sha256 that names it; twice the same is once."""
    return {"sha256": await runtime.documents.put(await file.read())}


@router.get("/orders", dependencies=[ReadAfter])
async def list_orders(
    runtime: Service,
    principal: Caller,
    status: Status | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:
    """The caller's orders, the newest first; `next` is the `after` of the page that follows."""
    body = UUID(principal.body) if principal.body else None
    found = await runtime.pool.fetch(SQL.orders, body, principal.territory, status, after, limit)
    items = await _described(runtime, [read(row["row"]) for row in found])
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


@router.get("/orders/{id}", dependencies=[ReadAfter])
async def show(id: UUID, runtime: Service, principal: Caller) -> JSONResponse:
    """Where an order stands, and who must act next."""
    row = await runtime.pool.fetchval(SQL.order, id)
    if row is None:
        raise Refused(NOT_FOUND)
    found = read(row)
    principal.check(found["body"], found["territory"])
    (item,) = await _described(runtime, [found])
    return JSONResponse(item | {"terms": found["terms"]}, headers=etag(found["version"]))


@router.get("/orders/{id}/document", response_class=Response, responses={200: {"content": {PDF: {}}}})
async def download(id: UUID, runtime: Service, principal: Caller) -> Response:
    """The order to sign, as a PDF."""
    terms = await _terms(runtime, id, principal)
    content = await runtime.documents.get(terms.document_hash)
    headers = {
        "Content-Disposition": f'attachment; filename="{terms.number}.pdf"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=PDF, headers=headers)


@router.post("/orders/{id}/signed-document")
async def sign(
    id: UUID, signed: SignedDocumentIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Returns the order signed and stamped: certificates may follow (R7)."""
    asked = await asked_by(request, principal)
    await _terms(runtime, id, principal)
    size = len(await runtime.documents.get(signed.document))
    signatory = Clear(f"signatory-{id}", f"{signed.signatory.name}, {signed.signatory.capacity}")
    command = order.SignOrder(signed.document, size, PDF, signatory, asked.actor, today(asked.now))
    return await _handle(runtime, id, command, asked)


@router.post("/orders/{id}/signature-refusal")
async def refuse_signature(
    id: UUID, refusal: SignatureRefusalIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Refuses what was returned, saying why; the body returns it again."""
    asked = await asked_by(request, principal)
    await _terms(runtime, id, principal)
    return await _handle(runtime, id, order.RefuseSignature(reasons(refusal.reasons), asked.actor), asked)


@router.post("/orders/{id}/cancellation")
async def cancel(
    id: UUID, cancellation: CancellationIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Cancels an order."""
    asked = await asked_by(request, principal)
    await _terms(runtime, id, principal)
    return await _handle(runtime, id, order.CancelOrder(cancellation.reason, asked.actor), asked)


async def _terms(runtime: Runtime, id: UUID, principal: Principal) -> OrderIssued:
    """What the order says, if the caller may see it. Raises `Refused` otherwise."""
    terms = (await dossier(runtime, order.DECIDER, f"order-{id}")).state.terms
    if terms is None:
        raise Refused(NOT_FOUND)
    principal.check(str(terms.body_id), terms.territory)
    return terms


async def _handle(runtime: Runtime, id: UUID, command: order.Command, asked: Asked) -> JSONResponse:
    appended = await runtime.commands.handle(order.DECIDER, f"order-{id}", command, asked)
    return accepted(CONTEXT, appended, {"id": str(id)})


async def _described(runtime: Runtime, rows: list[Row]) -> list[Row]:
    """Orders as people read them; the signatories of all are revealed at once."""
    sealed = {row["id"]: Sealed(**row["signatory"]) for row in rows if row["signatory"]}
    clear = await runtime.keyring.reveal(sealed.values())
    return [
        {
            **{name: row[name] for name in _SHOWN},
            "amount": f"{row['amount']:.2f}",
            "title": row["terms"]["title"],
            "document": row["terms"]["document_hash"],
            "signatory": getattr(clear.get(sealed[row["id"]]), "value", None) if row["signatory"] else None,
            **_NEXT_STEPS[row["status"]],
        }
        for row in rows
    ]


_SHOWN = (
    "id", "status", "number", "body", "offering", "session", "territory", "returned", "signed_on", "reasons", "cause",
    "version", "issued_at",
)  # fmt: skip

_NEXT_STEPS: dict[str, Row] = {
    "issued": {
        "holder": THE_BODY,
        "next_step": "L'organisme télécharge le bon de commande, le signe, le tamponne et le renvoie.",
    },
    "signed": {
        "holder": THE_BODY,
        "next_step": "L'organisme dépose les attestations de présence après la session.",
    },
    "signature-refused": {
        "holder": THE_BODY,
        "next_step": "L'organisme corrige le bon de commande signé, selon les motifs, et le renvoie.",
    },
    "cancelled": {"holder": NOBODY, "next_step": "Le bon de commande est annulé."},
}
