"""The monthly statement and the full export of invoices over HTTP.  (I4)"""

import asyncio
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from services.invoicing.api_invoices import Status, of_caller
from services.invoicing.dossiers import Service
from services.invoicing.export import COLUMNS, Cell, line_of
from services.invoicing.refusals import EXPORT_TOO_LONG, STATEMENT_OF_WHOM
from services.invoicing.statement import TEMPLATE, Month, statement_of
from services.invoicing.views import SQL
from shared.runtime import pdf, sheets
from shared.runtime.auth import Caller, Principal
from shared.runtime.http import ReadAfter
from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_FOUND
from shared.runtime.service import Runtime
from shared.runtime.uploads import CSV, PDF, XLSX

router = APIRouter(tags=["relevés"], dependencies=[ReadAfter])

EXPORT_AT_MOST = 20_000

YearMonth = Annotated[str, Path(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
Since = Annotated[date | None, Query(alias="from")]
Until = Annotated[date | None, Query(alias="to")]
_FILES: dict[str, dict[int | str, dict[str, Any]]] = {
    kind: {200: {"content": {kind: {}}}} for kind in (PDF, CSV, XLSX)
}


@router.get("/statements/{month}")
async def statement(
    month: YearMonth, runtime: Service, principal: Caller, body: UUID | None = None
) -> dict[str, Any]:
    """What was due to a body at the start of a month, each movement, and what is due at its end."""
    return await _statement(runtime, principal, month, body)


@router.get("/statements/{month}/pdf", response_class=Response, responses=_FILES[PDF])
async def statement_pdf(
    month: YearMonth, runtime: Service, principal: Caller, body: UUID | None = None
) -> Response:
    """The same on paper."""
    found = await _statement(runtime, principal, month, body)
    drawn = await pdf.rendered(TEMPLATE, found)
    return _file(drawn, PDF, f"releve-{found['month']}.pdf")


async def _statement(
    runtime: Runtime, principal: Principal, month: str, asked: UUID | None
) -> dict[str, Any]:
    of, territories = of_caller(principal)
    body = of or asked
    if body is None:
        raise Refused(STATEMENT_OF_WHOM)
    if asked not in (None, body):
        raise Refused(NOT_FOUND)
    when = Month.parse(month)
    rows = await runtime.pool.fetch(SQL.movements, body, when.last, territories)
    name = await runtime.pool.fetchval(SQL.body_name, body, territories)
    if name is None and of is None:
        raise Refused(NOT_FOUND)
    return statement_of(when, str(body), name or "", [dict(row) for row in rows])


@router.get("/invoices.csv", response_class=Response, responses=_FILES[CSV])
async def export_csv(
    runtime: Service, principal: Caller, status: Status | None = None, since: Since = None, until: Until = None
) -> Response:  # fmt: skip
    """The invoices that the caller sees, filtered as the list is; French Excel opens it."""
    rows = await _exported(runtime, principal, status, since, until)
    written = await asyncio.to_thread(sheets.csv_bytes, COLUMNS, rows)
    return _file(written, f"{CSV}; charset=utf-8", "factures.csv")


@router.get("/invoices.xlsx", response_class=Response, responses=_FILES[XLSX])
async def export_xlsx(
    runtime: Service, principal: Caller, status: Status | None = None, since: Since = None, until: Until = None
) -> Response:  # fmt: skip
    """The same as a workbook."""
    rows = await _exported(runtime, principal, status, since, until)
    return _file(await sheets.xlsx_bytes(COLUMNS, rows), XLSX, "factures.xlsx")


async def _exported(
    runtime: Runtime, principal: Principal, status: Status | None, since: date | None, until: date | None
) -> list[tuple[Cell, ...]]:
    rows = await runtime.pool.fetch(
        SQL.invoices, *of_caller(principal), status, since, until, None, EXPORT_AT_MOST + 1
    )
    if len(rows) > EXPORT_AT_MOST:
        raise Refused(EXPORT_TOO_LONG, limit=EXPORT_AT_MOST)
    return [line_of(dict(row)) for row in rows]


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type=kind, headers=headers)
