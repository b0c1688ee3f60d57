"""Account: opened with a code, activated with a password, given rights, locked for a while, reset, closed.  (R4)

A password is never here: the edge compares it, and keeps its hash in a table of credentials.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.registration.refusals import (
    ACCOUNT_UNKNOWN,
    ACTIVATION_REFUSED,
    CODE_EXPIRED,
    LOGIN_TAKEN,
    RESET_EXPIRED,
    RESET_REFUSED,
    UNDO_REFUSED,
)
from shared.events import AnyPersonal, Event
from shared.events.registration import (
    AccountActivated,
    AccountClosed,
    AccountCodesReissued,
    AccountEmailChanged,
    AccountLocked,
    AccountOpened,
    AccountRightsChanged,
    AccountSessionsEnded,
    PasswordReset,
    PasswordResetRequested,
)
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refusal, Refused
from shared.runtime.rights import ALL_RIGHTS, Right


@dataclass(frozen=True, slots=True)
class Code:
    """A code sent by e-mail and the moment from which it is void."""

    value: AnyPersonal
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """A body's account; `login_held_by` is another account that already signs in with this address.

    `rights` None: all of them. `by` None: Formiris opens the body's first account with its proposal.
    """

    account: UUID
    body: UUID
    login: AnyPersonal
    name: AnyPersonal
    code: Code
    login_held_by: UUID | None = None
    first_name: AnyPersonal | None = None
    rights: frozenset[Right] | None = None
    by: str | None = None


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
    """Assistance changes the address that signs in: `code` goes to the new one, `undo` to the old one."""

    new: AnyPersonal
    code: Code
    by: str
    ticket: UUID | None = None
    login_held_by: UUID | None = None
    undo: Code | None = None


@dataclass(frozen=True, slots=True)
class UndoEmailChange:
    """Whoever reads the old address takes the change back; `code` is for signing in with it again."""

    code_is_right: bool
    now: datetime
    code: Code
    by: str
    login_held_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class LockAccount:
    """Too many wrong passwords in a row."""

    by: str
    now: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class ChangeRights:
    """An administrator says what the account may do."""

    rights: frozenset[Right]
    by: str


@dataclass(frozen=True, slots=True)
class CloseAccount:
    """An administrator closes the account."""

    by: str


@dataclass(frozen=True, slots=True)
class EndSessions:
    """Whoever is signed in since `generation` has to sign in again."""

    generation: int
    by: str


@dataclass(frozen=True, slots=True)
class AskReset:
    """Someone forgot the password: a code goes to the address that signs in."""

    reset: UUID
    code: Code


@dataclass(frozen=True, slots=True)
class CompleteReset:
    """The code came back with a new password; `code_is_right` was compared at the edge."""

    reset: UUID
    code_is_right: bool
    now: datetime


Command = (
    OpenAccount | ActivateAccount | ReissueCodes | ChangeEmail | UndoEmailChange | LockAccount | ChangeRights
    | CloseAccount | EndSessions | AskReset | CompleteReset
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reset:
    """A reset that was asked for and not completed."""

    id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Undo:
    """A change of address that its old one may take back."""

    old: AnyPersonal
    code: AnyPersonal
    until: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """An account; waiting: its code was sent, and no password is valid.

    `proven`: it was activated once, so that its address was read. `generation` counts what ended its sessions: a
    session of an earlier one is over.
    """

    status: Literal["none", "waiting", "active", "locked", "closed"] = "none"
    opened: AccountOpened | None = None
    login: AnyPersonal | None = None
    code: Code | None = None
    rights: frozenset[Right] = ALL_RIGHTS
    locked_until: datetime | None = None
    proven: bool = False
    generation: int = 0
    reset: Reset | None = None
    undo: Undo | None = None

    def signs_in(self, now: datetime) -> bool:
        """Whether its password opens a session; a lock ends by itself when it says until when."""
        expired = self.status == "locked" and self.locked_until is not None and self.locked_until <= now
        return self.status == "active" or expired

    @property
    def administers(self) -> bool:
        """Whether it counts among those who administer the body's accounts."""
        return self.status != "closed" and self.proven and "administer" in self.rights


