"""Where Formiris's own people are written to, as the environment says it; whoever writes to them learns it by events.

One stream, `staff-roster`: the whole list is told at each start, and only what changed is an event.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid5

from shared.events import AnyPersonal, Event
from shared.events.registration import StaffAddressGiven, StaffAddressWithdrawn
from shared.events.values import Role
from shared.runtime.decider import Decider

STREAM = "staff-roster"
_NAMES = UUID("5e0a4a2e-6c1f-5d0b-9c57-1f2f6c0b7d11")


def account_id(account: str) -> UUID:
    """Of the name that sign-in gives somebody of Formiris."""
    return uuid5(_NAMES, account)


@dataclass(frozen=True, slots=True)
class Entry:
    """`address` belongs to a person of its own, made from account and address: another address, another person."""

    role: Role
    territory: str | None
    address: AnyPersonal

    def told(self) -> tuple[Role, str | None, str]:
        """What makes it another entry; a sealed value is never the same twice."""
        return self.role, self.territory, self.address.person


@dataclass(frozen=True, slots=True)
class TellRoster:
    """Everybody who has an address, by the name that sign-in gives them."""

    entries: Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Roster:
    entries: Mapping[str, Entry] = field(default_factory=dict)


def decide(roster: Roster, command: TellRoster) -> list[Event]:
    """What is new first, then who is written to no more."""
    before = {name: entry.told() for name, entry in roster.entries.items()}
    given: list[Event] = [
        StaffAddressGiven(
            account_id=account_id(name), account=name, role=entry.role, territory=entry.territory,
            address=entry.address,
        )
        for name, entry in sorted(command.entries.items())
        if before.get(name) != entry.told()
    ]  # fmt: skip
    gone = sorted(roster.entries.keys() - command.entries.keys())
    return given + [StaffAddressWithdrawn(account_id=account_id(name), account=name) for name in gone]


def evolve(roster: Roster, event: Event) -> Roster:
    """Total: what it does not need leaves the state as it is."""
    match event:
        case StaffAddressGiven():
            entry = Entry(event.role, event.territory, event.address)
            return Roster({**roster.entries, event.account: entry})
        case StaffAddressWithdrawn():
            return Roster({name: entry for name, entry in roster.entries.items() if name != event.account})
    return roster


DECIDER = Decider(Roster(), decide, evolve)
