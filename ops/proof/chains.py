"""Every ledger's chain, recomputed from its first event; columns checked against records."""

from collections.abc import Mapping

from ops.contexts import CONTEXTS
from ops.proof.finding import Finding
from shared.ledger.verify import verify


async def verified(databases: Mapping[str, str]) -> Finding:
    """`databases`: a DSN by context. Raises StoreUnavailable, WrongLedger."""
    finding = Finding("Every ledger's chain")
    counts = []
    for context in CONTEXTS:
        report = await verify(databases[context], deep=True)
        counts.append(f"{context} {report.count}")
        finding.differences += [str(broken) for broken in report.broken]
    finding.counted = f"events verified: {', '.join(counts)}"
    return finding
