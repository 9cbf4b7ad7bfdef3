"""Discord's clock as far as it is known here, carried on by a clock that nobody can set."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.ports import Clock

log = logging.getLogger(__name__)

APART = timedelta(minutes=2)
"""By how much the machine's clock may differ from Discord's before nothing is recorded by it."""

_SAME = timedelta(seconds=10)
"""Two answers that lie so near together tell the same time."""


def elapsed_seconds() -> float:
    """Seconds on a scale that nobody can set, and that goes on while the machine sleeps where the system has such a one."""
    boot_time: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


class DiscordClock:
    """Gives Discord's time, which everything about delivery is stored in.

    Each answer of Discord says its time (`heard`); between answers a monotonic clock carries it on. The machine's own
    clock is read once, at the start, and counts only until something is heard. So a step of it moves nothing, and
    what another process has stored means the same here.
    """

    def __init__(self, clock: Clock, *, elapsed: Callable[[], float] = elapsed_seconds) -> None:
        self._clock, self._elapsed = clock, elapsed
        self._zero = clock.now() - timedelta(seconds=elapsed())
        self._learned = False
        self._odd: datetime | None = None

    def elapsed(self) -> float:
        """Seconds of this process on a scale that only grows."""
        return self._elapsed()

    def now(self) -> datetime:
        """Discord's present as an aware UTC instant."""
        return self._zero + timedelta(seconds=self._elapsed())

    def learn(self, time: datetime) -> None:
        """Take in what an answer of Discord that has just come says of its time.

        An answer says a time that has passed, by the way that it took and by the part of a second that it leaves out.
        So the latest one is right, and time does not go back. An answer that is minutes off may come from something
        between Discord and here: it counts when the next one confirms it.
        """
        zero = time - timedelta(seconds=self._elapsed())
        if not self._learned:
            self._zero, self._learned = zero, True
        elif abs(zero - self._zero) < APART:
            self._zero, self._odd = max(self._zero, zero), None
        elif self._odd is not None and abs(zero - self._odd) < _SAME:
            log.warning("Discord's clock moved by %s", zero - self._zero)
            self._zero, self._odd = zero, None
        else:
            self._odd = zero

    def is_known(self) -> bool:
        """Whether Discord has said its time in this process."""
        return self._learned

    def disagreement(self) -> timedelta:
        """By how much the machine's clock is ahead of Discord's; zero before anything was learned of Discord's."""
        return self._clock.now() - self.now() if self._learned else timedelta(0)

    def agrees(self) -> bool:
        """Whether the machine's clock may decide what is due and what is late."""
        return abs(self.disagreement()) <= APART
