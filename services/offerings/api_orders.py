"""Purchase orders over HTTP: see, download, return signed, refuse, cancel; and the documents they rest on.  (R6)"""

from dataclasses import asdict
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from services.offerings import order
from services.offerings.dossiers import CONTEXT, held_by_office, signed_again
from services.offerings.refusals import NOBODY
from services.offerings.requests import CancellationIn, SignatureRefusalIn, SignedDocumentIn
from services.offerings.returned import references_on
from services.offerings.steps import reasons_of, steps, texts, to_sign_again
from services.offerings.views import SQL
from shared.events import Clear, Sealed
from shared.events.offerings import OrderIssued
from shared.events.values import Sha256
from shared.runtime import uploads
from shared.runtime.asked import Asked
from shared.runtime.auth import Caller, Principal
from shared.runtime.dossier import dossier
from shared.runtime.http import ReadAfter, accepted, asked_by, etag
from shared.runtime.paris import today
from shared.runtime.parts import Sent
from shared.runtime.projection import Row, read
from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_FOUND, THE_BODY
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(tags=["bons de commande"])

Service = Annotated[Runtime, Depends(runtime_of)]
Status = Literal["issued", "signed", "signature-refused", "cancelled"]

EXTENSIONS = {uploads.PDF: "pdf", uploads.PNG: "png", uploads.JPEG: "jpg"}
FILE: dict[int | str, dict[str, Any]] = {200: {"content": {kind: {} for kind in EXTENSIONS}}}


@router.post("/documents", status_code=201)
async def deposit_document(file: Sent, runtime: Service, _principal: Caller) -> dict[str, Any]:
    """Keeps a PDF or a photo and gives the sha256 that names it; twice the same is once."""
    return asdict(await uploads.received(file, runtime.documents, runtime.scanner, uploads.SCANS))


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
    found = await runtime.pool.fetch(SQL.orders, body, principal.territories, status, after, limit)
    items = await _described(runtime, [read(row["row"]) for row in found])
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


@router.get("/orders/{id}", dependencies=[ReadAfter])
async def show(id: UUID, runtime: Service, principal: Caller) -> JSONResponse:
    """Where an order stands, its two steps, what must be signed again, and who must act next."""
    found = await _row(runtime, id, principal)
    (item,) = await _described(runtime, [found])
    return JSONResponse(item | {"terms": found["terms"]}, headers=etag(found["version"]))


@router.get("/orders/{id}/document", response_class=Response, responses=FILE)
async def download(id: UUID, runtime: Service, principal: Caller) -> Response:
    """What is to be signed, as a PDF: the order, or its last amendment."""
    terms = await _terms(runtime, id, principal)
    content = await runtime.documents.get(terms.document_hash)
    return _file(content, uploads.PDF, f"{terms.number}.pdf")


@router.get("/orders/{id}/documents", dependencies=[ReadAfter])
async def list_documents(id: UUID, runtime: Service, principal: Caller) -> dict[str, Any]:
    """Every version of the order's papers, the first one first: none is ever replaced."""
    found = await _row(runtime, id, principal)
    return {"items": found["documents"], "next": None}


@router.get(
    "/orders/{id}/documents/{sha256}",
    dependencies=[ReadAfter],
    response_class=Response,
    responses=FILE,
)
async def download_version(
    id: UUID, sha256: Annotated[Sha256, Path()], runtime: Service, principal: Caller
) -> Response:
    """One of these papers, as it was deposited."""
    found = await _row(runtime, id, principal)
    papers = {paper["sha256"]: (place, paper) for place, paper in enumerate(found["documents"], 1)}
    if sha256 not in papers:
        raise Refused(NOT_FOUND)
    place, paper = papers[sha256]
    name = f"{found['number']}-{place}.{EXTENSIONS[paper['media_type']]}"
    return _file(await runtime.documents.get(sha256), paper["media_type"], name)


