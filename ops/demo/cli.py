"""`formelie demo`: starts the stack, plays the life of a training over HTTP, and proves that nothing was lost."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from ops.demo.client import Unanswered
from ops.demo.play import Unexpected
from ops.demo.report import show
from ops.demo.run import perform
from ops.demo.story import Times
from ops.demo.tell import Narrator
from ops.errors import OpsError
from ops.stack import Stack
from ops.stack.endpoints import Endpoints

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
    raise SystemExit(asyncio.run(_demo(options, Console())))


async def _demo(options: Options, console: Console) -> int:
    narrator, times = Narrator(console), Times()
    try:
        async with _system(options, narrator, times) as (endpoints, stack):
            result = await perform(endpoints, narrator, times, options.seed, stack)
            show(console, result)
            return 0 if result.holds else 1
    except (Unexpected, Unanswered, OpsError) as error:
        narrator.line("")
        console.print(
            f"The demo stops here. {error}", style="red", soft_wrap=True, highlight=False, markup=False
        )
        return 1


@asynccontextmanager
async def _system(
    options: Options, narrator: Narrator, times: Times
) -> AsyncIterator[tuple[Endpoints, Stack | None]]:
    if options.endpoints:
        yield Endpoints.read(options.endpoints), None
        return
    with tempfile.TemporaryDirectory(prefix="formelie-demo-") as temporary:
        began = time.monotonic()
        async with Stack.start(options.folder or Path(temporary), say=narrator.say) as stack:
            await stack.wait_ready()
            times.add("Start", began)
            yield stack.endpoints, stack
