"""docs/ledger-format.md is enough: its program, its query and its vectors agree with the ledger."""

import asyncio
import json
import re
import sys
from pathlib import Path

from ops import vectors
from shared.ledger import Ledger
from tests.appends import append
from tests.servers import ContextPool

PAGE = (vectors.ROOT / vectors.PAGE).read_text("utf-8")


def block(language: str) -> str:
    """The page's first block of a language, verbatim."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found.group(1)


async def run_the_pages_program(lines: list[str], folder: Path) -> tuple[int, str]:
    """Exit code, and what it says."""
    program = folder / "verifier.py"
    program.write_text(block("python"), "utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", str(program),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate("".join(f"{line}\n" for line in lines).encode())
    return process.returncode or 0, output.decode().strip()


def test_the_vectors_are_fresh() -> None:
    """The page and the file hold what the code computes."""
    assert vectors.stale() == []


async def test_the_pages_program_verifies_the_vectors(tmp_path: Path) -> None:
    """And finds each of them missing, again, or changed."""
    chain = json.loads((vectors.ROOT / vectors.FILE).read_text("utf-8"))["chain"]
    lines = [f"{row['sequence']} {row['hash']} {row['record']}" for row in chain]
    assert await run_the_pages_program(lines, tmp_path) == (0, f"{len(chain)} {chain[-1]['hash']}")
    assert await run_the_pages_program([lines[0], *lines[2:]], tmp_path) == (1, "2: gap")
    assert await run_the_pages_program([*lines, lines[1]], tmp_path) == (1, "2: duplicate")
    assert await run_the_pages_program([lines[0] + "00", *lines[1:]], tmp_path) == (1, "1: hash differs")


async def test_the_pages_query_and_program_verify_a_ledger(context_db: ContextPool, tmp_path: Path) -> None:
    """Rows of PostgreSQL, read by the page's query, lead to the partition's head."""
    ledger = await Ledger.open(context_db, "registration")
    names = [name for name in (f"order-{n}" for n in range(200)) if ledger.partition_of(name) == 0]
    await ledger.append_each([append(name, 0, 2) for name in names])
    lines = [" ".join(map(str, row)) for row in await context_db.fetch(block("sql"))]
    head = (await ledger.heads())[0]
    await ledger.close()
    assert head.sequence == 2 * len(names) > 0
    assert await run_the_pages_program(lines, tmp_path) == (0, f"{head.sequence} {head.hash.hex()}")
