"""`formelie compose-env`: fresh secrets in .env for docker-compose.yml, and the endpoints the demo then uses.

The secrets stay in DIR/secrets.json: run again, the command writes the same ones, as the volumes were made with.
"""

import os
from pathlib import Path

import click

from ops.contexts import CONTEXTS
from ops.databases import DATABASES, LOGIN_ROLES, dsn_of
from ops.example import BUYER
from ops.stack import Endpoints
from ops.stack.folder import ENDPOINTS, Folder, default_folder
from ops.stack.ports import HOST
from ops.stack.processes import ROOT
from ops.stack.secret import Secrets, secrets_of

HEADER = "# Written by `./formelie compose-env`. It holds secrets: never commit it, never send it."
# Added to --port-base; without .env, docker-compose.yml has the same ports for the base 18000.
OFFSETS = {
    **{context: 1 + index for index, context in enumerate(CONTEXTS)},
    "extranet": 10,
    "mailbox": 25,
    "postgres": 32,
    "kafka": 92,
}


def variables(secrets: Secrets, port_base: int) -> dict[str, str]:
    """Everything docker-compose.yml reads from its environment."""
    passwords = {role: secrets.passwords[role] for role in ("postgres", *LOGIN_ROLES)}
    return {
        **{f"FORMELIE_PASSWORD_{role.upper()}": password for role, password in passwords.items()},
        "FORMELIE_KEYRING_SECRET": secrets.keyring,
        "FORMELIE_EXTRANET_SECRET": secrets.extranet,
        "FORMELIE_FORWARDING_SECRET": secrets.forwarding,
        "FORMELIE_SIGNING_KEY": secrets.signing_key,
        "FORMELIE_STAFF_ACCOUNTS": secrets.accounts_json(),
        "FORMELIE_BUYER": BUYER,
        "FORMELIE_SITE": f"http://{HOST}:{port_base + OFFSETS['extranet']}",
        "FORMELIE_CLAMD": os.environ.get("FORMELIE_CLAMD", ""),
        "FORMELIE_PARTITIONS": "8",
        "FORMELIE_LOG_LEVEL": "INFO",
        **{f"FORMELIE_PORT_{name.upper()}": str(port_base + offset) for name, offset in OFFSETS.items()},
    }


def env_file(values: dict[str, str]) -> str:
    """The text of .env: single quotes, in which nothing is replaced and lines may break."""
    return "\n".join([HEADER, *(f"{name}='{value}'" for name, value in values.items()), ""])


def endpoints(secrets: Secrets, port_base: int) -> Endpoints:
    """Where the containers are, seen from this machine."""
    admin = f"postgresql://{HOST}:{port_base + OFFSETS['postgres']}/postgres"
    auditor = secrets.passwords["auditor"]
    return Endpoints(
        kafka=f"{HOST}:{port_base + OFFSETS['kafka']}",
        postgres={name: dsn_of(admin, name, "auditor", auditor) for name in DATABASES},
        http={
            name: f"http://{HOST}:{port_base + OFFSETS[name]}" for name in (*CONTEXTS, "mailbox", "extranet")
        },
        accounts=secrets.accounts,
    )


@click.command("compose-env")
@click.option(
    "--dir", "directory", type=click.Path(file_okay=False, path_type=Path),
    help="Where the secrets and the endpoints are kept.  [default: .formelie/compose]",
)  # fmt: skip
@click.option(
    "--env", "env", type=click.Path(dir_okay=False, path_type=Path), default=ROOT / ".env",
    help="The file to write.  [default: .env]",
)  # fmt: skip
@click.option(
    "--port-base", type=click.IntRange(1024, 65_000), default=18_000, show_default=True,
    help="First of the ports published on 127.0.0.1.",
)  # fmt: skip
def compose_env(directory: Path | None, env: Path, port_base: int) -> None:
    """Write .env (secrets, ports) for `docker compose up`, and the endpoints file for `demo --endpoints`."""
    if env.exists() and not env.read_text(encoding="utf-8").startswith(HEADER):
        raise click.ClickException(f"{env} was not written by this command: move it away first.")
    folder = Folder.made(directory or default_folder() / "compose")
    secrets = secrets_of(folder)
    env.touch(mode=0o600)
    env.chmod(0o600)
    env.write_text(env_file(variables(secrets, port_base)), encoding="utf-8")
    folder.write(ENDPOINTS, endpoints(secrets, port_base).as_json())
    click.echo(f"{env}\n    secrets and ports, for: docker compose up --wait --build")
    click.echo(f"{folder.path / ENDPOINTS}\n    for: ./formelie demo --endpoints {folder.path / ENDPOINTS}")


if __name__ == "__main__":
    compose_env()
