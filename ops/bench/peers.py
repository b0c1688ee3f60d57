"""What the bench compares with and the project does not need: installed by the bench, in an environment of its own."""

import asyncio
import hashlib
import os
import sys
import venv
from pathlib import Path

from ops.errors import OpsError

INSTALLED = "installed"


class PeerUnavailable(OpsError):
    """A peer could not be installed; its rows go without it."""


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "formelie" / "peers"


async def interpreter(*requirements: str) -> Path:
    """A Python that has these pinned releases; made once, kept in the user's cache. Raises PeerUnavailable."""
    name = hashlib.sha256("\n".join((sys.version, *requirements)).encode()).hexdigest()[:12]
    home = _cache() / name
    python = home / "bin" / "python"
    if not (home / INSTALLED).exists():
        await asyncio.to_thread(venv.create, home, with_pip=True, clear=True)
        await _install(python, requirements)
        (home / INSTALLED).touch()
    return python


async def _install(python: Path, requirements: tuple[str, ...]) -> None:
    pip = await asyncio.create_subprocess_exec(
        python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await pip.communicate()
    if pip.returncode != 0:
        last = output.decode(errors="replace").strip().splitlines()[-1:]
        raise PeerUnavailable(f"{', '.join(requirements)} could not be installed: {' '.join(last)}")
