"""What offerings does by itself: a week before a draft's deadline, its body is reminded, once.  (F6)

Each reminder is one command whose id is made from the draft: whatever runs it, twice or in two processes at once, it
happens once; and a draft that was submitted is no draft any more.
"""

from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import UUID, uuid5

from services.offerings import draft
from services.offerings.dossiers import drafts
from services.offerings.forms import FORM
from shared.runtime.asked import Asked
from shared.runtime.drafts import Due
from shared.runtime.service import Runtime

BY = "policy:drafts"
UNTITLED = "sans intitulé"


async def run(runtime: Runtime, day: date) -> int:
    """Reminds of the drafts whose day has come; how many were looked at."""
    due = await drafts(runtime).due(day)
    for each in due:
        await remind(runtime, each, day)
    return len(due)


async def remind(runtime: Runtime, due: Due, day: date) -> None:
    """One draft, unless it went meanwhile."""
    found = await drafts(runtime).read(due.id)
    if found is None or found.body is None:
        return
    title = FORM.check(found.fields, day).values.get("title", UNTITLED)
    command = draft.RemindOfDraft(due.id, found.body, title, due.deadline)
    once = uuid5(due.id, "reminder")
    asked = Asked(once, sha256(once.bytes).digest(), BY, datetime.now(UTC), str(due.id))
    await runtime.commands.handle(draft.DECIDER, stream(due.id), command, asked)
    await drafts(runtime).reminded(due.id, day)


def stream(id: UUID) -> str:
    """Of a draft."""
    return f"draft-{id}"
