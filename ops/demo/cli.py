"""`formelie demo`: starts the stack, plays the life of a training over HTTP, and proves that nothing was lost."""

import asyncio
import logging
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import click
from aiokafka.errors import KafkaError
from rich.console import Console

from ops.demo.chaos import Victims
from ops.demo.client import Unanswered
from ops.demo.kept import Kept
from ops.demo.play import Unexpected
from ops.demo.report import show
from ops.demo.run import Chaos, perform
from ops.demo.story import Times
from ops.demo.tell import Narrator
from ops.errors import OpsError
from ops.stack import Stack
from ops.stack.endpoints import Endpoints
from ops.stack.folder import default_folder
from ops.stack.postgres import discard
from ops.up import READY_WITHIN
from shared.ledger import LedgerError

WIDTH = 160  # of tables, where no terminal says
FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Options:
    """As given on the command line."""

    keep: bool
    folder: Path | None
    seed: int | None
    endpoints: Path | None


@click.command()
@click.option("--keep", is_flag=True, help="Leave the system up afterwards.")
@click.option(
    "--dir", "folder", type=FOLDER, help="Where the system keeps its data; a folder of its own if not given."
)
@click.option(
    "--chaos", "seed", type=int, metavar="SEED", help="Kill and pause processes meanwhile, as SEED chooses."
)
@click.option(
    "--endpoints", type=FILE, help="Play against a running system: the file that `up` or compose wrote."
)
def demo(keep: bool, folder: Path | None, seed: int | None, endpoints: Path | None) -> None:
    """Play the life of a training from référencement to payment, then prove that nothing was lost.

    Exit code 1 when a step is not what it should be, or the proof finds a difference.
    """
    if endpoints and (keep or folder or seed is not None):
        raise click.UsageError(
            "--endpoints plays against a system that others run: no --keep, --dir or --chaos with it."
        )
    options = Options(keep, folder, seed, endpoints)
    if seed is not None:
        logging.getLogger("ops.stack").setLevel(logging.ERROR)  # that processes die is not news here
    try:
        code = asyncio.run(_demo(options, Console(width=None if sys.stdout.isatty() else WIDTH)))
    except asyncio.CancelledError:
        code = 128 + signal.SIGTERM
    raise SystemExit(code)


async def _demo(options: Options, console: Console) -> int:
    playing = asyncio.current_task()
    if playing:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, playing.cancel)
    narrator, times = Narrator(console), Times()
    try:
        async with _system(options, narrator, times) as (endpoints, victims):
            seed = options.seed
            chaos = Chaos(seed, victims) if seed is not None and victims else None
            result = await perform(endpoints, narrator, times, chaos)
            show(console, result)
            return 0 if result.holds else 1
    except (Unexpected, Unanswered, OpsError, LedgerError, KafkaError, asyncpg.PostgresError) as error:
        narrator.line("")
        console.print(
            f"The demo stops here. {error}", style="red", soft_wrap=True, highlight=False, markup=False
        )
        return 1


@asynccontextmanager
async def _system(
    options: Options, narrator: Narrator, times: Times
) -> AsyncIterator[tuple[Endpoints, Victims | None]]:
    """The system to play on, and what of it may be killed."""
    began = time.monotonic()
    if options.endpoints:
        yield Endpoints.read(options.endpoints), None
    elif options.keep:
        kept = await Kept.up(options.folder or default_folder())
        times.add("Start", began)
        try:
            yield kept.endpoints, kept
        finally:
            narrator.say(kept.farewell())
    else:
        async with _own_folder(options.folder) as folder, Stack.start(folder, say=narrator.say) as stack:
            await stack.wait_ready(READY_WITHIN)
            times.add("Start", began)
            yield stack.endpoints, stack


@asynccontextmanager
async def _own_folder(given: Path | None) -> AsyncIterator[Path]:
    """The folder that was given, or one that is gone afterwards."""
    if given:
        yield given
        return
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="formelie-demo-"))
    try:
        yield folder
    finally:
        await asyncio.to_thread(discard, folder)
