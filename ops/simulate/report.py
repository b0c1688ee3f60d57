"""The report at the end of a year: what happened, what was refused, what it came to, how much memory it took."""

from collections import Counter

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from ops.simulate.memory import Memory
from ops.simulate.play import Stage
from shared.runtime.worker import AT_MOST

_WORKERS = f"A worker ends when idle, and after {AT_MOST} documents: what grew in it goes with it."


def show(console: Console, stage: Stage, memory: Memory, seconds: float) -> None:
    """Prints it."""
    tally, traffic = stage.tally, stage.traffic
    _line(console, f"The year {stage.year.name}: {_counted(tally.done)}.")
    _line(console, ", ".join(f"{what} {cents / 100:,.2f} EUR" for what, cents in tally.euros.items()) + ".")
    _line(console, f"Refused as they should be ({tally.refused.total()}): {_counted(tally.refused)}.")
    _line(
        console,
        f"{traffic.requests} requests, {traffic.commands} commands accepted, {traffic.repeated} requests repeated,"
        f" in {seconds:.0f} s: {traffic.requests / seconds:.0f} a second.",
    )
    _line(console, f"Fingerprint of every command and its answer: {tally.fingerprint}")
    for surprise in tally.surprises:
        console.print(f"Unexpected: {surprise}", style="red", soft_wrap=True, highlight=False, markup=False)
    if memory.taken:
        console.print(_table(memory))


def _table(memory: Memory) -> Table:
    table = Table(
        box=SIMPLE, title="Memory (MB)", title_justify="left", caption=_WORKERS, caption_justify="left"
    )
    table.add_column("process")
    for heading in ("at a quarter", "peak", "end", "grown"):
        table.add_column(heading, justify="right")
    for name, taken in memory.taken.items():
        table.add_row(
            name, f"{taken.quarter:.0f}", f"{taken.peak:.0f}", f"{taken.end:.0f}", f"{taken.grown:+.0%}"
        )
    return table


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counter.most_common()) or "nothing"


def _line(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True, highlight=False, markup=False)
