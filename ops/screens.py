"""`python -m ops.screens`: takes over what browser tests left: the accessibility statement, the README's pictures.

Run after `./formelie test tests/e2e/browser`, and commit what changed.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from ops.stack.processes import ROOT

LEFT = Path(os.environ.get("FORMELIE_SCREENS", ROOT / ".formelie" / "screens"))
STATEMENT = ROOT / "services" / "extranet" / "accessibility.json"
PICTURES = ROOT / "docs" / "screens"
PICTURED = ("accueil", "file")
LARGEST = 200_000  # bytes of a picture


def main() -> int:
    """Returns the exit code; 1 with a sentence when something was not left, or is not fit to be shown."""
    faults = [fault for fault in (_statement(), *map(_picture, PICTURED)) if fault]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _statement() -> str | None:
    left = LEFT / STATEMENT.name
    if not left.exists():
        return f"There is no {left}: run `./formelie test tests/e2e/browser` first."
    found = json.loads(left.read_text(encoding="utf-8"))
    STATEMENT.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return None


def _picture(name: str) -> str | None:
    left = LEFT / f"{name}.png"
    if not left.exists() or left.stat().st_size > LARGEST:
        return f"{left} is missing, or larger than {LARGEST:,} bytes."
    PICTURES.mkdir(exist_ok=True)
    shutil.copyfile(left, PICTURES / left.name)
    return None


if __name__ == "__main__":
    raise SystemExit(main())
