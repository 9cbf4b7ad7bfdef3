"""How one signal votes: from its readings to a state of -1, 0 or 1 a session (docs/signals.md, "Votes").

A threshold takes effect when it is reached: high at 1, back at 0.5. A session without a value has
no state, and does not end one that is being held: the next value decides.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from signals.core.measures import measure
from signals.core.model import Measure, Vote
from signals.core.rolling import ENOUGH, NOISE, YEAR, Bools, Floats

FAR, BACK = 1.0, 0.5
"""Rule `z`: a side is taken at FAR standard deviations and held until the value is back at BACK."""


def states(values: Floats, vote: Vote) -> Floats:
    """The state (-1 low, 0, 1 high) of a signal on every session, before the sign of the vote.

    NaN where there is none.

    `values`: the signal's readings, one a session, oldest first, NaN where withheld.
    """
    inputs = rule_values(values, vote)
    if vote.low is not None and vote.high is not None:
        result = (inputs >= vote.high).astype(np.float64) - (inputs <= vote.low)
    else:
        result = held(inputs, far=FAR, back=BACK)
    return np.where(np.isnan(inputs), np.nan, result)


def rule_values(values: Floats, vote: Vote) -> Floats:
    """The values to which the rule of a vote applies.

    The measure itself for levels and for signals that are z-scores, else the one-year z of the
    measure.
    """
    measured = values
    if vote.measure is not Measure.VALUE:
        measured = np.array(measure(pd.Series(values), vote.measure), dtype=np.float64)
    levels = vote.low is not None and vote.high is not None
    return measured if levels or vote.on_itself else year_z(measured)


def held(values: Floats, *, far: float, back: float) -> Floats:
    """1 from a value at or over `far` on until one is at or under `back`, -1 likewise below zero, else 0.

    A value that goes from one side to the other ends the first side. Missing values neither begin
    nor end a side.
    """
    high = _lasting(values >= far, values <= back)
    low = _lasting(values <= -far, values >= -back)
    return high.astype(np.float64) - low


def year_z(values: Floats) -> Floats:
    """`z_1y` of every value, from running sums: a tenth of the time of `rolling_z`, equal to about 1e-9.

    That is exact enough to be compared with a threshold, not to be shown.
    """
    window = pd.Series(values).rolling(YEAR, min_periods=ENOUGH)
    top, bottom = window.max().to_numpy(), window.min().to_numpy()
    level = (top - bottom) <= NOISE * np.maximum(np.abs(top), np.abs(bottom))
    deviation = window.std(ddof=1).to_numpy()
    usable = ~level & (deviation > 0)
    result: Floats = (values - window.mean().to_numpy()) / np.where(usable, deviation, np.nan)
    return result


def _lasting(begins: Bools, ends: Bools) -> Bools:
    """Per session whether the last of `begins` so far is after the last of `ends`."""
    places = np.arange(1, len(begins) + 1)
    begun, ended = (np.maximum.accumulate(np.where(marks, places, 0)) for marks in (begins, ends))
    lasting: Bools = begun > ended
    return lasting
