"""What the routes read and keep: a session as it is known, its certificates, the draft of the next deposit."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import Depends
from fastapi.responses import JSONResponse

from services.attendance.certificates import DECIDER, Certificates, Command, Sheet
from services.attendance.draft import Draft, Typed, begun
from services.attendance.lines_file import NONE, Refusals
from services.attendance.sessions import Session
from services.attendance.views import SQL, session_of
from shared.events import Clear, Sealed
from shared.runtime.asked import Asked
from shared.runtime.auth import Principal
from shared.runtime.documents import UNKNOWN
from shared.runtime.dossier import dossier
from shared.runtime.http import accepted
from shared.runtime.refusal import Refused
from shared.runtime.refusals import BUSY, NOT_FOUND, VERSION_MISMATCH
from shared.runtime.service import Runtime, runtime_of

CONTEXT = "attendance"
ATTEMPTS = 5  # a draft that changes five times under one import is refused as busy

Service = Annotated[Runtime, Depends(runtime_of)]


@dataclass(frozen=True, slots=True)
class Preparation:
    """A session, its certificates as their stream says them, and what is being prepared for it.

    `refused` are the rows of the last import that were not kept; `by` and `at` say who touched the draft last.
    """

    session: Session
    certificates: Certificates
    draft: Draft
    refused: Refusals
    by: str | None
    at: datetime | None


async def session_row(runtime: Runtime, session: UUID, principal: Principal) -> asyncpg.Record:
    """A session of the caller's. Raises `Refused`."""
    row = await runtime.pool.fetchrow(SQL.session, session)
    if row is None:
        raise Refused(NOT_FOUND)
    principal.check(str(row["body_id"]), row["territory"])
    return row


async def handle(
    runtime: Runtime, row: asyncpg.Record, command: Command, asked: Asked, status: int = 200
) -> JSONResponse:
    """Runs a command on the certificates of a session, and answers it."""
    session = str(row["session_id"])
    asked = replace(asked, correlation=row["correlation"])
    appended = await runtime.commands.handle(DECIDER, stream_of(session), command, asked)
    return accepted(CONTEXT, appended, {"id": session}, status)


def stream_of(session: object) -> str:
    """The stream of a session's certificates."""
    return f"certificates-{session}"


async def sheet_of(runtime: Runtime, body: UUID, digest: str) -> Sheet:
    """A document that the body itself sent. Raises `Refused` for any other."""
    row = await runtime.pool.fetchrow(SQL.upload, body, digest)
    if row is None:
        raise Refused(UNKNOWN, sha256=digest)
    return Sheet(digest, row["size"], row["media_type"])


async def preparation(runtime: Runtime, session: UUID, principal: Principal) -> Preparation:
    """What is being prepared for a session of the caller's. A draft of an earlier deposit is of no use any more."""
    row = await session_row(runtime, session, principal)
    certificates = (await dossier(runtime, DECIDER, stream_of(session))).state
    fresh = begun(certificates)
    kept = await runtime.pool.fetchrow(SQL.draft, session)
    draft, refused = fresh, NONE
    if kept and kept["revision"] == fresh.revision:
        draft = replace(_draft(kept), version=kept["version"])
        refused = await _revealed(runtime, kept["refused"])
    elif kept:
        draft = replace(fresh, version=kept["version"])
    by, at = (kept["changed_by"], kept["changed_at"]) if kept and draft is not fresh else (None, None)
    return Preparation(session_of(row), certificates, draft, refused, by, at)


async def change_draft(
    runtime: Runtime,
    session: UUID,
    principal: Principal,
    change: Callable[[Preparation], tuple[Draft, Refusals]],
    expected: int | None = None,
) -> Preparation:
    """Keeps what `change` makes of the draft as it is; a draft that it leaves as it was keeps its version.

    `change` runs in a thread: thousands of lines are judged without holding up anybody else's request.

    Raises `Refused`: for a stale `expected`, or when others keep changing it in between.
    """
    for _ in range(ATTEMPTS):
        before = await preparation(runtime, session, principal)
        if expected not in (None, before.draft.version):
            raise Refused(VERSION_MISMATCH, expected=expected, actual=before.draft.version)
        draft, refused = await asyncio.to_thread(change, before)
        if (draft, refused) == (before.draft, before.refused):
            return before
        if await _keep(runtime, session, draft, refused, principal.subject):
            return await preparation(runtime, session, principal)
    raise Refused(BUSY)


async def _keep(runtime: Runtime, session: UUID, draft: Draft, refused: Refusals, by: str) -> int | None:
    lines = json.dumps(
        [[each.teacher, each.unit, each.hours, each.starts_on, each.ends_on] for each in draft.lines]
    )
    kept: int | None = await runtime.pool.fetchval(
        SQL.keep_draft, session, draft.revision, draft.version, lines, draft.sheet, draft.sheet_hours,
        await _sealed(runtime, session, refused), by,
    )  # fmt: skip
    return kept


def _draft(row: asyncpg.Record) -> Draft:
    lines = tuple(Typed(*line) for line in json.loads(row["lines"]))
    return Draft(row["revision"], row["version"], lines, row["sheet"], row["sheet_hours"])


async def _sealed(runtime: Runtime, session: UUID, refused: Refusals) -> str | None:
    """Rows as they came may hold anything, names too."""
    if not refused.rows:
        return None
    clear = Clear(f"import-{session}", refused.dumped())
    sealed = (await runtime.keyring.seal_all([clear]))[clear]
    return json.dumps({"person": sealed.person, "sealed": sealed.sealed})


async def _revealed(runtime: Runtime, sealed: str | None) -> Refusals:
    if sealed is None:
        return NONE
    value = Sealed(**json.loads(sealed))
    clear = (await runtime.keyring.reveal([value]))[value]
    return Refusals.loaded(clear.value) if isinstance(clear, Clear) else NONE
