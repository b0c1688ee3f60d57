"""A forgotten password, and an address that somebody changed, over HTTP: codes that come back by e-mail.  (R4)"""

from datetime import timedelta
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from services.registration import account
from services.registration.api_accounts import opened
from services.registration.api_tokens import check_address, failed
from services.registration.credentials import evenly
from services.registration.dossiers import CONTEXT, codes_for, reveal, reveal_or_refuse
from services.registration.refusals import RESET_REFUSED, UNDO_REFUSED
from services.registration.requests import NewPasswordIn, ResetIn, UndoIn
from services.registration.views import SQL
from shared.events import Clear
from shared.runtime.asked import Asked
from shared.runtime.dossier import dossier, first_answer
from shared.runtime.http import READ_AFTER_SECONDS, ReadAfter, accepted, asked_by
from shared.runtime.refusal import ASSISTANCE, Refused
from shared.runtime.service import Runtime, runtime_of

router = APIRouter(tags=["comptes"])

Service = Annotated[Runtime, Depends(runtime_of)]

RESET_LIFETIME = timedelta(hours=1)
RESETS_PER_QUARTER = 3
"""E-mails to one address in a quarter of an hour, whoever asks."""
SAME_ANSWER = (
    "Si un compte a cette adresse, un code vient d'y être envoyé ; il est valable une heure. Rien ne vient, ou cette "
    "adresse n'est plus la vôtre ? L'Assistance Formiris s'en occupe."
)


@router.post("/password-resets", status_code=202, dependencies=[ReadAfter])
async def ask(given: ResetIn, request: Request, runtime: Service) -> JSONResponse:
    """Sends a code to the address, if an account signs in with it; the answer and its time are the same otherwise."""
    asked = await asked_by(request, None)
    await check_address(runtime, request)
    await failed(runtime, request)
    await evenly(_send(runtime, given.login, asked))
    contact = {"name": ASSISTANCE.name, "email": ASSISTANCE.email, "phone": ASSISTANCE.phone}
    content = {"id": str(_reset(asked)), "detail": SAME_ANSWER, "contact": contact}
    return JSONResponse(content, 202)


@router.post("/password-resets/{id}/completion", dependencies=[ReadAfter])
async def complete(id: UUID, given: NewPasswordIn, request: Request, runtime: Service) -> JSONResponse:
    """Uses the code that was e-mailed, and chooses another password; whoever was signed in is so no more."""
    asked = await asked_by(request, None)
    if first := await first_answer(runtime, asked):
        return accepted(CONTEXT, first, {})
    await check_address(runtime, request)
    whose = await _checked(runtime, request, id, given.code)
    if whose is None:
        raise Refused(RESET_REFUSED)
    credentials = runtime.own.credentials
    hashed = await credentials.hash(given.password)
    await runtime.pool.execute(SQL.keep_credential, uuid5(asked.command, "0"), whose, None, hashed)
    answer = await opened(runtime, whose, account.CompleteReset(id, True, asked.now), asked)
    state = (await dossier(runtime, account.DECIDER, f"account-{whose}")).state
    if state.login:
        login = await reveal_or_refuse(runtime, state.login)
        await runtime.pool.execute(SQL.signed_in, credentials.login_key(login))
    return answer


@router.post("/accounts/{id}/email-undo", dependencies=[ReadAfter])
async def undo(id: UUID, given: UndoIn, request: Request, runtime: Service) -> JSONResponse:
    """Takes a change of address back, with the code that its old address got: within 72 hours. New codes go there."""
    asked = await asked_by(request, None)
    if first := await first_answer(runtime, asked):
        return accepted(CONTEXT, first, {"id": str(id)})
    await check_address(runtime, request)
    state = (await dossier(runtime, account.DECIDER, f"account-{id}")).state
    if not await _undoes(runtime, state.undo, given.code):
        await failed(runtime, request)
        raise Refused(UNDO_REFUSED)
    assert state.undo is not None  # noqa: S101 - its code was right
    old = state.undo.old
    kept = await codes_for(runtime, id, old.person, await reveal_or_refuse(runtime, old), asked)
    command = account.UndoEmailChange(True, asked.now, kept.code, "anonymous", login_held_by=kept.held_by)
    appended = await runtime.commands.handle(account.DECIDER, f"account-{id}", command, asked)
    await runtime.wait_for(CONTEXT, appended.partition, appended.sequence, READ_AFTER_SECONDS)
    return accepted(CONTEXT, appended, {"id": str(id)})


async def _send(runtime: Runtime, login: str, asked: Asked) -> None:
    """The code, if somebody signs in with this address; three times in a quarter of an hour at most."""
    credentials = runtime.own.credentials
    found = await runtime.pool.fetchrow(SQL.account_by_login, credentials.login_key(login))
    made = await runtime.pool.fetchval(SQL.count_one, credentials.tally_key("reset", login))
    if found is None or made > RESETS_PER_QUARTER:
        return
    reset = _reset(asked)
    code = credentials.code(reset)
    await runtime.pool.execute(SQL.keep_credential, reset, found["id"], None, credentials.digest(code))
    sent = account.Code(Clear(found["person"], code), asked.now + RESET_LIFETIME)
    await runtime.commands.handle(
        account.DECIDER, f"account-{found['id']}", account.AskReset(reset, sent), asked
    )


def _reset(asked: Asked) -> UUID:
    """Its id is that of its event."""
    return uuid5(asked.command, "0")


async def _checked(runtime: Runtime, request: Request, reset: UUID, code: str) -> UUID | None:
    """Whose password the code changes; None, after a failure was counted, when it is not the code of this reset."""
    found = await runtime.pool.fetchrow(SQL.credential, reset)
    right = runtime.own.credentials.code_is(code, found["digest"] if found else None)
    if found and right:
        whose: UUID = found["account"]
        return whose
    await failed(runtime, request)
    return None


async def _undoes(runtime: Runtime, change: account.Undo | None, code: str) -> bool:
    (expected,) = await reveal(runtime, change.code if change else None)
    credentials = runtime.own.credentials
    right: bool = credentials.code_is(code, credentials.digest(expected) if expected else None)
    return right
