"""`python -m ops.generate [--check]`: what is made from the event models and the refusals, written or verified.

JSON Schemas, docs/asyncapi.json, docs/events.md, docs/refusals.md, the extranet's refusals, and the golden files of new
types. Exit 1, with a sentence for each fault, when a released golden file changed, or with --check when something is
stale.
"""

import argparse
import sys
from pathlib import Path

from ops import events_page, published, refusals_page, released
from shared.events import CATALOGUE
from shared.events.examples import EXAMPLES

ROOT = Path(__file__).parent.parent
SCHEMAS = Path("shared/events/schemas")
GOLDEN = Path("shared/events/golden")


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ops.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if something is stale")
    check = parser.parse_args(arguments).check
    if not check and not list(released.broken(root / GOLDEN)):
        write(root)
    found = faults(root)
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


def write(root: Path) -> None:
    golden = root / GOLDEN
    for wire in released.missing(golden, CATALOGUE.events):
        released.release(golden, wire, EXAMPLES[CATALOGUE.events[wire]])
    for path, text in generated(root).items():
        (root / path).write_text(text, "utf-8")


def faults(root: Path) -> list[str]:
    """A sentence for each thing that is not as it should be."""
    unreleased = released.missing(root / GOLDEN, CATALOGUE.events)
    history = [
        *released.broken(root / GOLDEN),
        *(f"{wire} has no golden file: run `python -m ops.generate`." for wire in unreleased),
    ]
    return history or stale(root)


def stale(root: Path) -> list[str]:
    wanted = generated(root)
    old = [path for path, text in wanted.items() if not _is(root / path, text)]
    strays = [path for path in _schemas(root) if path not in wanted]
    return [
        *(f"{path} is not what the code says: run `python -m ops.generate` and commit it." for path in old),
        *(f"{path} belongs to no event: delete it." for path in strays),
    ]


def generated(root: Path) -> dict[Path, str]:
    """Path from the root -> what it must hold. The golden files must be there."""
    events = CATALOGUE.events
    goldens = {wire: (root / GOLDEN / f"{wire}.json").read_bytes() for wire in events}
    return {
        **{SCHEMAS / f"{wire}.json": published.data_schema(event) for wire, event in events.items()},
        SCHEMAS / "record.json": published.record_schema(),
        Path("docs/asyncapi.json"): published.asyncapi(events.values(), goldens),
        Path("docs/events.md"): events_page.page(events.values()),
        Path("docs/refusals.md"): refusals_page.page(),
        Path("services/extranet/refusals.json"): refusals_page.data(),
    }


def _schemas(root: Path) -> list[Path]:
    return [path.relative_to(root) for path in sorted((root / SCHEMAS).glob("*.json"))]


def _is(file: Path, text: str) -> bool:
    return file.exists() and file.read_text("utf-8") == text


if __name__ == "__main__":
    raise SystemExit(main())
