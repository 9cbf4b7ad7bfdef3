"""The past of topics: on which sessions each of them would have fired, over all years that are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from bot.alerts.level_suggestion import Backtest, backtest
from bot.alerts.rules import default_band
from bot.alerts.topics import TOPICS, Topic
from bot.domain.model import AlertSpec
from signals import catalogue
from signals.core.measures import measure_of
from signals.core.model import History

LEAST_YEARS = 1.0
"""A past that is shorter says nothing of how often a year a topic fires."""

RARE_A_YEAR = 4
"""A topic that fires less often a year is a rare one."""


def topic_signals() -> frozenset[str]:
    """The signals that topics watch."""
    return frozenset(spec.signal for topic in TOPICS for spec in topic.specs)


def topic_pasts(
    histories: Mapping[str, History], *, until: date | None = None, topics: Iterable[Topic] = TOPICS
) -> dict[str, Backtest]:
    """The past of each topic by its key, counted as the preview of an alert counts it.

    A topic of several specs fires on each session on which one of them does. Signals without a
    history have no readings. `until`: the last session that counts, None for all.
    """
    return {
        topic.key: _together(
            [_past(histories[spec.signal], spec, until) for spec in topic.specs if spec.signal in histories]
        )
        for topic in topics
    }


def _past(history: History, spec: AlertSpec, until: date | None) -> Backtest:
    signal = catalogue.signal(spec.signal)
    values = measure_of(signal, history, spec.measure)
    if until is not None:
        values = values.loc[: pd.Timestamp(until)]
    return backtest(values, replace(spec, band=default_band(values, signal.unit, spec.measure)))


def _together(pasts: Sequence[Backtest]) -> Backtest:
    return Backtest(
        sorted({session for past in pasts for session in past.fired}),
        max((past.readings for past in pasts), default=0),
        max((past.years for past in pasts), default=0.0),
    )


def is_rare(past: Backtest) -> bool:
    """Whether a topic fires on fewer than four sessions a year; never with less than a year of readings."""
    return past.years >= LEAST_YEARS and len(past.fired) < RARE_A_YEAR * past.years
