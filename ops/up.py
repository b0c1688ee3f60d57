"""`formelie up`: the whole system, in the foreground or detached."""

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click

from ops.demo.client import Unanswered
from ops.demo.doors import doors
from ops.demo.furnish import STOPS, furnish
from ops.demo.play import Unexpected
from ops.errors import AlreadyUp, NotReady, StackError
from ops.options import in_folder
from ops.stack.endpoints import Endpoints
from ops.stack.folder import ENDPOINTS, Folder
from ops.stack.logs import tail
from ops.stack.processes import ROOT
from ops.stack.stack import PARTITIONS, Stack
from ops.stack.state import read_state

READY_WITHIN = 90.0  # seconds
_PAGE = {"extranet": "", "mailbox": "/messages"}
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command()
@in_folder
@click.option("--detach", is_flag=True, help="Return once it is up; stop it with `formelie down`.")
@click.option(
    "--port-base", type=click.IntRange(1024, 65_000), help="First of consecutive ports. [default: free ones]"
)
@click.option(
    "--partitions", default=PARTITIONS, show_default=True, help="Of each ledger; fixed at its creation."
)
@click.option(
    "--demo", "furnished", is_flag=True, help="Open on data worth looking at: bodies at every stage."
)
@click.pass_context
def up(
    context: click.Context,
    folder: Path,
    detach: bool,
    port_base: int | None,
    partitions: int,
    furnished: bool,
) -> None:
    """Start the whole system: PostgreSQL, Kafka, five services, a mailbox, the extranet. Ctrl-C stops it."""
    asked = Asked(folder, port_base, partitions, furnished)
    if detach:
        context.exit(_detached(asked))
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    context.exit(asyncio.run(_until_told(asked)))


@dataclass(frozen=True, slots=True)
class Asked:
    """As given on the command line."""

    folder: Path
    port_base: int | None
    partitions: int
    furnished: bool


async def _until_told(asked: Asked) -> int:
    """Keep the stack up until a signal; a second signal changes nothing, what is stopping stops."""
    serving = asyncio.create_task(_serve(asked))
    told = False

    def tell() -> None:
        nonlocal told
        if not told:
            told = True
            serving.cancel()

    for sign in ENDS:
        asyncio.get_running_loop().add_signal_handler(sign, tell)
    try:
        await serving
    except asyncio.CancelledError:
        click.echo("Stopped. The data stays for the next `formelie up`.")
    return 0


async def _serve(asked: Asked) -> None:
    started = time.monotonic()
    click.echo(f"FormElie in {asked.folder}")
    starting = Stack.start(
        asked.folder, port_base=asked.port_base, partitions=asked.partitions, say=click.echo
    )
    async with starting as stack:
        try:
            await stack.wait_ready(READY_WITHIN, falls=6)
        except NotReady as late:
            click.echo(f"{late}\nWhat is down is tried again; see `formelie status`.", err=True)
        else:
            click.echo(f"Ready after {time.monotonic() - started:.0f} s")
        click.echo(where_everything_is(stack.folder.path, stack.endpoints, stack.ports["smtp"]))
        if asked.furnished:
            click.echo(f"Playing {len(STOPS)} bodies, each up to another stage: a minute")
            await _furnish(stack.endpoints)
        click.echo("Ctrl-C, or `formelie down`, stops it.")
        await asyncio.Event().wait()


async def _furnish(endpoints: Endpoints) -> None:
    """Says who may open what; a story that breaks off leaves the system up."""
    try:
        click.echo(doors(endpoints, await furnish(endpoints)))
    except (Unexpected, Unanswered) as error:
        click.echo(f"The bodies could not all be played: {error}", err=True)


def where_everything_is(folder: Path, endpoints: Endpoints, smtp: int | None = None) -> str:
    """For people: addresses, folders, and who may log in."""
    lines = [f"  {name:<14} {url}{_PAGE.get(name, '/docs')}" for name, url in endpoints.http.items()]
    server = next(iter(endpoints.postgres.values())).rpartition("@")[2].partition("/")[0]
    lines += [f"  {'SMTP':<14} 127.0.0.1:{smtp}"] if smtp else []
    lines += [f"  {'Kafka':<14} {endpoints.kafka}", f"  {'PostgreSQL':<14} {server}"]
    lines += [f"  {'folder':<14} {folder}", f"  {'for programs':<14} {folder / ENDPOINTS}", "", "Accounts"]
    for one in endpoints.accounts:
        lines.append(f"  {one.login:<24} {one.password:<14} {one.role} {one.territory or ''}".rstrip())
    return "\n".join(["", "Where", *lines, ""])


def _detached(asked: Asked) -> int:
    """Start it as its own session, tell what it says until it is ready. The exit code."""
    place = Folder.made(asked.folder)
    if read_state(place).is_up:
        raise AlreadyUp(
            f"FormElie is already up in {place.path}. See `formelie status`, or stop it with `formelie down`."
        )
    command = [
        sys.executable,
        "-m",
        "ops",
        "up",
        "--dir",
        str(place.path),
        "--partitions",
        str(asked.partitions),
    ]
    command += ["--port-base", str(asked.port_base)] if asked.port_base is not None else []
    command += ["--demo"] if asked.furnished else []
    log = place.log("supervisor")
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
    with log.open(encoding="utf-8") as said:
        while process.poll() is None:
            for line in said:
                if line.startswith("Ctrl-C"):
                    click.echo("Stop it with `formelie down`.")
                    return 0 if read_state(place).is_ready else 1
                click.echo(line, nl=False)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
    raise StackError(
        tail(log, 5).rpartition("formelie: ")[2] or f"It stopped with exit code {process.returncode}."
    )
