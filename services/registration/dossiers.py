"""What the routes of registration share: personal values in clear, codes that are sent, and reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from services.registration.account import Code
from services.registration.views import SQL
from shared.events import Erased, Sealed
from shared.events.parts import Reason
from shared.runtime.asked import Asked
from shared.runtime.refusal import Refused
from shared.runtime.refusals import PERSON_ERASED
from shared.runtime.service import Runtime
from shared.runtime.typed import PinnedReason

CONTEXT = "registration"


async def reveal(runtime: Runtime, *values: Any) -> list[str | None]:
    """Personal values in clear, None for those of an erased person; `values` as events or views hold them."""
    sealed = [Sealed(**value) if isinstance(value, dict) else value for value in values]
    clear = await runtime.keyring.reveal([value for value in sealed if isinstance(value, Sealed)])
    return [getattr(clear.get(value), "value", None) for value in sealed]


async def reveal_or_refuse(runtime: Runtime, value: Sealed | Any) -> str:
    """One personal value in clear. Raises `Refused` when its person was erased."""
    (found,) = await reveal(runtime, value)
    if found is None or isinstance(value, Erased):
        raise Refused(PERSON_ERASED)
    return found


def reasons(given: Sequence[str | PinnedReason]) -> tuple[Reason, ...]:
    """Reasons as events carry them."""
    return tuple(
        Reason(text=each) if isinstance(each, str) else Reason(text=each.text, field=each.field)
        for each in given
    )


@dataclass(frozen=True, slots=True)
class Codes:
    """The code that goes to another address of an account, and which account signs in with that address already."""

    code: Code
    held_by: UUID | None


async def held_by(runtime: Runtime, key: bytes, account: UUID) -> UUID | None:
    """The account that already signs in with an address; None: it is for `account`, and for no other meanwhile."""
    found = await runtime.pool.fetchrow(SQL.account_by_login, key)
    if found and found["id"] != account:
        holder: UUID = found["id"]
        return holder
    claimed: UUID | None = await runtime.pool.fetchval(SQL.claim_login, key, account)
    return None if claimed == account else claimed


async def codes_for(runtime: Runtime, account: UUID, person: str, email: str, asked: Asked) -> Codes:
    """Keeps what proves who signs in with another address: under the ids of the two events of the change."""
    credentials = runtime.own.credentials
    key = credentials.login_key(email)
    holder = await held_by(runtime, key, account)
    changed, reissued = uuid5(asked.command, "0"), uuid5(asked.command, "1")
    code = credentials.code(reissued)
    await runtime.pool.execute(SQL.keep_credential, changed, account, key, None)
    await runtime.pool.execute(SQL.keep_credential, reissued, account, None, credentials.digest(code))
    return Codes(runtime.own.new_code(person, code, asked.now), holder)
