"""A manager's queue: what waits, by age; every filter is an address, and counts match.  (M1, M2, M6)"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from services.extranet.acting import screen
from services.extranet.backend import Visitor
from services.extranet.forms import SignedIn
from services.extranet.french import age, day_of
from services.extranet.pages.manager_batch import ACTS
from services.extranet.queue import AGES, HOLDERS, LATE, Filter, Place, counted, listed, one_page, total
from services.extranet.roles import only_for
from services.extranet.words import KINDS
from shared.runtime.sheets import csv_bytes

router = APIRouter(route_class=only_for("manager"))

WORK = ("referencing", "offering", "order", "session", "invoice")
QUEUE = Place("/", "À traiter", WORK, holder="office", followed=True)
OFFERINGS = Place("/prestations", "Prestations", ("offering", "order"), whole=True, followed=True)
SESSIONS = Place("/attestations", "Attestations", ("session",), whole=True, followed=True)
INVOICES = Place("/factures", "Factures", ("invoice",), whole=True, followed=True)
PLACES = {"": QUEUE, "prestations": OFFERINGS, "attestations": SESSIONS, "factures": INVOICES}


@router.get("/")
async def queue(request: Request, visitor: SignedIn) -> Response:
    """What Formiris must do, the longest in its state first."""
    return await _list(request, visitor, QUEUE)


@router.get("/prestations")
async def offerings(request: Request, visitor: SignedIn) -> Response:
    """Offerings and their orders, whatever their state."""
    return await _list(request, visitor, OFFERINGS)


@router.get("/attestations")
async def sessions(request: Request, visitor: SignedIn) -> Response:
    """Sessions, from their order to their payment."""
    return await _list(request, visitor, SESSIONS)


@router.get("/factures")
async def invoices(request: Request, visitor: SignedIn) -> Response:
    """Invoices, whatever their state."""
    return await _list(request, visitor, INVOICES)


async def _list(request: Request, visitor: Visitor, place: Place) -> Response:
    asked = Filter.of(request, place)
    request.state.listed = asked.address()
    found = await listed(visitor, asked, request.query_params.get("apres", ""))
    return await screen(
        request, "gestion-file.html", found=found, asked=asked, kinds={each: KINDS[each] for each in place.kinds},
        holders=HOLDERS, ages=AGES, acts=ACTS, selected=set(), export=_export_address(asked),
    )  # fmt: skip


def _export_address(asked: Filter) -> str:
    name = next(name for name, place in PLACES.items() if place == asked.place)
    return asked.address(base=f"/export/{name or 'a-traiter'}.csv")


@router.get("/export/{name}.csv")
async def export(request: Request, name: str, visitor: SignedIn) -> Response:
    """Exactly the list that the address says, as a French spreadsheet opens it; nothing in it is a formula.

    That it is taken away is kept first, for auditors. No name of a person is in it.
    """
    place = PLACES.get("" if name == "a-traiter" else name, QUEUE)
    asked = Filter.of(request, place)
    first, counts = await asyncio.gather(
        one_page(visitor, asked, limit=100), counted(visitor, asked, asked.days or LATE)
    )
    taken = {"address": asked.address(), "rows": total(asked, counts)}
    await visitor.act("POST", "notifications", "/exports", json=taken)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(
        _lines(visitor, asked, first), media_type="text/csv; charset=utf-8", headers=headers
    )


COLUMNS = (
    "Étape", "Dossier", "Organisme", "Où en est-il", "Qui doit agir", "Depuis le", "Âge", "Ce qui débloque",
    "Association territoriale", "Référence",
)  # fmt: skip


async def _lines(visitor: Visitor, asked: Filter, first: dict[str, Any]) -> AsyncIterator[bytes]:
    yield csv_bytes(COLUMNS, [_line(each) for each in first["items"]])
    told = first
    while told["next"]:
        told = await one_page(visitor, asked, told["next"], limit=100)
        rows = csv_bytes((), [_line(each) for each in told["items"]])
        yield rows.partition(b"\r\n")[2]  # without the mark and the headings, which the first lines had


def _line(dossier: dict[str, Any]) -> tuple[Any, ...]:
    return (
        KINDS[dossier["kind"]], dossier["title"], dossier["body_name"], dossier["sentence"], dossier["holder"],
        day_of(dossier["since"]), age(dossier["since"]), dossier["unblocks"], dossier["territory"], dossier["id"],
    )  # fmt: skip
