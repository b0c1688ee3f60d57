"""A document sent in parts: a connection that is cut costs the last part, and whoever sends goes on from there.

Parts are kept with the documents, encrypted as they are, under their sender's account; a day later they are gone.
"""

import io
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Query, Request, UploadFile

from shared.runtime.auth import Caller, Principal
from shared.runtime.refusal import Missing, Refused
from shared.runtime.refusals import INVALID
from shared.runtime.scanning import HELD
from shared.runtime.service import Runtime, runtime_of
from shared.runtime.uploads import AT_MOST, MEGABYTE, TOO_LARGE

router = APIRouter(prefix="/documents/parts", tags=["documents"])

Service = Annotated[Runtime, Depends(runtime_of)]


@router.put("/{upload}")
async def keep(
    upload: UUID, offset: Annotated[int, Query(ge=0)], request: Request, runtime: Service, principal: Caller
) -> dict[str, int]:
    """Keeps the bytes that come after `offset`, and says how many there are: the offset of the next part.

    A part from anywhere else than the end of what is there changes nothing. `upload` is chosen by the sender.
    """
    content = await request.body()
    whose = _place(principal, upload)
    if offset + len(content) > AT_MOST:
        raise Refused(TOO_LARGE, limit=AT_MOST // MEGABYTE)
    if offset == 0:
        await runtime.documents.forget_old_parts()
    there = await runtime.documents.length_of_parts(whose)
    if not content or offset != there:
        return {"received": there}
    await runtime.documents.put_part(whose, offset, content)
    return {"received": offset + len(content)}


@router.get("/{upload}")
async def received(upload: UUID, runtime: Service, principal: Caller) -> dict[str, int]:
    """How many bytes of it are there."""
    return {"received": await runtime.documents.length_of_parts(_place(principal, upload))}


async def sent(
    runtime: Service, principal: Caller,
    file: Annotated[UploadFile | None, File()] = None, upload: UUID | None = None, name: str | None = None,
) -> AsyncIterator[UploadFile]:  # fmt: skip
    """FastAPI dependency: the document of a form, or the one whose parts came before (`upload`, and its `name`).

    Its parts stay only while a scanner is late: it can then be tried again without being sent again.
    """
    if upload is None:
        if file is None:
            raise Refused(INVALID, missing=[Missing("file", "Document", "body", "champ obligatoire")])
        yield file
        return
    place = _place(principal, upload)
    content = await runtime.documents.whole_of_parts(place)
    try:
        yield UploadFile(io.BytesIO(content), size=len(content), filename=name)
    except Refused as refused:
        if refused.refusal is HELD:
            raise
        await runtime.documents.forget_parts(place)
        raise
    await runtime.documents.forget_parts(place)


Sent = Annotated[UploadFile, Depends(sent)]
"""A route's parameter: a document that somebody deposits, in one piece or in parts."""


async def whole(runtime: Runtime, principal: Principal, upload: UUID) -> bytes:
    """What came in parts, put together; they stay. Nothing when there are none."""
    return await runtime.documents.whole_of_parts(_place(principal, upload))


def _place(principal: Principal, upload: UUID) -> str:
    return f"{principal.subject}/{upload}"
