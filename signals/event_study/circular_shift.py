"""How sure a share of overlapping outcomes is: the condition is moved along the calendar, all steps at once.

Outcomes of sessions that lie near each other share most of their window, so a hundred days of one
spell are no hundred cases. Moved by any number of sessions around the circle of the period, the
days on which a condition held keep their spells, and the outcomes keep their overlap; only what
links the two is lost. The differences of all these places show how far a condition without any
link comes by chance: a permutation test by circular shifts, which is a block bootstrap of the
condition in a single block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signals.core.rolling import Bools, Floats
from signals.event_study.intervals import Z

_ROUNDING = 1e-9
"""Differences of shares below this are rounding of the transform."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a number of events whose outcomes overlap is worth.

    Attributes:
        p: The share, 0-1, of all places at which the rate of the same days is at least as far from
            the base rate.
        independent: How many independent outcomes would leave the rate as uncertain, at most the
            number of events.
        beside_base: The same for the difference from the base rate. It is larger, because the
            events are a part of the period.
        detectable: The least difference from the base rate, 0-1, that 95 of 100 places stay under.
    """

    p: float
    independent: float
    beside_base: float
    detectable: float


def overlap(counted: Bools, positive: Bools) -> Overlap:
    """Compare the rate of the counted sessions with that of the same days at every other place.

    Args:
        counted: The sessions that count, of all sessions with a known outcome, in their order; at
            least one.
        positive: Whether the outcome of each session was positive.
    """
    events, sessions = int(counted.sum()), len(counted)
    base = float(positive.mean())
    moved = _differences(counted, positive, base)
    deviation = float(np.sqrt(np.mean(moved * moved)))
    if deviation <= _ROUNDING:
        # Every session counts, or every outcome has one sign: nothing can differ.
        return Overlap(1.0, 1.0, 1.0, 1.0)
    p = float(np.mean(np.abs(moved) >= abs(moved[0]) - _ROUNDING))
    beside_base = max(1.0, base * (1 - base) / (deviation * deviation))
    # Of a finite population: a rate from a large part of the period differs less from that of all.
    independent = max(1.0, min(float(events), beside_base * (sessions - events) / max(sessions - 1, 1)))
    return Overlap(p, independent, beside_base, min(1.0, Z * deviation))


def _differences(counted: Bools, positive: Bools, base: float) -> Floats:
    """The rate less the base rate at every place of the circle, the true one first."""
    days, outcomes = np.fft.rfft(counted.astype(np.float64)), np.fft.rfft(positive - base)
    moved: Floats = np.fft.irfft(np.conj(days) * outcomes, len(counted)) / int(counted.sum())
    return moved
