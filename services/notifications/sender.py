"""Sends what is due in the outbox by SMTP, and tells the ledger; temporary faults are tried again for ever.

The event and the end of the row are one transaction. A crash between the mail server's yes and that transaction
sends the e-mail again, under the same Message-ID: SMTP offers no better, and mailboxes recognise the copy.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address as HeaderAddress
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import cache
from typing import Protocol

import aiosmtplib
import structlog
from prometheus_client import Counter, Gauge

from services.notifications import email
from services.notifications.audience import (
    LOOKED_FOR_ACCOUNTS,
    say,
    say_unheard,
    write_daily,
    write_to_accounts,
)
from services.notifications.letters import letter
from services.notifications.outbox import Waiting, waiting_of
from services.notifications.policies import outcome
from services.notifications.switch import Switch, Switches
from services.notifications.themes import ALWAYS
from services.notifications.views import SQL
from shared.events import Clear, Erased, Sealed
from shared.ledger import KeyMissing, Unsealable
from shared.runtime.refusal import ASSISTANCE
from shared.runtime.service import Runtime

logger = structlog.get_logger(__name__)

SENDER = HeaderAddress("FormElie", "formelie", "formiris.org")
DOMAIN = "formelie.formiris.org"
TAKEN_AT_ONCE = 8
TAKEN_FOR = timedelta(seconds=30)
"""Longer than a batch may last, or two senders would send it; no longer, since a killed one's waits for it."""
LOOK_EVERY = 0.2  # seconds
SMTP_TIMEOUT = 5.0  # seconds
PUT_OFF_AT_MOST = timedelta(minutes=5)

WAITING = Gauge("formelie_emails_waiting", "E-mails in the outbox")
ATTEMPTS = Gauge("formelie_emails_attempts", "Attempts at the e-mail that was tried most often")
OUTCOMES = Counter("formelie_emails", "Attempts at sending an e-mail", ["outcome"])


@dataclass(frozen=True, slots=True)
class Address:
    """Where people reach the extranet, for the links in e-mails; `switches` signs those that end them."""

    site: str = f"https://{DOMAIN}"
    switches: Switches | None = None

    def switch(self, waiting: Waiting) -> str | None:
        """What ends the e-mails like this one; None where they cannot be declined."""
        if self.switches is None or waiting.account is None or waiting.theme is None:
            return None
        name = waiting.account_name or str(waiting.account)
        return self.switches.token(Switch(name, tuple(waiting.theme.split(","))))

    def foot(self, waiting: Waiting) -> str:
        """Why one gets this, and how to get it less often."""
        if waiting.account is None:
            return ""
        if switch := self.switch(waiting):
            return (
                "Vous recevez cet e-mail parce que vous avez un compte FormElie et choisi d'être prévenu ainsi.\n\n"
                f"=> Ne plus recevoir ces e-mails : {self.site}/courriels/{switch}\n\n"
                f"=> Choisir les e-mails que je reçois : {self.site}/compte/preferences"
            )
        return ALWAYS


