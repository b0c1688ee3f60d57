"""From a command to the ledger: load the stream, decide, seal personal fields, encode, append.

A command is answered once: repeated with the same id it gets its first answer, whatever the state is by then.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any
from uuid import uuid5

import structlog

from shared.events import Clear, Envelope, Event, Sealed, decode, encode, personals, with_personals
from shared.ledger import (
    Append,
    Appended,
    CommandReused,
    Keyring,
    Ledger,
    NewEvent,
    PersonErased,
    Stored,
    VersionConflict,
)
from shared.ledger.ledger import Connection
from shared.runtime.asked import Asked, Part
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refused
from shared.runtime.refusals import BUSY, KEY_REUSED, PERSON_ERASED, VERSION_MISMATCH

logger = structlog.get_logger()

ATTEMPTS = 20  # a stream that changes twenty times under one command is refused as busy


@dataclass(frozen=True, slots=True)
class _Loaded:
    state: Any
    version: int
    correlation: str | None
    last: Mapping[str, str] | None = None
    """Who changed the stream last, when, and by which event."""


@dataclass(frozen=True, slots=True)
class _Decided:
    """What a part decided on the stream as it was `before`."""

    part: Part
    before: _Loaded
    events: Sequence[Event]

    @property
    def correlation(self) -> str:
        """The stream's own, from its first event on."""
        return self.before.correlation or self.part.asked.correlation

    def after(self) -> _Loaded:
        state = reduce(self.part.decider.evolve, self.events, self.before.state)
        return _Loaded(state, self.before.version + len(self.events), self.correlation)


class Commands:
    """Runs commands against one context's ledger."""

    def __init__(self, ledger: Ledger, keyring: Keyring) -> None:
        self._ledger = ledger
        self._keyring = keyring

    async def handle(
        self, decider: Decider[Any, Any], stream: str, command: object, asked: Asked
    ) -> Appended:
        """Decides on one stream and appends by group commit.

        Raises `Refused` (also for a stale `asked.expected` or a reused key), or `StoreUnavailable`.
        """
        part = Part(decider, stream, command, asked)

        async def attempt() -> list[Appended]:
            decided = _decided(part, _fold(decider, await self._ledger.stream(stream)))
            append = (await self._appends([decided]))[0]
            return _told([decided], [await self._ledger.append(append)])

        return (await self._until_settled([part], attempt))[0]

    async def together(self, parts: Sequence[Part]) -> list[Appended]:
        """Decides on several streams and appends all or nothing; answers in the order of `parts`."""

        async def attempt() -> list[Appended]:
            decided = await self._decide(parts)
            return _told(decided, await self._ledger.append_together(await self._appends(decided)))

        return await self._until_settled(parts, attempt)

    async def react(self, connection: Connection, parts: Sequence[Part]) -> list[Appended]:
        """Appends what a policy answers to events, inside the transaction of its checkpoint.

        Commands to one stream follow each other in the order given, each seeing what the one before it did.
        `VersionConflict` goes up: the batch is tried again.
        """
        decided = await self._decide(parts, connection)
        return _told(decided, await self._ledger.append_together(await self._appends(decided), connection))

    async def _until_settled(
        self, parts: Sequence[Part], attempt: Callable[[], Awaitable[list[Appended]]]
    ) -> list[Appended]:
        """Tries again while others change the streams in between; a repeated command gets its first answers."""
        for _ in range(ATTEMPTS):
            try:
                return await attempt()
            except Refused as refused:
                return [await self._first_answer(part.asked, refused) for part in parts]
            except CommandReused as error:
                raise Refused(KEY_REUSED) from error
            except VersionConflict:
                continue
        raise Refused(BUSY)

    async def _decide(self, parts: Sequence[Part], connection: Connection = None) -> list[_Decided]:
        stored = await self._ledger.streams([part.stream for part in parts], connection)
        latest: dict[str, _Loaded] = {}
        decided = []
        for part in parts:
            before = latest.get(part.stream) or _fold(part.decider, stored[part.stream])
            decided.append(_decided(part, before))
            latest[part.stream] = decided[-1].after()
        return decided

    async def _appends(self, decided: Sequence[_Decided]) -> list[Append]:
        clear = [p for each in decided for e in each.events for p in personals(e) if isinstance(p, Clear)]
        try:
            sealed = await self._keyring.seal_all(clear) if clear else {}
        except PersonErased as error:
            raise Refused(PERSON_ERASED) from error
        return [self._append(each, sealed) for each in decided]

    def _append(self, decided: _Decided, sealed: Mapping[Clear, Sealed]) -> Append:
        asked, stream, version = decided.part.asked, decided.part.stream, decided.before.version
        new = []
        for index, event in enumerate(decided.events):
            event_id = uuid5(asked.command, str(index))
            record = encode(
                with_personals(event, sealed) if sealed else event,
                id=event_id,
                source=f"/formelie/{self._ledger.context}",
                stream=stream,
                version=version + 1 + index,
                time=asked.now,
                correlation=decided.correlation,
                causation=asked.causation or str(asked.command),
                actor=asked.actor,
            )
            new.append(NewEvent(event_id, record))
        return Append(stream, version, tuple(new), asked.command, asked.fingerprint)

    async def _first_answer(self, asked: Asked, refused: Refused) -> Appended:
        """A refused command may be the repetition of one that was accepted: it then gets that first answer."""
        try:
            first = await self._ledger.answer(asked.command, asked.fingerprint)
        except CommandReused as error:
            raise Refused(KEY_REUSED) from error
        if first is None:
            raise refused
        return first


def _fold(decider: Decider[Any, Any], stored: Sequence[Stored]) -> _Loaded:
    events = [decode(row.record) for row in stored]
    return _Loaded(
        decider.fold(envelope.data for envelope in events),
        stored[-1].version if stored else 0,
        events[0].correlationid if events else None,
        _change(events[-1]) if events else None,
    )


def _change(event: Envelope) -> Mapping[str, str]:
    return {"by": event.actor, "at": event.time.isoformat(), "event": type(event.data).__name__}


def _decided(part: Part, before: _Loaded) -> _Decided:
    """Raises `Refused`, for a stale version too: it says who was faster, when, and what that person did."""
    if part.asked.expected not in (None, before.version):
        more = {"last_change": before.last}
        raise Refused(VERSION_MISMATCH, more=more, expected=part.asked.expected, actual=before.version)
    return _Decided(part, before, part.decider.decide(before.state, part.command))


def _told(decided: Sequence[_Decided], answers: list[Appended]) -> list[Appended]:
    """One log line an append, under the correlation id that follows the dossier."""
    for each, answer in zip(decided, answers, strict=True):
        if each.events and not answer.repeated:
            logger.info(
                "appended",
                stream=each.part.stream,
                version=answer.version,
                events=[type(event).__name__ for event in each.events],
                correlation=each.correlation,
                actor=each.part.asked.actor,
            )
    return answers
