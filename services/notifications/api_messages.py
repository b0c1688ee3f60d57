"""HTTP of what a body and Formiris write to each other about a dossier.  (H5)"""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from services.notifications import thread
from services.notifications.audience import say
from services.notifications.dossiers import described
from services.notifications.messages import shown, thread_of
from services.notifications.policies import Said
from services.notifications.requests import CONTEXT, After, Limit, MessageIn, next_of, place_of
from services.notifications.views import SQL
from shared.events import Clear
from shared.events.notifications import MessagePosted, Pin, Side
from shared.ledger import Appended, VersionConflict
from shared.runtime.asked import Asked, Part
from shared.runtime.auth import Caller, Principal
from shared.runtime.commands import ATTEMPTS
from shared.runtime.dossier import first_answer
from shared.runtime.http import accepted, asked_by
from shared.runtime.paris import today
from shared.runtime.refusal import Contact, Refused
from shared.runtime.refusals import BUSY, NOT_FOUND
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(tags=["messages"])

Service = Annotated[Runtime, Depends(runtime_of)]


@router.get("/dossiers/{id}/messages")
async def messages(
    id: UUID, request: Request, runtime: Service, principal: Caller, after: After = None, limit: Limit = 50
) -> dict[str, Any]:
    """The messages about a dossier, the newest first; who must answer, by when; where to write once it is closed.

    That the other side's were read is kept, unless the reader only helps or audits.
    """
    about = await _about(runtime, id, principal)
    rows = await runtime.pool.fetch(SQL.messages, id, *(place_of(after) if after else (None, None)), limit)
    items = await shown(runtime, [dict(row) for row in rows])
    await _note_read(runtime, request, id, principal)
    names = ("id", "kind", "title", "body", "body_name", "contact", "link")
    told = {name: about[name] for name in names} | await thread_of(runtime.pool, id)
    return told | {"closed": _over(about) is not None, "items": items, "next": next_of(items, limit, "at")}


async def _note_read(runtime: Runtime, request: Request, dossier: UUID, reader: Principal) -> None:
    side = _side(reader)
    if reader.role not in ("body", "manager") or not await runtime.pool.fetchval(
        SQL.unread_messages, dossier, side
    ):
        return
    actor = f"{reader.role}:{reader.subject}"
    asked = Asked(uuid4(), bytes(32), actor, datetime.now(UTC), request.scope["correlation"])
    command = thread.Read(side, actor)
    await runtime.commands.handle(thread.DECIDER, f"thread-{dossier}", command, asked)


@router.post("/dossiers/{id}/messages", status_code=201)
async def post(
    id: UUID, given: MessageIn, request: Request, runtime: Service, principal: Caller
) -> JSONResponse:
    """Writes to the other side, which is told, and must answer within three working days if an answer is awaited."""
    about = await _about(runtime, id, principal)
    asked = await asked_by(request, principal)
    appended = await first_answer(runtime, asked)
    message = _message(about, given, asked, principal)
    if appended is None:
        appended = await _said(runtime, thread.Post(message, _over(about)), asked)
    return accepted(CONTEXT, appended, {"id": str(message.message_id)}, 201)


async def _said(runtime: Runtime, command: thread.Post, asked: Asked) -> Appended:
    """The message, the alert to the other side and its e-mails, in one transaction."""
    part = Part(thread.DECIDER, f"thread-{command.message.dossier_id}", command, asked)
    for _ in range(ATTEMPTS):
        try:
            async with runtime.pool.acquire() as connection, connection.transaction():
                appended = await say(runtime, connection, Said.as_decided(part, command.message))
        except VersionConflict:
            continue
        runtime.ledger.announce(appended)
        return appended[0]
    raise Refused(BUSY)


def _message(about: dict[str, Any], given: MessageIn, asked: Asked, author: Principal) -> MessagePosted:
    side = _side(author)
    new = given.answers is None
    awaits = _over(about) is None and (new if given.awaits_answer is None else given.awaits_answer)
    return MessagePosted(
        message_id=uuid5(asked.command, "message"), dossier_id=UUID(about["id"]), title=about["title"],
        body_id=UUID(about["body"]), body_name=about["body_name"], territory=about["territory"], side=side,
        posted_by=asked.actor, text=Clear(_person(author), given.text.replace("\r\n", "\n")),
        pinned_to=Pin(**given.pinned_to.model_dump()) if given.pinned_to else None, answers=given.answers,
        owner=thread.other(side) if awaits else None,
        answer_by=thread.answer_by(today(asked.now)) if awaits else None,
    )  # fmt: skip


def _person(author: Principal) -> str:
    """Whose words they are: erased with the rest of what is kept of that person."""
    return f"{'account' if author.role == 'body' else 'staff'}-{author.subject}"


def _side(principal: Principal) -> Side:
    return "body" if principal.role == "body" else "formiris"


def _over(about: dict[str, Any]) -> Contact | None:
    """Whom to write to once nobody is to act on the dossier any more."""
    return Contact(**about["contact"]) if about["holder_kind"] == "nobody" else None


async def _about(runtime: Runtime, id: UUID, principal: Principal) -> dict[str, Any]:
    """The dossier as everybody reads it. Raises `Refused` as not found to whoever it is no business of, and for a
    request for assistance, which is answered where it was made."""
    row = await runtime.pool.fetchrow(SQL.dossier, id)
    if row is None or row["body"] is None:
        raise Refused(NOT_FOUND)
    principal.check(str(row["body"]), row["territory"])
    return described(dict(row))
