"""How often an outcome was positive, as it was known on each session: for the line next to an alert, also in replays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from signals.core.rolling import Bools, Floats
from signals.event_study.episodes import LevelCondition, Positions, episode_starts, firings
from signals.event_study.outcomes import returns


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """`hits` of `n` episodes had a positive outcome, and `base_hits` of all `base_n` sessions of
    the same period.
    """

    n: int
    hits: int
    base_n: int
    base_hits: int


@dataclass(frozen=True, slots=True)
class PointInTimeCounts:
    """Running counts, one a session, of all outcomes known by then.

    `first`: position of the first reading, None without any.
    """

    first: int | None
    counts: Positions

    def at(self, position: int) -> OutcomeCounts:
        """The counts known after the close of the session at `position`: only outcomes complete by then."""
        return OutcomeCounts(*(int(count) for count in self.counts[:, position]))


def count_outcomes(
    values: Floats, prices: Sequence[Floats], condition: LevelCondition, horizon: int
) -> PointInTimeCounts:
    """Episodes of a condition with their outcomes from the close of their first session over
    `horizon` sessions.

    `values` and `prices` are of the same sessions. The period begins with the first reading; a
    count never uses a later session.
    """
    has_reading = np.flatnonzero(~np.isnan(values))
    first = int(has_reading[0]) if len(has_reading) else None
    begins = np.zeros(len(values), dtype=np.bool_)
    begins[episode_starts(np.flatnonzero(firings(values, condition)), horizon)] = True
    every = np.zeros(len(values), dtype=np.bool_)
    every[first if first is not None else len(values) :] = True
    outcomes = returns(prices, horizon)
    done, good = ~np.isnan(outcomes), outcomes > 0
    rows = (begins & done, begins & good, every & done, every & good)
    return PointInTimeCounts(first, np.stack([_by_end(row, horizon) for row in rows]))


def _by_end(starts: Bools, horizon: int) -> Positions:
    """How many outcomes had ended by each session, from the sessions on which they start."""
    counts = np.zeros(len(starts), dtype=np.int64)
    if horizon < len(starts):
        counts[horizon:] = np.cumsum(starts[:-horizon])
    return counts
