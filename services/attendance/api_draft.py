"""The draft of a deposit over HTTP: type it, fill it, import a spreadsheet, compare, deposit.  (R7, R8)"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import UploadFile

from services.attendance.api_documents import attachment, files
from services.attendance.certificates import Certificates, SubmitCertificates
from services.attendance.checklist import Ready, Step, checklist, to_submit
from services.attendance.dossiers import (
    CONTEXT,
    Preparation,
    Service,
    change_draft,
    handle,
    preparation,
    session_row,
    sheet_of,
)
from services.attendance.draft import (
    AT_MOST,
    Draft,
    check,
    everyone_present,
    kept,
    merged,
    totals,
    without_line,
)
from services.attendance.lines import ENDS, HOURS, SESSION, STARTS, TEACHER, UNIT, Fault, Who, who
from services.attendance.lines_file import HEADER, REASON, Cell, Imported, Refusals, imported, template, told
from services.attendance.refusals import ALREADY_VALIDATED, AWAITING_VALIDATION, TOO_MANY_LINES
from services.attendance.requests import DraftGiven, DraftSubmission
from services.attendance.sessions import Session
from shared.runtime import sheets, uploads
from shared.runtime.auth import Caller, Principal
from shared.runtime.dossier import first_answer
from shared.runtime.http import ReadAfter, accepted, asked_by, etag, if_match
from shared.runtime.paris import today
from shared.runtime.refusal import Refused
from shared.runtime.refusals import VERSION_MISMATCH
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


@router.get("/draft", dependencies=[ReadAfter])
async def show_draft(session: UUID, runtime: Service, principal: Caller) -> JSONResponse:
    """The draft, what is wrong with each line, and every comparison that comes before the deposit."""
    return _answered(await preparation(runtime, session, principal))


@router.put("/draft", dependencies=[ReadAfter])
async def keep_draft(
    session: UUID, given: DraftGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Keeps what is given, right or not yet; the answer says what is wrong. `If-Match`: the version that was read."""

    def change(before: Preparation) -> tuple[Draft, Refusals]:
        _check_open(before)
        changes: dict[str, Any] = {name: getattr(given, name) for name in given.model_fields_set}
        if "lines" not in changes:
            return replace(before.draft, **changes), before.refused
        lines = tuple(line.typed() for line in given.lines)
        checked = check(before.session, before.certificates, lines)
        mended = before.refused.without(who(line) for line in checked.good.values())
        return replace(before.draft, **changes | {"lines": kept(checked, lines)}), mended

    row = await session_row(runtime, session, principal)
    if given.sheet:
        await sheet_of(runtime, row["body_id"], given.sheet)
    return _answered(await change_draft(runtime, session, principal, change, if_match(request)))


@router.post("/draft/everyone-present", dependencies=[ReadAfter])
async def fill_draft(session: UUID, request: Request, runtime: Service, principal: Caller) -> JSONResponse:
    """A line of all planned hours for each assignment that has none; the exceptions are then typed over."""

    def change(before: Preparation) -> tuple[Draft, Refusals]:
        _check_open(before)
        lines = everyone_present(before.session, before.certificates, before.draft.lines)
        return _with_lines(before.draft, lines), before.refused

    return _answered(await change_draft(runtime, session, principal, change, if_match(request)))


@router.post("/draft/deposit", status_code=201, dependencies=[ReadAfter])
async def deposit_draft(
    session: UUID,
    request: Request,
    runtime: Service,
    principal: Caller,
    given: DraftSubmission | None = None,
) -> JSONResponse:
    """Deposits the draft (R7, R8). Refused with the first comparison that does not hold."""
    asked = await asked_by(request, principal)
    row = await session_row(runtime, session, principal)
    if first := await first_answer(runtime, asked):
        return accepted(CONTEXT, first, {"id": str(session)}, 201)
    now = await preparation(runtime, session, principal)
    if given and given.version not in (None, now.draft.version):
        raise Refused(VERSION_MISMATCH, expected=given.version, actual=now.draft.version)
    day = today(asked.now)
    lines = to_submit(Ready(now.session, now.certificates, now.draft, day))
    sheet = await sheet_of(runtime, now.session.body, now.draft.sheet or "")
    return await handle(
        runtime, row, SubmitCertificates(now.session, sheet, lines, asked.actor, day), asked, 201
    )


_FILE = {"schema": {"type": "string", "format": "binary"}}
_FORM = {"schema": {"type": "object", "required": ["file"], "properties": {"file": _FILE["schema"]}}}


@router.post(
    "/import",
    dependencies=[ReadAfter],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {uploads.CSV: _FILE, uploads.XLSX: _FILE, "multipart/form-data": _FORM},
        }
    },
)
async def import_lines(
    session: UUID, request: Request, runtime: Service, principal: Caller, dry_run: bool = False
) -> JSONResponse:
    """Reads a CSV or an XLSX: rows that can stand go into the draft, the others are listed with their reasons.

    `dry_run`: says what would be kept, and keeps nothing. The same file twice changes nothing.
    """
    await session_row(runtime, session, principal)
    sheet = await sheets.read(await _content(request), COLUMNS)
    rows = [(row.number, row.cells) for row in sheet.rows]
    outcome: dict[str, Any] = {}

    def change(before: Preparation) -> tuple[Draft, Refusals]:
        _check_open(before)
        found = imported(before.session, before.certificates, rows)
        outcome.update(_outcome(before, found))
        return _with_lines(before.draft, merged(before.draft.lines, found.lines)), found.refused

    if dry_run:
        now = await preparation(runtime, session, principal)
        change(now)
    else:
        now = await change_draft(runtime, session, principal, change, if_match(request))
    link = _mend_link(session) if outcome["refused"] and not dry_run else None
    content = {"dry_run": dry_run, **outcome, "fixed_file": link, "version": now.draft.version}
    return JSONResponse(content, headers=etag(now.draft.version))


