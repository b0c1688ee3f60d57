"""Documents of attendance over HTTP: the signed sheets as deposited, and the certificate as a PDF."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi import Path as InPath

from services.attendance.certificate_document import certificate
from services.attendance.certificates import DECIDER
from services.attendance.dossiers import CONTEXT, Service, session_row, stream_of
from services.attendance.views import SQL, session_of
from shared.events.attendance import CertificatesRejected, CertificatesSubmitted
from shared.events.values import Sha256, TeacherNumber
from shared.runtime import pdf, receipts, uploads
from shared.runtime.auth import Caller
from shared.runtime.dossier import dossier
from shared.runtime.http import ReadAfter
from shared.runtime.parts import Sent
from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_FOUND

TEMPLATE = Path(__file__).with_name("documents") / "certificate.typ"
RECEIPT = "Attestations de présence"
"""What the receipt of a deposit is of."""
EXTENSIONS = {uploads.PDF: "pdf", uploads.PNG: "png", uploads.JPEG: "jpg"}

router = APIRouter(tags=["documents"])


def attachment(content: bytes, media_type: str, name: str) -> Response:
    """A file to save; what it is comes from us, not from its content."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)


def files(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """How the API's description says that a route answers with a file."""
    return {200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds}}}


@router.post("/documents", status_code=201)
async def deposit_document(file: Sent, runtime: Service, principal: Caller) -> dict[str, Any]:
    """Keeps a signed attendance sheet (PDF or photo) and gives the sha256 that names it; twice the same is once."""
    deposited = await uploads.received(file, runtime.documents, runtime.scanner, uploads.SCANS)
    await runtime.pool.execute(
        SQL.keep_upload, UUID(principal.body), deposited.sha256, deposited.size, deposited.media_type
    )
    return asdict(deposited)


@router.get("/sessions/{session}/certificates/sheets", dependencies=[ReadAfter])
async def list_sheets(session: UUID, runtime: Service, principal: Caller) -> dict[str, Any]:
    """Every sheet deposited with the certificates of a session, the last one first: none is ever replaced."""
    await session_row(runtime, session, principal)
    rows = await runtime.pool.fetch(SQL.sheets, session)
    return {"items": [dict(row) for row in rows], "next": None}


@router.get(
    "/sessions/{session}/certificates/sheets/{sha256}",
    dependencies=[ReadAfter], response_class=Response, responses=files(*EXTENSIONS),
)  # fmt: skip
async def download_sheet(
    session: UUID, sha256: Annotated[Sha256, InPath()], runtime: Service, principal: Caller
) -> Response:
    """One of these sheets, as it was deposited; to its body also the one of the draft."""
    row = await session_row(runtime, session, principal)
    found = await runtime.pool.fetchrow(SQL.sheet, session, sha256, row["body_id"], principal.role == "body")
    if found is None:
        raise Refused(NOT_FOUND)
    content = await runtime.documents.get(sha256)
    kind = found["media_type"] or uploads.media_type(content) or uploads.PDF
    return attachment(content, kind, f"emargement-{sha256[:12]}.{EXTENSIONS.get(kind, 'pdf')}")


@router.get("/sessions/{session}/certificates/submissions", dependencies=[ReadAfter])
async def list_submissions(session: UUID, runtime: Service, principal: Caller) -> dict[str, Any]:
    """Each deposit of certificates, the first one first: its receipt (F11), its lines, which were rejected (M5)."""
    await session_row(runtime, session, principal)
    stream = await runtime.ledger.stream(stream_of(session))
    sent = receipts.sent(stream, CertificatesSubmitted)
    rejected = {
        event.revision: event.lines or () for _, _, event in receipts.sent(stream, CertificatesRejected)
    }
    told = receipts.listed(CONTEXT, sent)
    for item, (_, _, event) in zip(told["items"], sent, strict=True):
        item["lines"] = [line.model_dump(mode="json") for line in event.lines]
        item["rejected"] = [line.model_dump(mode="json") for line in rejected.get(event.revision, ())]
    return told


@router.get(
    "/sessions/{session}/certificates/submissions/{revision}/receipt.pdf",
    dependencies=[ReadAfter], response_class=Response, responses=files(uploads.PDF),
)  # fmt: skip
async def show_receipt(session: UUID, revision: int, runtime: Service, principal: Caller) -> Response:
    """What proves that certificates were received, as PDF (F11)."""
    row = await session_row(runtime, session, principal)
    sent = receipts.sent(await runtime.ledger.stream(stream_of(session)), CertificatesSubmitted)
    return await receipts.on_paper(CONTEXT, RECEIPT, sent, revision, lambda _: str(row["body_name"]))


@router.get(
    "/sessions/{session}/certificates/certificate.pdf",
    dependencies=[ReadAfter], response_class=Response, responses=files(uploads.PDF),
)  # fmt: skip
async def download_certificate(
    session: UUID,
    runtime: Service,
    principal: Caller,
    teacher: Annotated[TeacherNumber | None, Query()] = None,
) -> Response:
    """The certificate of attendance of a teacher, or a page for each, once Formiris has validated the session."""
    row = await session_row(runtime, session, principal)
    certificates = (await dossier(runtime, DECIDER, stream_of(session))).state
    data = certificate(session_of(row), certificates, teacher)
    content = await pdf.rendered(TEMPLATE, data, on=data["validated_on"])
    return attachment(content, uploads.PDF, f"attestation-{teacher or session}.pdf")
