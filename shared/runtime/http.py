"""What every HTTP request brings: who asks, under which key, having read which version, after which write."""

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID, uuid4, uuid5

import structlog
from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.ledger import Appended
from shared.runtime.asked import Asked
from shared.runtime.auth import Principal
from shared.runtime.refusal import Missing, Refused
from shared.runtime.refusals import INVALID, KEY_MISSING, NOT_YET_VISIBLE, UNAVAILABLE

READ_AFTER_SECONDS = 2.0
_COMMANDS = UUID(
    "6f6d1f0c-6d52-5d6b-9d0e-0f5a3f1f7c11"
)  # namespace of command ids made from idempotency keys
_POSITION = re.compile(r"([a-z]+)/(\d{1,6})/(\d{1,18})")
_VERSION = re.compile(r'"(\d{1,9})"')


class Correlation:
    """Binds the correlation id to the log lines of a request and gives it back in the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        given = dict(scope["headers"]).get(b"x-correlation-id", b"").decode("ascii", "replace")
        scope["correlation"] = correlation = given if re.fullmatch(r"[\w.-]{8,64}", given) else str(uuid4())

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-correlation-id", correlation.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation=correlation):
            return await self._app(scope, receive, answer)


async def asked_by(request: Request, principal: Principal | None) -> Asked:
    """The command's identity: the caller's key, and a fingerprint of what was asked under it.

    Raises `Refused` when the key is missing or `If-Match` cannot be read.
    """
    key = request.headers.get("idempotency-key", "")
    if not re.fullmatch(r"[\x21-\x7e]{8,200}", key):
        raise Refused(KEY_MISSING)
    subject = principal.subject if principal else "anonymous"
    body = await request.body()
    return Asked(
        command=uuid5(_COMMANDS, f"{subject} {key}"),
        fingerprint=sha256(b"\n".join([request.method.encode(), request.url.path.encode(), body])).digest(),
        actor=f"{principal.role}:{principal.subject}" if principal else "anonymous",
        now=datetime.now(UTC),
        correlation=request.scope["correlation"],
        expected=if_match(request),
    )


def if_match(request: Request) -> int | None:
    """The version that the caller read; None when any will do. Raises `Refused` when it cannot be read."""
    given = request.headers.get("if-match")
    if given in (None, "*"):
        return None
    found = _VERSION.fullmatch(given or "")
    if not found:
        raise Refused(
            INVALID, missing=[Missing("If-Match", "If-Match", "header", 'version attendue, par exemple "3"')]
        )
    return int(found[1])


def etag(version: int) -> dict[str, str]:
    """The header that names a resource's version."""
    return {"ETag": f'"{version}"'}


def accepted(context: str, appended: Appended, content: Mapping[str, Any], status: int = 200) -> JSONResponse:
    """The answer to a command: what it made, its version, and the position that a later read can wait for."""
    position = f"{context}/{appended.partition}/{appended.sequence}"
    body = {**content, "version": appended.version, "position": position}
    return JSONResponse(body, status, {**etag(appended.version), "Position": position})


async def read_after(request: Request, read_after: Annotated[str | None, Header()] = None) -> None:
    """FastAPI dependency of reads: waits until the positions of `Read-After` are in this service's views.

    `Read-After: offerings/3/17` (several are separated by commas); at most two seconds, then a 503 that says so.
    """
    if not read_after:
        return
    positions = _POSITION.findall(read_after)
    if not positions:
        raise Refused(
            INVALID,
            missing=[
                Missing("Read-After", "Read-After", "header", "position attendue, par exemple offerings/3/17")
            ],
        )
    runtime = request.app.state.runtime
    if not runtime.started:  # what it will read is not known yet: nothing would be waited for
        raise Refused(UNAVAILABLE)
    waits = [
        runtime.wait_for(context, int(partition), int(sequence), READ_AFTER_SECONDS)
        for context, partition, sequence in positions
    ]
    if not all(await asyncio.gather(*waits)):
        raise Refused(NOT_YET_VISIBLE)


ReadAfter = Depends(read_after)