@dataclass(frozen=True, slots=True)
class _Open:
    """An account that exists, with what every decision about it needs."""

    account: Account
    opened: AccountOpened
    login: AnyPersonal


def decide(account: Account, command: Command) -> list[Event]:
    """Raises `Refused` for a wrong code, an address that is taken, or an account that does not exist."""
    if isinstance(command, OpenAccount):
        return _open(account, command)
    if account.opened is None or account.login is None or account.status == "closed":
        return _nobody(account, command)
    its = _Open(account, account.opened, account.login)
    match command:
        case ActivateAccount() | CompleteReset() | UndoEmailChange():
            return _by_code(its, command)
        case ReissueCodes() | ChangeEmail():
            return _by_assistance(its, command)
        case LockAccount():
            return [_locked(its.opened, command)] if account.signs_in(command.now) else []
        case AskReset():
            return _ask_reset(its, command)
        case ChangeRights() | CloseAccount() | EndSessions():
            return _administered(its, command)


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
            first_name=command.first_name,
            rights=None if command.rights is None else _sorted(command.rights),
            opened_by=command.by,
        )
    ]


_WRONG: dict[type, Refusal] = {
    ActivateAccount: ACTIVATION_REFUSED,
    CompleteReset: RESET_REFUSED,
    UndoEmailChange: UNDO_REFUSED,
}


def _nobody(account: Account, command: Command) -> list[Event]:
    """No such account, or a closed one: a code is answered as a wrong one is."""
    if account.status == "closed" and isinstance(command, CloseAccount | EndSessions | LockAccount):
        return []
    raise Refused(_WRONG.get(type(command), ACCOUNT_UNKNOWN))


def _by_code(its: _Open, command: ActivateAccount | CompleteReset | UndoEmailChange) -> list[Event]:
    if not command.code_is_right:
        raise Refused(_WRONG[type(command)])
    match command:
        case ActivateAccount():
            return _activate(its, command)
        case CompleteReset():
            return _complete_reset(its, command)
        case UndoEmailChange():
            return _undo(its, command)


def _activate(its: _Open, command: ActivateAccount) -> list[Event]:
    if its.account.status != "waiting" or its.account.code is None:
        raise Refused(ACTIVATION_REFUSED)
    if command.now >= its.account.code.expires_at:
        raise Refused(CODE_EXPIRED)
    return [AccountActivated(account_id=its.opened.account_id, body_id=its.opened.body_id)]


def _complete_reset(its: _Open, command: CompleteReset) -> list[Event]:
    reset = its.account.reset
    if reset is None or reset.id != command.reset:
        raise Refused(RESET_REFUSED)
    if command.now >= reset.expires_at:
        raise Refused(RESET_EXPIRED)
    return [
        PasswordReset(
            account_id=its.opened.account_id,
            body_id=its.opened.body_id,
            login=its.login,
            reset_id=command.reset,
        )
    ]


def _undo(its: _Open, command: UndoEmailChange) -> list[Event]:
    undo = its.account.undo
    if undo is None or command.now >= undo.until:
        raise Refused(UNDO_REFUSED)
    back = ChangeEmail(undo.old, command.code, command.by, login_held_by=command.login_held_by)
    return _change_email(its, back)


def _by_assistance(its: _Open, command: ReissueCodes | ChangeEmail) -> list[Event]:
    if isinstance(command, ChangeEmail):
        return _change_email(its, command)
    return [] if its.account.code == command.code else [_reissued(its.opened, its.login, command)]