ADDRESS = Address()


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
    """Takes what is due one batch after the other, until cancelled; the e-mails of a batch leave side by side."""

    def __init__(self, runtime: Runtime, mailer: Mailer, address: Address = ADDRESS) -> None:
        self._runtime, self._mailer, self._address = runtime, mailer, address

    async def run(self) -> None:
        """For ever: whatever fails is tried again later, and said."""
        while True:
            try:
                found = await self.work()
            except Exception as error:  # noqa: BLE001 - PostgreSQL away: the outbox keeps everything
                logger.warning("outbox unavailable", error=type(error).__name__)
                found = False
            if not found:
                await asyncio.sleep(LOOK_EVERY)

    async def work(self) -> bool:
        """One round: alerts to their audiences, daily e-mails, then what is due. Whether more may be waiting."""
        to_do = dict(await self._runtime.pool.fetchrow(SQL.work_to_do, LOOKED_FOR_ACCOUNTS) or {})
        WAITING.set(to_do["waiting"])
        ATTEMPTS.set(to_do["attempts"])
        announced = to_do["announcements"] and await write_to_accounts(self._runtime.pool)
        unheard = to_do["unheard"] and await say_unheard(self._runtime)
        daily = to_do["digests"] and await write_daily(self._runtime.pool)
        written = bool(announced or unheard or daily)
        taken = await self.send_due() if written or to_do["emails"] else 0
        return written or taken == TAKEN_AT_ONCE

    async def send_due(self) -> int:
        """One batch; how many e-mails were taken."""
        rows = await self._runtime.pool.fetch(SQL.take_due, TAKEN_AT_ONCE, TAKEN_FOR)
        await asyncio.gather(*(self._attempt(waiting_of(row)) for row in rows))
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
        if waiting.to is None or await self._runtime.ledger.stream(f"email-{waiting.id}"):
            await self._runtime.pool.execute(SQL.done, waiting.id)
            return "sent before" if waiting.to else "account closed"
        try:
            revealed = await self._runtime.keyring.reveal([waiting.to, *waiting.personal.values()])
        except (KeyMissing, Unsealable):
            return await self._failed(
                waiting, waiting.to, "destinataire inconnu du trousseau", permanent=True
            )
        to = revealed[waiting.to]
        if isinstance(to, Erased):
            return await self._failed(waiting, waiting.to, "personne effacée", permanent=False)
        personal = {name: _clear(revealed[value]) for name, value in waiting.personal.items()}
        try:
            message = compose(waiting, to.value, personal, self._address)
            await self._mailer(message, to.value)
        except Undeliverable as refused:
            return await self._failed(waiting, waiting.to, str(refused), permanent=True)
        return await self._sent(waiting, waiting.to, message["Message-ID"])

    async def _sent(self, waiting: Waiting, to: Sealed, message_id: str) -> str:
        await self._record(
            waiting,
            email.RecordSent(
                waiting.id, to, waiting.template, waiting.cause, waiting.cause_type, message_id, waiting.body,
                waiting.account, waiting.dossier,
            ),
        )  # fmt: skip
        return "sent"

    async def _failed(self, waiting: Waiting, to: Sealed, reason: str, *, permanent: bool) -> str:
        await self._record(
            waiting,
            email.RecordFailed(
                waiting.id, to, waiting.template, waiting.cause, waiting.cause_type, reason, permanent,
                waiting.body, waiting.account, waiting.dossier,
            ),
        )  # fmt: skip
        return "refused" if permanent else "not written to"

    async def _record(self, waiting: Waiting, command: email.Command) -> None:
        said = outcome(command, waiting.cause, waiting.correlation, datetime.now(UTC))
        async with self._runtime.pool.acquire() as connection, connection.transaction():
            appended = await say(self._runtime, connection, said, written=waiting.body is not None)
            await connection.execute(SQL.done, waiting.id)
        self._runtime.ledger.announce(appended)


class _Headers(HeaderRegistry):
    """A class a header, made once: the library makes sixteen an e-mail, which only the garbage collector ends."""

    @cache  # noqa: B019 - there is one of it
    def __getitem__(self, name: str) -> type[BaseHeader]:
        return super().__getitem__(name)


_POLICY = EmailPolicy(header_factory=_Headers())


def compose(
    waiting: Waiting, to: str, personal: Mapping[str, str], address: Address = ADDRESS
) -> EmailMessage:
    """The message, in UTF-8, as text and as HTML; who answers it reaches the office that wrote, or Assistance (N3).

    Raises Undeliverable when the address cannot stand in a header.
    """
    written = letter(
        waiting.template, {**waiting.words, **personal, "site": address.site, "to": to}, address.foot(waiting)
    )
    message = EmailMessage(_POLICY)
    try:
        message["To"] = HeaderAddress(addr_spec=to)
    except (MessageError, ValueError, IndexError) as error:
        raise Undeliverable("adresse incorrecte") from error
    message["From"] = SENDER
    message["Reply-To"] = HeaderAddress(addr_spec=waiting.words.get("office_email") or ASSISTANCE.email)
    message["Subject"] = written.subject
    message["Message-ID"] = f"<{_message_id(waiting)}@{DOMAIN}>"
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "fr"
    if switch := address.switch(waiting):
        message["List-Unsubscribe"] = f"<{address.site}/v1/preferences/switch/{switch}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(written.text)
    message.add_alternative(written.html, subtype="html")
    return message


def _message_id(waiting: Waiting) -> str:
    """The same for a copy: made from the event, and whose copy of it this is."""
    name = f"{waiting.cause}.{waiting.template}"
    return f"{name}.{waiting.account}" if waiting.account else name


def _clear(value: Clear | Erased) -> str:
    return value.value if isinstance(value, Clear) else "(effacé)"
