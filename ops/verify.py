"""`formelie verify`: every ledger's chain, recomputed from the first event to the last."""

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import click

from ops.contexts import CONTEXTS
from ops.options import in_folder
from ops.stack.endpoints import Endpoints
from ops.stack.folder import ENDPOINTS
from shared.ledger import ChainBroken, LedgerError
from shared.ledger.verify import Report, Verified
from shared.ledger.verify import verify as verify_ledger


@click.command()
@in_folder
@click.option(
    "--endpoints", type=click.Path(path_type=Path), help="endpoints.json of a system, instead of --dir."
)
@click.option("--deep", is_flag=True, help="Also compare the columns with the records, and versions and ids.")
@click.option("--processes", type=click.IntRange(min=1), default=os.cpu_count() or 1, show_default=True)
def verify(folder: Path, endpoints: Path | None, deep: bool, processes: int) -> None:
    """Recompute the hash chain of every context's ledger; exit code 1 if anything differs."""
    where = Endpoints.read(endpoints or folder / ENDPOINTS)
    try:
        reports = asyncio.run(verify_all(where.postgres, deep=deep, processes=processes))
    except (LedgerError, OSError) as error:
        raise click.ClickException(str(error)) from error
    broken = [each for report in reports for each in report.broken]
    click.echo(table(reports))
    click.echo(verdict(broken))
    sys.exit(1 if broken else 0)


async def verify_all(dsns: Mapping[str, str], *, deep: bool, processes: int) -> list[Report]:
    """The report of every context, in their order; partitions are shared out over the processes."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn) as executor:
        return [
            await verify_ledger(dsns[name], deep=deep, executor=executor) for name in CONTEXTS if name in dsns
        ]


def table(reports: list[Report]) -> str:
    """A line a partition."""
    lines = [f"{'context':<14} {'partition':>9} {'events':>10} {'head':>10} {'epoch':>5}  {'hash':<16} chain"]
    lines += [_line(report.context, each) for report in reports for each in report.partitions]
    return "\n".join(lines)


def _line(context: str, verified: Verified) -> str:
    head = verified.head
    state = f"{verified.fault.sequence}: {verified.fault.reason}" if verified.fault else "verifies"
    return (
        f"{context:<14} {verified.partition:>9} {verified.count:>10} {head.sequence:>10} {head.epoch:>5}"
        f"  {head.hash.hex()[:16]} {state}"
    )


def verdict(broken: list[ChainBroken]) -> str:
    """The last line: everything verifies, or the first bad positions."""
    return "\n".join(f"First bad position: {each}" for each in broken) or "Every chain verifies."


if __name__ == "__main__":
    verify()
