"""What is replaced in the program of the soak: the clock, the seconds between ticks, and the answers of the source."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bot import app
from bot.__main__ import main
from bot.calendar.discord_clock import DiscordClock
from tests.soak.bad_days import make_bad
from tests.soak.fast_clock import FastClock
from tests.soak.pulse import Pulse

TICK_SECONDS = 0.15
"""Of the machine: a clock that is moved by hours ticks as often as there is something to see."""


def run(home: Path, clock: FastClock, seed: int) -> None:
    """Run until a signal ends it. `HOME/pulse.json` says after each tick how it does."""
    began, begun = clock.seconds(), time.monotonic()

    def elapsed() -> float:
        return begun + clock.seconds() - began

    app_module: Any = app
    app_module.SystemClock = lambda: clock
    app_module.TICK_SECONDS = TICK_SECONDS
    made: Any = DiscordClock.__init__
    made.__kwdefaults__["elapsed"] = elapsed
    make_bad(home / "bad_days.log", home / "good_days", seed)
    Pulse(home / "pulse.json", clock).watch()
    main(["--home", str(home), "run"])
