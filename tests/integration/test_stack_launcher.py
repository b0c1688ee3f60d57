"""The launcher `formelie`, on a small checkout of its own whose lock names no package."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from ops.stack.processes import ROOT

TOLD = "import sys, os\nprint(sys.prefix, os.environ['PYTHONPATH'], *sys.argv[1:], sep='|')\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with a space in its name that holds the launcher, an empty lock and a command line that echoes."""
    root = tmp_path / "a checkout"
    (root / "ops").mkdir(parents=True)
    shutil.copy(ROOT / "formelie", root)
    (root / "requirements.lock").write_text("# nothing\n", encoding="utf-8")
    (root / "ops" / "__main__.py").write_text(TOLD, encoding="utf-8")
    return root


def _run(program: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *arguments],
        cwd="/",
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_first_run_makes_the_environment_and_the_second_is_instant(
    checkout: Path, tmp_path: Path
) -> None:
    """From any folder and through a symlink it runs the command line on its own .venv; only once it makes it."""
    link = tmp_path / "linked"
    link.symlink_to(checkout / "formelie")
    first = _run(link, "up", "--dir", "with space")
    assert first.stdout == f"{checkout / '.venv'}|{checkout}|up|--dir|with space\n", first.stderr
    assert "first use" in first.stderr
    began = time.monotonic()
    second = _run(link, "status")
    assert (second.returncode, second.stderr) == (0, "")
    assert time.monotonic() - began < 1
    pip = _run(checkout / ".venv" / "bin" / "pip", "--version")
    assert pip.returncode == 0, pip.stderr


def test_two_first_runs_at_once_make_one_environment(checkout: Path) -> None:
    """The second waits for the first and both succeed."""
    both = [
        subprocess.Popen(
            [checkout / "formelie", "x"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = [one.communicate(timeout=120) for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sum("first use" in errors for _, errors in told) == 1


def test_a_changed_lock_or_a_half_made_environment_is_made_anew(checkout: Path) -> None:
    """An environment without the lock's stamp is never used; leftovers of an interrupted run are removed."""
    broken = checkout / ".venv" / "bin"
    broken.mkdir(parents=True)
    (broken / "python").write_text("#!/bin/sh\nexit 99\n", encoding="utf-8")
    (broken / "python").chmod(0o755)
    (checkout / ".venv.new-1").mkdir()
    assert _run(checkout / "formelie").returncode == 0
    (checkout / "requirements.lock").write_text("# changed\n", encoding="utf-8")
    assert "requirements.lock changed" in _run(checkout / "formelie").stderr
    assert sorted(path.name for path in checkout.glob(".venv*")) == [".venv", ".venv.lock"]


def test_a_package_that_cannot_be_had_is_told_and_leaves_nothing_half_made(checkout: Path) -> None:
    """The launcher stops with exit code 1 and the reason; the next run starts again."""
    (checkout / "requirements.lock").write_text("./nowhere.whl\n", encoding="utf-8")
    failed = _run(checkout / "formelie")
    assert failed.returncode == 1
    assert "could not be installed" in failed.stderr
    assert not (checkout / ".venv").exists()


def test_without_a_python_it_says_what_to_install(checkout: Path, tmp_path: Path) -> None:
    """No Python 3.11 or newer: one sentence, exit code 1."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "readlink", "dirname", "cat", "cksum", "flock", "env"):
        found = shutil.which(name)
        if found:
            (tools / name).symlink_to(found)
    failed = _run(checkout / "formelie", PATH=str(tools), PYTHON="")
    assert failed.returncode == 1
    assert "Python 3.11 or newer is needed" in failed.stderr
