"""Registration: who may work with Formiris, and who may sign in."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from services.registration import daily, offices, views
from services.registration.account import Code
from services.registration.api import root, router
from services.registration.credentials import Credentials
from services.registration.dossiers import CONTEXT
from services.registration.offices import Offices
from services.registration.staff import Member, RegistrationSettings, clients, members, roster
from services.registration.tokens import Tokens
from shared.events import Clear
from shared.runtime.reminders import hourly
from shared.runtime.service import Runtime, Service
from shared.runtime.territories import TERRITORIES

CODE_LIFETIME = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Own:
    """What only registration has."""

    offices: Offices
    credentials: Credentials
    tokens: Tokens
    members: Mapping[bytes, Member]
    clients: Mapping[str, Member]
    failures_per_address: int
    forwarding_secret: bytes | None

    def new_code(self, person: str, code: str, now: datetime) -> Code:
        """An activation code as a command carries it."""
        return Code(Clear(person, code), now + CODE_LIFETIME)


async def extend(runtime: Runtime, stack: AsyncExitStack) -> Own:
    """Reads the reference data and the secrets, starts the daily work; tokens are verified with its own keys."""
    settings = RegistrationSettings()
    credentials = Credentials(runtime.settings.keyring_secret.get_secret_value())
    tokens = Tokens(settings.signing_key.get_secret_value())
    runtime.keys = tokens
    staff = await members(settings.staff_accounts, credentials)
    told = daily.tell_roster(runtime, roster(settings.staff_accounts, credentials))
    for work in (hourly(partial(daily.run, runtime), "daily"), told):
        stack.push_async_callback(_stop, asyncio.create_task(work))
    return Own(
        offices.load(TERRITORIES), credentials, tokens, staff,
        await clients(settings.subscribers, credentials), settings.failures_per_address,
        settings.forwarding_key(),
    )  # fmt: skip


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


SERVICE = Service(CONTEXT, router, views.own, extend=extend, root=root, settings=RegistrationSettings)
