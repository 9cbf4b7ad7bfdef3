"""The clocks' signals where prices stop: nothing is said of a leg whose newest value is over five sessions old."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from signals import catalogue
from signals.core.market import Market
from signals.core.model import Coverage, Reading, State
from signals.core.panel import Panel
from signals.rotation.answer import read
from signals.rotation.past import past
from tests.signals import recount
from tests.signals.markets import random_market
from tests.support.rotation_pack import made_market

CLOCKS = tuple(name for name in catalogue.SIGNALS if name.startswith(("rotation.", "tech.")))


def without(market: Market, tickers: tuple[str, ...], first: int, end: int | None = None) -> Market:
    """The market without a price of these tickers on the sessions from `first` on, up to the one before `end`."""
    close, adjusted = market.close.copy(), market.adj_close.copy()
    for frame in (close, adjusted):
        frame.loc[frame.index[first:end], list(tickers)] = np.nan
    return dataclasses.replace(market, close=close, adj_close=adjusted)


def readings(market: Market, position: int) -> dict[str, Reading]:
    cut = market.until(market.days[position].date())
    return catalogue.readings(cut, catalogue.compute(cut, CLOCKS), cut.last.date())


def test_a_fund_that_has_closed_has_no_direction_and_is_counted_out() -> None:
    """QQQE ends with session 689: on session 695 it is six sessions old, on session 939 two hundred and fifty."""
    market = without(made_market(), ("QQQE",), 690)
    fifth, sixth, newest = (readings(market, position) for position in (694, 695, 939))
    assert fifth["rotation.nasdaq_equal.direction"].value == -1
    assert fifth["rotation.yardsticks"].coverage == Coverage(6, 6)
    for figure in ("direction", "move", "age", "given_back", "out_given_back"):
        for found in (sixth, newest):
            assert found[f"rotation.nasdaq_equal.{figure}"].state is State.WITHHELD
    assert sixth["rotation.nasdaq_equal.direction"].reason == (
        f"QQQE has no adjusted close for {market.days[695].date()}: the newest value is {market.days[689].date()}, "
        "6 sessions old; at most 5"
    )
    assert "250 sessions old" in (newest["rotation.nasdaq_equal.given_back"].reason or "")
    for found in (sixth, newest):
        assert found["rotation.yardsticks"].coverage == Coverage(5, 6)


def test_a_state_is_named_by_those_whose_prices_come_and_is_of_its_own_session() -> None:
    """So a fund that has closed does not hold every alert on the state back for a session."""
    found = readings(without(made_market(), ("QQQE",), 690), 939)
    state = found["rotation.state"]
    assert (state.value, state.state, state.observed) == (-1, State.FINAL, state.session)
    assert found["rotation.yardsticks"].observed == state.session
    assert found["rotation.regime"].value is not None


def test_a_state_is_withheld_while_fewer_than_four_have_a_direction_and_says_whose_prices_are_missing() -> None:
    """RSP, IWM and QQQE stop after session 649: three of six are left from session 655 on."""
    market = without(made_market(), ("RSP", "IWM", "QQQE"), 650)
    assert readings(market, 654)["rotation.state"].value == -1
    found = readings(market, 655)
    names = "Equal weight, Small caps, Nasdaq equal weight"
    for name in ("rotation.state", "rotation.turning", "rotation.age"):
        assert found[name].reason == f"no price for more than 5 sessions: {names}; 4 must have a direction"
    assert found["rotation.regime"].reason == (
        f"no price for more than 5 sessions: {names}; 4 of the rotation and 3 of tech must have a direction"
    )
    assert found["rotation.yardsticks"].coverage == Coverage(3, 6)
    assert found["tech.state"].value == 1


def test_all_goes_on_unchanged_when_prices_come_back() -> None:
    """Twenty sessions without prices in the middle of a leg: from the first price on all is as if they had been there."""
    whole = made_market()
    gone = without(whole, ("RSP", "IWM", "QQQE"), 650, 670)
    complete, gapped = catalogue.compute(whole, CLOCKS), catalogue.compute(gone, CLOCKS)
    for name in CLOCKS:
        expected, values = complete[name].values.to_numpy(), gapped[name].values.to_numpy()
        np.testing.assert_array_equal(values[:650], expected[:650], err_msg=name)
        np.testing.assert_array_equal(values[670:], expected[670:], err_msg=name)
        np.testing.assert_array_equal(gapped[name].spans, complete[name].spans, err_msg=name)
    assert gapped["rotation.equal_weight.age"].values.iloc[654:656].isna().tolist() == [False, True]


def test_the_answer_leaves_out_a_yardstick_whose_prices_have_stopped() -> None:
    panel = Panel(without(made_market(), ("QQQE",), 690))
    reading = read(panel, panel.days[939].date())
    assert [leg.yardstick.name for leg in reading.rotation.legs] == [
        "equal_weight",
        "small_caps",
        "value",
        "ex_tech",
        "ex_mag7",
    ]
    assert reading.rotation.known == 5
    stopped = next(leg for leg in reversed(past(panel).legs) if leg.yardstick.name == "nasdaq_equal")
    assert stopped.end is None
    assert not math.isnan(stopped.move)


@pytest.mark.parametrize("seed", [0, 2])
def test_every_value_equals_the_slow_recount_where_prices_stop(seed: int) -> None:
    found = random_market(seed)
    found = without(found, ("RSP", "IWM", "IVE"), 240, 260)
    found = without(found, ("QQQE", "NVDA", "SMH", "IGV", "RSPT"), 250, 256)
    histories = catalogue.compute(found, CLOCKS)
    slow = recount.Recount(found)
    for at in range(236, 270):
        for name in CLOCKS:
            want, value = slow.value(name, at), histories[name].values.iloc[at]
            assert value == pytest.approx(math.nan if want is None else want, abs=1e-6, nan_ok=True), (name, at)
            assert (histories[name].why(at) is None) is (want is not None), (name, at)
    withheld = pd.DataFrame({name: history.values.isna() for name, history in histories.items()})
    assert withheld["rotation.equal_weight.direction"].iloc[236:270].sum() == 15
    assert withheld["rotation.nasdaq_equal.direction"].iloc[236:270].sum() == 1
