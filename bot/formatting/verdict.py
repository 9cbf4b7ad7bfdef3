"""How sure a share is: its interval, and the verdict that ends every comparison of two."""

from __future__ import annotations

from bot.formatting import formats
from signals.event_study import FALSE_SHARE
from signals.event_study.intervals import Interval

NO_EDGE = "no evidence of an edge"


def interval_words(rate: Interval) -> str:
    """The confidence interval of a share, whose ends are of 0-1: `24–58%`."""
    return f"{100 * rate.low:.0f}–{100 * rate.high:.0f}%"


def verdict_words(q: float | None, *, more: bool) -> str:
    """`no evidence of an edge`, or `likely more than chance (q 7%)`.

    Args:
        q: Share of false discoveries among comparisons like this one, 0-1; None where it is not known.
        more: Whether the share is above that of all days.
    """
    if q is None or q > FALSE_SHARE:
        return NO_EDGE
    return f"likely {'more' if more else 'less'} than chance (q {formats.share(100 * q) if q >= 0.01 else 'under 1%'})"
