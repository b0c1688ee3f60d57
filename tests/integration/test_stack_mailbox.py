"""The mailbox: messages really arrive by SMTP, are read by HTTP, and stay."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx
import pytest

from ops.stack.ports import free_port, is_open
from ops.stack.processes import ROOT


@contextmanager
def _running(folder: Path, smtp: int, http: int) -> Iterator[str]:
    settings = {
        "FORMELIE_SMTP_LISTEN": f"127.0.0.1:{smtp}",
        "FORMELIE_HTTP_HOST": "127.0.0.1",
        "FORMELIE_HTTP_PORT": str(http),
        "FORMELIE_DATA_DIR": str(folder),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "ops.mailbox"], cwd=ROOT, env={**os.environ, **settings}
    )
    try:
        deadline = time.monotonic() + 15
        while not (is_open(smtp) and is_open(http)):
            assert time.monotonic() < deadline, "the mailbox did not start"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{http}"
    finally:
        process.terminate()
        process.wait(10)


async def _messages(url: str, **query: str) -> list[dict[str, object]]:
    async with httpx.AsyncClient() as client:
        found: list[dict[str, object]] = (await client.get(f"{url}/messages", params=query)).json()
    return found


def _letter(to: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = (
        "notifications@formiris.test",
        to,
        "Décision sur votre demande",
    )
    letter.set_content("Votre demande est acceptée.\n")
    return letter


async def test_a_message_arrives_and_stays(tmp_path: Path) -> None:
    """A message sent by SMTP is read by its recipient's address, also after the mailbox was restarted."""
    smtp, http = free_port(), free_port()
    with _running(tmp_path, smtp, http) as url:
        await aiosmtplib.send(
            _letter("organisme@exemple.test"), hostname="127.0.0.1", port=smtp, start_tls=False
        )
        await aiosmtplib.send(_letter("autre@exemple.test"), hostname="127.0.0.1", port=smtp, start_tls=False)
        first = await _messages(url, to="Organisme@exemple.test")
    assert [(one["from"], one["to"], one["subject"], one["text"]) for one in first] == [
        (
            "notifications@formiris.test",
            ["organisme@exemple.test"],
            "Décision sur votre demande",
            "Votre demande est acceptée.\n",
        )
    ]
    with _running(tmp_path, smtp, http) as url:
        assert await _messages(url, to="organisme@exemple.test") == first
        assert len(await _messages(url)) == 2


async def test_a_refused_address_bounces(tmp_path: Path) -> None:
    """An address whose local part is `refuse` is refused with 550, and nothing is kept."""
    smtp, http = free_port(), free_port()
    with _running(tmp_path, smtp, http) as url:
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
            await aiosmtplib.send(
                _letter("refuse@exemple.test"), hostname="127.0.0.1", port=smtp, start_tls=False
            )
        assert refused.value.recipients[0].code == 550
        assert await _messages(url) == []
