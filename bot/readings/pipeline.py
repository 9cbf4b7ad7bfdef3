"""One check, readable on one page: compute -> show -> judge -> promise -> wake the courier.

What is computed comes from a `ReadingComputer`: the worker process over the archive, or a replay in memory. The rest is the same
for the real bot and the demo.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from bot import outbox
from bot.alerts import engine, topics
from bot.database import readings as stored
from bot.database.connection import Store
from bot.domain.backoff import Backoff
from bot.domain.ports import Clock
from bot.event_study.model import TrackRecordCounter
from bot.readings import change_log
from bot.readings.compute import Computed
from bot.readings.state import ReadingState, with_older, with_track_records
from signals.core.model import Signal

log = logging.getLogger(__name__)


class ReadingComputer(Protocol):
    """Gives the readings of everything known at an instant."""

    async def compute(self, since: Mapping[str, date] | None, now: datetime) -> Computed | None:
        """Readings of the final sessions that can be judged and are not (`since`), and of the newest; None: nothing is known."""


FAILED_CHECKS = Backoff(first=timedelta(seconds=10), most=timedelta(minutes=10))

MOST_COUNTED = 200
"""Conditions of people's own alerts counted in one check; beyond them messages go out without that line."""

COUNTING_SECONDS = 10.0
"""Messages do not wait longer for what followed such days in the past."""


@dataclass
class Pipeline:
    """Runs checks; `on_checked` is called after each, when there may be something to deliver."""

    computer: ReadingComputer
    signals: Mapping[str, Signal]
    store: Store
    readings: ReadingState
    on_checked: Callable[[], None]
    track_records: TrackRecordCounter | None = None

    async def check(self, now: datetime) -> None:
        """Compute what is new, move the alerts of every session that has not been judged yet, and show the newest."""
        judged = await self.store.read(stored.evaluated)
        computed = await self.computer.compute(judged, now)
        if computed is None:
            return
        snapshot = with_older(computed.snapshot, self.readings.snapshot)
        promised_before = await self.store.read(outbox.newest)
        self.readings.put(snapshot)
        self.readings.last_check = now
        outcome = await self.store.run(engine.catch_up, computed.finals, now=now)
        if computed.provisional is not None:
            outcome += await self.store.run(engine.evaluate, snapshot.session, computed.provisional, now=now)
        prepared = topics.prepare(self.signals, self.readings.series)
        await self.store.run(topics.ensure, prepared, session=snapshot.session, now=now)
        log.info("checked %s: %d alerts fired, %d messages promised", snapshot.session, outcome.fired, outcome.enqueued)
        await self._count(promised_before)
        self.on_checked()

    async def _count(self, after: int) -> None:
        """Count what followed the conditions that have just fired and belong to no topic; messages do without on any trouble."""
        if self.track_records is None or self.readings.snapshot is None:
            return
        known = self.readings.snapshot.evidence
        fired = await self.store.read(outbox.conditions, after, MOST_COUNTED)
        missing = [(session, each) for session, each in fired if session in known and each not in known[session]]
        if not missing:
            return
        try:
            async with asyncio.timeout(COUNTING_SECONDS):
                found = await self.track_records.count(
                    {each for _, each in missing}, {session for session, _ in missing}
                )
        except Exception as error:
            log.warning("what followed %d conditions in the past could not be counted: %r", len(missing), error)
            return
        self.readings.put(with_track_records(self.readings.snapshot, found))


@dataclass
class CheckLoop:
    """A check at the start and one whenever `changed` is set, one at a time; a failed one is repeated after a pause."""

    pipeline: Pipeline
    clock: Clock
    changed: asyncio.Event

    async def run(self) -> None:
        """Check for ever; only cancelling ends it."""
        self.changed.set()
        readings, failures = self.pipeline.readings, 0
        while True:
            await self.changed.wait()
            self.changed.clear()
            before = readings.snapshot
            try:
                await self.pipeline.check(self.clock.now())
                change_log.report(before, readings.snapshot)
                failures = 0
            except Exception:
                failures += 1
                pause = FAILED_CHECKS.after(failures).total_seconds()
                log.exception("the check failed; it is repeated in %.0f s", pause)
                await asyncio.sleep(pause)
                self.changed.set()
