"""A system that stays up after the demo: started like `formelie up --detach`, stopped with `formelie down`."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from ops.errors import StackError
from ops.stack.endpoints import Endpoints
from ops.stack.folder import ENDPOINTS
from ops.stack.processes import ROOT
from ops.up import where_everything_is


@dataclass(frozen=True, slots=True)
class Kept:
    """A detached system, known by its folder."""

    folder: Path

    @classmethod
    async def up(cls, folder: Path) -> "Kept":
        """Starts it. Raises StackError when it does not become ready."""
        started = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ops", "up", "--detach", "--dir", str(folder),
            cwd=ROOT, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, trouble = await started.communicate()
        if started.returncode:
            raise StackError(trouble.decode(errors="replace").strip())
        return cls(folder)

    @property
    def endpoints(self) -> Endpoints:
        """As they are now. Raises EndpointsUnreadable."""
        return Endpoints.read(self.folder / ENDPOINTS)

    def pid(self, name: str) -> int:
        """Raises ProcessLookupError when it is down at this moment."""
        try:
            return self.endpoints.processes[name]
        except KeyError:
            raise ProcessLookupError(name) from None

    def farewell(self) -> str:
        """How to reach it, and how to stop it."""
        return f"{where_everything_is(self.folder, self.endpoints)}\nStop it with: ./formelie down --dir {self.folder}"
