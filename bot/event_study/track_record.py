"""Track records: what followed the conditions of topics and alerts, as known after any session.

Nothing looks ahead. Computed where signals are computed (the worker process, a replay), never on
the event loop.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from bot.alerts.rules import triggers
from bot.alerts.topics import TOPICS
from bot.domain.model import ConditionKey, Direction
from bot.event_study.model import NEXT_DAY, NEXT_MONTH, TrackRecord
from signals import catalogue
from signals.core.inputs import of_members
from signals.core.market import Market
from signals.core.measures import measure_of
from signals.core.model import History
from signals.core.panel import Panel
from signals.event_study import LevelCondition, PointInTimeCounts, count_outcomes


@dataclass(frozen=True)
class TrackRecordHistory:
    """Running counts of every condition over the sessions of one market."""

    days: pd.DatetimeIndex
    records: Mapping[ConditionKey, tuple[PointInTimeCounts, PointInTimeCounts]]

    @classmethod
    def of(
        cls, market: Market, histories: Mapping[str, History], conditions: Iterable[ConditionKey]
    ) -> TrackRecordHistory:
        """Count what followed these conditions.

        Conditions on signals without a history or without any reading are left out.
        """
        panel = Panel(market)
        kinds = [(outcome.prices(panel), horizon) for outcome, horizon in (NEXT_DAY, NEXT_MONTH)]
        records: dict[ConditionKey, tuple[PointInTimeCounts, PointInTimeCounts]] = {}
        for key in conditions:
            if key.signal not in histories:
                continue
            measured = measure_of(catalogue.signal(key.signal), histories[key.signal], key.measure)
            values = np.array(measured, dtype=np.float64)
            day, month = (count_outcomes(values, prices, _condition(key), horizon) for prices, horizon in kinds)
            if day.first is not None:
                records[key] = (day, month)
        return cls(market.days, records)

    @classmethod
    def over(cls, market: Market, conditions: Collection[ConditionKey]) -> TrackRecordHistory:
        """Compute the histories of the conditions' signals and count what followed."""
        return cls.of(market, catalogue.compute(market, {key.signal for key in conditions}), conditions)

    def at(self, session: date) -> dict[ConditionKey, TrackRecord]:
        """The track records as known after a session.

        Empty for a session that the market does not have.
        """
        position = int(self.days.searchsorted(pd.Timestamp(session)))
        if position >= len(self.days) or self.days[position] != pd.Timestamp(session):
            return {}
        return {
            key: TrackRecord(self.days[day.first].year, day.at(position), month.at(position))
            for key, (day, month) in self.records.items()
            if day.first is not None and day.first <= position
        }


def topic_conditions() -> tuple[ConditionKey, ...]:
    """Every side of every topic's condition, in the order of the topics."""
    keys = (
        ConditionKey(spec.signal, spec.measure, trigger.direction, trigger.level)
        for topic in TOPICS
        for spec in topic.specs
        for trigger in triggers(spec)
    )
    return tuple(dict.fromkeys(keys))


def of_few_prices(conditions: Iterable[ConditionKey]) -> tuple[tuple[ConditionKey, ...], frozenset[str]]:
    """The conditions that need no prices of members, and the inputs that these need.

    So few prices can be read over all years in a moment; the members of an index cannot.
    """
    light = tuple(key for key in conditions if not of_members(catalogue.signal(key.signal).inputs))
    return light, inputs_of(light)


def inputs_of(conditions: Iterable[ConditionKey]) -> frozenset[str]:
    """What the track records of conditions are counted from: the inputs of their signals, and the outcomes' tickers."""
    inputs = {name for key in conditions for name in catalogue.signal(key.signal).inputs}
    return frozenset({*inputs, *NEXT_DAY[0].tickers, *NEXT_MONTH[0].tickers})


def _condition(key: ConditionKey) -> LevelCondition:
    above = key.direction is Direction.ABOVE
    return LevelCondition(above=key.level if above else None, below=None if above else key.level)
