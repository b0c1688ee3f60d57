"""Files on their way: a service's given to the browser as it came, the reader's given to a service."""

from typing import Any

import structlog
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from services.extranet.backend import Problem, Visitor
from services.extranet.french import today

logger = structlog.get_logger()

LATE = "document-scan-late"
_TOLD = (
    "Message automatique de l'extranet : un document que je viens d'envoyer attend, car l'antivirus de Formiris n'a "
    "pas répondu à temps. Il n'est pas encore accepté."
)


async def taken_in(visitor: Visitor, service: str, file: UploadFile | None) -> str:
    """The sha256 under which a service keeps a file that was chosen; empty when none was. Raises `Problem`."""
    if file is None:
        return ""
    given = {"file": (file.filename, file.file, file.content_type or "application/octet-stream")}
    return str((await deposited(visitor, service, files=given))["sha256"])


async def deposited(visitor: Visitor, service: str, **sent: Any) -> Any:
    """A service's answer to a document; of a scan that is late, Assistance is told too (O3). Raises `Problem`."""
    try:
        return (await visitor.act("POST", service, "/documents", **sent)).content
    except Problem as problem:
        if problem.code == LATE:
            await _told_late(visitor)
        raise


async def _told_late(visitor: Visitor) -> None:
    """A request to Assistance in the person's name, one a day: no dossier may exist yet to tell its manager of."""
    content = {"email": visitor.session.login, "kind": "other", "message": _TOLD, "refusal": LATE}
    key = f"{LATE}-{visitor.session.account}-{today()}"
    try:
        await visitor.act("POST", "registration", "/assistance-requests", key, json=content)
    except Problem as problem:
        logger.warning("assistance not told of a late scan", code=problem.code)


async def passed_on(visitor: Visitor, service: str, path: str, **params: Any) -> Response:
    """The file, its type and its name as the service says them. Raises `Problem`."""
    answer = await visitor.download(service, path, **params)
    headers = {"Content-Disposition": answer.headers.get("content-disposition", "attachment")}
    return Response(answer.content, media_type=answer.headers.get("content-type"), headers=headers)
