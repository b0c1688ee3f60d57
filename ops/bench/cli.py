"""`formelie bench`: the whole table in one run on this machine, each figure beside its floor or peer."""

import asyncio
import importlib
import json
import os
import platform
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType

import click
from rich.console import Console
from rich.table import Table

from ops.bench.ground import Ground
from ops.bench.row import Row
from ops.bench.year import a_year
from ops.stack import Stack
from ops.stack.postgres import discard

SUBJECTS = ("ledger", "messaging", "latency", "memory", "load", "pages")
WITH_A_YEAR = ("load", "pages")
WITH_SERVICES = ("latency", "memory", *WITH_A_YEAR)
Say = Callable[[str], None]


@click.command()
@click.option("--quick", is_flag=True, help="Fewer events: a minute or two, for CI. Ratios scatter more.")
@click.option("--only", type=click.Choice(SUBJECTS), multiple=True, help="Only this part; may be repeated.")
@click.option(
    "--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Also write the rows to FILE."
)
def bench(quick: bool, only: tuple[str, ...], file: Path | None) -> None:
    """Measure speed on this machine; every line says what it is compared with."""
    console = Console(width=None if os.isatty(1) else 160)
    rows = asyncio.run(measure(only or SUBJECTS, quick=quick, say=Console(stderr=True).print))
    console.print(table(rows))
    console.print(summary(rows))
    if file:
        file.write_text(json.dumps([row.as_json() for row in rows], indent=2) + "\n", encoding="utf-8")


async def measure(subjects: Iterable[str], *, quick: bool, say: Say) -> list[Row]:
    """The rows of `subjects`, in order; one whose module is missing is skipped with a word."""
    rows: list[Row] = []
    for together in _together(subjects):
        modules = [module for subject in together if (module := _module(subject, say))]
        if modules:
            say(f"{' and '.join(together)}: measuring")
            rows += await _measure(together[0], modules, quick=quick, say=say)
    return rows


def _together(subjects: Iterable[str]) -> list[list[str]]:
    """What is measured on servers of its own, after the other; those that need a year share one."""
    asked = list(subjects)
    year = [subject for subject in asked if subject in WITH_A_YEAR]
    return [[subject] for subject in asked if subject not in WITH_A_YEAR] + ([year] if year else [])


def _module(subject: str, say: Say) -> ModuleType | None:
    name = f"ops.bench.{subject}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        say(f"{subject}: skipped, there is no ops/bench/{subject}.py")
        return None


async def _measure(subject: str, modules: Sequence[ModuleType], *, quick: bool, say: Say) -> list[Row]:
    """On servers of its own, on fresh data: what one part leaves behind does not slow the next."""
    folder = Path(tempfile.mkdtemp(prefix="formelie-bench-"))
    try:
        async with Stack.start(folder, services=subject in WITH_SERVICES, say=say) as stack:
            if subject in WITH_SERVICES:
                await stack.wait_ready()
            ground = Ground(stack, quick, await a_year(stack, quick) if subject in WITH_A_YEAR else None)
            return [row for module in modules for row in await module.rows(ground)]
    finally:
        discard(folder)


def table(rows: Iterable[Row]) -> Table:
    """What a person reads."""
    drawn = Table(
        title=f"FormElie on {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    )
    for heading in ("figure", "beside"):
        drawn.add_column(heading, overflow="fold")
    for heading in ("measured", "peer", "ratio", "target", "met"):
        drawn.add_column(heading, justify="right")
    for row in rows:
        drawn.add_row(
            row.figure + (f"\n[dim]{row.note}[/dim]" if row.note else ""),
            row.peer or "-",
            f"{_short(row.value)} {row.unit}",
            _short(row.peer_value),
            "-" if row.ratio is None else f"{row.ratio:.2f}",
            target(row),
            {True: "[green]yes[/green]", False: "[red]no[/red]", None: "-"}[row.met],
        )
    return drawn


def target(row: Row) -> str:
    """The bounds of a row, in words."""
    bounds = []
    if row.at_least is not None:
        bounds.append(f"ratio ≥ {row.at_least:g}")
    if row.at_most is not None:
        bounds.append(f"≤ {row.at_most:g} {row.unit}")
    return ", ".join(bounds) or "-"


def _short(value: float | None) -> str:
    match value:
        case None:
            return "-"
        case _ if abs(value) >= 10_000:
            return f"{value / 1000:,.0f}k"
        case _ if abs(value) >= 100:
            return f"{value:,.0f}"
        case _:
            return f"{value:.3g}"


def summary(rows: Iterable[Row]) -> str:
    """How many targets are met."""
    aimed = [row for row in rows if row.met is not None]
    return f"{sum(row.met is True for row in aimed)} of {len(aimed)} targets met."


if __name__ == "__main__":
    bench()
