"""How long Formiris takes to decide, measured: from a deposit to its decision, office by office.  (H2)

What was withdrawn or never decided is not counted. Folded stream by stream: the same in whatever order it is heard.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from services.notifications.facts import dossier_of
from shared.events import Event
from shared.events import attendance as a
from shared.events import invoicing as i
from shared.events import offerings as o
from shared.events import registration as r
from shared.messaging import Delivered
from shared.sql import queries

SQL = queries(__file__)

BEGIN: Mapping[type[Event], str] = {
    r.ReferencingSubmitted: "referencing", o.OfferingSubmitted: "offering", a.CertificatesSubmitted: "certificates",
    i.InvoiceSubmitted: "invoice", i.InvoiceResumed: "invoice",
}  # fmt: skip
END: Mapping[type[Event], str] = {
    r.ReferencingAccepted: "referencing", r.ReferencingRejected: "referencing", o.OfferingAccepted: "offering",
    o.OfferingRejected: "offering", a.CertificatesValidated: "certificates", a.CertificatesRejected: "certificates",
    i.InvoiceAccepted: "invoice", i.InvoiceRejected: "invoice", i.InvoiceReturned: "invoice",
}  # fmt: skip
_DECIDED: Mapping[tuple[str, str], str] = {
    ("referencing", "submitted"): "referencing", ("offering", "submitted"): "offering",
    ("session", "certificates-submitted"): "certificates", ("session", "invoiced"): "invoice",
    ("invoice", "submitted"): "invoice",
}  # fmt: skip
"""The states that wait for such a decision."""

RECENT = timedelta(days=90)
ENOUGH = 5
"""Decisions, below which a median says nothing."""


async def measure(connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
    """Notes what begins to wait, and what was decided."""
    for table, statement in ((BEGIN, SQL.begin_waits), (END, SQL.end_waits)):
        rows = [
            (dossier_of(each.event.data), table[type(each.event.data)], each.event.time)
            for each in delivered
            if type(each.event.data) in table
        ]
        if rows:
            await connection.execute(statement, *zip(*sorted(set(rows), key=str), strict=True))


async def usual(pool: asyncpg.Pool, kind: str, state: str, territory: str | None) -> dict[str, Any] | None:
    """The median of the office's recent decisions of this sort: `days`, and `of` how many; None when too few."""
    if (decision := _DECIDED.get((kind, state))) is None:
        return None
    found = await pool.fetchrow(SQL.usual_wait, decision, territory, datetime.now(UTC) - RECENT)
    if found is None or found["of"] < ENOUGH:
        return None
    return {"days": round(found["median"] / timedelta(days=1)), "of": found["of"]}