def _outcome(before: Preparation, found: Imported) -> dict[str, Any]:
    there = set(before.draft.lines)
    return {
        "read": found.read,
        "kept": len(found.lines),
        "changed": sum(line not in there for line in found.lines),
        "already_validated": found.validated,
        "refused": [
            {"row": row.number, **asdict(wrong)} for row in found.refused.rows for wrong in row.wrong
        ],
        "help": _help(before.session, found.faults),
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
    """The file, sent as it is or as the field `file` of a form. Raises `Refused` when there is none."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        file = (await request.form()).get("file")
        content = await file.read() if isinstance(file, UploadFile) else b""
    else:
        content = await request.body()
    if not content:
        raise Refused(uploads.EMPTY)
    return content


async def _template(runtime: Runtime, session: UUID, principal: Principal) -> list[list[Cell]]:
    now = await preparation(runtime, session, principal)
    return template(now.session, now.certificates, now.draft.lines)


def _check_open(before: Preparation) -> None:
    """Raises `Refused` while the last deposit waits for its decision, and once it is validated."""
    if before.certificates.status == "submitted":
        raise Refused(AWAITING_VALIDATION, contact=before.session.contact)
    if before.certificates.status == "validated":
        raise Refused(ALREADY_VALIDATED, contact=before.session.contact)


def _with_lines(draft: Draft, lines: tuple[Any, ...]) -> Draft:
    if len(lines) > AT_MOST:
        raise Refused(TOO_MANY_LINES, limit=AT_MOST, count=len(lines))
    return replace(draft, lines=lines)


def _answered(now: Preparation) -> JSONResponse:
    ready = Ready(now.session, now.certificates, now.draft, today())
    steps = checklist(ready)
    checked, reasons = ready.checked, _reasons(now.certificates)
    content = {
        "id": str(now.session.id),
        "version": now.draft.version,
        "revision": now.draft.revision,
        "sheet": now.draft.sheet,
        "sheet_hours": now.draft.sheet_hours,
        "lines": [
            {
                "teacher": line.teacher, "unit": line.unit, "hours": line.hours, "from": line.starts_on,
                "to": line.ends_on, **_beside(now.session, line.who), "rejected_because": reasons.get(line.who, []),
                "faults": [told(fault) for fault in checked.faults.get(index, ())],
            }
            for index, line in enumerate(now.draft.lines)
        ],
        "validated": [line.model_dump(mode="json") for line in now.certificates.validated.values()],
        "without_line": [
            {"teacher": teacher, "unit": unit, **_beside(now.session, (teacher, unit))}
            for teacher, unit in without_line(now.session, now.certificates, now.draft.lines)
        ],
        "totals": totals(now.session, [*ready.lines, *now.certificates.validated.values()]),
        "checklist": [_step(step) for step in steps],
        "can_submit": not any(step.refused and step.needed for step in steps),
        "refused_rows": len(now.refused.rows),
        "fixed_file": _mend_link(now.session.id) if now.refused.rows else None,
        "help": _help(now.session, [fault for _, fault in checked.listed()]),
        "changed_by": now.by,
        "changed_at": now.at and now.at.isoformat(),
    }  # fmt: skip
    return JSONResponse(content, headers=etag(now.draft.version))


def _beside(session: Session, line: Who) -> dict[str, Any]:
    """What a person needs to see next to a line: the unit, the plan."""
    planned = session.hours.get(line[1])
    return {"title": session.title_of(line[1]), "planned": None if planned is None else f"{planned:.2f}"}


def _reasons(certificates: Certificates) -> dict[Who, list[str]]:
    """Why lines were rejected, while nothing newer was deposited."""
    reasons: dict[Who, list[str]] = defaultdict(list)
    for each in (certificates.rejected.lines or ()) if certificates.rejected else ():
        reasons[each.teacher_number, each.unit_code].append(each.text)
    return reasons


def _step(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "label": step.label,
        "ok": step.refused is None,
        "needed": step.needed,
        "detail": step.detail,
        "missing": [asdict(missing) for missing in step.refused.missing] if step.refused else [],
        **({"code": step.refused.refusal.code, **step.refused.next_step()} if step.refused else {}),
    }


def _help(session: Session, faults: Iterable[Fault]) -> dict[str, Any]:
    """Who can help with each kind of fault, said once."""
    return {
        fault.refusal.code: Refused(fault.refusal, contact=fault.contact(session), **fault.words).next_step()
        for fault in faults
    }


def _mend_link(session: UUID) -> str:
    return f"/v1/sessions/{session}/certificates/refused.csv"
