"""Memory that a process has freed and still holds."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Return it to the system, which takes about a millisecond.

    glibc keeps what was freed for allocations to come, beside what these take in other sizes. Where
    there is another library of C nothing is done.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
