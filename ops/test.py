"""`formelie test`: pytest with the arguments given; the whole of it on two workers, a file a worker."""

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
    whole = all(argument.startswith("-") for argument in arguments)
    side_by_side = ["--numprocesses=2", "--dist=loadfile"] if whole else []
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *side_by_side, *arguments])  # noqa: S606 - its own Python
