"""What registration does by itself: from midnight on, bodies whose Qualiopi certificate ended are suspended.

Each suspension is one command whose id is made from the body and the day the certificate ended: whatever runs it, twice
or in two processes at once, it happens once; and who was reinstated is not suspended again for the same certificate.
"""

import asyncio
from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import UUID, uuid5

import structlog

from services.registration import referencing, training_body
from services.registration.views import SQL
from shared.runtime import problems
from shared.runtime.asked import Asked
from shared.runtime.dossier import dossier
from shared.runtime.paris import today
from shared.runtime.refusal import Refused
from shared.runtime.service import Runtime

logger = structlog.get_logger()

BY = "policy:qualiopi-expiry"
EVERY = 3600.0  # seconds: an hour that finds nothing costs one query
AGAIN = 60.0  # seconds, when a store was away
PASSING: tuple[type[Exception], ...] = (*problems.AWAY, Refused)


async def every_day(runtime: Runtime) -> None:
    """At the start, then every hour, until cancelled: a day begins at midnight in Paris."""
    while True:
        try:
            await run(runtime, today())
        except PASSING as error:
            logger.warning("suspensions put off", error=type(error).__name__)
            await asyncio.sleep(AGAIN)
            continue
        await asyncio.sleep(EVERY)


async def run(runtime: Runtime, day: date) -> int:
    """Suspends whose certificate ended before `day`, and forgets what need not be kept; how many were looked at."""
    expired = await runtime.pool.fetch(SQL.expired_bodies, day)
    for row in expired:
        await suspend_expired(runtime, row["id"], day)
    await runtime.pool.execute(SQL.forget_attempts)
    await runtime.pool.execute(SQL.forget_tallies)
    await runtime.pool.execute(SQL.forget_tokens)
    return len(expired)


async def suspend_expired(runtime: Runtime, body: UUID, day: date) -> None:
    """One body; its streams, not the view, say whether its certificate ended."""
    request = await dossier(runtime, referencing.DECIDER, f"referencing-{body}")
    state = (await dossier(runtime, training_body.DECIDER, f"body-{body}")).state
    accepted = request.state.accepted
    until = state.valid_until(accepted.qualiopi_valid_until if accepted else None)
    if accepted is None or until is None:
        return
    name = f"qualiopi ended {until}"
    asked = Asked(
        command=uuid5(body, name), fingerprint=sha256(f"{body} {name}".encode()).digest(), actor=BY,
        now=datetime.now(UTC), correlation=request.correlation,
    )  # fmt: skip
    command = training_body.SuspendExpired(body, True, accepted.qualiopi_valid_until, BY, day)
    await runtime.commands.handle(training_body.DECIDER, f"body-{body}", command, asked)
