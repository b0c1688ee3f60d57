"""Who was told: one alert for each (event, recipient), one e-mail for each (event, template), as the tables say."""

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

PATIENCE = 30.0  # seconds for what is still on its way

Told = tuple[UUID, str]
"""The event, and who or what: `office bretagne`, `e-mail referencing-accepted`."""


@dataclass(slots=True)
class Account:
    """What the tables call for, and what the ledger of notifications says was done."""

    due: Counter[Told] = field(default_factory=Counter)
    done: Counter[Told] = field(default_factory=Counter)
    causes: dict[UUID, str] = field(default_factory=dict)

    def add(self, event: Envelope) -> None:
        """One more event of any context."""
        self.causes[event.id] = event.type
        self.due.update(called_for(event))
        match event.data:
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
        return [*missing, *twice, *extra]

    def counted(self) -> str:
        """How many of each."""
        mails = sum(times for (_, what), times in self.done.items() if what.startswith("e-mail"))
        causes = {cause for cause, _ in self.due}
        return f"{self.done.total() - mails} alerts, {mails} e-mails, for {len(causes)} events"

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
        yield event.id, f"e-mail {mailing.template}"


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
