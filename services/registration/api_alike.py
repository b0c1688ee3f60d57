"""What may be the same body as a referencing request, for Formiris to compare: nothing is merged by itself.  (L4)"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends

from services.registration.api_referencing import present
from services.registration.dossiers import reveal
from services.registration.views import SQL, searched
from shared.events.parts import Office
from shared.runtime.auth import Caller, Principal
from shared.runtime.http import ReadAfter
from shared.runtime.projection import Row, read
from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_FOUND
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(prefix="/referencing-requests", tags=["référencement"])

Service = Annotated[Runtime, Depends(runtime_of)]

MOST = 5
TELLING = 5
"""Letters that a name needs to be looked for inside others."""
WHY = {"siren": "siren", "email": "email", "name": "name_alike"}
"""Of the answer -> of the query."""


@router.get("/{id}/alike", dependencies=[ReadAfter])
async def list_alike(id: UUID, runtime: Service, principal: Caller) -> dict[str, Any]:
    """Bodies and other requests that may be this one, the referenced first.

    `why`: `siren` its form's SIREN is theirs, `email` its contact's address signs in there, `name` the names are alike,
    unless their SIRENs or territories tell them apart. `yours`: whether the caller may open it.
    """
    row = await runtime.pool.fetchval(SQL.request, id)
    if row is None:
        raise Refused(NOT_FOUND)
    request = read(row)
    principal.check(str(id), request["territory"])
    (email,) = await reveal(runtime, request["contact_email"])
    words = searched(request["name"])
    found = await runtime.pool.fetch(
        SQL.alike, id, (request["siret"] or "")[:9] or None,
        runtime.own.credentials.login_key(email) if email else None, request["name"],
        words if len(words) >= TELLING else None, request["territory"], MOST,
    )  # fmt: skip
    return {"items": [_told(runtime, read(each["row"]), principal) for each in found], "next": None}


def _told(runtime: Runtime, other: Row, principal: Principal) -> dict[str, Any]:
    office = present(runtime, other["territory"], Office(**other["office"]))
    return {
        **{name: other[name] for name in ("id", "status", "name", "siret")},
        "office": office.name,
        "why": [reason for reason, column in WHY.items() if other[column]],
        "yours": principal.sees(other["id"], other["territory"]),
    }
