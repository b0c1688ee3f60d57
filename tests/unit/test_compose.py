"""docker-compose.yml, .env.example and `formelie compose-env` say the same; the image carries what it needs."""

import re
import tomllib
from pathlib import Path

import dotenv
import pytest
from click.testing import CliRunner

from ops.compose import OFFSETS, compose_env, env_file, variables
from ops.contexts import CONTEXTS
from ops.stack import Endpoints
from ops.stack.folder import ENDPOINTS, Folder
from ops.stack.processes import ROOT
from ops.stack.secret import Secrets, secrets_of

COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return secrets_of(Folder(tmp_path))


def test_the_written_variables_are_those_compose_reads(secrets: Secrets) -> None:
    """Each variable of docker-compose.yml is written by compose-env, and none besides."""
    assert set(re.findall(r"\$\{(FORMELIE_\w+)", COMPOSE)) == set(variables(secrets, 18_000))


def test_the_example_names_the_same_variables(secrets: Secrets) -> None:
    """.env.example is complete, and holds no secret."""
    example = dotenv.dotenv_values(ROOT / ".env.example")
    assert set(example) == set(variables(secrets, 18_000))
    assert {name for name, value in example.items() if value} == {
        name for name in example if re.search("PORT_|PARTITIONS|LOG_LEVEL|SITE", name)
    }


def test_no_secret_has_a_default() -> None:
    """Without .env, compose stops with the variable's name rather than start with a known password."""
    secret = re.findall(r"\$\{(FORMELIE_\w*(?:PASSWORD|SECRET|KEY|ACCOUNTS)\w*)(.{0,2})", COMPOSE)
    assert secret
    assert {after for _, after in secret} <= {":?"}


def test_default_ports_are_those_of_the_default_base() -> None:
    """The ports of docker-compose.yml are those compose-env writes when it is told none."""
    defaults = dict(re.findall(r"\$\{FORMELIE_PORT_(\w+):-(\d+)\}", COMPOSE))
    assert defaults == {name.upper(): str(18_000 + offset) for name, offset in OFFSETS.items()}


def test_every_port_is_published_on_the_loopback_only() -> None:
    """Nothing of the compose stack listens on the network."""
    published = re.findall(r'ports: \["([^"]+)"\]', COMPOSE)
    assert len(published) == len(OFFSETS)
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_env_file_is_read_back_as_written(secrets: Secrets, tmp_path: Path) -> None:
    """The key over several lines and the JSON of accounts survive the .env format."""
    values = variables(secrets, 20_000)
    file = tmp_path / "env"
    file.write_text(env_file(values), encoding="utf-8")
    assert dotenv.dotenv_values(file) == values


def test_compose_env_keeps_its_secrets(tmp_path: Path) -> None:
    """Run again, with other ports too, the secrets are the same; the files are the owner's alone."""
    place, env = tmp_path / "place", tmp_path / "env"
    arguments = ["--dir", str(place), "--env", str(env)]
    runs = []
    for base in ("18000", "19000"):
        result = CliRunner().invoke(compose_env, [*arguments, "--port-base", base])
        assert result.exit_code == 0, result.output
        runs.append(dotenv.dotenv_values(env))
    differing = {name for name in runs[0] if runs[0][name] != runs[1][name]}
    assert differing == {"FORMELIE_SITE", *(f"FORMELIE_PORT_{name.upper()}" for name in OFFSETS)}
    assert env.stat().st_mode & 0o077 == 0
    assert Endpoints.read(place / ENDPOINTS).http["registration"] == "http://127.0.0.1:19001"


def test_compose_env_spares_a_file_of_somebody_else(tmp_path: Path) -> None:
    """A .env that this command did not write is left alone."""
    env = tmp_path / "env"
    env.write_text("MINE=1\n", encoding="utf-8")
    result = CliRunner().invoke(compose_env, ["--dir", str(tmp_path / "place"), "--env", str(env)])
    assert result.exit_code == 1
    assert env.read_text(encoding="utf-8") == "MINE=1\n"


def test_every_service_of_compose_is_a_module() -> None:
    """Each `python -m` of docker-compose.yml exists, and each context is there."""
    modules = re.findall(r"command: \[python, -m, ([\w.]+)\]", COMPOSE)
    assert {f"services.{context}" for context in CONTEXTS} <= set(modules)
    for module in modules:
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


def test_the_image_installs_only_pinned_releases() -> None:
    """Every runtime dependency of pyproject.toml is constrained by requirements.lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = {
        line.split("==")[0] for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").split()
    }
    assert {re.split(r"[<>=!\[ ]", name)[0] for name in project["dependencies"]} <= locked
