"""Golden files: the exact bytes of one record of every type ever released, which never change again."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from shared.events import Event
from shared.events.examples import Example

MANIFEST = "released.sha256"


def broken(folder: Path) -> Iterator[str]:
    """A sentence for each released file that changed or vanished."""
    listed = released(folder)
    for name, digest in listed.items():
        file = folder / name
        if not file.exists():
            yield f"{name} was released and has vanished: bring it back from git."
        elif sha256(file.read_bytes()).hexdigest() != digest:
            yield f"{name} was released and has changed: bring it back, and make a new version of the event."
    for file in sorted(folder.glob("*.json")):
        if file.name not in listed:
            yield f"{file.name} is not in {MANIFEST}: delete it and run `python -m ops.generate`."


def missing(folder: Path, events: Mapping[str, type[Event]]) -> list[str]:
    """Wire types that have no golden file yet."""
    listed = released(folder)
    return [wire for wire in events if f"{wire}.json" not in listed]


def release(folder: Path, wire: str, example: Example) -> None:
    """Writes the golden file of a new type and lists it."""
    record = example.record()
    (folder / f"{wire}.json").write_bytes(record)
    with (folder / MANIFEST).open("a", encoding="ascii") as manifest:
        manifest.write(f"{sha256(record).hexdigest()}  {wire}.json\n")


def released(folder: Path) -> dict[str, str]:
    """File name -> sha256, as `sha256sum` writes and checks them."""
    manifest = folder / MANIFEST
    lines = manifest.read_text("ascii").splitlines() if manifest.exists() else []
    return {name: digest for digest, name in (line.split("  ") for line in lines)}
