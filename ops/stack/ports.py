"""Ports of the local stack: on 127.0.0.1, remembered, and outside the range of outgoing connections.

A port of the ephemeral range may be taken by any client while its server restarts, and a client that
retries on a dead port of that range can even connect to itself.
"""

import random
import socket
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ops.errors import PortsTaken

HOST = "127.0.0.1"
LOWEST, HIGHEST = 10_000, 60_000


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def is_open(port: int) -> bool:
    """Whether somebody answers there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0


def _highest() -> int:
    """The last port below the ephemeral range."""
    try:
        setting = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii")
        first = int(setting.split()[0])
    except (OSError, ValueError):
        return 32_767
    return first - 1 if first > LOWEST + 1_000 else HIGHEST


def free_port(avoid: Iterable[int] = ()) -> int:
    """A free port nobody was promised."""
    taken = set(avoid)
    for _ in range(1_000):
        port = random.randint(LOWEST, _highest())  # noqa: S311 - no secret depends on it
        if port not in taken and is_free(port):
            return port
    raise PortsTaken("No free port was found on 127.0.0.1.")


def choose(names: Sequence[str], remembered: Mapping[str, int], base: int | None = None) -> dict[str, int]:
    """A port a name: `base`, base+1, ... when given; else the remembered one if still free; else any."""
    if base is not None:
        return _consecutive(names, base)
    chosen: dict[str, int] = {}
    for name in names:
        port = remembered.get(name)
        reusable = port is not None and port not in chosen.values() and is_free(port)
        chosen[name] = port if reusable and port else free_port([*chosen.values(), *remembered.values()])
    return chosen


def _consecutive(names: Sequence[str], base: int) -> dict[str, int]:
    chosen = {name: base + index for index, name in enumerate(names)}
    taken = [str(port) for port in chosen.values() if not is_free(port)]
    if taken:
        raise PortsTaken(f"Ports in use: {', '.join(taken)}. Give another --port-base, or none.")
    return chosen
