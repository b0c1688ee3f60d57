"""A service's file given to the browser as it came: its type and its name are the service's."""

from typing import Any

from fastapi.responses import Response

from services.extranet.backend import Visitor


async def passed_on(visitor: Visitor, service: str, path: str, **params: Any) -> Response:
    """The file. Raises `Problem`."""
    answer = await visitor.download(service, path, **params)
    headers = {"Content-Disposition": answer.headers.get("content-disposition", "attachment")}
    return Response(answer.content, media_type=answer.headers.get("content-type"), headers=headers)
