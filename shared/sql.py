"""SQL as named, commented blocks in a .sql file beside the code that runs them."""

import re
from pathlib import Path


class Queries:
    """The blocks of one file by name: `SQL.order_by_id` follows `-- name: order_by_id`; `SQL[name]` where it varies."""

    def __init__(self, path: Path) -> None:
        blocks = re.split(r"^-- name: (\w+)\n", path.read_text("utf-8"), flags=re.MULTILINE)
        names, texts = blocks[1::2], (text.strip() for text in blocks[2::2])
        self._path = path
        self._blocks: dict[str, str] = dict(zip(names, texts, strict=True))

    def __getitem__(self, name: str) -> str:
        return self._blocks[name]

    def __getattr__(self, name: str) -> str:
        try:
            return self._blocks[name]
        except KeyError:
            raise AttributeError(f"{self._path} has no query named {name}") from None


def queries(module: str, file: str = "queries.sql") -> Queries:
    """The queries in a file beside a module: `SQL = queries(__file__)`."""
    return Queries(Path(module).with_name(file))
