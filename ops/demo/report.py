"""The report at the end of a demo: where the time went, what was counted, what was proven."""

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from ops.demo.run import Result
from ops.demo.story import Times
from ops.proof import Proof


def show(console: Console, result: Result) -> None:
    """Prints the proof, the counts and the times."""
    show_proof(console, result.proof)
    for unlike in result.unlike:
        _line(console, f"  another outcome than without chaos: {unlike}")
    blows = ", ".join(f"{count} x {what}" for what, count in sorted(result.blows.items()))
    if blows:
        _line(console, f"Chaos: {blows}.")
    _line(
        console,
        f"{result.bodies} bodies; {result.requests} requests, {result.repeated} of them repeated with the same key.",
    )
    _line(console, f"Time: {told(result.times)}.")


def show_proof(console: Console, proof: Proof) -> None:
    """One line a finding, and each difference below it."""
    table = Table(box=SIMPLE, show_header=False, pad_edge=False, padding=(0, 1))
    for finding in proof.findings:
        mark = "[green]✓[/green]" if finding.holds else "[red]✗[/red]"
        table.add_row(mark, finding.what, finding.counted, f"{finding.seconds:.1f} s")
        for difference in finding.differences[:20]:
            table.add_row("", "", f"[red]{difference}[/red]", "")
        if len(finding.differences) > 20:
            table.add_row("", "", f"and {len(finding.differences) - 20} more", "")
    console.print(table)


def told(times: Times) -> str:
    return ", ".join(f"{part} {seconds:.1f} s" for part, seconds in times.spent.items())


def _line(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True, highlight=False, markup=False)
