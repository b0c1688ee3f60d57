"""What the stack runs: how each program is started, with which environment, and how it is known to be ready."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ops.contexts import CONTEXTS
from ops.databases import KEYRING, dsn_of
from ops.example import BUYER
from ops.stack.kafka import Kafka, Say
from ops.stack.ports import HOST
from ops.stack.postgres import Postgres
from ops.stack.processes import ROOT, Command
from ops.stack.supervisor import Program

if TYPE_CHECKING:
    from ops.stack.stack import Stack

PORTS = ("postgres", "kafka", "kafka-controller", *CONTEXTS, "mailbox", "smtp", "extranet")


def postgres(server: Postgres) -> Program:
    async def prepare() -> Command:
        return await asyncio.to_thread(server.prepare)

    return Program("postgres", prepare, server.answers, server.port, patience=30)


def kafka(server: Kafka, say: Say) -> Program:
    async def prepare() -> Command:
        return await asyncio.to_thread(server.prepare, say)

    return Program("kafka", prepare, server.answers, server.port, patience=20)


def mailbox(stack: "Stack") -> Program:
    return _python(
        stack, "mailbox", "ops.mailbox", {"FORMELIE_SMTP_LISTEN": f"{HOST}:{stack.ports['smtp']}"}, "/livez"
    )


def service(stack: "Stack", context: str) -> Program:
    """The environment of the contract, and nothing more."""
    passwords = stack.secrets.passwords
    registration = f"http://{HOST}:{stack.ports['registration']}"
    settings = {
        "FORMELIE_POSTGRES_URL": dsn_of(stack.admin_dsn, context, context, passwords[context]),
        "FORMELIE_KEYRING_URL": dsn_of(stack.admin_dsn, KEYRING, context, passwords[context]),
        "FORMELIE_KEYRING_SECRET": stack.secrets.keyring,
        "FORMELIE_KAFKA": stack.kafka,
        "FORMELIE_JWKS_URL": f"{registration}/.well-known/jwks.json",
        "FORMELIE_LOG_LEVEL": "INFO",
    }
    if scanner := os.environ.get("FORMELIE_CLAMD"):
        settings["FORMELIE_CLAMD"] = scanner
    if context == "registration":
        settings["FORMELIE_SIGNING_KEY"] = stack.secrets.signing_key
        settings["FORMELIE_STAFF_ACCOUNTS"] = stack.secrets.accounts_json()
        settings["FORMELIE_FORWARDING_SECRET"] = stack.secrets.forwarding
        settings["FORMELIE_FAILURES_PER_ADDRESS"] = "100000"  # everybody is at one address here
    if context == "invoicing":
        settings["FORMELIE_BUYER"] = BUYER
    if context == "notifications":
        settings["FORMELIE_SMTP"] = f"{HOST}:{stack.ports['smtp']}"
        settings["FORMELIE_SITE"] = f"http://{HOST}:{stack.ports['extranet']}"
    return _python(stack, context, f"services.{context}", settings, "/readyz")


def extranet(stack: "Stack") -> Program:
    """The web site, which asks the services over HTTP and keeps nothing."""
    addresses = {
        f"FORMELIE_{context.upper()}_URL": f"http://{HOST}:{stack.ports[context]}" for context in CONTEXTS
    }
    settings = {
        "FORMELIE_EXTRANET_SECRET": stack.secrets.extranet,
        "FORMELIE_FORWARDING_SECRET": stack.secrets.forwarding,
        "FORMELIE_SECURE_COOKIES": "false",
    }
    return _python(stack, "extranet", "services.extranet", addresses | settings, "/readyz")


def _python(stack: "Stack", name: str, module: str, settings: dict[str, str], ready: str) -> Program:
    port = stack.ports[name]
    variables = {
        **settings,
        "FORMELIE_HTTP_HOST": HOST,
        "FORMELIE_HTTP_PORT": str(port),
        "FORMELIE_DATA_DIR": str(stack.folder.data(name)),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    command = Command([sys.executable, "-m", module], stack.folder.log(name), variables)

    async def prepare() -> Command:
        return command

    return Program(name, prepare, answers(port, ready), port)


def answers(port: int, path: str) -> Callable[[], Awaitable[bool]]:
    """A probe: whether a GET is answered with 200 within two seconds, on a connection of its own.

    It is asked of everything, every second: an HTTP client would cost more than what it looks at.
    """
    asked = f"GET {path} HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode()

    async def probe() -> bool:
        try:
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_connection(HOST, port)
                try:
                    writer.write(asked)
                    return (await reader.readline()).split()[1:2] == [b"200"]
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return False

    return probe
