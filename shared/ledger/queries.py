"""The named queries of a .sql file: each follows a line `-- name: <name>`."""

from functools import cache
from pathlib import Path


@cache
def queries(file: Path) -> dict[str, str]:
    """name -> SQL text of each query of the file."""
    blocks = file.read_text("utf-8").split("-- name: ")[1:]
    return {name.strip(): text.strip() for name, _, text in (block.partition("\n") for block in blocks)}
