"""What registration does by itself: from midnight on, bodies whose Qualiopi certificate ended are suspended.

And at each start it says where Formiris's own people are written to.

Each suspension is one command whose id is made from the body and the day the certificate ended: whatever runs it, twice
or in two processes at once, it happens once; and who was reinstated is not suspended again for the same certificate.
"""

import asyncio
from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import UUID, uuid5

import structlog

from services.registration import referencing, staff_roster, training_body
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
ROSTER = UUID("0d6a7c52-2f5b-5b67-8a3e-8e2f3f8f9a10")
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


async def tell_roster(runtime: Runtime, command: staff_roster.TellRoster) -> None:
    """Once a start, as soon as the stores answer: where Formiris's people are written to, if that changed.

    Two processes that start at once say the same under the same id.
    """
    while True:
        try:
            known = await dossier(runtime, staff_roster.DECIDER, staff_roster.STREAM)
            said = repr(
                [known.version, *sorted((name, *each.told()) for name, each in command.entries.items())]
            )
            asked = Asked(
                command=uuid5(ROSTER, said), fingerprint=sha256(said.encode()).digest(), actor="registration",
                now=datetime.now(UTC), correlation=staff_roster.STREAM,
            )  # fmt: skip
            await runtime.commands.handle(staff_roster.DECIDER, staff_roster.STREAM, command, asked)
        except PASSING as error:
            logger.warning("staff addresses put off", error=type(error).__name__)
            await asyncio.sleep(AGAIN)
        else:
            return


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
