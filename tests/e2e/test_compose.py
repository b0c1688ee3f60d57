"""The system in containers: built, started and played against from outside, on a real Docker engine.

Only with FORMELIE_TEST_CONTAINERS=1: it builds an image and takes some minutes.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.compose import OFFSETS
from ops.contexts import CONTEXTS
from ops.stack.folder import ENDPOINTS
from ops.stack.ports import free_port, is_free
from ops.stack.processes import ROOT

pytestmark = [
    pytest.mark.skipif(
        os.environ.get("FORMELIE_TEST_CONTAINERS") != "1", reason="FORMELIE_TEST_CONTAINERS is not 1"
    ),
    pytest.mark.timeout(900),
]
PROJECT = "formelie-test"


def _run(*command: str, timeout: float = 600) -> str:
    """What it printed. Fails the test with that when the exit code is not 0."""
    ran = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=timeout, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, f"{' '.join(command)}\n{ran.stdout[-8_000:]}"
    return ran.stdout


def _free_base() -> int:
    """A first port from which all that are published are free."""
    while True:
        base = free_port()
        if all(is_free(base + offset) for offset in OFFSETS.values()):
            return base


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The endpoints file of a system in containers, with volumes of its own."""
    place = tmp_path_factory.mktemp("compose")
    env = place / "env"
    _run(sys.executable, "-m", "ops", "compose-env", "--dir", str(place), "--env", str(env),
         "--port-base", str(_free_base()))  # fmt: skip
    compose = ("docker", "compose", "--project-name", PROJECT, "--env-file", str(env), "--progress", "plain")
    try:
        _run(*compose, "up", "--wait", "--build")
        yield place / ENDPOINTS
    finally:
        _run(*compose, "down", "--volumes", "--timeout", "30")


def test_the_demo_plays_against_containers(endpoints: Path) -> None:
    """The same life, the same proof, over the published ports."""
    _run(sys.executable, "-m", "ops", "demo", "--endpoints", str(endpoints))


def test_every_ledger_in_containers_verifies(endpoints: Path) -> None:
    """The auditor's role is enough to recompute every chain."""
    said = _run(sys.executable, "-m", "ops", "verify", "--endpoints", str(endpoints), "--deep")
    assert said.rstrip().endswith("Every chain verifies.")


def test_operators_reach_containers(endpoints: Path) -> None:
    """What is parked is listed, and a ledger that lost nothing is recovered by doing nothing."""
    folder = ("--dir", str(endpoints.parent))
    assert "Nothing is parked" in _run(sys.executable, "-m", "ops", "parked", "list", *folder)
    for context in CONTEXTS:
        assert "Nothing is missing" in _run(sys.executable, "-m", "ops", "recover", context, *folder)
