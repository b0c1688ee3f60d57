"""A service's consumers: catch up in bulk, then live through Faust; watch the tail; redrive what is asked for."""

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import faust
import structlog

from shared.messaging.agents import Live, app
from shared.messaging.applier import Applier
from shared.messaging.delivery import Subscription
from shared.messaging.faults import Backoff
from shared.messaging.gaps import catch_up
from shared.messaging.kafka import topic_of
from shared.messaging.lease import LOOKED_EVERY, Lease
from shared.messaging.reader import Reader
from shared.messaging.redrive import redrive_requested

log = structlog.get_logger(__name__)
FAR_BEHIND = 5_000
QUIET = 1.0
STARTS_WITHIN, COMMITS_WITHIN, STOPS_WITHIN = 30.0, 2.0, 10.0


class Consumers:
    """Every subscription of one process. `start` returns at once; `ready` says when all are live."""

    def __init__(
        self, pool: asyncpg.Pool, kafka: str, subscriptions: Sequence[Subscription], datadir: Path | str
    ) -> None:
        self._pool, self._kafka, self._datadir = pool, kafka, Path(datadir)
        self._reader = Reader(kafka)
        self.lives = [
            Live(Applier(pool, subscription, reacts=True), self._reader) for subscription in subscriptions
        ]
        self._app: faust.App | None = None
        self._live = False
        self._kafka_answers = False
        self._task: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether every subscription is live, Kafka answers, and no partition stands still on a broken chain."""
        unlinked = any(live.applier.unlinked for live in self.lives)
        return not self.lives or (self._live and self._kafka_answers and not unlinked)

    @property
    def _appliers(self) -> list[Applier]:
        return [live.applier for live in self.lives]

    async def start(self) -> None:
        if self.lives and self._task is None:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """What is being applied is committed or rolled back; nothing depends on it being acknowledged."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._reader.close()
        for applier in self._appliers:
            applier.close()

    async def _run(self) -> None:
        backoff = Backoff("consumers")
        while True:
            try:
                await self._open()
                backoff.reset()
                await self._live_until_it_crashes()
            except Exception as error:  # noqa: BLE001 - Kafka or PostgreSQL away, Faust crashed: begin again, for ever
                await backoff.wait(error, message=str(error)[:200])
            finally:
                self._live = False

    async def _open(self) -> None:
        """Checkpoints, and the bulk of what was missed."""
        for applier in self._appliers:
            await applier.open(await self._reader.partitions(applier.context))
        self._kafka_answers = True
        for applier in self._appliers:
            await self._catch_up_in_bulk(applier)

    async def _catch_up_in_bulk(self, applier: Applier) -> None:
        """Far behind, one process of the service reads Kafka directly, at three times the speed of Faust."""
        lease = Lease(self._pool, f"catching up {applier.name}", [0])
        keeping: asyncio.Task[None] | None = None
        try:
            while await self._behind(applier) > FAR_BEHIND:
                keeping = keeping or asyncio.create_task(lease.keep())
                if lease.held(0):
                    log.info("catching up in bulk", consumer=applier.name)
                    async with applier.lock:
                        await catch_up(applier, self._reader, applier.cursors)
                else:
                    await asyncio.sleep(LOOKED_EVERY)
                    await applier.refresh()
        finally:
            if keeping is not None:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)
                await lease.hand_over()

    async def _behind(self, applier: Applier) -> int:
        return sum(applier.behind(await self._reader.ends(applier.context, applier.cursors)).values())

    async def _live_until_it_crashes(self) -> None:
        prefix = "-".join(sorted({live.applier.name.split(".")[0] for live in self.lives}))
        self._app = made = app(f"formelie.{prefix}", self._kafka, self._datadir, self.lives, self._starts)
        work = [each for live in self.lives for each in (live.work(), self._watch_tail(live))]
        tasks: list[asyncio.Task[object]] = [asyncio.create_task(each) for each in (*work, self._redrive())]
        try:
            await _within(STARTS_WITHIN, made.start())
            self._live = True
            tasks.append(asyncio.create_task(made.wait_until_stopped()))
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            log.error("the live consumers stopped", crash=type(made.crash_reason).__name__)
        finally:
            self._live = False
            await asyncio.shield(self._leave(made, tasks))

    async def _leave(self, made: faust.App, tasks: Sequence[asyncio.Task[object]]) -> None:
        """Let batches in flight commit for a moment, then stop; Faust stops only once all is acknowledged."""
        locks = [asyncio.create_task(live.applier.lock.acquire()) for live in self.lives]
        await asyncio.wait(locks, timeout=COMMITS_WITHIN)
        await _cancelled(tasks)
        for lock, live in zip(locks, self.lives, strict=True):
            if lock.done():
                live.applier.lock.release()
        await _cancelled([lock for lock in locks if not lock.done()])
        leaving = [asyncio.create_task(live.leave()) for live in self.lives]
        try:
            await _within(STOPS_WITHIN, made.stop())
        except Exception as error:  # noqa: BLE001 - the checkpoints know what was done, however Faust ends
            log.warning("faust did not stop", error=type(error).__name__)
        await _cancelled(leaving)

    async def _starts(self, topic: str, partitions: Sequence[int]) -> dict[int, int]:
        """Where to begin in these partitions: the least advanced checkpoint of those who read the topic.

        Read beside the appliers: one of them may be waiting for a fault to pass, and must not keep the group waiting.
        """
        starts: dict[int, int] = {}
        for applier in self._appliers:
            if topic_of(applier.context) == topic:
                cursors = await applier.stored(partitions)
                ends = await self._reader.ends(applier.context, partitions)
                for partition, cursor in cursors.items():
                    offset = cursor.next_offset if cursor.next_offset <= ends[partition] else 0
                    starts[partition] = min(offset, starts.get(partition, offset))
        return starts

    async def _watch_tail(self, live: Live) -> None:
        """A loss at the tail has no later event to reveal it: what stays unread in silence is read from Kafka.

        So are partitions that nobody moves: those of a process that died, until the group has noticed. Whoever is
        second finds the checkpoint moved.
        """
        backoff = Backoff(f"tail of {live.applier.name}")
        pause = QUIET
        while True:
            await asyncio.sleep(pause)
            try:
                found = await self._look_at_tail(live)
            except Exception as error:  # noqa: BLE001 - Kafka away
                self._kafka_answers = False
                await backoff.wait(error)
                continue
            self._kafka_answers = True
            backoff.reset()
            pause = QUIET if found or not live.doubted else min(pause * 2, 60.0)

    async def _look_at_tail(self, live: Live) -> int:
        """How many positions were applied that nobody had delivered."""
        applier = live.applier
        ends = await self._reader.ends(applier.context, applier.cursors)
        if not applier.behind(ends):
            return 0
        seen = {partition: cursor.next_offset for partition, cursor in applier.cursors.items()}
        async with applier.lock:
            await applier.refresh()
            mine = self._assigned(applier.context)
            late = [p for p in applier.behind(ends) if seen[p] == applier.cursors[p].next_offset]
            late = [p for p in late if p not in mine or live.quiet(p, QUIET)]
            applied = await catch_up(applier, self._reader, late) if late else 0
            live.doubted.difference_update(set(late) - set(applier.behind(ends)))
        if applied:
            log.info("tail healed", consumer=applier.name, partitions=late, positions=applied)
        return applied

    def _assigned(self, context: str) -> set[int]:
        """What the group gives this process; nothing while it joins."""
        if self._app is None or not self._live:
            return set()
        topic = topic_of(context)
        return {tp.partition for tp in self._app.consumer.assignment() if tp.topic == topic}

    async def _redrive(self) -> None:
        backoff = Backoff("redrive")
        while True:
            await asyncio.sleep(1.0)
            try:
                await redrive_requested(self._pool, self._appliers)
            except Exception as error:  # noqa: BLE001 - asked again at the next round
                await backoff.wait(error)


async def _cancelled(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _within(seconds: float, work: Coroutine[Any, Any, object]) -> None:
    """Wait for `work`; raises TimeoutError. Unlike wait_for, it does not wait for work that ignores its end."""
    task = asyncio.create_task(work)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.cancel()
        raise TimeoutError
    await task
