"""When conditions held in the past, and when enough of several held together. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bot.alerts.level_suggestion import Backtest
from bot.alerts.rules import step, triggers
from bot.domain.model import AlertSpec, TriggerState


@dataclass(frozen=True, slots=True)
class Held:
    """For each session whether a condition held, from its firing to its return, and whether it fired."""

    holding: pd.Series
    fired: pd.Series


def held(values: pd.Series, spec: AlertSpec) -> Held:
    """The sessions on which an alert was past its level.

    Args:
        values: Readings of the watched measure, index = sessions ascending, NaN where withheld; a withheld session
            changes nothing.
        spec: The alert.
    """
    holding, fired = np.zeros(len(values), dtype=bool), np.zeros(len(values), dtype=bool)
    numbers = values.to_numpy(dtype=float)
    for trigger in triggers(spec):
        state, streak = TriggerState.NEW, 0
        for place, value in enumerate(numbers.tolist()):
            if value == value:
                state, streak, fires = step(trigger, spec.confirm, state, streak, value)
                fired[place] |= fires
            holding[place] |= state is TriggerState.FIRED
    return Held(pd.Series(holding, index=values.index), pd.Series(fired, index=values.index))


def together(members: Sequence[Sequence[Held]], at_least: int, within: int) -> Backtest:
    """The sessions on which enough members began to hold at the same time.

    Args:
        members: For each member its conditions; it holds while one of them does. One without any never holds.
        at_least: How many members are enough.
        within: For how many sessions a member counts from its firing on.
    """
    sessions = pd.DatetimeIndex([])
    for one in (one for member in members for one in member):
        sessions = sessions.union(pd.DatetimeIndex(one.holding.index))
    count = np.zeros(len(sessions), dtype=int)
    for member in members:
        inside = np.zeros(len(sessions), dtype=bool)
        for one in member:
            lasting = one.holding.reindex(sessions).ffill().fillna(value=False).to_numpy(dtype=bool)
            fired = (
                one.fired.reindex(sessions, fill_value=False).rolling(within, min_periods=1).max().to_numpy(dtype=bool)
            )
            inside |= lasting | fired
        count += inside
    enough = count >= at_least
    edges = enough[1:] & ~enough[:-1]
    years = (sessions[-1] - sessions[0]).days / 365.25 if len(sessions) else 0.0
    return Backtest([session.date() for session in sessions[1:][edges]], len(sessions), years)
