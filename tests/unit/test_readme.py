"""What README.md and the guides show exists: commands answer --help, options are theirs, links lead somewhere.

A code block marked ```bash run is run as it stands, from the root of the checkout.
"""

import re
import shlex
import subprocess
from functools import cache
from pathlib import Path

import pytest

from ops.stack.processes import ROOT

GUIDES = ("README.md", "docs/architecture.md", "docs/operations.md", "deploy/README.md")
FOLDERS = sorted(
    str(path.relative_to(ROOT)) for name in ("shared", "services", "ops", "deploy", "tests", "docs")
    for path in (ROOT / name).rglob("README.md")
)  # fmt: skip
PAGES = sorted({*GUIDES, *FOLDERS})
COMMAND = re.compile(r"\./formelie(?:[ \t]+[^\n`#]*)?")


def _text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def _commands() -> list[str]:
    """Every `./formelie ...` of the guides, in code blocks and in the text; words in capitals are places to fill."""
    found = {match.strip() for page in PAGES for match in COMMAND.findall(_text(page))}
    return sorted(one for one in found if one != "./formelie" and "COMMAND" not in one)


def _words(command: str) -> tuple[str, ...]:
    """The command and its subcommands: what stands before the first option or argument."""
    words: list[str] = []
    for word in shlex.split(command)[1:]:
        if not re.fullmatch(r"[a-z][a-z-]+", word):
            break
        words.append(word)
    return tuple(words[:2] if words[:1] == ["parked"] else words[:1])


@cache
def _help(words: tuple[str, ...]) -> str:
    asked = subprocess.run(
        ["./formelie", *words, "--help"], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stdout + asked.stderr
    return asked.stdout


@pytest.mark.parametrize("command", _commands())
def test_a_command_that_is_shown_exists(command: str) -> None:
    """It answers --help, and knows every option that is shown with it."""
    words = _words(command)
    text = _help(words)
    if words != ("test",):  # hands everything to pytest
        for option in re.findall(r"(?<= )--?[a-z][a-z-]*", command):
            assert option in text, f"{option} is no option of {' '.join(words)}"


def _runnable() -> list[str]:
    return [block for page in PAGES for block in re.findall(r"```bash run\n(.*?)```", _text(page), re.DOTALL)]


@pytest.mark.parametrize("block", _runnable())
def test_a_block_marked_run_runs(block: str) -> None:
    """It ends with exit code 0, without a terminal."""
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Each relative link of a page names a file or folder that is there, and a heading that it has."""
    for target in re.findall(r"\]\(([^)\s]+)\)", _text(page)):
        if re.match(r"\w+:", target):
            continue
        path, _, heading = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), f"{page}: {target}"
        if heading:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w-]", "", one.lower().replace(" ", "-")) for one in headings}, (
                target
            )


@pytest.mark.parametrize("page", PAGES)
def test_modules_that_are_shown_exist(page: str) -> None:
    """Each `python -m module` of a page is there."""
    for module in re.findall(r"python -m ((?:ops|services|shared)[\w.]*\w)\b", _text(page)):
        path = ROOT / module.replace("CONTEXT", "registration").replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


@pytest.mark.parametrize("page", PAGES)
def test_files_that_are_named_exist(page: str) -> None:
    """Each `file.ext` a page names is at that path, or somewhere below the page's folder."""
    for name in re.findall(r"`([\w./-]+\.(?:py|sql|md|json|toml|yml|yaml|lock))`", _text(page)):
        below = (ROOT / page).parent.rglob(Path(name).name)
        written_by_use = name == "endpoints.json" or name.startswith((".formelie/", "/"))
        beside = (ROOT / page).parent / name
        assert written_by_use or (ROOT / name).exists() or beside.exists() or any(below), f"{page}: {name}"


def test_every_decision_is_in_the_index() -> None:
    """A decision that is not listed is not found."""
    index = _text("docs/adr/README.md")
    for decision in sorted((ROOT / "docs/adr").glob("[0-9]*.md")):
        assert f"({decision.name})" in index


def test_each_top_folder_explains_itself() -> None:
    """A newcomer finds a README wherever there is something to touch."""
    for folder in ("shared", "shared/events", "shared/ledger", "shared/messaging", "shared/runtime", "services",
                   "ops", "deploy", "tests", "docs/adr"):  # fmt: skip
        assert f"{folder}/README.md" in PAGES
