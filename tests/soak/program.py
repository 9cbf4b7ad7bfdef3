"""The program of the soak: `rotation-bot run` on a clock that is moved, with a source that has bad days.

Started as `python -m tests.soak.program HOME CLOCK SEED`. Its processes, databases, timer, courier and discord.py are the
real ones. Every worker process imports this module anew, as it imports the real program's, so it imports nothing else.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from bot.sources.simulated.market_cache import MarketCache


def _keep_market() -> None:
    """A worker makes the simulated market once: figures of a real source take no time to be made."""
    cache: Any = MarketCache
    cache.forget = lambda self: None


_keep_market()

if __name__ == "__main__":
    from tests.soak.fast_clock import FastClock
    from tests.soak.replacements import run

    run(Path(sys.argv[1]), FastClock(Path(sys.argv[2])), int(sys.argv[3]))
