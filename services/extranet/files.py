"""Files on their way: a service's given to the browser as it came, the reader's given to a service."""

from typing import Any

from fastapi.responses import Response
from starlette.datastructures import UploadFile

from services.extranet.backend import Visitor


async def taken_in(visitor: Visitor, service: str, file: UploadFile | None) -> str:
    """The sha256 under which a service keeps a file that was chosen; empty when none was. Raises `Problem`."""
    if file is None:
        return ""
    given = {"file": (file.filename, file.file, file.content_type or "application/octet-stream")}
    return str((await visitor.act("POST", service, "/documents", files=given)).content["sha256"])


async def passed_on(visitor: Visitor, service: str, path: str, **params: Any) -> Response:
    """The file, its type and its name as the service says them. Raises `Problem`."""
    answer = await visitor.download(service, path, **params)
    headers = {"Content-Disposition": answer.headers.get("content-disposition", "attachment")}
    return Response(answer.content, media_type=answer.headers.get("content-type"), headers=headers)
