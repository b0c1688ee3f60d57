"""Who was told: one alert for each (event, recipient), one letter for each (event, template), as the tables say.

And one e-mail at most for each (event, account) about what is told; of a decision one at least, wherever the body has
an account.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from ops.proof import ledgers
from ops.proof.finding import Finding
from ops.proof.system import System
from services.notifications.mailing import EMAILS
from services.notifications.telling import ALERTS
from shared.events import Envelope, UnknownType, decode
from shared.events.notifications import AlertPosted, EmailFailed, EmailSent
from shared.events.registration import AccountClosed, AccountOpened

PATIENCE = 30.0  # seconds for what is still on its way
NOBODY = UUID(int=0)

Told = tuple[UUID, str]
"""The event, and who or what: `office bretagne`, `e-mail referencing-accepted`."""


@dataclass(slots=True)
class Account:
    """What the tables call for, and what the ledger of notifications says was done."""

    due: Counter[Told] = field(default_factory=Counter)
    done: Counter[Told] = field(default_factory=Counter)
    causes: dict[UUID, str] = field(default_factory=dict)
    announced: dict[Told, UUID | None] = field(default_factory=dict)
    """What accounts may be written to about; of a decision, the body that must be."""
    written: Counter[tuple[Told, UUID]] = field(default_factory=Counter)
    """To which account."""
    accounts: dict[UUID, UUID] = field(default_factory=dict)
    """Open ones, and their body."""

    def add(self, event: Envelope) -> None:
        """One more event of any context."""
        self.causes[event.id] = event.type
        self.due.update(called_for(event))
        self.announced.update(announced(event))
        match event.data:
            case AccountOpened(account_id=account, body_id=UUID() as body):
                self.accounts.setdefault(account, body)
            case AccountClosed(account_id=account):
                self.accounts[account] = NOBODY
            case EmailSent(cause_type="daily") | EmailFailed(cause_type="daily"):
                pass
            case (
                EmailSent(cause_id=cause, template=template, account_id=UUID() as account)
                | EmailFailed(cause_id=cause, template=template, account_id=UUID() as account)
            ):
                self.written[(cause, f"e-mail {template}"), account] += 1
            case AlertPosted(cause_id=cause, recipient=recipient):
                self.done[cause, f"alert to {recipient.kind} {recipient.id}"] += 1
            case (
                EmailSent(cause_id=cause, template=template) | EmailFailed(cause_id=cause, template=template)
            ):
                self.done[cause, f"e-mail {template}"] += 1

    def differences(self) -> list[str]:
        """Everything that was not told, told twice, or told without reason."""
        missing = [f"{self._named(told)} was not told" for told in self.due if not self.done[told]]
        twice = [
            f"{self._named(told)} was told {times} times" for told, times in self.done.items() if times > 1
        ]
        extra = [
            f"{self._named(told)} was told, and no table says so"
            for told in self.done
            if told not in self.due
        ]
        return [*missing, *twice, *extra, *self._accounts_differences()]

    def _accounts_differences(self) -> list[str]:
        reached = {told for told, _ in self.written}
        bodies = set(self.accounts.values())
        unwritten = [
            f"{self._named(told)} was not written to any account"
            for told, body in self.announced.items()
            if body in bodies and told not in reached
        ]
        twice = [
            f"{self._named(told)} was written {times} times to account {account}"
            for (told, account), times in self.written.items()
            if times > 1
        ]
        extra = [
            f"{self._named(told)} was written to an account, and no table says so"
            for told in reached
            if told not in self.announced
        ]
        return [*unwritten, *twice, *extra]

    def counted(self) -> str:
        """How many of each."""
        mails = sum(times for (_, what), times in self.done.items() if what.startswith("e-mail"))
        causes = {cause for cause, _ in self.due}
        return f"{self.done.total() - mails} alerts, {mails + self.written.total()} e-mails, for {len(causes)} events"

    def _named(self, told: Told) -> str:
        cause, what = told
        return f"{what} of {self.causes.get(cause, 'an unknown event')} {cause}"


def called_for(event: Envelope) -> Iterable[Told]:
    """What the tables of notifications say about an event."""
    for telling in ALERTS.get(type(event.data), ()):
        if telling.when(event.data):
            recipient = telling.to(event.data)
            yield event.id, f"alert to {recipient.kind} {recipient.id}"
    for mailing in EMAILS.get(type(event.data), ()):
        if mailing.when(event.data):
            yield event.id, f"e-mail {mailing.template}"


def announced(event: Envelope) -> Iterable[tuple[Told, UUID | None]]:
    """What accounts may be written to about an event, and the body that must hear of a decision."""
    if type(event.data) in EMAILS:
        return
    for telling in ALERTS.get(type(event.data), ()):
        if telling.when(event.data):
            recipient = telling.to(event.data)
            must = UUID(recipient.id) if telling.decision and recipient.kind == "body" else None
            yield (event.id, f"e-mail {telling.code}"), must


async def settled(system: System) -> Finding:
    """Waits until everyone who is to be told was told, then looks for what is too much."""
    deadline = time.monotonic() + PATIENCE
    while True:
        account = await read(system)
        differences = account.differences()
        if not differences or time.monotonic() > deadline:
            return Finding(
                "One alert, one e-mail for each (event, recipient)", account.counted(), differences
            )
        await asyncio.sleep(0.5)


async def read(system: System) -> Account:
    """Folds every ledger."""
    account = Account()
    async for event in events(system):
        account.add(event)
    return account


async def events(system: System) -> AsyncIterator[Envelope]:
    """Every known event of every context."""
    for database in system.databases.values():
        for partition in await ledgers.heads(database):
            async for row in ledgers.rows(database, partition):
                try:
                    yield decode(row.record)
                except UnknownType:
                    continue
