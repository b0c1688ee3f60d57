"""All dossiers of a body: filters that are addresses, the longest in their state first.  (H2, M2)"""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.extranet.forms import SignedIn
from services.extranet.queue import Filter, Place, one_page
from services.extranet.render import page
from services.extranet.roles import only_for
from services.extranet.words import KINDS

router = APIRouter(route_class=only_for("body"))

OF_A_BODY = ("referencing", "offering", "order", "session", "invoice")
ALL = Place("/dossiers", "Vos dossiers", OF_A_BODY, whole=True)
OPEN = Place("/dossiers", "Vos dossiers", OF_A_BODY)
HOLDERS = {"tous": "Tous", "body": "À vous d’agir", "office": "Chez Formiris", "nobody": "Terminés"}


@router.get("/dossiers")
async def dossiers(request: Request, visitor: SignedIn) -> Response:
    """Each in one sentence; those that somebody must act on, or all."""
    given = Filter.of(request, ALL)
    asked = given.but(place=OPEN) if given.holder in ("body", "office") else given
    told, open_ones, every = await asyncio.gather(
        one_page(visitor, asked, request.query_params.get("apres", "")),
        visitor.get("notifications", "/dossiers/counts"),
        visitor.get("notifications", "/dossiers/counts", open="all"),
    )
    return await page(
        request, "dossiers.html", items=told["items"], asked=asked,
        following=asked.address(told["next"]) if told["next"] else None,
        views=[(label, asked.but(holder=code).address(), code == asked.holder, _count(code, open_ones, every))
               for code, label in HOLDERS.items()],
        kinds={each: KINDS[each] for each in OF_A_BODY},
    )  # fmt: skip


def _count(
    holder: str, open_ones: dict[str, list[dict[str, int]]], every: dict[str, list[dict[str, int]]]
) -> int:
    rows = open_ones["items"] if holder in ("body", "office") else every["items"]
    return sum(row["count"] for row in rows if holder in ("tous", row["holder"]))
