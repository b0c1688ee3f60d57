"""DIR/state.json: what the supervisor runs, written by it, read by other commands."""

import contextlib
import signal
from dataclasses import dataclass
from typing import Any

from ops.stack.folder import STATE, Folder
from ops.stack.processes import Identity
from ops.stack.supervisor import Watched


@dataclass(frozen=True, slots=True)
class ProcessState:
    """One process. `since` is ISO 8601, UTC; `trouble` what is known of why it is not ready."""

    name: str
    pid: int | None
    since: str | None
    restarts: int
    ready: bool
    port: int | None
    trouble: str


@dataclass(frozen=True, slots=True)
class State:
    """The supervisor, if it lives, and what it runs."""

    supervisor: Identity | None
    processes: list[ProcessState]

    @property
    def is_up(self) -> bool:
        return self.supervisor is not None and self.supervisor.process() is not None

    @property
    def is_ready(self) -> bool:
        return self.is_up and bool(self.processes) and all(one.ready for one in self.processes)


def as_json(supervisor: Identity, ports: dict[str, int], watched: dict[str, Watched]) -> dict[str, Any]:
    return {
        "supervisor": _identity(supervisor),
        "ports": ports,
        "processes": {name: _process(one) for name, one in watched.items()},
    }


def _identity(identity: Identity | None) -> dict[str, Any] | None:
    return {"pid": identity.pid, "born": identity.born} if identity else None


def _process(one: Watched) -> dict[str, Any]:
    return {
        "identity": _identity(one.identity),
        "since": one.since.isoformat(timespec="seconds") if one.since else None,
        "restarts": one.restarts,
        "ready": one.ready,
        "port": one.program.port,
        "trouble": one.trouble,
    }


def read_state(folder: Folder) -> State:
    """As last written; a supervisor that died is seen by `is_up`."""
    content = folder.read(STATE)
    processes = [
        ProcessState(
            name=name,
            pid=(one["identity"] or {}).get("pid"),
            **{key: one[key] for key in ("since", "restarts", "ready", "port", "trouble")},
        )
        for name, one in content.get("processes", {}).items()
    ]
    supervisor = content.get("supervisor")
    return State(Identity(**supervisor) if supervisor else None, processes)


def end_leftovers(folder: Folder) -> list[str]:
    """End what a killed supervisor of this folder left behind, clients first; their names. Blocking."""
    ended = []
    for name, one in reversed(folder.read(STATE).get("processes", {}).items()):
        sign = signal.SIGINT if name == "postgres" else signal.SIGTERM
        with contextlib.suppress(TypeError):
            if one["identity"] and Identity(**one["identity"]).end(sign, 10):
                ended.append(name)
    return ended
