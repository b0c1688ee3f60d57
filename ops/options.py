"""Options several commands share."""

from pathlib import Path

import click

from ops.stack.folder import default_folder

in_folder = click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=default_folder,
    help="Where the system keeps its data. [default: $FORMELIE_DIR, else .formelie in the checkout]",
)
