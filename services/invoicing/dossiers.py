"""Sessions and invoices as a caller may see them, and the answers to commands about them."""

from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import Depends
from fastapi.responses import JSONResponse

from services.invoicing import claim, invoice
from services.invoicing.own import Own
from services.invoicing.routing import office_for
from services.invoicing.views import SQL, Found
from shared.events.parts import Office
from shared.ledger import Appended
from shared.runtime.asked import Asked, Part
from shared.runtime.auth import Principal
from shared.runtime.http import accepted
from shared.runtime.paris import today
from shared.runtime.refusal import Refused
from shared.runtime.refusals import NOT_FOUND
from shared.runtime.service import Runtime, runtime_of

CONTEXT = "invoicing"

Service = Annotated[Runtime, Depends(runtime_of)]


def invoice_id(body: UUID, number: str) -> UUID:
    """A number names one invoice of a body: taken is whatever stream exists."""
    return uuid5(body, number)


async def billing_row(runtime: Runtime, session: UUID, principal: Principal) -> Found:
    """What the invoice of a session rests on. Refuses a session that is not the caller's as not found."""
    row = await runtime.pool.fetchrow(SQL.billing, [session])
    if row is None:
        raise Refused(NOT_FOUND)
    principal.check(str(row["body_id"]), row["territory"])
    return dict(row)


async def invoice_row(runtime: Runtime, id: UUID, principal: Principal) -> Found:
    """An invoice. Refuses one that is not the caller's as not found."""
    row = await runtime.pool.fetchrow(SQL.invoice, id)
    if row is None:
        raise Refused(NOT_FOUND)
    principal.check(str(row["body_id"]), row["territory"])
    return dict(row)


def office_of(runtime: Runtime, row: Found) -> Office:
    """To whom a change of an invoice is asked today (R11)."""
    own: Own = runtime.own
    return office_for(row["perimeter"], row["territory"], own.territories, today())


def released(row: Found, asked: Asked) -> Part:
    """The part that frees the session of an invoice."""
    stream = f"invoicing-{row['session_id']}"
    return Part(claim.DECIDER, stream, claim.ReleaseSession(row["invoice_id"]), asked)


async def handled(
    runtime: Runtime, id: UUID, command: invoice.Command, asked: Asked,
    content: dict[str, Any] | None = None, status: int = 200,
) -> JSONResponse:  # fmt: skip
    """The answer to a command about one invoice."""
    appended = await runtime.commands.handle(invoice.DECIDER, f"invoice-{id}", command, asked)
    return accepted(CONTEXT, appended, {"id": str(id), **(content or {})}, status)


def together(
    appended: list[Appended], about: int, content: dict[str, Any], status: int = 200
) -> JSONResponse:
    """The answer about one of several streams; `position` names all, so that a read can wait for the whole."""
    answer = accepted(CONTEXT, appended[about], content, status)
    position = ",".join(f"{CONTEXT}/{each.partition}/{each.sequence}" for each in appended)
    body = {**content, "version": appended[about].version, "position": position}
    return JSONResponse(body, status, {"ETag": answer.headers["etag"], "Position": position})
