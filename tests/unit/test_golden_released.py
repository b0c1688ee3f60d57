"""`python -m ops.generate --check`: what it lets pass and what it does not."""

import re
import shutil
from pathlib import Path

import pytest

from ops import generate
from shared.events import CATALOGUE
from shared.events.notifications import AlertRead

ROOT = Path(__file__).parents[2]
GOLDEN = f"shared/events/golden/{AlertRead.wire}.json"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the generated files, free to damage."""
    for folder in ("golden", "schemas"):
        shutil.copytree(ROOT / "shared/events" / folder, tmp_path / "shared/events" / folder)
    (tmp_path / "docs").mkdir()
    (tmp_path / "services/extranet").mkdir(parents=True)
    shutil.copy(ROOT / "services/extranet/refusals.json", tmp_path / "services/extranet")
    for name in ("asyncapi.json", "events.md"):
        shutil.copy(ROOT / "docs" / name, tmp_path / "docs" / name)
    return tmp_path


def test_the_committed_files_are_fresh() -> None:
    """Schemas, AsyncAPI, the page of events and the golden files are what the models say."""
    assert generate.faults(ROOT) == []


def test_a_changed_golden_file_is_a_fault_that_generating_does_not_hide(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One byte of history rewritten is told in a sentence, with or without --check."""
    golden = root / GOLDEN
    golden.write_bytes(golden.read_bytes().replace(b"training-body", b"training-bodi"))
    for arguments in (["--check"], []):
        assert generate.main(arguments, root) == 1
        assert f"{AlertRead.wire}.json was released and has changed" in capsys.readouterr().err


def test_a_vanished_golden_file_is_a_fault(root: Path) -> None:
    """A released file that is gone cannot be made anew: the record in the ledgers is the old one."""
    (root / GOLDEN).unlink()
    assert any("has vanished" in fault for fault in generate.faults(root))


def test_a_golden_file_of_a_new_type_is_written_and_listed(root: Path) -> None:
    """A new type is a fault for --check, until generating appends its file to the manifest."""
    manifest = root / "shared/events/golden/released.sha256"
    listed = manifest.read_text("ascii").splitlines(keepends=True)
    manifest.write_text("".join(line for line in listed if AlertRead.wire not in line), "ascii")
    (root / GOLDEN).unlink()
    assert generate.main(["--check"], root) == 1
    assert generate.main([], root) == 0
    assert sorted(manifest.read_text("ascii").splitlines(keepends=True)) == sorted(listed)
    assert (root / GOLDEN).read_bytes() == (ROOT / GOLDEN).read_bytes()


def test_a_file_slipped_past_the_manifest_is_a_fault(root: Path) -> None:
    """Nobody adds a golden file by hand."""
    (root / "shared/events/golden/org.formiris.offerings.Invented.v1.json").write_bytes(b"{}")
    assert any("is not in released.sha256" in fault for fault in generate.faults(root))


@pytest.mark.parametrize(
    "path", ["docs/events.md", "docs/asyncapi.json", "shared/events/schemas/record.json"]
)
def test_a_stale_copy_is_a_fault_until_generated_again(root: Path, path: str) -> None:
    """What is generated is committed, and equal to what would be generated now."""
    (root / path).write_text("stale", "utf-8")
    assert any(path in fault for fault in generate.faults(root))
    assert generate.main([], root) == 0


def test_a_schema_of_no_event_is_a_fault(root: Path) -> None:
    """A schema left behind would mislead a stranger."""
    (root / "shared/events/schemas/org.formiris.offerings.Gone.v1.json").write_text("{}", "utf-8")
    assert any("belongs to no event" in fault for fault in generate.faults(root))


def test_asyncapi_refers_to_files_that_exist() -> None:
    """A stranger who starts from docs/asyncapi.json reaches every schema."""
    found = set(re.findall(r'"\$ref": "(\.\./[^"]+)"', (ROOT / "docs/asyncapi.json").read_text("utf-8")))
    assert len(found) == len(CATALOGUE.events) + 1
    assert all((ROOT / "docs" / reference).is_file() for reference in found)
