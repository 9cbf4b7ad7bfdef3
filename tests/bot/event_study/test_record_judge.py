"""Judging sent alerts on a market of a few weeks made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bot.database.records import DueRecord
from bot.domain.model import ConditionKey, Direction
from bot.event_study.record_judge import judged
from signals.core.market import Market
from signals.core.model import History, Measure
from tests.signals.markets import market

SPREAD = ConditionKey("weighting.rsp_spy.spread_1d", Measure.VALUE, Direction.ABOVE, 0.8)
STATE = ConditionKey("rotation.state", Measure.CHANGE_1D, Direction.ABOVE, 0.5)


def found(count: int = 60) -> Market:
    """The Nasdaq rises by 1% on each even session; RSP gains 0.1% a session, SPY stands still."""
    places = np.arange(count)
    prices = {
        "^IXIC": list(100 * np.cumprod(1 + np.where(places % 2 == 0, 0.01, -0.01))),
        "RSP": list(100 * 1.001**places),
        "SPY": [100.0] * count,
    }
    return market("2025-09-02", close=prices)


def histories(known: Market, *, state: list[float] | None = None) -> dict[str, History]:
    places = np.arange(len(known.days))
    spread = pd.Series(np.where(places % 10 == 3, 1.0, 0.0), index=known.days)
    values = [1.0] * len(places) if state is None else state
    return {SPREAD.signal: History(spread), STATE.signal: History(pd.Series(values, index=known.days))}


def record(known: Market, place: int, horizon: int, key: ConditionKey = SPREAD) -> DueRecord:
    return DueRecord(7, key, known.days[place].date(), horizon)


def test_the_outcome_is_that_of_the_horizon_and_the_counts_those_of_the_evening() -> None:
    known = found()
    [day] = judged(known, histories(known), [record(known, 33, 1)])
    # Sessions 3, 13 and 23 came before, each followed by a rise on an even session.
    assert day.outcome == pytest.approx(1.0)
    assert day.counts is not None
    assert day.counts[:2] == (3, 3)
    assert day.undone is None
    [month] = judged(known, histories(known), [record(known, 33, 21)])
    assert month.outcome == pytest.approx(100 * (1.001**21 - 1))


def test_what_has_not_had_its_horizon_waits() -> None:
    known = found()
    assert judged(known, histories(known), [record(known, 59, 1), record(known, 39, 21)]) == []
    assert len(judged(known, histories(known), [record(known, 58, 1), record(known, 38, 21)])) == 2


@pytest.mark.parametrize(("back_at", "undone"), [(None, False), (50, True), (55, False)])
def test_a_state_is_undone_when_it_leaves_again_within_the_horizon(back_at: int | None, undone: bool) -> None:
    known = found()
    values = [-1.0] * 30 + [1.0] * 30
    if back_at is not None:
        values[back_at:] = [-1.0] * (60 - back_at)
    [month] = judged(known, histories(known, state=values), [record(known, 30, 21, STATE)])
    assert month.undone is undone


def test_a_signal_that_is_gone_is_judged_without_a_line() -> None:
    known = found()
    gone = ConditionKey("no.such.signal", Measure.VALUE, Direction.ABOVE, 1.0)
    [day] = judged(known, histories(known), [record(known, 33, 1, gone)])
    assert (day.counts, day.undone) == (None, None)
