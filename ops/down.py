"""`formelie down`: stop the system that is up, or what is left of one that was killed."""

import signal
from pathlib import Path

import click
import psutil

from ops.errors import StackError
from ops.options import in_folder
from ops.stack.folder import ENDPOINTS, Folder
from ops.stack.state import end_leftovers, read_state

PATIENCE = 90  # seconds: services drain, then Kafka and PostgreSQL close


@click.command()
@in_folder
def down(folder: Path) -> None:
    """Stop the system; its data stays for the next `up`."""
    place = Folder(folder)
    supervisor = read_state(place).supervisor
    process = supervisor.process() if supervisor else None
    if process is not None:
        click.echo(f"Stopping FormElie in {folder}")
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except psutil.TimeoutExpired:
            raise StackError(f"It did not stop within {PATIENCE} s: see {place.log('supervisor')}.") from None
    left = end_leftovers(place)
    (place.path / ENDPOINTS).unlink(missing_ok=True)
    if left:
        click.echo(f"Ended what was left of a run that was killed: {', '.join(left)}")
    elif process is None:
        click.echo(f"FormElie is not up in {folder}.")
    else:
        click.echo("Stopped. The data stays for the next `formelie up`.")
