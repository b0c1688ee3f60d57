"""`python -m ops.generate [--check]`: what is made from the event models, written or verified.

JSON Schemas, docs/asyncapi.json, docs/events.md, and the golden files of new types. Exit 1, with a sentence
for each fault, when a released golden file changed, or with --check when something is stale.
"""

import argparse
import sys
from pathlib import Path

from ops import events_page, published, released
from shared.events import CATALOGUE
from shared.events.examples import EXAMPLES

ROOT = Path(__file__).parent.parent
EVENTS = Path("shared/events")


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ops.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if something is stale")
    check = parser.parse_args(arguments).check
    if not check:
        write(root)
    found = faults(root)
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


def write(root: Path) -> None:
    golden = root / EVENTS / "golden"
    for wire in released.missing(golden, CATALOGUE.events):
        released.release(golden, wire, EXAMPLES[CATALOGUE.events[wire]])
    for path, text in generated(root).items():
        (root / path).write_text(text, "utf-8")


def faults(root: Path) -> list[str]:
    """A sentence for each thing that is not as it should be."""
    golden = root / EVENTS / "golden"
    unreleased = released.missing(golden, CATALOGUE.events)
    if unreleased:
        return [f"{wire} has no golden file: run `python -m ops.generate`." for wire in unreleased]
    wanted = generated(root)
    stale = [path for path, text in wanted.items() if not _is(root / path, text)]
    strays = [path for path in _schemas(root) if path not in wanted]
    return [
        *released.broken(golden),
        *(
            f"{path} is not what the models say: run `python -m ops.generate` and commit it."
            for path in stale
        ),
        *(f"{path} belongs to no event: delete it." for path in strays),
    ]


def generated(root: Path) -> dict[Path, str]:
    """Path from the root -> what it must hold. The golden files must be there."""
    events = CATALOGUE.events
    schemas = EVENTS / "schemas"
    goldens = {wire: (root / EVENTS / "golden" / f"{wire}.json").read_bytes() for wire in events}
    return {
        **{schemas / f"{wire}.json": published.data_schema(event) for wire, event in events.items()},
        schemas / "record.json": published.record_schema(),
        Path("docs/asyncapi.json"): published.asyncapi(events.values(), goldens),
        Path("docs/events.md"): events_page.page(events.values()),
    }


def _schemas(root: Path) -> list[Path]:
    return [path.relative_to(root) for path in sorted((root / EVENTS / "schemas").glob("*.json"))]


def _is(file: Path, text: str) -> bool:
    return file.exists() and file.read_text("utf-8") == text


if __name__ == "__main__":
    raise SystemExit(main())