def _change_email(its: _Open, command: ChangeEmail) -> list[Event]:
    """The new address gets codes of its own: the password may be known to whoever reads the old one."""
    if its.login == command.new:
        return []
    if command.login_held_by:
        raise Refused(LOGIN_TAKEN)
    undo = command.undo if its.account.proven else None
    changed = AccountEmailChanged(
        account_id=its.opened.account_id,
        old_email=its.login,
        new_email=command.new,
        changed_by=command.by,
        ticket_id=command.ticket,
        body_id=its.opened.body_id,
        undo_code=undo.value if undo else None,
        undo_until=undo.expires_at if undo else None,
    )
    return [changed, _reissued(its.opened, command.new, command)]


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


def _locked(opened: AccountOpened, command: LockAccount) -> Event:
    return AccountLocked(
        account_id=opened.account_id,
        cause="too-many-attempts",
        locked_by=command.by,
        until=command.until,
        body_id=opened.body_id,
    )


def _ask_reset(its: _Open, command: AskReset) -> list[Event]:
    """Nothing for an account that was locked for good: only Assistance opens it again."""
    for_good = its.account.status == "locked" and its.account.locked_until is None
    if for_good or (its.account.reset and its.account.reset.id == command.reset):
        return []
    return [
        PasswordResetRequested(
            account_id=its.opened.account_id,
            body_id=its.opened.body_id,
            login=its.login,
            reset_id=command.reset,
            reset_code=command.code.value,
            reset_expires_at=command.code.expires_at,
        )
    ]


def _administered(its: _Open, command: ChangeRights | CloseAccount | EndSessions) -> list[Event]:
    account, body = its.opened.account_id, its.opened.body_id
    match command:
        case EndSessions(generation=generation) if generation >= its.account.generation:
            return [AccountSessionsEnded(account_id=account, body_id=body, ended_by=command.by)]
        case EndSessions():
            return []
    if body is None:
        raise Refused(ACCOUNT_UNKNOWN)
    if isinstance(command, CloseAccount):
        return [AccountClosed(account_id=account, body_id=body, login=its.login, closed_by=command.by)]
    if command.rights == its.account.rights:
        return []
    rights = _sorted(command.rights)
    return [AccountRightsChanged(account_id=account, body_id=body, rights=rights, changed_by=command.by)]


def _sorted(rights: frozenset[Right]) -> tuple[Right, ...]:
    return tuple(sorted(rights))


def evolve(account: Account, event: Event) -> Account:
    """Total: what it does not need leaves the state as it is."""
    match event:
        case AccountOpened():
            code = Code(event.activation_code, event.activation_expires_at)
            rights = ALL_RIGHTS if event.rights is None else frozenset(event.rights)
            return Account("waiting", event, event.login, code, rights)
        case AccountRightsChanged():
            return replace(account, rights=frozenset(event.rights))
        case AccountLocked():
            return _evolve_locked(account, event)
        case PasswordResetRequested():
            return replace(account, reset=Reset(event.reset_id, event.reset_expires_at))
        case AccountActivated():
            return replace(account, status="active", proven=True, reset=None)
    return _evolve_sessions(account, event)


def _evolve_locked(account: Account, event: AccountLocked) -> Account:
    """Guessing wrong from outside ends nobody's session; the other causes do."""
    over = event.cause != "too-many-attempts"
    return replace(
        account, status="locked", locked_until=event.until, generation=account.generation + int(over)
    )


def _evolve_sessions(account: Account, event: Event) -> Account:
    """What ends every session of the account."""
    over = replace(account, generation=account.generation + 1, reset=None)
    match event:
        case AccountCodesReissued():
            code = Code(event.activation_code, event.activation_expires_at)
            return replace(over, status="waiting", code=code, locked_until=None)
        case AccountEmailChanged():
            return replace(over, login=event.new_email, undo=_undo_of(event))
        case PasswordReset():
            return replace(over, status="active", proven=True, locked_until=None)
        case AccountClosed():
            return replace(over, status="closed")
        case AccountSessionsEnded():
            return over
    return account


def _undo_of(event: AccountEmailChanged) -> Undo | None:
    if event.undo_code is None or event.undo_until is None:
        return None
    return Undo(event.old_email, event.undo_code, event.undo_until)


DECIDER = Decider(Account(), decide, evolve)
