"""Memory that a process has freed and still holds."""

from __future__ import annotations

import ctypes
import gc
import time

LONG_SECONDS = 0.1
"""Of the processor: a call that has taken so much may have loaded a market, which takes longer."""


def begin() -> float:
    """What `give_back_after` compares with: the seconds of the processor that this process has taken."""
    return time.process_time()


def give_back_after(begun: float) -> None:
    """At the end of a call: return what it has freed, and free what it has left if it took long.

    A market keeps its histories and they refer to it, so only a collection frees it. Arrays do not count towards one: a
    dozen dead markets would wait, of two years 5 MB each. A collection takes some hundredths of a second.
    """
    if time.process_time() - begun > LONG_SECONDS:
        gc.collect()
    give_back()


def give_back() -> None:
    """Return it to the system, which takes about a millisecond.

    glibc keeps what was freed for allocations to come, beside what these take in other sizes. Where
    there is another library of C nothing is done.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
