"""Ledger: for each condition of the house, what followed it, ready to be asked for any session without looking ahead.

Made where signals are computed (the worker process, a replay), never on the event loop.
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
from signals.core.market import Market
from signals.core.measures import measure
from signals.core.model import History
from signals.core.panel import Panel
from signals.event_study import LevelCondition, PointInTimeCounts, count_outcomes

GROUP = "group:"
"""How inputs begin that stand for all members of an index."""


@dataclass(frozen=True)
class TrackRecordHistory:
    """Running counts of every condition over the sessions of one market."""

    days: pd.DatetimeIndex
    records: Mapping[ConditionKey, tuple[PointInTimeCounts, PointInTimeCounts]]

    @classmethod
    def of(
        cls, market: Market, histories: Mapping[str, History], watched: Iterable[ConditionKey]
    ) -> TrackRecordHistory:
        """Count what followed these conditions; those on signals without a history or without any reading are left out."""
        panel = Panel(market)
        kinds = [(outcome.prices(panel), horizon) for outcome, horizon in (NEXT_DAY, NEXT_MONTH)]
        found: dict[ConditionKey, tuple[PointInTimeCounts, PointInTimeCounts]] = {}
        for each in watched:
            if each.signal not in histories:
                continue
            values = np.array(measure(histories[each.signal].values, each.measure), dtype=np.float64)
            day, month = (count_outcomes(values, prices, _condition(each), horizon) for prices, horizon in kinds)
            if day.first is not None:
                found[each] = (day, month)
        return cls(market.days, found)

    @classmethod
    def over(cls, market: Market, watched: Collection[ConditionKey]) -> TrackRecordHistory:
        """Compute the histories of the conditions' signals over a market and count what followed."""
        return cls.of(market, catalogue.compute(market, {each.signal for each in watched}), watched)

    def at(self, session: date) -> dict[ConditionKey, TrackRecord]:
        """What was known after a session; empty for one that the market does not have."""
        position = int(self.days.searchsorted(pd.Timestamp(session)))
        if position >= len(self.days) or self.days[position] != pd.Timestamp(session):
            return {}
        return {
            watched: TrackRecord(self.days[day.first].year, day.at(position), month.at(position))
            for watched, (day, month) in self.records.items()
            if day.first is not None and day.first <= position
        }


def topic_conditions() -> tuple[ConditionKey, ...]:
    """Every side of every topic's condition, in the order of the topics."""
    found = (
        ConditionKey(spec.signal, spec.measure, trigger.direction, trigger.level)
        for topic in TOPICS
        for spec in topic.specs
        for trigger in triggers(spec)
    )
    return tuple(dict.fromkeys(found))


def of_few_prices(watched: Iterable[ConditionKey]) -> tuple[tuple[ConditionKey, ...], frozenset[str]]:
    """Those of the conditions that need no prices of members, and the tickers that they and their outcomes need.

    So few tickers can be read over all years in a moment, where the members of an index cannot.
    """
    light = tuple(
        each for each in watched if not any(name.startswith(GROUP) for name in catalogue.signal(each.signal).inputs)
    )
    inputs = {name for each in light for name in catalogue.signal(each.signal).inputs}
    return light, frozenset({*inputs, *NEXT_DAY[0].tickers, *NEXT_MONTH[0].tickers})


def _condition(watched: ConditionKey) -> LevelCondition:
    above = watched.direction is Direction.ABOVE
    return LevelCondition(above=watched.level if above else None, below=None if above else watched.level)
