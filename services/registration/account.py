"""Account: opened with a code, activated with a password, locked after too many wrong ones.  (R4)

A password is never here: the edge compares it, and keeps its hash in a table of credentials.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.registration.refusals import ACCOUNT_UNKNOWN, ACTIVATION_REFUSED, CODE_EXPIRED, LOGIN_TAKEN
from shared.events import AnyPersonal, Event
from shared.events.registration import (
    AccountActivated,
    AccountCodesReissued,
    AccountEmailChanged,
    AccountLocked,
    AccountOpened,
)
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refused


@dataclass(frozen=True, slots=True)
class Code:
    """An activation code and the moment from which it is void."""

    value: AnyPersonal
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """A body's account; `login_held_by` is another account that already signs in with this address."""

    account: UUID
    body: UUID
    login: AnyPersonal
    name: AnyPersonal
    code: Code
    login_held_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class ActivateAccount:
    """Someone came with a code and chose a password; `code_is_right` was compared at the edge."""

    account: UUID
    code_is_right: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class ReissueCodes:
    """Assistance gives a new code; the password and the old code are void."""

    code: Code
    by: str
    ticket: UUID | None = None


@dataclass(frozen=True, slots=True)
class ChangeEmail:
    """Assistance changes the address that signs in. `code` is for an account that was never activated."""

    new: AnyPersonal
    code: Code
    by: str
    ticket: UUID | None = None
    login_held_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class LockAccount:
    """Too many wrong passwords in a row."""

    by: str


Command = OpenAccount | ActivateAccount | ReissueCodes | ChangeEmail | LockAccount


@dataclass(frozen=True, slots=True)
class Account:
    """An account; waiting: its code was sent, and no password is valid."""

    status: Literal["none", "waiting", "active", "locked"] = "none"
    opened: AccountOpened | None = None
    login: AnyPersonal | None = None
    code: Code | None = None


def decide(account: Account, command: Command) -> list[Event]:
    """Raises `Refused` for a wrong code, an address that is taken, or an account that does not exist."""
    if isinstance(command, OpenAccount):
        return _open(account, command)
    opened, login = account.opened, account.login
    if opened is None or login is None:
        raise Refused(ACTIVATION_REFUSED if isinstance(command, ActivateAccount) else ACCOUNT_UNKNOWN)
    match command:
        case ActivateAccount():
            return _activate(account, opened, command)
        case ReissueCodes(code=code):
            return [] if account.code == code else [_reissued(opened, login, command)]
        case ChangeEmail():
            return _change_email(account, opened, login, command)
        case LockAccount() if account.status == "active":
            return [_locked(opened, command)]
    return []


def _open(account: Account, command: OpenAccount) -> list[Event]:
    if account.opened:
        return []
    if command.login_held_by:
        raise Refused(LOGIN_TAKEN)
    return [
        AccountOpened(
            account_id=command.account,
            login=command.login,
            role="training-body",
            body_id=command.body,
            name=command.name,
            activation_code=command.code.value,
            activation_expires_at=command.code.expires_at,
        )
    ]


def _activate(account: Account, opened: AccountOpened, command: ActivateAccount) -> list[Event]:
    if not command.code_is_right or account.status != "waiting" or account.code is None:
        raise Refused(ACTIVATION_REFUSED)
    if command.now >= account.code.expires_at:
        raise Refused(CODE_EXPIRED)
    return [AccountActivated(account_id=opened.account_id, body_id=opened.body_id)]


def _reissued(opened: AccountOpened, login: AnyPersonal, command: ReissueCodes | ChangeEmail) -> Event:
    return AccountCodesReissued(
        account_id=opened.account_id,
        login=login,
        activation_code=command.code.value,
        activation_expires_at=command.code.expires_at,
        reissued_by=command.by,
        ticket_id=command.ticket,
        body_id=opened.body_id,
    )


def _change_email(
    account: Account, opened: AccountOpened, login: AnyPersonal, command: ChangeEmail
) -> list[Event]:
    if login == command.new:
        return []
    if command.login_held_by:
        raise Refused(LOGIN_TAKEN)
    changed = AccountEmailChanged(
        account_id=opened.account_id,
        old_email=login,
        new_email=command.new,
        changed_by=command.by,
        ticket_id=command.ticket,
        body_id=opened.body_id,
    )
    return [changed] if account.status == "active" else [changed, _reissued(opened, command.new, command)]


def _locked(opened: AccountOpened, command: LockAccount) -> Event:
    return AccountLocked(
        account_id=opened.account_id, cause="too-many-attempts", locked_by=command.by, body_id=opened.body_id
    )


def evolve(account: Account, event: Event) -> Account:
    """Total: what it does not need leaves the state as it is."""
    match event:
        case AccountOpened():
            code = Code(event.activation_code, event.activation_expires_at)
            return Account("waiting", event, event.login, code)
        case AccountActivated():
            return replace(account, status="active")
        case AccountCodesReissued():
            return replace(
                account, status="waiting", code=Code(event.activation_code, event.activation_expires_at)
            )
        case AccountEmailChanged():
            return replace(account, login=event.new_email)
        case AccountLocked():
            return replace(account, status="locked")
    return account


DECIDER = Decider(Account(), decide, evolve)
