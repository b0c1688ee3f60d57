"""Reading logs."""

from collections import deque
from pathlib import Path


def tail(log: Path, lines: int) -> str:
    """The last lines of a log; empty when there is none."""
    try:
        with log.open(encoding="utf-8", errors="replace") as text:
            return "".join(deque(text, maxlen=lines)).rstrip("\n")
    except OSError:
        return ""
