"""Files on their way, part by part: what is chosen is sent at once, and a cut costs the last part.  (O2, O3)

For the script of a page; without it, a file comes with its form. Nothing stays here: a service keeps each part.
"""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from services.extranet.backend import Problem
from services.extranet.files import deposited
from services.extranet.forms import SignedIn, genuine
from services.extranet.french import typed
from services.extranet.roles import only_for

router = APIRouter(prefix="/envois/{service}/{upload}", route_class=only_for("body"))

Service = Annotated[Literal["registration", "offerings", "attendance", "invoicing"], Path()]
Offset = Annotated[int, Query(ge=0, le=20_000_000)]


@router.get("")
async def received(service: Service, upload: UUID, visitor: SignedIn) -> Response:
    """How much of the file is there: where to go on from after a cut."""
    return JSONResponse(await visitor.get(service, f"/documents/parts/{upload}"))


@router.put("")
async def part(
    request: Request, service: Service, upload: UUID, visitor: SignedIn, debut: Offset = 0
) -> Response:
    """The next part."""
    genuine(request)
    try:
        answer = await visitor.act(
            "PUT",
            service,
            f"/documents/parts/{upload}",
            params={"offset": debut},
            content=await request.body(),
        )
    except Problem as problem:
        return _refused(problem)
    return JSONResponse(answer.content)


@router.post("")
async def whole(
    request: Request, service: Service, upload: UUID, visitor: SignedIn, nom: str = ""
) -> Response:
    """The file is there: looked at, scanned where there is a scanner, and kept under its sha256."""
    genuine(request)
    try:
        kept = await deposited(visitor, service, params={"upload": str(upload), "name": nom})
    except Problem as problem:
        return _refused(problem)
    return JSONResponse({name: kept[name] for name in ("sha256", "name", "scanned")})


def _refused(problem: Problem) -> Response:
    """The words for the page that is open. Raises the problem when the session is over."""
    if problem.status == 401:
        raise problem
    said = {name: typed(str(problem.content.get(name, ""))) for name in ("title", "detail")}
    return JSONResponse({"code": problem.code, **said}, problem.status)
