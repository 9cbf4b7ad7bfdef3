"""A scheduler whose jobs go on in their rhythm when somebody sets the machine's clock."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.calendar.clock import SystemClock
from bot.calendar.discord_clock import elapsed_seconds
from bot.domain.ports import Clock

log = logging.getLogger(__name__)

JUMP_SECONDS = 60.0


class SteadyScheduler(AsyncIOScheduler):  # type: ignore[misc]  # APScheduler has no types
    """Looks at both clocks whenever it wakes, which is by the monotonic one.

    APScheduler keeps the instant of a job's next run. After a step forward it would walk over every run between, after
    a step back it would wait until the clock is there again. So after a jump every job runs now and begins anew.
    """

    def __init__(self, clock: Clock, *, elapsed: Callable[[], float] = elapsed_seconds) -> None:
        super().__init__(timezone="UTC")
        self._clock, self._elapsed = clock, elapsed
        self._seen = clock.now(), elapsed()

    def every(self, seconds: float, work: Callable[[], Awaitable[None]], *, first_after: float = 0.0) -> None:
        """Run `work` after `first_after` seconds and then every so many, one run at a time."""
        self.add_job(
            work,
            "interval",
            seconds=seconds,
            next_run_time=self._clock.now() + timedelta(seconds=first_after),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )

    def wakeup(self) -> None:
        """Run what is due, after a jump everything."""
        before, then = self._seen
        now, steady = self._seen = self._clock.now(), self._elapsed()
        jumped = (now - before).total_seconds() - (steady - then)
        if abs(jumped) > JUMP_SECONDS:
            log.warning("the machine's clock was set by %+.0f s; the timer begins anew", jumped)
            self._begin_anew(now)
        super().wakeup()

    def _begin_anew(self, now: datetime) -> None:
        for job in self.get_jobs():
            job.modify(next_run_time=now)


@contextlib.contextmanager
def repeated(work: Callable[[], Awaitable[None]], seconds: float, *, first_after: float = 0.0) -> Iterator[None]:
    """Run `work` after `first_after` seconds and then every so many, until the end of the block."""
    scheduler = SteadyScheduler(SystemClock())
    scheduler.every(seconds, work, first_after=first_after)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
