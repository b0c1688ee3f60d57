"""The draft of a deposit over HTTP: type it, fill it, compare it, deposit it.  (R7, R8)"""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from services.attendance.certificates import SubmitCertificates
from services.attendance.checklist import Ready, to_submit
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
from services.attendance.draft import Draft, check, check_changeable, everyone_present, kept, with_lines
from services.attendance.draft_answer import draft_answer
from services.attendance.lines import who
from services.attendance.lines_file import Refusals
from services.attendance.requests import DraftGiven
from shared.runtime.auth import Caller
from shared.runtime.dossier import first_answer
from shared.runtime.http import ReadAfter, accepted, asked_by, etag, if_match
from shared.runtime.paris import today
from shared.runtime.refusal import Refused
from shared.runtime.refusals import VERSION_MISMATCH

router = APIRouter(prefix="/sessions/{session}/certificates/draft", tags=["attestations de présence"])


@router.get("", dependencies=[ReadAfter])
async def show_draft(session: UUID, runtime: Service, principal: Caller) -> JSONResponse:
    """The draft, what is wrong with each line, and every comparison that comes before the deposit."""
    return await _answered(await preparation(runtime, session, principal))


@router.put("", dependencies=[ReadAfter])
async def keep_draft(
    session: UUID, given: DraftGiven, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Keeps what is given, right or not yet; the answer says what is wrong. `If-Match`: the version that was read."""

    def change(before: Preparation) -> tuple[Draft, Refusals]:
        check_changeable(before.session, before.certificates)
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
    return await _answered(await change_draft(runtime, session, principal, change, if_match(request)))


@router.post("/everyone-present", dependencies=[ReadAfter])
async def fill_draft(session: UUID, request: Request, runtime: Service, principal: Caller) -> JSONResponse:
    """A line of all planned hours for each assignment that has none; the exceptions are then typed over."""

    def change(before: Preparation) -> tuple[Draft, Refusals]:
        check_changeable(before.session, before.certificates)
        lines = everyone_present(before.session, before.certificates, before.draft.lines)
        return with_lines(before.draft, lines), before.refused

    return await _answered(await change_draft(runtime, session, principal, change, if_match(request)))


@router.post("/deposit", status_code=201, dependencies=[ReadAfter])
async def deposit_draft(session: UUID, request: Request, runtime: Service, principal: Caller) -> JSONResponse:
    """Deposits the draft (R7, R8). Refused with the first comparison that does not hold.

    `If-Match`: the version of the draft that was read; nothing that came after it is deposited unseen.
    """
    asked = await asked_by(request, principal)
    row = await session_row(runtime, session, principal)
    if first := await first_answer(runtime, asked):
        return accepted(CONTEXT, first, {"id": str(session)}, 201)
    now = await preparation(runtime, session, principal)
    if asked.expected not in (None, now.draft.version):
        raise Refused(VERSION_MISMATCH, expected=asked.expected, actual=now.draft.version)
    day = today(asked.now)
    lines = to_submit(Ready(now.session, now.certificates, now.draft, day))
    sheet = await sheet_of(runtime, now.session.body, now.draft.sheet or "")
    command = SubmitCertificates(now.session, sheet, lines, asked.actor, day)
    return await handle(runtime, row, command, replace(asked, expected=None), 201)


async def _answered(now: Preparation) -> JSONResponse:
    ready = Ready(now.session, now.certificates, now.draft, today())
    touched = {"changed_by": now.by, "changed_at": now.at.isoformat() if now.at else None}
    answer = await asyncio.to_thread(draft_answer, ready, now.refused)
    return JSONResponse(answer | touched, headers=etag(now.draft.version))
