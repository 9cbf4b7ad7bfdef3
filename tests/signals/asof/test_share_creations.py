"""One fund's flows from its counts: splits, jumps, gaps. Expected figures are worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.asof.share_creations import CLEAN, counts, split_factors


def of(shares: list[float], nav: list[float] | float = 10.0, rows: list[int] | None = None):
    prices = [nav] * len(shares) if isinstance(nav, float) else nav
    return counts(np.array(rows or range(len(shares))), np.array(shares, dtype=float), np.array(prices, dtype=float))


def test_a_flow_is_the_change_of_shares_times_the_net_asset_value_of_the_day() -> None:
    found = of([100, 103, 101], [10.0, 11.0, 12.0])
    assert np.isnan(found.flows[0])
    assert found.flows[1:].tolist() == [33.0, -24.0]
    assert found.assets.tolist() == [1000.0, 1133.0, 1212.0]
    assert found.changed.tolist() == [False, True, True]


@pytest.mark.parametrize("factor", [2.0, 3.0, 1.5, 10.0, 0.5, 0.1])
def test_a_split_is_no_flow(factor: float) -> None:
    found = of([100, 100 * factor, 100 * factor], [30.0, 30.3 / factor, 30.6 / factor])
    assert found.flows[1:] == pytest.approx([0.0, 0.0], abs=1e-9)
    assert not found.doubtful.any()


def test_creations_on_the_day_of_a_split_remain() -> None:
    # 100 shares become 200, 4 more are created at 15.
    assert of([100, 204], [30.0, 15.0]).flows[1] == 60.0


def test_a_jump_of_the_count_without_one_of_the_price_is_no_split() -> None:
    assert split_factors(np.array([100.0, 200.0]), np.array([10.0, 10.0])).tolist() == [1.0]
    assert split_factors(np.array([100.0, 137.0]), np.array([10.0, 7.4])).tolist() == [1.0]


@given(st.sampled_from(CLEAN.tolist()), st.floats(-0.05, 0.05), st.floats(-0.04, 0.04))
def test_the_flow_across_any_clean_split_is_what_was_created(factor: float, moved: float, created: float) -> None:
    price = 50.0 * (1 + moved) / factor
    found = of([1e6, 1e6 * factor * (1 + created)], [50.0, price])
    assert found.flows[1] == pytest.approx(1e6 * factor * created * price, rel=1e-6, abs=1.0)


def test_a_jump_that_the_next_count_takes_back_is_an_error() -> None:
    found = of([100, 150, 101])
    assert found.rows.tolist() == [0, 2]
    assert found.flows[1] == 10.0
    assert not found.doubtful.any()


def test_a_jump_that_the_next_count_confirms_is_a_flow_but_doubtful_until_then() -> None:
    found = of([100, 120, 121])
    assert found.flows[1:].tolist() == [200.0, 10.0]
    assert found.doubtful.tolist() == [False, True, False]


def test_a_jump_in_the_last_count_is_doubtful() -> None:
    assert of([100, 101, 130]).doubtful.tolist() == [False, False, True]


def test_fifteen_percent_is_believed_at_once() -> None:
    assert not of([100, 115, 116]).doubtful.any()


def test_a_count_in_another_unit_is_an_error_however_often_it_is_repeated() -> None:
    found = of([1e8, 34.0, 34.0, 34.0, 1.01e8])
    assert found.rows.tolist() == [0, 4]
    assert found.flows[1] == pytest.approx(1e7)


def test_across_more_than_five_sessions_without_a_count_nobody_knows_the_flow() -> None:
    assert of([100, 101], rows=[0, 5]).flows[1] == 10.0
    assert np.isnan(of([100, 101], rows=[0, 6]).flows[1])


def test_no_counts_give_no_flows() -> None:
    assert not len(of([]).flows)
    assert np.isnan(of([100]).flows[0])
