"""Notifications: reacts to every other context; tells people what happened and what they can do next."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime

import asyncpg
from pydantic import field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.notifications import policies, views
from services.notifications.api import CONTEXT, router
from services.notifications.mailing import EMAILS
from services.notifications.outbox import put_out
from services.notifications.sender import Sender, Smtp
from services.notifications.telling import ALERTS
from shared.events import attendance, invoicing, offerings, registration
from shared.messaging import Delivered, Handler, Subscription
from shared.runtime.service import Runtime, Service

LISTENED = {
    "registration": registration.EVENTS, "offerings": offerings.EVENTS, "attendance": attendance.EVENTS,
    "invoicing": invoicing.EVENTS,
}  # fmt: skip


class SmtpSettings(BaseSettings):
    """FORMELIE_SMTP: host:port of the mail server."""

    model_config = SettingsConfigDict(env_prefix="FORMELIE_", frozen=True)
    smtp: str

    @field_validator("smtp")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit():
            raise ValueError("must be host:port")
        return value

    def server(self) -> Smtp:
        """The mail server."""
        host, _, port = self.smtp.rpartition(":")
        return Smtp(host, int(port))


async def extend(runtime: Runtime, stack: AsyncExitStack) -> Sender:
    """Starts the task that sends e-mails; it stops with the service."""
    sender = Sender(runtime, SmtpSettings().server())
    task = asyncio.create_task(sender.run(), name="sender")
    stack.push_async_callback(_stopped, task)
    return sender


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def subscriptions(runtime: Runtime) -> Sequence[Subscription]:
    """Every other context; what becomes of its own e-mails is told where it is recorded (sender.py)."""
    handle = reaction(runtime)
    return [
        Subscription(
            f"notifications.{context}",
            context,
            handle,
            frozenset(event.wire for event in events if event in ALERTS or event in EMAILS),
        )
        for context, events in LISTENED.items()
    ]


def reaction(runtime: Runtime) -> Handler:
    """Posts alerts and puts e-mails in the outbox, in the transaction of the checkpoint."""

    async def handle(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
        now = datetime.now(UTC)
        causes = [policies.Cause.of(each.event) for each in delivered]
        parts = [part for cause in causes for part in policies.alerts(cause, now)]
        outgoing = [mail for cause in causes for mail in policies.emails(cause)]
        if parts:
            answers = await runtime.commands.react(connection, parts)
            new = [part.command.alert for part, each in zip(parts, answers, strict=True) if not each.repeated]
            await views.show_at_once(connection, new, now)
        await put_out(connection, outgoing, now)

    return handle


SERVICE = Service(CONTEXT, router, views.own, subscriptions, extend)
