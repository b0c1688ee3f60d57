"""Notifications: reacts to every other context; tells people what happened and what they can do next."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime

import asyncpg
from pydantic import field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.notifications import policies, views
from services.notifications.accounts import KNOWN_BY
from services.notifications.acts import DOING
from services.notifications.api import CONTEXT, router
from services.notifications.facts import MOVING
from services.notifications.mailing import EMAILS
from services.notifications.outbox import announce, put_out
from services.notifications.own import Own
from services.notifications.sender import Address, Sender, Smtp
from services.notifications.streams import Streams
from services.notifications.switch import Switches
from services.notifications.telling import ALERTS
from shared.events import attendance, invoicing, offerings, registration
from shared.events.notifications import AlertPosted
from shared.messaging import Delivered, Handler, Subscription
from shared.runtime.asked import Part
from shared.runtime.service import Runtime, Service

LISTENED = {
    "registration": registration.EVENTS, "offerings": offerings.EVENTS, "attendance": attendance.EVENTS,
    "invoicing": invoicing.EVENTS,
}  # fmt: skip
HEARD = DOING | MOVING | KNOWN_BY | ALERTS.keys() | EMAILS.keys()


class MailSettings(BaseSettings):
    """FORMELIE_SMTP: host:port of the mail server. FORMELIE_SITE: where people reach the extranet, for links."""

    model_config = SettingsConfigDict(env_prefix="FORMELIE_", frozen=True)
    smtp: str
    site: str = Address().site

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


async def extend(runtime: Runtime, stack: AsyncExitStack) -> Own:
    """Starts what sends e-mails and what follows the open pages; both stop with the service."""
    settings = MailSettings()
    own = Own(Streams(runtime.pool), Switches(runtime.settings.keyring_secret.get_secret_value()))
    sender = Sender(runtime, settings.server(), Address(settings.site.rstrip("/"), own.switches))
    for work in (sender.run(), own.streams.run(), _left(runtime, own.streams)):
        stack.push_async_callback(_stopped, asyncio.create_task(work))
    return own


async def _left(runtime: Runtime, streams: Streams) -> None:
    """Pages must let go before the server waits for its last answers."""
    await runtime.leaving.wait()
    streams.leave()


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
            frozenset(event.wire for event in events if event in HEARD),
        )
        for context, events in LISTENED.items()
    ]


def reaction(runtime: Runtime) -> Handler:
    """Moves dossiers, posts and closes alerts, puts e-mails in the outbox, in the transaction of the checkpoint."""

    async def handle(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
        now = datetime.now(UTC)
        causes = [policies.Cause.of(each.event) for each in delivered]
        parts = [part for cause in causes for part in policies.alerts(cause, now)]
        await views.learn(connection, delivered)
        new = await _posted(runtime, connection, parts) if parts else []
        await views.show(connection, new, now, delivered)
        await announce(connection, _to_announce(causes, new), now)
        await put_out(connection, [mail for cause in causes for mail in policies.emails(cause)], now)

    return handle


async def _posted(
    runtime: Runtime, connection: asyncpg.Connection, parts: Sequence[Part]
) -> list[AlertPosted]:
    """The alerts that were not posted before."""
    answers = await runtime.commands.react(connection, parts)
    return [part.command.alert for part, each in zip(parts, answers, strict=True) if not each.repeated]


def _to_announce(causes: Sequence[policies.Cause], new: Sequence[AlertPosted]) -> list[policies.Announcement]:
    """Only what was posted just now: whoever was written to long ago is left in peace when all is read again."""
    posted = {alert.alert_id for alert in new}
    found = [each for cause in causes for each in policies.announcements(cause)]
    return [each for each in found if each.posted.alert_id in posted]


SERVICE = Service(CONTEXT, router, views.own, subscriptions, extend, settings=MailSettings)
