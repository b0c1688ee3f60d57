"""The command line: one table of commands, each module imported only when its command is used."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

import click

from ops.errors import OpsError


@dataclass(frozen=True, slots=True)
class Entry:
    """`where` is module:attribute of a click command; `says` its line in --help."""

    group: str
    where: str
    says: str


TRY, RUN, WORK = "See it", "Run it", "Look after it"
COMMANDS: Mapping[str, Entry] = {
    "demo": Entry(
        TRY, "ops.demo.cli:demo", "Play the life of a training on a system of its own, and prove it."
    ),
    "simulate": Entry(
        TRY, "ops.simulate.cli:simulate", "Play a school year of many training bodies, and prove it."
    ),
    "test": Entry(TRY, "ops.test:test", "Run the tests; what follows is handed to pytest."),
    "bench": Entry(TRY, "ops.bench.cli:bench", "Measure speed on this machine, beside its floors and peers."),
    "up": Entry(RUN, "ops.up:up", "Start the whole system and keep it up."),
    "down": Entry(RUN, "ops.down:down", "Stop it; its data stays for the next `up`."),
    "status": Entry(RUN, "ops.status:status", "Show every process; exit code 1 if one is not ready."),
    "logs": Entry(RUN, "ops.logs:logs", "Show what a process said."),
    "compose-env": Entry(RUN, "ops.compose:compose_env", "Write the secrets that `docker compose up` takes."),
    "verify": Entry(
        WORK, "ops.verify:verify", "Recompute every ledger's chain and name the first bad position."
    ),
    "parked": Entry(
        WORK, "ops.parked:parked", "List, show and redrive the events a consumer could not handle."
    ),
    "recover": Entry(WORK, "ops.recover:recover", "Bring a restored ledger up to date again from Kafka."),
    "erase": Entry(WORK, "ops.erase:erase", "Erase a person: destroy the key, the history still verifies."),
}
EXAMPLES = (
    ("formelie demo", "the whole chain, played and proven"),
    ("formelie up --detach", "the system in the background"),
    ("formelie logs registration -f", "follow a service"),
    ("formelie test tests/unit -q", "the quick tests"),
)


class CommandTable(click.Group):
    """A group whose commands are the table's."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        entry = COMMANDS.get(cmd_name)
        return _load(entry) if entry else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        for group in (TRY, RUN, WORK):
            with formatter.section(group):
                formatter.write_dl(
                    [(name, entry.says) for name, entry in COMMANDS.items() if entry.group == group]
                )
        with formatter.section("Examples"):
            formatter.write_dl(EXAMPLES)


def _load(entry: Entry) -> click.Command:
    module, _, attribute = entry.where.partition(":")
    command = getattr(importlib.import_module(module), attribute)
    if not isinstance(command, click.Command):
        raise TypeError(f"{entry.where} is not a command")
    return command


@click.command(
    cls=CommandTable, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
def formelie() -> None:
    """FormElie: the training extranet of Formiris, on one ledger.

    Starts real PostgreSQL, Kafka and five services on this machine; nothing has to be installed.
    """


def main() -> int:
    """Run a command; an expected error is one sentence on stderr and exit code 1."""
    try:
        return int(formelie(prog_name="formelie", standalone_mode=False) or 0)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return 130
    except OpsError as error:
        click.echo(f"formelie: {error}", err=True)
        return 1
