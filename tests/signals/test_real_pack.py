"""The market pack of 21 years: known figures, published breadth and the slow recount."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bot.alerts.rules import firings
from bot.alerts.topics import TOPICS
from signals import catalogue
from signals.core.market import Market
from signals.core.model import History
from signals.core.panel import Panel
from signals.event_study import LevelCondition, Outcome, StudyPlan, run_study
from tests.signals import recount
from tests.signals.markets import position

pytestmark = pytest.mark.slow

CHECKED = (
    *("2005-01-04", "2006-01-03", "2008-06-06", "2008-10-10", "2009-03-09", "2012-10-31", "2013-01-02", "2015-08-24"),
    *("2016-02-29", "2018-12-24", "2020-03-31", "2020-04-20", "2020-04-21", "2022-06-16", "2023-07-03", "2024-12-31"),
    *("2025-11-14", "2025-11-17", "2025-12-15", "2025-12-16", "2025-12-26", "2025-12-31"),
)
"""Among them month and year ends, half days, days after holidays, negative oil, and the autumn of missing figures."""


@pytest.fixture(scope="module")
def histories(pack_histories: dict[str, History]) -> dict[str, History]:
    return pack_histories


def value(histories: dict[str, History], id: str, day: str) -> float:
    return float(histories[id].values.loc[pd.Timestamp(day)])


def test_figures_that_are_known_from_elsewhere_and_published_breadth_come_out(
    pack: Market, histories: dict[str, History], shared: Path
) -> None:
    assert value(histories, "size.russell_sp500.streak", "2008-06-06") == 13
    assert value(histories, "size.russell_sp500.streak", "2008-05-30") == 8
    assert value(histories, "megacap.count_beating_ytd", "2025-12-31") == 2
    # The S&P 500 closed 2024 at 5881.63 and 2025 at 6845.50.
    assert value(histories, "index.sp500.ytd", "2025-12-31") == pytest.approx(100 * (6845.50 / 5881.63 - 1), abs=0.01)
    assert value(histories, "havens.oil", "2020-04-20") == pytest.approx(-37.63, abs=0.01)
    # September's figures came out late, on 20 November 2025, and the October figures of unemployment never.
    assert (
        value(histories, "macro.unemployment", "2025-10-10")
        == value(histories, "macro.unemployment", "2025-09-30")
        == 4.3
    )
    assert math.isnan(value(histories, "macro.unemployment", "2025-11-19"))
    assert value(histories, "macro.unemployment", "2025-11-20") == 4.4
    # What screens showed of MAGS at the end of 2025, and when a third month was being lost from its tenth session on.
    assert value(histories, "megacap.mags_losing_months", "2025-12-31") == 2
    assert value(histories, "megacap.mags_mtd", "2025-11-28") == pytest.approx(-1.77, abs=0.005)
    assert value(histories, "megacap.mags_mtd", "2025-12-31") == pytest.approx(-1.20, abs=0.005)
    third = next(topic for topic in TOPICS if topic.key == "mags-third-month").specs[0]
    assert firings(histories["megacap.mags_third_month"].values, third) == [date(2023, 10, 20), date(2025, 4, 14)]
    # The pack has no ^DJI; DIA stands in for the streak alone.
    assert histories["index.dow.ytd"].values.isna().all()
    assert value(histories, "index.all_down_streak", "2025-12-31") == 3
    assert_as_the_strategist_might_have_counted(pack, histories)
    assert_breadth_follows_the_published_series(histories, shared)


def assert_as_the_strategist_might_have_counted(pack: Market, histories: dict[str, History]) -> None:
    """Days on which RSP beat SPY by more than 0.947 points: the Nasdaq rose on the next one in 42 of 79, not in 70%."""
    plan = StudyPlan(LevelCondition(above=0.947), (1,), until=date(2025, 12, 31), each_day=True)
    [result] = run_study(histories["weighting.rsp_spy.spread_1d"].values, Outcome("^IXIC").prices(Panel(pack)), plan)
    rsp, spy, index = pack.adj_close["RSP"], pack.adj_close["SPY"], pack.close["^IXIC"]
    wide = 100 * (rsp / rsp.shift() - spy / spy.shift()) > 0.947
    rose = (index.shift(-1) / index > 1)[wide & index.shift(-1).notna()]
    assert (result.n_days, result.n, result.hits) == (int(wide.sum()), len(rose), int(rose.sum())) == (79, 79, 42)
    assert result.rate is not None
    assert result.rate.high < 0.70


def assert_breadth_follows_the_published_series(histories: dict[str, History], shared: Path) -> None:
    official = pd.read_csv(shared / "data" / "sentiment" / "breadth_official.csv.gz", index_col=0, parse_dates=[0])
    both = pd.concat(
        [histories["breadth.sp500.above_50dma"].values, official["pct_above_ma50"]], axis=1, join="inner"
    ).dropna()
    recent = both.loc["2015":"2025"]
    assert len(recent) > 2700
    assert np.corrcoef(recent.to_numpy().T)[0, 1] >= 0.99
    assert (recent.iloc[:, 0] - recent.iloc[:, 1]).abs().mean() <= 3.6
    later = both.loc["2020":"2025"]
    assert (later.iloc[:, 0] - later.iloc[:, 1]).abs().mean() <= 2.7


def same(got: float | None, want: float | None) -> bool:
    """Both missing, or within 1e-6 of each other."""
    return got is want if got is None or want is None else abs(got - want) <= 1e-6


def agree(found: Market, histories: dict[str, History], days: Sequence[str]) -> int:
    """Compares every signal and measure with the slow recount; returns how many values there were."""
    slow, own, known = recount.Recount(found), set(recount.own(histories)), 0
    for day in days:
        at = position(found, day)
        days_so_far = [session.date() for session in found.days[: at + 1]]
        for id, reading in catalogue.readings(found, histories, date.fromisoformat(day)).items():
            if id in own:
                want = slow.value(id, at)
                assert same(reading.value, want), (day, id, reading.value, want)
                known += want is not None
            assert (reading.reason is None) is (reading.value is not None), (day, id)
            past = [
                None if each != each else each for each in histories[id].values.iloc[max(0, at - 260) : at + 1].tolist()
            ]
            for name, expected in recount.measures(past, id, days_so_far, slow.lasted(id, at)).items():
                assert same(getattr(reading.measures, name), expected), (day, id, name)
    return known


def test_every_signal_and_measure_equals_the_slow_recount_also_where_bars_months_and_yields_are_missing(
    pack: Market, histories: dict[str, History], thorough: bool
) -> None:
    """Every fourth of the days, in `make verify` all of them: a day costs 0.3 s."""
    step = 1 if thorough else 4
    assert agree(pack, histories, CHECKED[::step]) > 2000 / step
    damaged = spoil(pack)
    found = catalogue.compute(damaged)
    days = [str(day.date()) for day in damaged.days[[5, 60, 230, 280, 333, 401, 477, 555, 602, 655, 698, 699]]]
    assert agree(damaged, found, days[::step]) > 500 / step
    withheld = sum(int(history.values.iloc[400:].isna().sum()) for history in found.values())
    assert withheld > 3000


def spoil(pack: Market) -> Market:
    """The last 700 sessions with holes of every kind."""
    dice = np.random.default_rng(2)
    days = slice(-700, None)
    close, adjusted = pack.close.iloc[days].copy(), pack.adj_close.iloc[days].copy()
    for frame in (close, adjusted):
        frame[pd.DataFrame(dice.random(frame.shape) < 0.0005, index=frame.index, columns=frame.columns)] = np.nan
    members = [ticker for ticker in pack.universe["ticker"] if ticker in close]
    for ticker in dice.choice(members, 40, replace=False):
        start = int(dice.integers(0, 700))
        close.loc[close.index[start:] if dice.random() < 0.5 else close.index[:start], ticker] = np.nan
    close.loc[close.index[600], dice.choice(members, 60, replace=False)] = np.nan
    adjusted.loc[adjusted.index[[650, 698]], ["RSP", "XLU", "TSLA"]] = np.nan
    close = close.drop(columns=["AKAM", "SI=F"])
    series = {name: frame[dice.random(len(frame)) > 0.1] for name, frame in pack.series.items() if name != "SKEW"}
    series["DGS2"] = series["DGS2"][~series["DGS2"].index.isin(pack.days[-60:-45])]
    late = series["CPILFESL"].copy()
    late.loc[late.index[-3], "known_at"] = pd.Timestamp("2025-10-24 12:30", tz="UTC")
    return dataclasses.replace(
        pack,
        sessions=pack.sessions[-701:],
        ends=pack.ends[-701:],
        close=close,
        adj_close=adjusted,
        series={**series, "CPILFESL": late},
    )
