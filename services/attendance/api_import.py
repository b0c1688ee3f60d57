"""The spreadsheet of a session over HTTP: its template, its import into the draft, the rows to mend.  (R8)"""

import asyncio
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import UploadFile

from services.attendance.api_documents import attachment, files
from services.attendance.dossiers import Preparation, Service, change_draft, preparation, session_row
from services.attendance.draft import Draft, check_changeable, merged, with_lines
from services.attendance.draft_answer import help_with, to_mend
from services.attendance.lines import ENDS, HOURS, SESSION, STARTS, TEACHER, UNIT
from services.attendance.lines_file import (
    HEADER,
    REASON,
    Cell,
    Imported,
    Refusals,
    imported,
    refused_told,
    template,
)
from shared.runtime import parts, sheets, uploads
from shared.runtime.auth import Caller, Principal
from shared.runtime.http import ReadAfter, etag, if_match
from shared.runtime.service import Runtime

COLUMNS = (
    sheets.Column(SESSION, SESSION, ("Numéro de session", "Bon de commande"), mandatory=False),
    sheets.Column(TEACHER, TEACHER, ("Numéro d'enseignant", "N° enseignant", "Numéro enseignant", "teacher")),
    sheets.Column(UNIT, UNIT, ("Unité", "Code unité", "UP", "unit")),
    sheets.Column(HOURS, HOURS, ("Heures", "Heures réalisées", "hours")),
    sheets.Column(STARTS, STARTS, ("Date de début", "Début", "from")),
    sheets.Column(ENDS, ENDS, ("Date de fin", "Fin", "to")),
    sheets.Column(REASON, REASON, mandatory=False),
)

router = APIRouter(prefix="/sessions/{session}/certificates", tags=["attestations de présence"])


_FILE = {"schema": {"type": "string", "format": "binary"}}
_FORM = {"schema": {"type": "object", "required": ["file"], "properties": {"file": _FILE["schema"]}}}


@router.post(
    "/import",
    dependencies=[ReadAfter],
    openapi_extra={
        "requestBody": {
            "required": False,
            "content": {uploads.CSV: _FILE, uploads.XLSX: _FILE, "multipart/form-data": _FORM},
        }
    },
)
async def import_lines(
    session: UUID,
    request: Request,
    runtime: Service,
    principal: Caller,
    dry_run: bool = False,
    upload: UUID | None = None,
) -> JSONResponse:
    """Reads a CSV or an XLSX: rows that can stand go into the draft, the others are listed with their reasons.

    `dry_run`: says what would be kept, and keeps nothing. The same file twice changes nothing. `upload`: the file came
    before, in parts.
    """
    await session_row(runtime, session, principal)
    file = await parts.whole(runtime, principal, upload) if upload else await _content(request)
    sheet = await sheets.read(uploads.sized(file), COLUMNS)
    rows = [(row.number, row.cells) for row in sheet.rows]
    outcome: dict[str, Any] = {}

    def change(before: Preparation) -> tuple[Draft, Refusals]:
        check_changeable(before.session, before.certificates)
        found = imported(before.session, before.certificates, rows)
        outcome.update(_outcome(before, found))
        return with_lines(before.draft, merged(before.draft.lines, found.lines)), found.refused

    if dry_run:
        now = await preparation(runtime, session, principal)
        await asyncio.to_thread(change, now)
    else:
        now = await change_draft(runtime, session, principal, change, if_match(request))
    link = to_mend(session) if outcome["refused"] and not dry_run else None
    content = {"dry_run": dry_run, **outcome, "fixed_file": link, "version": now.draft.version}
    return JSONResponse(content, headers=etag(now.draft.version))


def _outcome(before: Preparation, found: Imported) -> dict[str, Any]:
    there = set(before.draft.lines)
    return {
        "read": found.read,
        "kept": len(found.lines),
        "changed": sum(line not in there for line in found.lines),
        "already_validated": found.validated,
        "refused": refused_told(found.refused),
        "help": help_with(before.session, found.faults),
    }


@router.get("/template.csv", dependencies=[ReadAfter], response_class=Response, responses=files(uploads.CSV))
async def template_csv(session: UUID, runtime: Service, principal: Caller) -> Response:
    """The session's spreadsheet to fill in: a row for each teacher and unit, hours planned, days."""
    rows = await _template(runtime, session, principal)
    return attachment(sheets.csv_bytes(HEADER, rows), uploads.CSV, "attestations.csv")


@router.get(
    "/template.xlsx", dependencies=[ReadAfter], response_class=Response, responses=files(uploads.XLSX)
)
async def template_xlsx(session: UUID, runtime: Service, principal: Caller) -> Response:
    """The same for Excel, where numbers keep their first zeros."""
    rows = await _template(runtime, session, principal)
    return attachment(await sheets.xlsx_bytes(HEADER, rows), uploads.XLSX, "attestations.xlsx")


@router.get("/refused.csv", dependencies=[ReadAfter], response_class=Response, responses=files(uploads.CSV))
async def refused_csv(session: UUID, runtime: Service, principal: Caller) -> Response:
    """The rows of the last import that were not kept, as they came, each with its reason in the column « Motif »."""
    header, rows = (await preparation(runtime, session, principal)).refused.to_mend()
    return attachment(sheets.csv_bytes(header, rows), uploads.CSV, "attestations-a-corriger.csv")


async def _content(request: Request) -> bytes:
    """The file, sent as it is or as the field `file` of a form; nothing when there is none."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        file = (await request.form()).get("file")
        return await file.read() if isinstance(file, UploadFile) else b""
    return await request.body()


async def _template(runtime: Runtime, session: UUID, principal: Principal) -> list[list[Cell]]:
    now = await preparation(runtime, session, principal)
    return template(now.session, now.certificates, now.draft.lines)