@router.post("/orders/{id}/signed-document")
async def sign(
    id: UUID, signed: SignedDocumentIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Returns the order signed and stamped, as PDF or photo: certificates may follow (R7)."""
    asked = await asked_by(request, principal)
    terms = await _terms(runtime, id, principal)
    content = await runtime.documents.get(signed.document)
    kind = await uploads.checked(content, uploads.SCANS)
    day, printed = today(asked.now), await references_on(kind, content, terms.number)
    command = order.SignOrder(
        signed.document, len(content), kind, _signatory(id, signed), asked.actor, signed.signed_on or day, day,
        printed,
    )  # fmt: skip
    return await _handle(runtime, terms, command, asked)


def _signatory(id: UUID, signed: SignedDocumentIn) -> Clear | None:
    who = signed.signatory
    return Clear(f"signatory-{id}", f"{who.name}, {who.capacity}") if who else None


@router.post("/orders/{id}/signature-refusal")
async def refuse_signature(
    id: UUID, refusal: SignatureRefusalIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Refuses what was returned, saying what is missing; what was right stays, and the body returns it again."""
    asked = await asked_by(request, principal)
    terms = await _terms(runtime, id, principal)
    command = order.RefuseSignature(reasons_of(refusal.missing, refusal.reasons), asked.actor)
    return await _handle(runtime, terms, command, asked)


@router.post("/orders/{id}/cancellation")
async def cancel(
    id: UUID, cancellation: CancellationIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Cancels an order: nothing of it is left to sign. Its session may be ordered again, under another number."""
    asked = await asked_by(request, principal)
    terms = await _terms(runtime, id, principal)
    attended = await runtime.pool.fetchval(SQL.attended, terms.session_id)
    return await _handle(runtime, terms, order.CancelOrder(cancellation.reason, asked.actor, attended), asked)


async def _terms(runtime: Runtime, id: UUID, principal: Principal) -> OrderIssued:
    """What the order says, if the caller may see it. Raises `Refused` otherwise."""
    terms = (await dossier(runtime, order.DECIDER, f"order-{id}")).state.terms
    if terms is None:
        raise Refused(NOT_FOUND)
    principal.check(str(terms.body_id), terms.territory)
    return terms


async def _handle(runtime: Runtime, terms: OrderIssued, command: order.Command, asked: Asked) -> JSONResponse:
    stream = f"order-{terms.order_id}"
    with held_by_office(runtime, terms.territory):
        appended = await runtime.commands.handle(order.DECIDER, stream, command, asked)
    state = (await dossier(runtime, order.DECIDER, stream)).state
    return accepted(CONTEXT, appended, {"id": str(terms.order_id), "to_sign_again": signed_again(state)})


async def _row(runtime: Runtime, id: UUID, principal: Principal) -> Row:
    """The order as listed, if the caller may see it. Raises `Refused` otherwise."""
    row = await runtime.pool.fetchval(SQL.order, id)
    if row is None:
        raise Refused(NOT_FOUND)
    found = read(row)
    principal.check(found["body"], found["territory"])
    return found


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)


async def _described(runtime: Runtime, rows: list[Row]) -> list[Row]:
    """Orders as people read them; the signatories of all are revealed at once."""
    sealed = {row["id"]: Sealed(**row["signatory"]) for row in rows if row["signatory"]}
    clear = await runtime.keyring.reveal(sealed.values())
    return [_item(row, _named(clear.get(sealed[row["id"]]) if row["id"] in sealed else None)) for row in rows]


def _named(signatory: object) -> str | None:
    """Who signed; None when nobody did yet, or the person was erased."""
    return signatory.value if isinstance(signatory, Clear) else None


def _item(row: Row, signatory: str | None) -> Row:
    return {
        **{name: row[name] for name in _SHOWN},
        "amount": f"{row['amount']:.2f}",
        "title": row["terms"]["title"],
        "document": row["terms"]["document_hash"],
        "signatory": signatory,
        "steps": steps(row, signatory),
        "to_sign_again": to_sign_again(
            row["status"], row["amendment"], texts(row), row["terms"]["document_hash"]
        ),
        **_next_step(row),
    }


def _next_step(row: Row) -> Row:
    if row["status"] == "issued" and row["amendment"]:
        step = f"L'organisme télécharge l'avenant n° {row['amendment']}, le signe, le tamponne et le renvoie."
        return {"holder": THE_BODY, "next_step": step}
    return _NEXT_STEPS[row["status"]]


_SHOWN = (
    "id", "status", "number", "body", "offering", "session", "territory", "amendment", "returned", "signed_on",
    "reasons", "cause", "version", "issued_at",
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
    "cancelled": {
        "holder": NOBODY,
        "next_step": "Le bon de commande est annulé : rien n'est à signer. Si la session est commandée à nouveau, ce "
        "sera par un autre bon de commande, sous un autre numéro.",
    },
}
