"""`formelie test`: pytest with the arguments given."""

import os
import sys
from typing import NoReturn

import click

from ops.stack.processes import ROOT


@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> NoReturn:
    """Run the tests; what follows is handed to pytest."""
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])  # noqa: S606 - its own Python
