"""Sends what is due in the outbox by SMTP, and tells the ledger; temporary faults are tried again for ever.

The event and the end of the row are one transaction. A crash between the mail server's yes and that transaction
sends the e-mail again, under the same Message-ID: SMTP offers no better, and mailboxes recognise the copy.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol

import aiosmtplib
import structlog
from prometheus_client import Counter, Gauge

from services.notifications import email
from services.notifications.mailing import words_of_template
from services.notifications.outbox import Waiting, waiting_of
from services.notifications.policies import outcome
from services.notifications.views import SQL
from shared.events import Clear, Erased
from shared.runtime.service import Runtime

logger = structlog.get_logger(__name__)

SENDER = Address("FormElie", "formelie", "formiris.org")
DOMAIN = "formelie.formiris.org"
TAKEN_AT_ONCE = 5
TAKEN_FOR = timedelta(seconds=30)
"""Longer than all of a batch may last, or two senders would send it; no longer, since a killed one's waits for it."""
LOOK_EVERY = 0.2  # seconds
SMTP_TIMEOUT = 5.0  # seconds
PUT_OFF_AT_MOST = timedelta(minutes=5)

WAITING = Gauge("formelie_emails_waiting", "E-mails in the outbox")
ATTEMPTS = Gauge("formelie_emails_attempts", "Attempts at the e-mail that was tried most often")
OUTCOMES = Counter("formelie_emails", "Attempts at sending an e-mail", ["outcome"])


class Undeliverable(Exception):
    """The mail server will never take this e-mail; the message is its code and class, without the address."""


class Mailer(Protocol):
    """Hands one e-mail over to a mail server. Raises Undeliverable, or anything else when it may pass later."""

    async def __call__(self, message: EmailMessage, to: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server at `host`:`port`."""

    host: str
    port: int

    async def __call__(self, message: EmailMessage, to: str) -> None:
        """One connection an e-mail: they are few, and a broken one then concerns no other."""
        try:
            await aiosmtplib.send(
                message, sender=SENDER.addr_spec, recipients=[to], hostname=self.host, port=self.port,
                timeout=SMTP_TIMEOUT, start_tls=None,
            )  # fmt: skip
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _sorted(error.recipients[0].code, error) from error
        except (aiosmtplib.SMTPDataError, aiosmtplib.SMTPRecipientRefused) as error:
            raise _sorted(error.code, error) from error
        except (aiosmtplib.SMTPNotSupported, UnicodeEncodeError, ValueError) as error:
            raise Undeliverable(f"adresse non transmissible ({type(error).__name__})") from error


def _sorted(code: int, error: Exception) -> Exception:
    return Undeliverable(f"SMTP {code} ({type(error).__name__})") if 500 <= code < 600 else error


class Sender:
    """Takes due e-mails one batch after the other, until cancelled."""

    def __init__(self, runtime: Runtime, mailer: Mailer) -> None:
        self._runtime, self._mailer = runtime, mailer

    async def run(self) -> None:
        """For ever: whatever fails is tried again later, and said."""
        while True:
            try:
                found = await self.send_due()
            except Exception as error:  # noqa: BLE001 - PostgreSQL away: the outbox keeps everything
                logger.warning("outbox unavailable", error=type(error).__name__)
                found = 0
            if found < TAKEN_AT_ONCE:
                await asyncio.sleep(LOOK_EVERY)

    async def send_due(self) -> int:
        """One batch; how many e-mails were taken."""
        rows = await self._runtime.pool.fetch(SQL.take_due, TAKEN_AT_ONCE, TAKEN_FOR)
        for row in rows:
            await self._attempt(waiting_of(row))
        if counted := await self._runtime.pool.fetchrow(SQL.waiting):
            WAITING.set(counted["waiting"])
            ATTEMPTS.set(counted["attempts"])
        return len(rows)

    async def _attempt(self, waiting: Waiting) -> None:
        where = {"email": str(waiting.id), "template": waiting.template, "correlation": waiting.correlation}
        try:
            outcome = await self._send(waiting)
        except Exception as error:  # noqa: BLE001 - this e-mail waits, the others go on
            delay = min(timedelta(seconds=2 ** min(waiting.attempts, 10)), PUT_OFF_AT_MOST)
            OUTCOMES.labels("put off").inc()
            logger.warning("e-mail put off", **where, error=type(error).__name__, attempts=waiting.attempts)
            await self._runtime.pool.execute(SQL.put_off, waiting.id, delay)
        else:
            OUTCOMES.labels(outcome).inc()
            logger.info("e-mail", **where, outcome=outcome)

    async def _send(self, waiting: Waiting) -> str:
        """Sends and records. Raises whatever may pass."""
        if await self._runtime.ledger.stream(f"email-{waiting.id}"):
            await self._runtime.pool.execute(SQL.done, waiting.id)
            return "sent before"
        revealed = await self._runtime.keyring.reveal([waiting.to, *waiting.personal.values()])
        to = revealed[waiting.to]
        if isinstance(to, Erased):
            return await self._failed(waiting, "personne effacée", permanent=False)
        personal = {name: _clear(revealed[value]) for name, value in waiting.personal.items()}
        try:
            message = compose(waiting, to.value, personal)
            await self._mailer(message, to.value)
        except Undeliverable as refused:
            return await self._failed(waiting, str(refused), permanent=True)
        return await self._sent(waiting, message["Message-ID"])

    async def _sent(self, waiting: Waiting, message_id: str) -> str:
        await self._record(
            waiting,
            email.RecordSent(
                waiting.id,
                waiting.to,
                waiting.template,
                waiting.cause,
                waiting.cause_type,
                message_id,
                waiting.body,
            ),
        )
        return "sent"

    async def _failed(self, waiting: Waiting, reason: str, *, permanent: bool) -> str:
        await self._record(
            waiting,
            email.RecordFailed(
                waiting.id, waiting.to, waiting.template, waiting.cause, waiting.cause_type, reason, permanent,
                waiting.body,
            ),
        )  # fmt: skip
        return "refused" if permanent else "not written to"

    async def _record(self, waiting: Waiting, command: email.Command) -> None:
        part, alerts = outcome(command, waiting.cause, waiting.correlation, datetime.now(UTC))
        async with self._runtime.pool.acquire() as connection, connection.transaction():
            appended = await self._runtime.commands.react(connection, [part, *alerts])
            await connection.execute(SQL.done, waiting.id)
        self._runtime.ledger.announce(appended)


def compose(waiting: Waiting, to: str, personal: Mapping[str, str]) -> EmailMessage:
    """The message, in UTF-8 plain text. Raises Undeliverable when the address cannot stand in a header."""
    subject, text = words_of_template(waiting.template)
    words = {**waiting.words, **personal}
    message = EmailMessage()
    try:
        message["To"] = Address(addr_spec=to)
    except (MessageError, ValueError, IndexError) as error:
        raise Undeliverable("adresse incorrecte") from error
    message["From"] = SENDER
    message["Subject"] = " ".join(subject.format_map(words).split())[:200]
    message["Message-ID"] = f"<{waiting.cause}.{waiting.template}@{DOMAIN}>"
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "fr"
    message.set_content(text.format_map(words))
    return message


def _clear(value: Clear | Erased) -> str:
    return value.value if isinstance(value, Clear) else "(effacé)"
