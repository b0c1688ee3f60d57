"""The accounts of Formiris's own people, given by the environment and checked like any other at sign-in."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from pydantic import BaseModel, ConfigDict, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.registration.credentials import Credentials
from shared.runtime.auth import Principal


class StaffAccount(BaseModel):
    """An entry of FORMELIE_STAFF_ACCOUNTS; a manager without territory is national."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    login: str
    password: SecretStr
    role: Literal["manager", "assistance", "auditor"]
    territory: str | None = None


class RegistrationSettings(BaseSettings):
    """What only registration is told by its environment."""

    model_config = SettingsConfigDict(env_prefix="FORMELIE_", frozen=True, hide_input_in_errors=True)

    signing_key: SecretStr
    staff_accounts: tuple[StaffAccount, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """Someone of Formiris."""

    principal: Principal
    password: str
    """argon2id, as for everybody."""


async def members(accounts: tuple[StaffAccount, ...], credentials: Credentials) -> dict[bytes, Member]:
    """Who may sign in, by the keyed hash of the login."""
    return {
        credentials.login_key(account.login): Member(
            Principal(_subject(account.login), account.role, territory=account.territory),
            await credentials.hash(account.password.get_secret_value()),
        )
        for account in accounts
    }


def _subject(login: str) -> str:
    """The name under which the history says who acted: never an address."""
    if re.fullmatch(r"[\w.-]{1,60}", login):
        return login
    return f"staff-{sha256(login.encode()).hexdigest()[:16]}"
