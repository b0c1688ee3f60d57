"""What registration does by itself: from midnight on, bodies whose Qualiopi certificate ended are suspended; whoever
left a form for two weeks is reminded, once (F6).

And at each start it says where Formiris's own people are written to.

Each suspension is one command whose id is made from the body and the day the certificate ended: whatever runs it, twice
or in two processes at once, it happens once; and who was reinstated is not suspended again for the same certificate.
"""

import asyncio
from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import UUID, uuid5

import structlog

from services.registration import draft, referencing, staff_roster, training_body
from services.registration.views import SQL
from shared.runtime.asked import Asked
from shared.runtime.dossier import dossier
from shared.runtime.drafts import Drafts
from shared.runtime.reminders import AGAIN, PASSING
from shared.runtime.service import Runtime

logger = structlog.get_logger()

BY = "policy:qualiopi-expiry"
REMINDING = "policy:drafts"
ROSTER = UUID("0d6a7c52-2f5b-5b67-8a3e-8e2f3f8f9a10")


async def run(runtime: Runtime, day: date) -> int:
    """Suspends whose certificate ended before `day`, and forgets what need not be kept; how many were looked at."""
    expired = await runtime.pool.fetch(SQL.expired_bodies, day)
    for row in expired:
        await suspend_expired(runtime, row["id"], day)
    await remind(runtime, day)
    await runtime.pool.execute(SQL.forget_attempts)
    await runtime.pool.execute(SQL.forget_tallies)
    await runtime.pool.execute(SQL.forget_tokens)
    return len(expired)


async def remind(runtime: Runtime, day: date) -> None:
    """Reminds of the forms left after their proposal; of one that was submitted since, nobody needs to be."""
    drafts = Drafts(runtime.pool, runtime.keyring)
    for due in await drafts.due(day):
        request = await dossier(runtime, referencing.DECIDER, f"referencing-{due.id}")
        if request.state.status == "proposed" and request.state.asked:
            command = draft.RemindOfForm(due.id, request.state.asked.body_name)
            asked = _asked(due.id, "reminder", REMINDING, request.correlation)
            await runtime.commands.handle(draft.DECIDER, f"draft-{due.id}", command, asked)
        await drafts.reminded(due.id, day)


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
    asked = _asked(body, f"qualiopi ended {until}", BY, request.correlation)
    command = training_body.SuspendExpired(body, True, accepted.qualiopi_valid_until, BY, day)
    await runtime.commands.handle(training_body.DECIDER, f"body-{body}", command, asked)


def _asked(of: UUID, name: str, by: str, correlation: str) -> Asked:
    """The same command whoever says it again."""
    fingerprint = sha256(f"{of} {name}".encode()).digest()
    return Asked(uuid5(of, name), fingerprint, by, datetime.now(UTC), correlation)
