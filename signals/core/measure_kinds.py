"""What can be watched of a signal: measures that people choose by name, and those that belong to conditions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Measure(StrEnum):
    """What an alert may watch: the value itself, one of the five derived from its readings, or what a condition needs.

    `HIGH_*` and `LOW_*`: how far the value is beyond the highest (lowest) of the sessions before, above 0 at a new high
    (low). `IS_*`: 1 while the value is that named state, else 0.
    """

    VALUE = "value"
    CHANGE_1D = "change_1d"
    CHANGE_5D = "change_5d"
    CHANGE_21D = "change_21d"
    PERCENTILE_1Y = "percentile_1y"
    Z_1Y = "z_1y"
    HIGH_21D = "high_21d"
    HIGH_63D = "high_63d"
    HIGH_252D = "high_252d"
    LOW_21D = "low_21d"
    LOW_63D = "low_63d"
    LOW_252D = "low_252d"
    IS_MINUS_1 = "is_minus_1"
    IS_0 = "is_0"
    IS_1 = "is_1"
    IS_2 = "is_2"
    IS_3 = "is_3"
    IS_4 = "is_4"


HIGHS: Mapping[Measure, int] = {Measure.HIGH_21D: 21, Measure.HIGH_63D: 63, Measure.HIGH_252D: 252}
LOWS: Mapping[Measure, int] = {Measure.LOW_21D: 21, Measure.LOW_63D: 63, Measure.LOW_252D: 252}
"""Sessions of a new high or low, the newest included."""

EXTREMES: Mapping[Measure, int] = {**HIGHS, **LOWS}
STATE_MEASURES: Mapping[Measure, int] = {
    Measure.IS_MINUS_1: -1,
    Measure.IS_0: 0,
    Measure.IS_1: 1,
    Measure.IS_2: 2,
    Measure.IS_3: 3,
    Measure.IS_4: 4,
}
"""The named state that a measure stands for."""

PLAIN_MEASURES = tuple(measure for measure in Measure if measure not in EXTREMES and measure not in STATE_MEASURES)
"""What people choose by its name; the others belong to conditions."""
