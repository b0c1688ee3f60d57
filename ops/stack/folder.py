"""The stack's folder DIR: its lock, its secrets, and what is written there for others to read."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.errors import AlreadyUp
from ops.stack.processes import ROOT

STATE, ENDPOINTS, SECRETS = "state.json", "endpoints.json", "secrets.json"


def default_folder() -> Path:
    """$FORMELIE_DIR, else `.formelie` in the checkout, else ~/.local/share/formelie where that is read-only."""
    given = os.environ.get("FORMELIE_DIR")
    if given:
        return Path(given).expanduser().resolve()
    if os.access(ROOT, os.W_OK):
        return ROOT / ".formelie"
    return Path.home() / ".local" / "share" / "formelie"


@dataclass(frozen=True, slots=True)
class Folder:
    """Paths and small JSON files of one stack."""

    path: Path

    @classmethod
    def made(cls, path: Path) -> "Folder":
        """Make it when missing. Others may pass through (PostgreSQL's user must), only the owner may read."""
        folder = cls(path.expanduser().resolve())
        folder.path.mkdir(parents=True, exist_ok=True)
        folder.path.chmod(0o711)
        folder.logs.mkdir(exist_ok=True, mode=0o700)
        return folder

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def data(self, name: str) -> Path:
        """A service's private folder, made when missing."""
        folder = self.path / "data" / name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def read(self, name: str) -> dict[str, Any]:
        """A JSON file of the folder; empty when it is missing or was never finished."""
        try:
            found = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def write(self, name: str, content: Mapping[str, Any]) -> None:
        """Replace a JSON file in one step, readable by its owner only."""
        staged = self.path / f".{name}.staged"
        staged.touch(mode=0o600)
        staged.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        staged.replace(self.path / name)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder for one supervisor; the kernel lets go when it dies. Raises AlreadyUp."""
        with (self.path / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise AlreadyUp.at(self.path) from None
            yield
