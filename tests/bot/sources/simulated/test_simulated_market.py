"""The simulated market is the same whenever and however it is made, complete, and consistent in itself."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calendar.clock import Calendar
from bot.sources.simulated import simulate
from bot.sources.simulated.funds import FUNDS
from bot.sources.simulated.instruments import SEVEN, read_instruments
from bot.sources.simulated.market_frames import SimulatedMarket
from bot.sources.simulated.paths.time_grid import fading_sum
from bot.sources.simulated.series import SERIES
from signals import catalogue
from signals.core.datasets import DATASETS
from signals.core.market import Market


def returns(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.pct_change(fill_method=None).iloc[1:]


def test_two_makings_with_one_seed_are_equal(calendar: Calendar, decade: Market):
    again = simulate(calendar, date(2016, 1, 1), date(2025, 12, 31))
    pd.testing.assert_frame_equal(again.close, decade.close, check_exact=True)
    pd.testing.assert_frame_equal(again.adj_close, decade.adj_close, check_exact=True)
    for name in SERIES:
        pd.testing.assert_frame_equal(again.series[name], decade.series[name], check_exact=True)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2020, 3, 17), date(2020, 3, 17)),
        (date(2019, 12, 31), date(2020, 1, 2)),
        (date(2024, 6, 3), date(2026, 12, 31)),
    ],
    ids=["one session", "across a new year", "begins later, ends later"],
)
def test_a_date_has_the_same_figures_whatever_the_span(calendar: Calendar, decade: Market, first: date, last: date):
    other = simulate(calendar, first, last)
    shared = other.close.index.intersection(decade.close.index)
    assert len(shared) > 0
    names = other.close.columns.intersection(decade.close.columns, sort=False)
    assert len(names) > 560
    for mine, theirs in ((other.close, decade.close), (other.adj_close, decade.adj_close)):
        pd.testing.assert_frame_equal(mine.loc[shared, names], theirs.loc[shared, names], check_exact=True)
    for name in SERIES:
        mine, theirs = other.series[name], decade.series[name]
        both = mine.index.intersection(theirs.index)
        pd.testing.assert_series_equal(mine["value"].loc[both], theirs["value"].loc[both], check_exact=True)


def test_records_are_the_same_whatever_the_span_and_none_is_told_before_its_time(calendar: Calendar, decade: Market):
    other = simulate(calendar, date(2024, 6, 3), date(2025, 6, 30))
    for name in ("options", "meetings", "projections"):
        mine, theirs = other.records[name], decade.records[name]
        known = other.ends[len(other.days) - 1] + pd.Timedelta(minutes=20)
        since = mine["known_at"].min()
        cut = theirs[(theirs["known_at"] >= since) & (theirs["known_at"] <= known)].reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, cut, check_exact=True)
        assert str(mine["known_at"].dtype) == "datetime64[ns, UTC]"
        assert not mine.duplicated([*DATASETS[name].key, "known_at"]).any()
        assert [column.name for column in DATASETS[name].columns] == list(mine.columns[:-2])


def test_another_seed_is_another_market_of_the_same_companies(calendar: Calendar, decade: Market):
    other = simulate(calendar, date(2025, 1, 2), date(2025, 12, 31), seed=8)
    assert [name for name in decade.close if not name.startswith("ZQ") or name in other.close] == list(other.close)
    assert abs(returns(other.close)["SPY"].corr(returns(decade.close.loc["2025"])["SPY"])) < 0.3


def test_the_session_after_the_last_one_is_known_and_nothing_is_dated_later(calendar: Calendar):
    market = simulate(calendar, date(2025, 11, 3), date(2025, 11, 28))
    assert market.last == pd.Timestamp("2025-11-28")
    assert market.sessions[-1] == pd.Timestamp("2025-12-01")
    assert market.ends[-2] == pd.Timestamp(
        "2025-11-28 18:00", tz="UTC"
    )  # 13:00 in New York, the day after Thanksgiving
    assert market.close.index[-1] == market.last
    assert all(frame.index[-1] <= market.last for frame in market.series.values())


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (date(1969, 12, 31), date(2020, 1, 2), "begins on 1970-01-01"),
        (date(2024, 12, 25), date(2024, 12, 25), "no session"),
        (date(2026, 1, 2), date(2027, 2, 1), "one session after"),
    ],
)
def test_a_span_that_cannot_be_made_is_refused_with_the_reason(calendar: Calendar, first: date, last: date, why: str):
    with pytest.raises(ValueError, match=why):
        simulate(calendar, first, last)


def test_everything_the_register_reads_is_there_under_the_name_of_the_source(decade: Market):
    assert set(catalogue.tickers()) <= set(decade.close.columns)
    assert set(catalogue.series_ids()) <= set(decade.series)
    assert set(decade.sources.values()) == {"simulated"}
    assert set(decade.sources) == {*decade.close.columns, *decade.series}


def test_members_fill_the_indices_with_eleven_sectors(decade: Market):
    assert 495 <= len(decade.members("sp500")) <= 510
    assert 95 <= len(decade.members("ndx100")) <= 103
    assert set(SEVEN) <= set(decade.members("sp500")) & set(decade.members("ndx100"))
    assert decade.universe["sector"].nunique() == 11
    assert decade.universe["ticker"].is_unique
    assert not decade.universe.isna().any().any()
    assert not (decade.universe == "").any().any()


def test_prices_have_no_holes_after_the_listing(decade: Market):
    for frame in (decade.close, decade.adj_close):
        missing = frame.loc[:, ~frame.columns.str.startswith("ZQ")].isna()
        assert not missing[[fund.ticker for fund in FUNDS]].any().any()
        listed_late = missing.iloc[0]
        assert 20 < listed_late.sum() < 60
        # NaN only before the first price: once listed, always there.
        assert not (missing & ~missing.shift(fill_value=True)).any().any()
    assert decade.close["ABNB"].first_valid_index() == pd.Timestamp("2020-12-10")


def test_series_have_no_holes_and_leave_their_day_of_publication_to_the_register(decade: Market):
    for name, frame in decade.series.items():
        assert list(frame.columns) == ["value", "known_at"], name
        assert frame["value"].notna().all(), name
        assert frame["known_at"].isna().all(), name
        assert str(frame["known_at"].dtype) == "datetime64[ns, UTC]", name
        assert frame.index.is_monotonic_increasing, name
        assert frame.index.is_unique, name
    assert decade.series["CPILFESL"].index[0] < pd.Timestamp("2015-01-01")
    assert (decade.series["CPILFESL"].index.day == 1).all()


def test_break_even_is_nominal_minus_real_yield(decade: Market):
    ten, real, breakeven = (decade.series[name]["value"] for name in ("DGS10", "DFII10", "T10YIE"))
    assert np.allclose(ten - real, breakeven, atol=1e-9)


def test_no_yields_are_published_while_the_bond_market_rests(decade: Market):
    """Of 2016 and 2025 the dates from the calendar of SIFMA; in 2017 Veterans Day was a Saturday, which takes no session."""
    sessions = decade.close.index
    for name in ("DGS2", "DGS10", "DFII10", "T10YIE"):
        rests = sessions.difference(decade.series[name].index)
        assert [f"{day:%Y-%m-%d}" for day in rests if day.year in (2016, 2017, 2025)] == [
            "2016-10-10",
            "2016-11-11",
            "2017-10-09",
            "2025-10-13",
            "2025-11-11",
        ]
    assert sessions.difference(decade.series["CBOE_EQUITY_PC"].index).empty


def test_the_fed_moves_in_quarter_points_at_its_meetings_and_the_funds_rate_stays_inside(decade: Market):
    upper, lower = decade.series["DFEDTARU"]["value"], decade.series["DFEDTARL"]["value"]
    moves = upper.diff().iloc[1:]
    moved = moves[moves != 0]
    assert (upper - lower == 0.25).all()
    assert ((upper / 0.25) % 1 == 0).all()
    assert 8 < len(moved) < 60
    assert (moved.index.dayofweek == 3).all()  # decided on Wednesday, in force on Thursday
    assert decade.series["DFF"]["value"].between(lower, upper).all()


def test_the_index_is_its_members_weighted_by_size_and_rsp_weighted_alike(decade: Market):
    members = decade.members("sp500")
    instruments = read_instruments()
    shares = pd.Series(instruments.shares, index=instruments.tickers)[members]
    moves = returns(decade.close)[members]
    size = (decade.close[members] * shares).shift().iloc[1:].where(moves.notna())
    weighted = (moves * size).sum(axis=1) / size.sum(axis=1)
    assert returns(decade.close)["^GSPC"].corr(weighted) > 0.999
    assert returns(decade.adj_close)["SPY"].corr(weighted) > 0.995
    assert returns(decade.adj_close)["RSP"].corr(moves.mean(axis=1)) > 0.995


@pytest.mark.parametrize(
    ("fund", "sector"),
    [("XLK", "Information Technology"), ("XLE", "Energy"), ("XLU", "Utilities"), ("XLV", "Health Care")],
)
def test_a_sector_fund_moves_with_its_members(decade: Market, fund: str, sector: str):
    inside = decade.universe.loc[
        (decade.universe["sector"] == sector) & decade.universe["groups"].str.contains("sp500"), "ticker"
    ]
    basket = returns(decade.close)[list(inside)].mean(axis=1)
    others = returns(decade.close)["SPY"]
    assert returns(decade.adj_close)[fund].corr(basket) > max(0.8, returns(decade.adj_close)[fund].corr(others))


@pytest.mark.parametrize(
    ("fund", "other"),
    [
        ("SPY", "^GSPC"),
        ("QQQ", "^NDX"),
        ("IWM", "^RUT"),
        ("DIA", "^DJI"),
        ("SMH", "^SOX"),
        ("GLD", "GC=F"),
        ("SLV", "SI=F"),
    ],
)
def test_a_fund_follows_what_it_tracks(decade: Market, fund: str, other: str):
    assert returns(decade.adj_close)[fund].corr(returns(decade.close)[other]) > 0.995


def test_mags_is_the_mean_of_the_seven(decade: Market):
    assert returns(decade.adj_close)["MAGS"].corr(returns(decade.adj_close)[list(SEVEN)].mean(axis=1)) > 0.999


def test_share_classes_of_one_company_move_together(decade: Market):
    moves = returns(decade.adj_close)
    assert moves["GOOG"].corr(moves["GOOGL"]) > 0.999


def test_dividends_part_adjusted_from_plain_closes_four_times_a_year(decade: Market):
    paid = (decade.adj_close["KO"] / decade.close["KO"]).pct_change().iloc[1:]
    assert 39 <= (paid > 0.003).sum() <= 41
    assert (paid.abs() < 0.0005).sum() == len(paid) - (paid > 0.003).sum()
    assert (decade.adj_close["AMZN"].dropna() - decade.close["AMZN"].dropna()).abs().max() < 0.01


def test_no_close_is_so_far_from_the_one_before_that_it_looks_like_a_split(decade: Market):
    members = decade.universe["ticker"]
    ratio = (decade.close[members] / decade.close[members].shift()).to_numpy()
    assert np.nanmax(ratio) < 1.5
    assert np.nanmin(ratio) > 1 / 1.5


@given(
    steps=st.lists(st.floats(-10, 10), min_size=1, max_size=200),
    keep=st.sampled_from([0.65, 0.9, 0.9975, 1.0]),
)
@settings(max_examples=50)
def test_a_fading_sum_is_the_recursion_that_it_stands_for(steps: list[float], keep: float):
    expected, state = [], 0.0
    for step in steps:
        state = keep * state + step
        expected.append(state)
    assert np.allclose(fading_sum(np.array(steps), keep), expected, atol=1e-7)


def test_what_is_not_asked_for_is_not_made(calendar: Calendar, decade: Market) -> None:
    market = SimulatedMarket(calendar, date(2016, 1, 1), date(2025, 12, 31))
    assert not {"world", "prices", "closes", "series"} & vars(market).keys()
    asked = market.records(("no such dataset", "options"))
    assert list(asked) == ["options"]
    pd.testing.assert_frame_equal(asked["options"], decade.records["options"])
    assert not {"prices", "closes", "series"} & vars(market).keys()
    pd.testing.assert_frame_equal(market.series["VIX"], decade.series["VIX"])
    assert "prices" not in vars(market)
