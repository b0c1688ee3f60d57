"""The table of `formelie bench`: ratios, targets and what is skipped."""

from io import StringIO

import pytest
from rich.console import Console

from ops.bench.cli import measure, summary, table
from ops.bench.row import Row

FIGURE = Row("append, one client", 3_000, "events/s", "raw INSERT", 5_000, at_least=0.5)


def test_a_ratio_at_its_target_is_met() -> None:
    """`at_least` bounds the ratio from below."""
    assert FIGURE.ratio == pytest.approx(0.6)
    assert FIGURE.met is True
    assert Row("append", 2_000, "events/s", "raw INSERT", 5_000, at_least=0.5).met is False


def test_a_latency_is_bounded_from_above() -> None:
    """`at_most` bounds the value; its ratio is only shown."""
    assert Row("alert, p50", 9.0, "ms", "round trip", 2.0, at_most=12).met is True
    assert Row("alert, p99", 90.0, "ms", "round trip", 2.0, at_most=40).met is False


def test_without_its_peer_a_target_is_neither_met_nor_missed() -> None:
    """A peer that could not be installed leaves its row without a verdict."""
    assert Row("append", 2_000, "events/s", "a rival", None, at_least=15).met is None


def test_the_table_shows_every_row() -> None:
    """Figure, peer, ratio, target and verdict stand on one line."""
    console = Console(width=160, file=StringIO())
    with console.capture() as captured:
        console.print(table([FIGURE]))
    text = captured.get()
    for cell in ("append, one client", "raw INSERT", "0.60", "ratio ≥ 0.5", "yes"):
        assert cell in text
    assert summary([FIGURE]) == "1 of 1 targets met."


async def test_a_part_that_is_not_there_is_skipped_with_a_word() -> None:
    """A missing module of rows does not stop the others."""
    said: list[str] = []
    assert await measure(["nothing"], quick=True, say=said.append) == []
    assert said == ["nothing: skipped, there is no ops/bench/nothing.py"]
