"""The command line: help without loading anything, errors in one sentence."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ops import cli
from ops.cli import COMMANDS, Entry, formelie
from ops.errors import StackError
from ops.stack.processes import ROOT


def test_help_names_every_command_and_loads_none() -> None:
    """--help lists each command with its line; no command's module is imported for it."""
    code = (
        "import sys, ops.cli as c; from click.testing import CliRunner\n"
        "out = CliRunner().invoke(c.formelie, ['--help'])\n"
        "print(out.output); assert out.exit_code == 0\n"
        "assert not {e.where.split(':')[0] for e in c.COMMANDS.values()} & set(sys.modules)\n"
        "assert 'asyncpg' not in sys.modules and 'aiokafka' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert all(name in done.stdout and entry.says in done.stdout for name, entry in COMMANDS.items())


@pytest.mark.parametrize("name", ["up", "down", "status", "logs"])
def test_each_command_explains_itself(name: str) -> None:
    """A command's own --help names the folder option."""
    done = CliRunner().invoke(formelie, [name, "--help"])
    assert done.exit_code == 0
    assert "--dir" in done.output


def test_an_expected_error_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error of the stack is told without a traceback, with exit code 1."""

    @click.command()
    def broken() -> None:
        raise StackError("The cellar is full: empty it.")

    monkeypatch.setattr(cli, "_load", lambda _: broken)
    monkeypatch.setattr(sys, "argv", ["formelie", "up"])
    assert cli.main() == 1
    assert capsys.readouterr().err == "formelie: The cellar is full: empty it.\n"


@pytest.mark.parametrize(("arguments", "code"), [(["nonsense"], 2), (["logs", "nobody"], 2), (["--help"], 0)])
def test_wrong_words_are_told_with_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int
) -> None:
    """An unknown command or argument is a usage error, not a crash."""
    monkeypatch.setattr(sys, "argv", ["formelie", *arguments])
    assert cli.main() == code


@pytest.mark.parametrize("name", ["status", "logs"])
def test_a_system_that_is_not_up_says_how_to_start_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """status and logs of an empty folder point to `up`."""
    extra = ["kafka"] if name == "logs" else []
    monkeypatch.setattr(sys, "argv", ["formelie", name, *extra, "--dir", str(tmp_path)])
    assert cli.main() == 1
    assert "formelie up" in capsys.readouterr().err


def test_the_table_names_commands_by_module_and_attribute() -> None:
    """Every entry can be split into a module of ops and the command in it."""
    for entry in COMMANDS.values():
        assert isinstance(entry, Entry)
        module, _, attribute = entry.where.partition(":")
        assert module.startswith("ops.")
        assert attribute
