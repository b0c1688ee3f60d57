"""`formelie status`: a table of the processes."""

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from ops.errors import NotUp
from ops.options import in_folder
from ops.stack.folder import Folder
from ops.stack.state import ProcessState, read_state


@click.command()
@in_folder
@click.pass_context
def status(context: click.Context, folder: Path) -> None:
    """Show every process; exit code 1 if one is not ready."""
    state = read_state(Folder(folder))
    if not state.is_up:
        raise NotUp(f"FormElie is not up in {folder}. Start it with `formelie up`.")
    table = Table("process", "pid", "up for", "restarts", "ready", "port", box=None)
    for one in state.processes:
        table.add_row(*_row(one))
    Console().print(table)
    if not state.is_ready:
        context.exit(1)


def _row(one: ProcessState) -> tuple[str, ...]:
    ready = "[green]yes" if one.ready else f"[red]no[/] {one.trouble}"
    return one.name, str(one.pid or "-"), _duration(one.since), str(one.restarts), ready, str(one.port or "-")


def _duration(since: str | None) -> str:
    if since is None:
        return "-"
    seconds = int((datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds())
    minutes, seconds = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours} h {minutes:02} min"
        if hours
        else f"{minutes} min {seconds:02} s"
        if minutes
        else f"{seconds} s"
    )
