"""Waits of the soak: until something has happened, and until nothing is left to do at an instant."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.soak import looks
from tests.soak.bot_process import BotProcess
from tests.soak.fast_clock import FastClock

STEP = timedelta(seconds=50)
"""By how much the clock goes forward while something waits for a retry: less than Discord's clock may be apart."""

STEP_SECONDS = 1.0
"""Of the machine from one step to the next while messages are sent: a lease must not end while its message is under way."""

LOOK_SECONDS = 0.1
WITHIN_SECONDS = 600.0
"""Of the machine: by then an instant of the soak is over, on a machine that does much else."""

QUIET, NEXT_TRY, MESSAGES = "quiet", "a job's next try", "messages"
QUIET_LOOKS = 2


@dataclass
class Waiting:
    """Waits for the program, and what is seen of it meanwhile."""

    bot: BotProcess
    clock: FastClock
    lag: float = 0.0
    own_lag: float = 0.0
    """Of the soak's own loop: by so much the machine may have held up the program's."""
    slowest: dict[str, float] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Of the machine, by what was waited for."""

    async def until(self, condition: Callable[[], object], what: str, *, steps: bool = False) -> None:
        """Wait for a condition; with `steps` the clock goes forward meanwhile. Raises AssertionError when it does not come."""
        limit, stepped = time.monotonic() + WITHIN_SECONDS, time.monotonic()
        while not condition():
            if not self.bot.alive:
                raise AssertionError(f"the program ended while the soak waited for {what}")
            if time.monotonic() > limit:
                raise AssertionError(f"{what} did not come within {WITHIN_SECONDS:g} s: {self._state()}")
            looked = time.monotonic()
            await asyncio.sleep(LOOK_SECONDS)
            self.own_lag = max(self.own_lag, time.monotonic() - looked - LOOK_SECONDS)
            if steps and time.monotonic() - stepped > STEP_SECONDS:
                self.clock.skip(STEP)
                stepped = time.monotonic()

    async def settled(self, session: date | None = None) -> None:
        """Wait until nothing is left to do at this instant, and a session is judged.

        The clock goes forward while something waits for a retry: at once where only a job does.
        """
        asked, looked, quiet = self.clock.seconds(), time.monotonic(), 0
        stepped, stepped_at = asked, time.monotonic()
        ticks: list[int] = []

        def over() -> bool:
            nonlocal looked, quiet, stepped, stepped_at
            pulse = self.bot.pulse()
            self._note(pulse)
            phase = phase_of(
                pulse,
                asked,
                waiting=lambda: looks.waiting(self.bot, self.clock.seconds()) > 0,
                judged=lambda: session is None or looks.checked(self.bot, session),
            )
            looked, since = time.monotonic(), looked
            self.seconds[phase] += looked - since
            idle = phase == NEXT_TRY and pulse["seen"] >= stepped
            if idle or (phase == MESSAGES and time.monotonic() - stepped_at > STEP_SECONDS):
                self.clock.skip(STEP)
                stepped, stepped_at = self.clock.seconds(), time.monotonic()
            if phase != QUIET:
                quiet = 0
            elif pulse["ticks"] not in ticks:
                quiet += 1
            ticks[:] = [pulse.get("ticks", 0)]
            return quiet >= QUIET_LOOKS

        await self.until(over, f"the end of {session or 'this hour'}")

    def _note(self, pulse: Mapping[str, Any]) -> None:
        self.lag = max(self.lag, pulse.get("lag", 0.0))
        if sum(pulse.get("check", {}).values()) > sum(self.slowest.values()):
            self.slowest = pulse["check"]

    def _state(self) -> str:
        waiting = looks.waiting(self.bot, self.clock.seconds())
        return f"pulse {self.bot.pulse()}, {waiting} messages wait, it is {self.clock.now():%F %T} there"


def phase_of(pulse: Mapping[str, Any], asked: float, *, waiting: Callable[[], bool], judged: Callable[[], bool]) -> str:
    """What the program is doing at the instant `asked`, or what is still to come of it.

    `waiting`: whether messages can be sent. `judged`: whether what is waited for has been judged.
    """
    if not pulse or pulse["seen"] < asked:
        return "a tick"
    if pulse["busy"]:
        return "jobs and checks"
    if waiting():
        return MESSAGES
    # What a failed job lacks may fire something: nobody leaves before.
    return NEXT_TRY if pulse["retrying"] or not judged() else QUIET
