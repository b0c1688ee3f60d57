"""From a command to the ledger: answered once, decided on what is there, personal fields never in the clear."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from shared.events import Clear, Event, Sealed, decode
from shared.events.registration import AccountEmailChanged, SiretClaimed, SiretReleased
from shared.ledger import Keyring, Ledger
from shared.runtime.asked import Asked, Part
from shared.runtime.commands import Commands
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refusal, Refused
from tests.servers import ContextPool

TAKEN = Refusal("taken", 409, "Pris", "Ce SIRET est pris.", "vous")
SIRET = "73282932000074"
REQUEST = UUID(int=7)


@dataclass(frozen=True, slots=True)
class Claim:
    """Claims the SIRET."""


@dataclass(frozen=True, slots=True)
class Release:
    """Gives it back; twice changes nothing."""


def decide(claimed: bool, command: Claim | Release) -> list[Event]:
    match claimed, command:
        case True, Claim():
            raise Refused(TAKEN)
        case False, Claim():
            return [SiretClaimed(siret=SIRET, request_id=REQUEST)]
        case True, Release():
            return [SiretReleased(siret=SIRET, request_id=REQUEST)]
        case _:
            return []


def evolve(claimed: bool, event: Event) -> bool:
    return isinstance(event, SiretClaimed)


DECIDER = Decider(False, decide, evolve)
STREAM = f"siret-{SIRET}"


def asked(**changed: object) -> Asked:
    plain = Asked(uuid4(), bytes(32), "manager:m1", datetime(2026, 11, 23, tzinfo=UTC), "dossier-1")
    return replace(plain, **changed)  # type: ignore[arg-type]  # the fields of Asked


@pytest_asyncio.fixture
async def ledger(context_db: ContextPool) -> Ledger:
    """Registration's ledger, empty."""
    return await Ledger.open(context_db, "registration")


@pytest_asyncio.fixture
async def commands(ledger: Ledger, keyring_db: ContextPool) -> Commands:
    """Commands on it."""
    return Commands(ledger, Keyring(keyring_db, bytes(32)))


async def test_a_repeated_command_gets_its_first_answer(commands: Commands, ledger: Ledger) -> None:
    """The second time the decision would be a refusal; the caller still learns that the first time was a yes."""
    once = asked()
    first = await commands.handle(DECIDER, STREAM, Claim(), once)
    again = await commands.handle(DECIDER, STREAM, Claim(), once)
    assert (again.partition, again.sequence, again.version) == (first.partition, first.sequence, 1)
    assert again.repeated
    assert len(await ledger.stream(STREAM)) == 1


async def test_a_command_that_changed_nothing_is_remembered_too(commands: Commands, ledger: Ledger) -> None:
    """Answered "nothing to do" first, it does nothing either when the state has moved since."""
    idle = asked()
    await commands.handle(DECIDER, STREAM, Release(), idle)
    await commands.handle(DECIDER, STREAM, Claim(), asked())
    again = await commands.handle(DECIDER, STREAM, Release(), idle)
    assert again.repeated
    assert len(await ledger.stream(STREAM)) == 1


async def test_a_refused_command_may_be_asked_again(commands: Commands) -> None:
    """A refusal is not kept: under the same key the command succeeds once nothing stands against it."""
    await commands.handle(DECIDER, STREAM, Claim(), asked())
    mine = asked()
    with pytest.raises(Refused, match="taken"):
        await commands.handle(DECIDER, STREAM, Claim(), mine)
    await commands.handle(DECIDER, STREAM, Release(), asked())
    assert (await commands.handle(DECIDER, STREAM, Claim(), mine)).version == 3


async def test_a_key_used_for_something_else_is_refused(commands: Commands) -> None:
    """The same id with another fingerprint is told apart, whether the decision would be yes or no."""
    once = asked()
    await commands.handle(DECIDER, STREAM, Claim(), once)
    other = replace(once, fingerprint=bytes(31) + b"x")
    for command in (Claim(), Release()):
        with pytest.raises(Refused, match="idempotency-key-reused"):
            await commands.handle(DECIDER, STREAM, command, other)


async def test_a_stale_version_is_refused_with_both_versions(commands: Commands) -> None:
    """If-Match: what was read is no longer what is there."""
    await commands.handle(DECIDER, STREAM, Claim(), asked(expected=0))
    with pytest.raises(Refused, match="version 0, le dossier en est à la version 1"):
        await commands.handle(DECIDER, STREAM, Release(), asked(expected=0))


async def test_of_many_at_once_exactly_one_wins(commands: Commands, ledger: Ledger) -> None:
    """Fifty claims of one SIRET at the same moment: one yes, forty-nine refusals, one event."""
    answers = await asyncio.gather(
        *(commands.handle(DECIDER, STREAM, Claim(), asked()) for _ in range(50)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == 49
    assert {refusal.refusal.code for refusal in refused} == {"taken"}
    assert len(await ledger.stream(STREAM)) == 1


async def test_several_streams_change_together_or_not_at_all(commands: Commands, ledger: Ledger) -> None:
    """A refusal on the second stream leaves the first untouched; a repetition gets every first answer."""
    await commands.handle(DECIDER, "siret-taken", Claim(), asked())
    both = asked()
    parts = [
        Part(DECIDER, name, Claim(), both.part(i)) for i, name in enumerate(("siret-free", "siret-taken"))
    ]
    with pytest.raises(Refused, match="taken"):
        await commands.together(parts)
    assert await ledger.stream("siret-free") == []
    await commands.handle(DECIDER, "siret-taken", Release(), asked())
    first = await commands.together(parts)
    again = await commands.together(parts)
    assert [answer.version for answer in first] == [1, 3]
    assert [(a.partition, a.sequence, a.repeated) for a in again] == [
        (f.partition, f.sequence, True) for f in first
    ]


async def test_reactions_to_one_stream_see_each_other(
    commands: Commands, ledger: Ledger, context_db: ContextPool
) -> None:
    """Claim, release, claim in one transaction: three events in order, and the dossier's correlation throughout."""
    orders = [Claim(), Release(), Claim()]
    parts = [
        Part(DECIDER, STREAM, order, asked(correlation=f"d{i}", causation="e1"))
        for i, order in enumerate(orders)
    ]
    async with context_db.acquire() as connection, connection.transaction():
        await commands.react(connection, parts)
    events = [decode(stored.record) for stored in await ledger.stream(STREAM)]
    assert [type(event.data) for event in events] == [SiretClaimed, SiretReleased, SiretClaimed]
    assert {event.correlationid for event in events} == {"d0"}
    assert {event.causationid for event in events} == {"e1"}


async def test_personal_fields_reach_the_ledger_sealed(
    commands: Commands, ledger: Ledger, keyring_db: ContextPool
) -> None:
    """The record holds ciphertext only, and the keyring reads it back."""
    change = AccountEmailChanged(
        account_id=REQUEST, old_email=Clear("account-7", "old@of.example"),
        new_email=Clear("account-7", "jeanne@of.example"), changed_by="assistance:a1",
    )  # fmt: skip
    decider: Decider[None, None] = Decider(
        None, lambda _state, _command: [change], lambda state, _event: state
    )
    await commands.handle(decider, "account-7", None, asked())
    record = (await ledger.stream("account-7"))[0].record
    event = decode(record).data
    assert b"jeanne" not in record
    assert isinstance(event, AccountEmailChanged)
    assert isinstance(event.new_email, Sealed)
    revealed = await Keyring(keyring_db, bytes(32)).reveal([event.new_email])
    assert revealed[event.new_email] == Clear("account-7", "jeanne@of.example")
