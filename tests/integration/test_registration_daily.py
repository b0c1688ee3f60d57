"""What registration does by itself each day, on real servers."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from services.registration import daily, referencing, staff_roster, training_body
from services.registration.forms import FORM, referencing_form
from services.registration.service import SERVICE
from shared.events import Clear, decode
from shared.events.parts import Office
from shared.runtime.asked import Asked
from shared.runtime.dossier import dossier
from shared.runtime.drafts import Drafts
from shared.runtime.paris import today
from shared.runtime.reminders import QUIET
from shared.runtime.service import Runtime
from tests.servers import Servers
from tests.service_stand import ServiceStand, service_stand

VALID_UNTIL = date(2028, 1, 14)  # of the example
THE_DAY_AFTER = VALID_UNTIL + timedelta(days=1)
OFFICE = Office(name="Siège", email="siege@formiris.example")


def asked() -> Asked:
    command = uuid4()
    return Asked(command, sha256(command.bytes).digest(), "manager:desk", datetime.now(UTC), str(command))


async def test_the_roster_is_told_at_a_start(servers: Servers, tmp_path: Path) -> None:
    """Twice at once or once more: one event; changed: another; emptied: withdrawn. The address is sealed."""
    address = Clear("staff-1-a", "desk@formiris.example")
    entry = staff_roster.Entry("manager", "bretagne", address)
    full, moved, empty = (
        staff_roster.TellRoster(entries)
        for entries in ({"desk": entry}, {"desk": replace(entry, territory=None)}, {})
    )
    async with service_stand(SERVICE, servers, tmp_path) as stand:
        await asyncio.gather(*(daily.tell_roster(stand.runtime, full) for _ in range(2)))
        for roster in (full, moved, empty, empty, full):
            await daily.tell_roster(stand.runtime, roster)
        records = [row.record for row in await stand.runtime.ledger.stream(staff_roster.STREAM)]
    assert [decode(record).data.wire.split(".")[-2] for record in records] == [
        "StaffAddressGiven", "StaffAddressGiven", "StaffAddressWithdrawn", "StaffAddressGiven",
    ]  # fmt: skip
    assert not any(b"desk@formiris" in record for record in records)


async def proposed(stand: ServiceStand) -> UUID:
    """A request that Formiris answered by its proposal."""
    body, person = uuid4(), "contact-1"
    name, email = Clear(person, "Anne Le Goff"), Clear(person, "anne@lire.example")
    for command in (
        referencing.RequestReferencing(body, "Institut", "private", "national", None, OFFICE, name, email),
        referencing.SendProposal("manager:desk"),
    ):
        await stand.runtime.commands.handle(referencing.DECIDER, f"referencing-{body}", command, asked())
    return body


async def referenced(stand: ServiceStand) -> UUID:
    """A body accepted with the certificate of the example."""
    body = await proposed(stand)
    form = referencing_form(FORM.check(FORM.example(), date(2026, 11, 23)).values, body, None)
    for command in (
        referencing.SubmitReferencing(form, OFFICE),
        referencing.AcceptReferencing("manager:desk", date(2026, 11, 23)),
    ):
        done = await stand.runtime.commands.handle(
            referencing.DECIDER, f"referencing-{body}", command, asked()
        )
    assert await stand.runtime.wait_for("registration", done.partition, done.sequence, 5)
    return body


async def suspensions(runtime: Runtime, body: UUID) -> int:
    """How often it was suspended."""
    records = await runtime.ledger.stream(f"body-{body}")
    return sum(b"TrainingBodySuspended" in each.record for each in records)


async def test_a_certificate_that_ended_suspends_once(tmp_path: Path, servers: Servers) -> None:
    """Not on its last day; the day after, once, whoever runs it at the same moment; never again once reinstated."""
    async with service_stand(SERVICE, servers, tmp_path) as stand:
        runtime, body = stand.runtime, await referenced(stand)
        assert await daily.run(runtime, VALID_UNTIL) == 0
        await asyncio.gather(*(daily.run(runtime, THE_DAY_AFTER) for _ in range(4)))
        assert await suspensions(runtime, body) == 1
        renewed = training_body.ReinstateBody(
            body, True, "manager:desk", THE_DAY_AFTER, VALID_UNTIL.replace(year=2031)
        )
        done = await runtime.commands.handle(training_body.DECIDER, f"body-{body}", renewed, asked())
        assert await runtime.wait_for("registration", done.partition, done.sequence, 5)
        assert await daily.run(runtime, THE_DAY_AFTER + timedelta(days=1)) == 0
        assert await suspensions(runtime, body) == 1
        assert (await dossier(runtime, training_body.DECIDER, f"body-{body}")).state.suspended is None
        await daily.run(runtime, VALID_UNTIL.replace(year=2031) + timedelta(days=1))
        assert await suspensions(runtime, body) == 2


async def test_f6_a_form_left_after_its_proposal_is_reminded_of_once(
    tmp_path: Path, servers: Servers
) -> None:
    """After two weeks, whoever runs it at once; not before, nor once submitted, nor again when it is typed again."""
    async with service_stand(SERVICE, servers, tmp_path) as stand:
        left, sent = await proposed(stand), await referenced(stand)
        kept, now = Drafts(stand.runtime.pool, stand.runtime.keyring), datetime.now(UTC)
        for request in (left, sent):
            await kept.keep(request, "contact-1", {"town": "Rennes"}, None, "body:anne", now)
        day = today(now)
        await daily.run(stand.runtime, day + QUIET - timedelta(days=1))
        assert await reminders(stand, left) == 0
        await asyncio.gather(*(daily.run(stand.runtime, day + QUIET) for _ in range(4)))
        assert (await reminders(stand, left), await reminders(stand, sent)) == (1, 0)
        await kept.keep(left, "contact-1", {"town": "Brest"}, None, "body:anne", now)
        await daily.run(stand.runtime, day + QUIET * 2)
        assert await reminders(stand, left) == 1
        assert await kept.due(day + QUIET * 3) == []


async def reminders(stand: ServiceStand, request: UUID) -> int:
    """How often somebody was reminded of a form."""
    return len(await stand.runtime.ledger.stream(f"draft-{request}"))
