"""Alerts as they happen, to whoever has a page open: Server-Sent Events, fed by this process's own views.  (R10)

One task looks, when a consumer of this process has committed something, at what changed for those who are listening,
whatever their number. Changes of a recipient are numbered in the order in which they can be seen (inbox.py): a browser
that comes back says which it saw last (Last-Event-ID) and gets what it missed, or is told to read the list again.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import structlog

from services.notifications.described import alert_described
from services.notifications.inbox import Inboxes
from services.notifications.refusals import STREAMS_FULL, TOO_MANY_STREAMS
from services.notifications.views import SQL
from shared.messaging.board import board_of
from shared.runtime.refusal import Refused

logger = structlog.get_logger(__name__)

LOOK_AT_LEAST_EVERY = 1.0  # seconds: another process of this service may have written
AT_ONCE = 50
MISSED_AT_MOST = 100
"""Whoever missed more reads the list again."""
COMES_BACK_AFTER = 3_000  # milliseconds

Recipient = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many streams, how often a sign of life, and how long before signing in is checked again; seconds."""

    an_account: int = 3
    in_all: int = 300
    heartbeat: float = 15.0
    lasts: float = 600.0


@dataclass(eq=False, slots=True)
class Follower:
    """One open page. Of several recipients (an auditor, a manager of territories that were joined) it is told that
    something changed, not what: only one recipient's changes are in order.
    """

    account: str
    inboxes: Inboxes
    seen: int
    queue: "asyncio.Queue[bytes | None]" = field(default_factory=lambda: asyncio.Queue(2 * MISSED_AT_MOST))

    @property
    def recipient(self) -> Recipient | None:
        """The one recipient, where there is only one."""
        return self.inboxes.alone

    def put(self, event: bytes, seen: int) -> bool:
        """Whether there was room; a page that does not keep up misses events, and reads its list again."""
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            return False
        self.seen = seen
        return True

    def end(self) -> None:
        """No more events."""
        while self.queue.full():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Streams:
    """Every open stream of this process."""

    def __init__(self, pool: asyncpg.Pool, limits: Limits = Limits()) -> None:
        self._pool, self._limits = pool, limits
        self._followers: set[Follower] = set()
        self._followed = asyncio.Event()
        self._leaving = False
        self._numbering: UUID | None = None

    async def run(self) -> None:
        """Until cancelled."""
        board = board_of(self._pool)
        while True:
            await self._followed.wait()
            moved = asyncio.create_task(board.moved(LOOK_AT_LEAST_EVERY))
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - PostgreSQL away: they are told once it is back
                logger.warning("streams stand still", error=type(error).__name__)
            await moved

    def leave(self) -> None:
        """Ends every stream: the process is about to stop, and a browser comes back to another."""
        self._leaving = True
        for follower in self._followers:
            follower.end()

    async def follow(self, account: str, inboxes: Inboxes, last_event: str | None) -> AsyncIterator[bytes]:
        """The events of one page, to be sent as they come. Raises `Refused` when there are too many pages."""
        self._check(account)
        follower = Follower(account, inboxes, 0)
        self._followers.add(follower)
        try:
            opening = await self._opening(follower, last_event)
        except BaseException:
            self._forget(follower)
            raise
        self._followed.set()
        return self._events(follower, opening)

    def _check(self, account: str) -> None:
        if self._leaving or len(self._followers) >= self._limits.in_all:
            raise Refused(STREAMS_FULL)
        if sum(each.account == account for each in self._followers) >= self._limits.an_account:
            raise Refused(TOO_MANY_STREAMS, limit=self._limits.an_account)

    async def _opening(self, follower: Follower, last_event: str | None) -> bytes:
        """What a page is told first; sets from where it goes on."""
        self._numbering = self._numbering or await self._pool.fetchval(SQL.numbering)
        last = await self._last(follower.inboxes)
        seen = self._seen(last_event)
        resumes = seen is not None and follower.recipient is not None and seen <= last
        if resumes and seen is not None and follower.recipient:
            resumes = (
                await self._pool.fetchval(SQL.missed, *follower.recipient, seen, MISSED_AT_MOST)
                < MISSED_AT_MOST
            )
        follower.seen = seen if resumes and seen is not None else last
        opening = f"retry: {COMES_BACK_AFTER}\n\n".encode()
        if last_event and not resumes:
            opening += self._event("refetch", follower.seen, {"why": "missed"})
        return opening + self._event("counts", follower.seen, await self._counts(follower.inboxes))

    async def _events(self, follower: Follower, opening: bytes) -> AsyncIterator[bytes]:
        try:
            yield opening
            async with asyncio.timeout(self._limits.lasts):
                while True:
                    try:
                        event = await asyncio.wait_for(follower.queue.get(), self._limits.heartbeat)
                    except TimeoutError:
                        yield b": still here\n\n"
                    else:
                        if event is None:
                            return
                        yield event
        except TimeoutError:
            return
        finally:
            self._forget(follower)

    def _forget(self, follower: Follower) -> None:
        self._followers.discard(follower)
        if not self._followers:
            self._followed.clear()

    async def _look(self) -> None:
        """What changed for those who are listening, until nothing did."""
        followers = list(self._followers)
        while seen := _seen_by(followers):
            rows = await self._pool.fetch(
                SQL.changed_alerts, *zip(*((*to, at) for to, at in seen.items()), strict=True), AT_ONCE
            )
            for row in rows:
                self._tell(followers, row)
            for recipient in {(row["recipient_kind"], row["recipient_id"]) for row in rows}:
                await self._tell_counts(followers, recipient)
            if len(rows) < AT_ONCE:
                break
        for follower in (each for each in followers if each.recipient is None):
            await self._tell_that_something_changed(follower)

    def _tell(self, followers: list[Follower], row: asyncpg.Record) -> None:
        recipient, changed = (row["recipient_kind"], row["recipient_id"]), row["changed"]
        event = self._event("alert", changed, alert_described(dict(row)))
        for follower in followers:
            if (
                follower.recipient == recipient
                and follower.seen < changed
                and not follower.put(event, changed)
            ):
                self._start_again(follower, changed)

    async def _tell_counts(self, followers: list[Follower], recipient: Recipient) -> None:
        counts = await self._counts(Inboxes(recipient[0], (recipient[1],)))
        for follower in followers:
            if follower.recipient == recipient:
                follower.put(self._event("counts", follower.seen, counts), follower.seen)

    async def _tell_that_something_changed(self, follower: Follower) -> None:
        last = await self._last(follower.inboxes)
        if follower.seen < last:
            follower.put(self._event("refetch", last, {"why": "changed"}), last)

    def _start_again(self, follower: Follower, changed: int) -> None:
        while not follower.queue.empty():
            follower.queue.get_nowait()
        follower.put(self._event("refetch", changed, {"why": "missed"}), changed)

    async def _last(self, inboxes: Inboxes) -> int:
        asked = (SQL.last_change, inboxes.kind, inboxes.ids) if inboxes.kind else (SQL.last_change_of_all,)
        return int(await self._pool.fetchval(*asked))

    async def _counts(self, inboxes: Inboxes) -> Mapping[str, int]:
        row = await self._pool.fetchrow(SQL.counted, inboxes.kind, inboxes.ids) if inboxes.kind else None
        return dict(row) if row else {}

    def _event(self, name: str, changed: int, data: Mapping[str, Any]) -> bytes:
        return b"id: %s-%d\nevent: %s\ndata: %s\n\n" % (
            str(self._numbering)[:8].encode(), changed, name.encode(), orjson.dumps(data),
        )  # fmt: skip

    def _seen(self, last_event: str | None) -> int | None:
        """What the browser saw last; None when that was numbered elsewhere, or is no number of ours."""
        numbering, _, changed = (last_event or "").partition("-")
        ours = numbering == str(self._numbering)[:8] and changed.isdigit() and len(changed) < 19
        return int(changed) if ours else None


def _seen_by(followers: list[Follower]) -> dict[Recipient, int]:
    """From where to look for each recipient: its page that is furthest behind."""
    seen: dict[Recipient, int] = {}
    for each in followers:
        if each.recipient:
            seen[each.recipient] = min(seen.get(each.recipient, each.seen), each.seen)
    return seen
