"""SQL as named, commented blocks in a .sql file beside the code that runs them."""

import re
from pathlib import Path


class Queries:
    """The blocks of one file by name: `queries.order_by_id` is the text after `-- name: order_by_id`."""

    def __init__(self, path: Path) -> None:
        blocks = re.split(r"^-- name: (\w+)\n", path.read_text(), flags=re.MULTILINE)
        self._path = path
        self._blocks: dict[str, str] = dict(
            zip(blocks[1::2], (text.strip() for text in blocks[2::2]), strict=True)
        )

    def __getattr__(self, name: str) -> str:
        try:
            return self._blocks[name]
        except KeyError:
            raise AttributeError(f"{self._path} has no query named {name}") from None


def queries(module: str, file: str = "queries.sql") -> Queries:
    """The queries beside a module: `SQL = queries(__file__)`."""
    return Queries(Path(module).with_name(file))
