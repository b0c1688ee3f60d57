"""`formelie logs`: what a process said, and says."""

import time
from pathlib import Path

import click

from ops.contexts import CONTEXTS
from ops.options import in_folder
from ops.stack.folder import Folder
from ops.stack.logs import tail

NAMES = (*CONTEXTS, "mailbox", "postgres", "kafka", "supervisor")


@click.command()
@click.argument("service", type=click.Choice(NAMES))
@click.option("-f", "--follow", is_flag=True, help="Go on until Ctrl-C.")
@click.option(
    "-n", "--lines", default=50, show_default=True, help="How many of the last lines to begin with."
)
@in_folder
def logs(service: str, follow: bool, lines: int, folder: Path) -> None:
    """Show what SERVICE said: a context, mailbox, postgres, kafka or supervisor."""
    log = Folder(folder).log(service)
    if not log.exists():
        raise click.ClickException(f"There is no {log} yet: start the system with `formelie up`.")
    click.echo(tail(log, lines))
    if follow:
        _follow(log)


def _follow(log: Path) -> None:
    with log.open(encoding="utf-8", errors="replace") as lines:
        lines.seek(0, 2)
        while True:
            line = lines.readline()
            if line:
                click.echo(line, nl=False)
            else:
                time.sleep(0.2)
