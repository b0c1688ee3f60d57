"""`formelie simulate`: a year of many training bodies, played over HTTP through the real commands, then proven."""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import asyncpg
import click
import httpx
from aiokafka.errors import KafkaError
from rich.console import Console

from ops.demo.cli import FILE, FOLDER, WIDTH
from ops.demo.client import Unanswered
from ops.demo.plot import PARIS
from ops.demo.report import show_proof
from ops.demo.system import Where, system
from ops.errors import OpsError
from ops.proof import prove
from ops.simulate.memory import Memory, watched
from ops.simulate.play import LANES, Stage, stage
from ops.simulate.progress import shown
from ops.simulate.report import show
from ops.simulate.year import Year, last_complete
from ops.stack.endpoints import Endpoints
from shared.ledger import LedgerError

MOST_TEACHERS = 900_000
"""Their numbers have six digits."""


@click.command()
@click.option("--bodies", type=click.IntRange(1, 100_000), default=460, show_default=True)
@click.option("--courses", type=click.IntRange(0, 100_000), default=2_900, show_default=True)
@click.option("--teachers", type=click.IntRange(1, MOST_TEACHERS), default=62_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same year.")
@click.option(
    "--year",
    type=click.IntRange(2015, 2100),
    help="In whose September it begins. [default: the last that is over]",
)
@click.option(
    "--lanes", type=click.IntRange(1, 200), default=LANES, show_default=True, help="Stories at a time."
)
@click.option("--keep", is_flag=True, help="Leave the system up afterwards.")
@click.option(
    "--dir", "folder", type=FOLDER, help="Where the system keeps its data; a folder of its own if not given."
)
@click.option("--endpoints", type=FILE, help="Play on a running system: the file that `up` or compose wrote.")
def simulate(
    bodies: int, courses: int, teachers: int, seed: int, year: int | None, lanes: int,
    keep: bool, folder: Path | None, endpoints: Path | None,
) -> None:  # fmt: skip
    """Play a school year of many training bodies through the real commands, then prove that nothing was lost.

    Played again with the same seed and sizes on the same system, it changes nothing. Exit code 1 when an answer is
    not what it should be, or the proof finds a difference.
    """
    if endpoints and (keep or folder):
        raise click.UsageError("--endpoints plays on a system that others run: no --keep or --dir with it.")
    begins = year if year is not None else last_complete(datetime.now(PARIS).date())
    drawn = Year(seed, bodies, courses, teachers, begins)
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    try:
        code = asyncio.run(_simulate(drawn, lanes, Where(endpoints, folder, keep), console))
    except asyncio.CancelledError:
        code = 128 + signal.SIGTERM
    raise SystemExit(code)


async def _simulate(year: Year, lanes: int, where: Where, console: Console) -> int:
    playing = asyncio.current_task()
    if playing:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, playing.cancel)
    try:
        async with system(where, console.print, lambda: None) as (endpoints, _):
            began = time.monotonic()
            played, memory = await play(endpoints, year, lanes, console)
            show(console, played, memory, time.monotonic() - began)
            proof = await prove(endpoints)
            show_proof(console, proof)
            return 0 if proof.holds and not played.tally.surprises else 1
    except (Unanswered, OpsError, LedgerError, KafkaError, asyncpg.PostgresError) as error:
        console.print(
            f"The year stops here. {error}", style="red", soft_wrap=True, highlight=False, markup=False
        )
        return 1


async def play(endpoints: Endpoints, year: Year, lanes: int, console: Console) -> tuple[Stage, Memory]:
    """The year, played, and the memory it took. Raises Unanswered."""
    async with connections(endpoints.http.values()) as http:
        played = await stage(endpoints, http, year, lanes)
        with watched(lambda: endpoints.processes, lambda: played.done) as memory:
            async with shown(console, played):
                await played.play()
        return played, memory


@asynccontextmanager
async def connections(addresses: Iterable[str]) -> AsyncIterator[httpx.AsyncClient]:
    """Kept open, a pool an address: each request looks at all connections of its pool."""
    trusted = httpx.create_ssl_context(trust_env=False)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=40)
    pools = {
        each: httpx.AsyncHTTPTransport(verify=trusted, limits=limits, trust_env=False) for each in addresses
    }
    async with httpx.AsyncClient(trust_env=False, verify=trusted, mounts=pools) as http:
        yield http
