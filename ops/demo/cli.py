"""`formelie demo`: starts the stack, plays the life of a training over HTTP, and proves that nothing was lost."""

import asyncio
import logging
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import click
from aiokafka.errors import KafkaError
from rich.console import Console

from ops.demo.client import Unanswered
from ops.demo.doors import doors
from ops.demo.play import Unexpected
from ops.demo.report import show
from ops.demo.run import Chaos, perform
from ops.demo.story import Times
from ops.demo.system import Where, system
from ops.demo.tell import Narrator
from ops.errors import OpsError
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
        where = Where(options.endpoints, options.folder, options.keep)
        began = time.monotonic()
        async with system(where, narrator.say, lambda: times.add("Start", began)) as (endpoints, victims):
            seed = options.seed
            chaos = Chaos(seed, victims) if seed is not None and victims else None
            result = await perform(endpoints, narrator, times, chaos)
            show(console, result)
            narrator.say(doors(endpoints, result.doors))
            if not (options.keep or options.endpoints):
                narrator.say(
                    "  It stops now: `./formelie up --demo` stays up on such data, `./formelie demo --keep` on these."
                )
            return 0 if result.holds else 1
    except (Unexpected, Unanswered, OpsError, LedgerError, KafkaError, asyncpg.PostgresError) as error:
        narrator.line("")
        console.print(
            f"The demo stops here. {error}", style="red", soft_wrap=True, highlight=False, markup=False
        )
        return 1
