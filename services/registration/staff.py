"""The accounts of Formiris's own people, given by the environment and checked like any other; their addresses."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, SecretStr, StringConstraints, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.registration.credentials import Credentials
from services.registration.staff_roster import Entry, TellRoster, account_id
from services.registration.time_codes import TimeCodes
from shared.events import Clear
from shared.runtime.auth import Principal


class StaffAccount(BaseModel):
    """An entry of FORMELIE_STAFF_ACCOUNTS; a manager without territory is national."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    login: str
    password: SecretStr
    role: Literal["manager", "assistance", "auditor"]
    territory: str | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)] | None = (
        None
    )
    """Where alerts are sent, as the person chooses; without it, they are in the extranet only."""
    totp: SecretStr | None = None
    """Secret of the person's authenticator application, base32: signing in then takes its code as well."""

    @field_validator("totp")
    @classmethod
    def _usable(cls, secret: SecretStr | None) -> SecretStr | None:
        """A secret that gives no codes must not leave an account without its second step."""
        if secret is not None:
            TimeCodes(secret.get_secret_value())
        return secret


class Subscriber(BaseModel):
    """An entry of FORMELIE_SUBSCRIBERS: a system that reads the topics it was granted, `offerings` for instance."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    client_id: Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,60}$")]
    client_secret: SecretStr
    topics: tuple[str, ...]


class RegistrationSettings(BaseSettings):
    """What only registration is told by its environment."""

    model_config = SettingsConfigDict(env_prefix="FORMELIE_", frozen=True, hide_input_in_errors=True)

    signing_key: SecretStr
    forwarding_secret: SecretStr | None = None
    """Shared with the extranet, whose word on its visitors' network addresses is then believed."""
    staff_accounts: tuple[StaffAccount, ...] = ()
    subscribers: tuple[Subscriber, ...] = ()
    failures_per_address: int = 300
    """Sign-ins that may fail and public forms that may be sent from one network address in a quarter of an hour.

    A school has one for many people.
    """

    def forwarding_key(self) -> bytes | None:
        """What the extranet signs addresses with."""
        return self.forwarding_secret.get_secret_value().encode() if self.forwarding_secret else None


@dataclass(frozen=True, slots=True)
class Member:
    """Someone of Formiris, or a subscriber's system."""

    principal: Principal
    password: str
    """argon2id, as for everybody."""
    topics: tuple[str, ...] = ()
    """Of a subscriber."""
    codes: TimeCodes | None = None
    """Of who has a second step."""


async def members(accounts: tuple[StaffAccount, ...], credentials: Credentials) -> dict[bytes, Member]:
    """Who may sign in, by the keyed hash of the login."""
    return {
        credentials.login_key(account.login): Member(
            Principal(_subject(account.login), account.role, territory=account.territory),
            await credentials.hash(account.password.get_secret_value()),
            codes=TimeCodes(account.totp.get_secret_value()) if account.totp else None,
        )
        for account in accounts
    }


async def clients(subscribers: tuple[Subscriber, ...], credentials: Credentials) -> dict[str, Member]:
    """The subscribers' systems, by their client id."""
    return {
        each.client_id: Member(
            Principal(each.client_id, "subscriber"),
            await credentials.hash(each.client_secret.get_secret_value()),
            each.topics,
        )
        for each in subscribers
    }


def roster(accounts: tuple[StaffAccount, ...], credentials: Credentials) -> TellRoster:
    """Who is written to. A changed address is another person's: its key can be destroyed alone."""
    entries = {}
    for account in accounts:
        if account.email:
            name = _subject(account.login)
            mark = credentials.login_key(f"{name} {account.email}").hex()[:16]
            address = Clear(f"staff-{account_id(name)}-{mark}", account.email)
            entries[name] = Entry(account.role, account.territory, address)
    return TellRoster(entries)


def _subject(login: str) -> str:
    """The name under which the history says who acted: never an address."""
    if re.fullmatch(r"[\w.-]{1,60}", login):
        return login
    return f"staff-{sha256(login.encode()).hexdigest()[:16]}"
