"""The demo itself, as a person starts it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(300)
def test_the_demo_plays_and_proves_on_a_fresh_system(tmp_path: Path) -> None:
    """One command: the story, the proof, exit code 0; readable when piped."""
    done = subprocess.run(
        [sys.executable, "-m", "ops", "demo", "--dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "\x1b" not in done.stdout
    assert 'Erreur Aucune affectation trouvée pour l\'enseignant "123456"' in done.stdout
    assert "Read models equal to their replay" in done.stdout
