"""The mailbox of a local system: an SMTP server that keeps every message in a Maildir, and a page to read them.

An address whose local part is `refuse` is refused with 550, so that bounces can be tried.
"""

import asyncio
import email
import email.policy
import functools
import logging
import mailbox
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import FastAPI
from pydantic import BaseModel, Field

log = logging.getLogger(__name__)

LARGEST = 32 * 1024 * 1024  # bytes of a message
REFUSED = "refuse"


class Message(BaseModel):
    """A message as it was received."""

    sender: str = Field(serialization_alias="from")
    to: list[str]
    message_id: str
    """The same for a copy sent again."""
    subject: str
    text: str
    received: datetime


@dataclass(slots=True)
class Letters:
    """The Maildir, and in memory what was read from it: every message of this mailbox, oldest first."""

    maildir: mailbox.Maildir
    kept: list[Message]

    @classmethod
    def opened(cls, folder: Path) -> "Letters":
        maildir = mailbox.Maildir(folder / "maildir", create=True)
        kept = [_read(raw.as_bytes()) for raw in maildir]
        return cls(maildir, sorted(kept, key=lambda message: message.received))

    def deliver(self, raw: bytes) -> None:
        """Write it to the disk, then show it."""
        self.maildir.add(raw)
        self.kept.append(_read(raw))

    def to(self, address: str | None) -> list[Message]:
        if address is None:
            return list(self.kept)
        wanted = address.casefold()
        return [message for message in self.kept if wanted in map(str.casefold, message.to)]


def _read(raw: bytes) -> Message:
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    return Message(
        sender=str(parsed["Return-Path"] or ""),
        to=[str(address) for address in parsed.get_all("Delivered-To", [])],
        message_id=str(parsed["Message-ID"] or ""),
        subject=str(parsed["Subject"] or ""),
        text=_text(parsed),
        received=datetime.fromisoformat(str(parsed["X-Received-At"])),
    )


def _text(parsed: EmailMessage) -> str:
    body = parsed.get_body(("plain", "html"))
    return "" if body is None else str(body.get_content()).replace("\r\n", "\n")


class Postman:
    """What the SMTP server asks at each step; the names of the methods are aiosmtpd's."""

    def __init__(self, letters: Letters) -> None:
        self.letters = letters

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if address.partition("@")[0].casefold() == REFUSED:
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Answers 250 only once the message is on the disk."""
        del server, session
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        trace = [f"Return-Path: {envelope.mail_from}", f"X-Received-At: {datetime.now(UTC).isoformat()}"]
        trace += [f"Delivered-To: {address}" for address in envelope.rcpt_tos]
        await asyncio.to_thread(self.letters.deliver, "\r\n".join(trace).encode() + b"\r\n" + content)
        return "250 Message accepted"


def application(letters: Letters) -> FastAPI:
    """The page to read messages."""
    app = FastAPI(title="FormElie: mailbox", description="Messages the local system sent by SMTP.")

    @app.get("/messages")
    def messages(to: str | None = None) -> list[Message]:
        """Messages to an address, or all; oldest first."""
        return letters.to(to)

    @app.get("/livez")
    def livez() -> dict[str, str]:
        return {"status": "ok"}

    return app


async def serve(smtp: str, http_host: str, http_port: int, folder: Path) -> None:
    """Serve both until SIGTERM or SIGINT."""
    letters = await asyncio.to_thread(Letters.opened, folder)
    host, _, port = smtp.rpartition(":")
    session: Any = functools.partial(SMTP, Postman(letters), data_size_limit=LARGEST, enable_SMTPUTF8=True)
    server = await asyncio.get_running_loop().create_server(session, host, int(port))
    log.info("SMTP on %s, messages on http://%s:%d/messages", smtp, http_host, http_port)
    config = uvicorn.Config(application(letters), http_host, http_port, log_level="warning", access_log=False)
    async with server:
        await uvicorn.Server(config).serve()


def main() -> int:
    """Settings from the environment; exit code 1 with a sentence when one lacks."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd's: it tells addresses
    try:
        smtp, host, port, folder = (
            os.environ[f"FORMELIE_{name}"] for name in ("SMTP_LISTEN", "HTTP_HOST", "HTTP_PORT", "DATA_DIR")
        )
    except KeyError as missing:
        log.error("%s is not set.", missing.args[0])  # noqa: TRY400 - no traceback for a missing setting
        return 1
    asyncio.run(serve(smtp, host, int(port), Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
