"""Outer bounds of a request, before any of it is read into memory."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.runtime.problems import problem
from shared.runtime.refusal import Refused
from shared.runtime.refusals import TOO_LARGE

MIB = 1024 * 1024
JSON_LIMIT = 1 * MIB
DOCUMENT_LIMIT = 21 * MIB  # a document of 20 MB, and what a form puts around it
DOCUMENT_PATHS = ("/documents", "/document", "/proof", "/import", ".csv", ".xlsx")


class BodyLimit:
    """Refuses a body over the limit as soon as it is known to be, and reads nothing more of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        limit = DOCUMENT_LIMIT if scope["path"].endswith(DOCUMENT_PATHS) else JSON_LIMIT
        refusal = Refused(TOO_LARGE, limit=f"{limit // MIB} Mio")
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > limit:
            return await problem(refusal, scope["path"])(scope, receive, send)
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise refusal
            return message

        async def answer(message: Message) -> None:
            if received <= limit:  # otherwise the framework's own words for a body it could not read
                await send(message)

        try:
            await self._app(scope, limited, answer)
        except Refused:
            if received <= limit:
                raise
        if received > limit:
            await problem(refusal, scope["path"])(scope, receive, send)
        return None
