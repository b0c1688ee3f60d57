"""From a command to the ledger: load the stream, decide, seal personal fields, encode, append.

A command is answered once: repeated with the same id it gets its first answer, whatever the state is by then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Any
from uuid import UUID, uuid5

from shared.events import Clear, Event, Sealed, decode, encode, personals, with_personals
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
from shared.runtime.decider import Decider
from shared.runtime.refusal import Refused
from shared.runtime.refusals import BUSY, KEY_REUSED, PERSON_ERASED, VERSION_MISMATCH

ATTEMPTS = 20  # a stream that changes twenty times under one command is refused as busy


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, when, and under which id; `correlation` follows the dossier through every context."""

    command: UUID
    fingerprint: bytes
    actor: str
    now: datetime
    correlation: str
    causation: str = ""
    expected: int | None = None

    def part(self, index: int) -> "Asked":
        """The same question, about the next stream of a command that writes to several."""
        if index == 0:
            return self
        return replace(self, command=uuid5(self.command, f"part {index}"), expected=None)


@dataclass(frozen=True, slots=True)
class Part:
    """One stream's share of a command."""

    decider: Decider[Any, Any]
    stream: str
    command: Any
    asked: Asked


@dataclass(frozen=True, slots=True)
class _Loaded:
    state: Any
    version: int
    correlation: str | None

    def after(self, decider: Decider[Any, Any], events: Sequence[Event], asked: Asked) -> "_Loaded":
        state = reduce(decider.evolve, events, self.state)
        return _Loaded(state, self.version + len(events), self.correlation or asked.correlation)


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
        for _ in range(ATTEMPTS):
            loaded = _fold(decider, await self._ledger.stream(stream))
            try:
                _check_version(loaded, asked)
                events = decider.decide(loaded.state, command)
                append = (await self._appends([(stream, loaded, events, asked)]))[0]
                return await self._ledger.append(append)
            except Refused as refused:
                return await self._first_answer(asked, refused)
            except CommandReused as error:
                raise Refused(KEY_REUSED) from error
            except VersionConflict:
                continue
        raise Refused(BUSY)

    async def together(self, parts: Sequence[Part]) -> list[Appended]:
        """Decides on several streams and appends all or nothing; answers in the order of `parts`."""
        for _ in range(ATTEMPTS):
            try:
                return await self._ledger.append_together(await self._decide(parts))
            except Refused as refused:
                return [await self._first_answer(part.asked, refused) for part in parts]
            except CommandReused as error:
                raise Refused(KEY_REUSED) from error
            except VersionConflict:
                continue
        raise Refused(BUSY)

    async def react(self, connection: Connection, parts: Sequence[Part]) -> list[Appended]:
        """Appends what a policy answers to events, inside the transaction of its checkpoint.

        Commands to one stream follow each other in the order given, each seeing what the one before it did.
        `VersionConflict` goes up: the batch is tried again. Announce the answers after the commit.
        """
        return await self._ledger.append_together(await self._decide(parts, connection), connection)

    async def _decide(self, parts: Sequence[Part], connection: Connection = None) -> list[Append]:
        stored = await self._ledger.streams([part.stream for part in parts], connection)
        loaded: dict[str, _Loaded] = {}
        work = []
        for part in parts:
            before = loaded.get(part.stream) or _fold(part.decider, stored[part.stream])
            _check_version(before, part.asked)
            events = part.decider.decide(before.state, part.command)
            work.append((part.stream, before, events, part.asked))
            loaded[part.stream] = before.after(part.decider, events, part.asked)
        return await self._appends(work)

    async def _appends(self, work: Sequence[tuple[str, _Loaded, Sequence[Event], Asked]]) -> list[Append]:
        clear = [p for _, _, events, _ in work for e in events for p in personals(e) if isinstance(p, Clear)]
        try:
            sealed = await self._keyring.seal_all(clear) if clear else {}
        except PersonErased as error:
            raise Refused(PERSON_ERASED) from error
        return [self._append(stream, loaded, events, asked, sealed) for stream, loaded, events, asked in work]

    def _append(
        self,
        stream: str,
        loaded: _Loaded,
        events: Sequence[Event],
        asked: Asked,
        sealed: Mapping[Clear, Sealed],
    ) -> Append:
        new = []
        for index, event in enumerate(events):
            event_id = uuid5(asked.command, str(index))
            record = encode(
                with_personals(event, sealed) if sealed else event,
                id=event_id,
                source=f"/formelie/{self._ledger.context}",
                stream=stream,
                version=loaded.version + 1 + index,
                time=asked.now,
                correlation=loaded.correlation or asked.correlation,
                causation=asked.causation or str(asked.command),
                actor=asked.actor,
            )
            new.append(NewEvent(event_id, record))
        return Append(stream, loaded.version, tuple(new), asked.command, asked.fingerprint)

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
    )


def _check_version(loaded: _Loaded, asked: Asked) -> None:
    if asked.expected is not None and asked.expected != loaded.version:
        raise Refused(VERSION_MISMATCH, expected=asked.expected, actual=loaded.version)
