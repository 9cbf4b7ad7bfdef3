"""One check: compute -> show -> evaluate alerts and enqueue their messages -> wake the courier.

The readings come from a `ReadingComputer`: the worker process over the archive, or a replay in
memory. Everything else is the same for the real bot and the demo.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from bot import outbox
from bot.alerts import engine, expiry, topics
from bot.database import readings as stored
from bot.database import records
from bot.database.connection import Store
from bot.domain.backoff import Backoff
from bot.domain.ports import Clock
from bot.errors import UserError
from bot.event_study.model import TrackRecordCounter
from bot.event_study.record_judge import RecordJudge
from bot.formatting import formats
from bot.readings import change_log
from bot.readings.compute import Computed
from bot.readings.state import ReadingState, Snapshot, with_older, with_track_records
from bot.worker import memory
from signals.core.model import Signal

log = logging.getLogger(__name__)


class ReadingComputer(Protocol):
    """Computes the readings of everything known at an instant."""

    async def compute(self, since: Mapping[str, date] | None, now: datetime) -> Computed | None:
        """Readings of the final sessions to be evaluated since `since`, and of the newest session.

        None when nothing is known.
        """


WRONG_CLOCK_SECONDS = 5.0
"""How long a check waits before it looks again whether the clock is right."""

FAILED_CHECKS = Backoff(first=timedelta(seconds=10), most=timedelta(minutes=10))

MOST_COUNTED = 200
"""Conditions of people's own alerts that one check counts. Messages on others have no track
record."""

MOST_JUDGED = 500
"""Records of sent alerts that one check judges; the others wait for the next."""

COUNTING_SECONDS = 10.0
"""How long messages wait for their track records."""


@dataclass
class Pipeline:
    """Runs checks; `on_checked` is called after each, when there may be something to deliver."""

    computer: ReadingComputer
    signals: Mapping[str, Signal]
    store: Store
    readings: ReadingState
    on_checked: Callable[[], None]
    track_records: TrackRecordCounter | None = None
    record_judge: RecordJudge | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    """How long the stages of the newest check took."""
    _judged_after: date | None = None

    async def check(self, now: datetime) -> None:
        """Compute, show the newest session, and evaluate the sessions that are not evaluated yet."""
        begun = time.perf_counter()
        evaluated = await self.store.read(stored.evaluated)
        computed = await self.computer.compute(evaluated, now)
        if computed is None:
            return
        seconds = {"compute": time.perf_counter() - begun}
        snapshot = with_older(computed.snapshot, self.readings.snapshot)
        newest_item = await self.store.read(outbox.newest)
        self.readings.put(snapshot)
        self.readings.last_check = now
        # The courier finds what is enqueued at once: from here on messages wait for their track records.
        self.readings.counting = self.track_records is not None
        try:
            seconds |= await self._judge(computed, snapshot, newest_item, now)
        finally:
            self.readings.counting = False
        self.seconds = seconds
        self.on_checked()
        await self._judge_records(snapshot.newest_final, now)

    async def _judge(self, computed: Computed, snapshot: Snapshot, newest_item: int, now: datetime) -> dict[str, float]:
        """Evaluate alerts, enqueue their messages and count their track records; returns how long that took."""
        judging = time.perf_counter()
        counts = await self.store.run(engine.catch_up, computed.finals, now=now)
        if computed.provisional is not None:
            counts += await self.store.run(engine.evaluate, snapshot.session, computed.provisional, now=now)
        prepared = topics.prepare(self.signals, self.readings.series)
        await self.store.run(topics.ensure, prepared, session=snapshot.session, now=now)
        if snapshot.newest_final is not None:
            await self.store.run(expiry.sweep, session=snapshot.newest_final, now=now)
        fired, enqueued = formats.counted(counts.fired, "alert"), formats.counted(counts.enqueued, "message")
        log.info("checked %s: %s fired, %s enqueued", snapshot.session, fired, enqueued)
        counting = time.perf_counter()
        await self._count_track_records(newest_item)
        return {"judge": counting - judging, "track records": time.perf_counter() - counting}

    async def _count_track_records(self, after: int) -> None:
        """Count the track records of conditions that have just fired and belong to no topic.

        On any failure the messages have none.
        """
        if self.track_records is None or self.readings.snapshot is None:
            return
        counted = self.readings.snapshot.track_records
        fired = await self.store.read(outbox.conditions, after, MOST_COUNTED)
        missing = [
            (session, condition)
            for session, condition in fired
            if session in counted and condition not in counted[session]
        ]
        if not missing:
            return
        conditions, sessions = {condition for _, condition in missing}, {session for session, _ in missing}
        try:
            async with asyncio.timeout(COUNTING_SECONDS):
                records = await self.track_records.count(conditions, sessions)
        except Exception as error:
            log.warning("the track records of %d conditions could not be counted: %r", len(missing), error)
            return
        self.readings.put(with_track_records(self.readings.snapshot, records))

    async def _judge_records(self, newest: date | None, now: datetime) -> None:
        """Judge what was sent and has had its horizon, after messages have been woken; on any failure the next check does."""
        if self.record_judge is None or newest is None or newest == self._judged_after:
            return
        due = await self.store.read(records.due, newest, most=MOST_JUDGED)
        if not due:
            return
        try:
            judged = await self.record_judge.judge_records(due, newest)
        except Exception as error:
            log.warning("%d records could not be judged: %r", len(due), error)
            return
        await self.store.run(records.judge, judged, newest, now=now)
        if len(due) < MOST_JUDGED:
            # What is left needs a later session.
            self._judged_after = newest


@dataclass(frozen=True, slots=True)
class UnfinishedCheck:
    """A check that runs, or has failed and is repeated. `since`: when it began first. `reason`: of its last failure."""

    since: datetime
    reason: str | None = None


@dataclass
class CheckLoop:
    """Runs a check at the start and whenever `changed` is set, one at a time.

    Repeats a failed one after a pause. `may_judge`: whether the clock can be trusted; while it cannot, checks wait.
    `unfinished`: the check under way, None between checks.
    """

    pipeline: Pipeline
    clock: Clock
    changed: asyncio.Event
    may_judge: Callable[[], bool] = lambda: True
    unfinished: UnfinishedCheck | None = field(default=None, init=False)

    async def run(self) -> None:
        """Check for ever; only cancelling ends it."""
        self.changed.set()
        failures = 0
        while True:
            await self.changed.wait()
            self.changed.clear()
            if not self.may_judge():
                await asyncio.sleep(WRONG_CLOCK_SECONDS)
                self.changed.set()
                continue
            begun = self.unfinished = self.unfinished or UnfinishedCheck(self.clock.now())
            try:
                await self._check()
                failures, self.unfinished = 0, None
            except Exception as error:
                failures += 1
                self.unfinished = replace(begun, reason=str(error) or type(error).__name__)
                pause = FAILED_CHECKS.after(failures).total_seconds()
                # A sentence for the operator says it all.
                trace = None if isinstance(error, UserError) else error
                log.error("the check failed (%s); it is repeated in %.0f s", error, pause, exc_info=trace)
                await asyncio.sleep(pause)
                self.changed.set()

    async def _check(self) -> None:
        before = self.pipeline.readings.snapshot
        await self.pipeline.check(self.clock.now())
        change_log.report(before, self.pipeline.readings.snapshot)
        # Both snapshots were here, and the new one once more as pickled bytes.
        del before
        memory.give_back()
