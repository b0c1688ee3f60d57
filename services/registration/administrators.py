"""Who administers the accounts of a body: always at least one, whatever is changed at the same moment.

The first account of a body administers from the start; the others once they were activated with the right to.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

from services.registration.refusals import LAST_ADMINISTRATOR
from shared.events import Event
from shared.events.registration import AdministratorNamed, AdministratorRemoved
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refused


def first_account(body: UUID) -> UUID:
    """The id of the account that Formiris opens with its proposal."""
    return uuid5(body, "account")


@dataclass(frozen=True, slots=True)
class SetAdministrator:
    """Whether this account of the body administers from now on."""

    body: UUID
    account: UUID
    administers: bool


@dataclass(frozen=True, slots=True)
class Administrators:
    """Those who administer; None: nothing changed since the first account was opened."""

    accounts: frozenset[UUID] | None = None

    def of(self, body: UUID) -> frozenset[UUID]:
        """The accounts that administer this body."""
        return frozenset({first_account(body)}) if self.accounts is None else self.accounts


def decide(administrators: Administrators, command: SetAdministrator) -> list[Event]:
    """Raises `Refused` for the last one of them."""
    now = administrators.of(command.body)
    if command.administers == (command.account in now):
        return []
    if command.administers:
        return [AdministratorNamed(body_id=command.body, account_id=command.account)]
    if len(now) == 1:
        raise Refused(LAST_ADMINISTRATOR)
    return [AdministratorRemoved(body_id=command.body, account_id=command.account)]


def evolve(administrators: Administrators, event: Event) -> Administrators:
    """Total: what it does not need leaves the state as it is."""
    match event:
        case AdministratorNamed(body_id=body, account_id=account):
            return Administrators(administrators.of(body) | {account})
        case AdministratorRemoved(body_id=body, account_id=account):
            return Administrators(administrators.of(body) - {account})
    return administrators


DECIDER = Decider(Administrators(), decide, evolve)
