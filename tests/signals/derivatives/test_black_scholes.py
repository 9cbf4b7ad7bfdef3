"""Deltas after Black and Scholes, against textbooks and against Cboe's own."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.derivatives.black_scholes import YEAR_DAYS, delta, forwards
from signals.derivatives.option_chain import summary
from tests.conftest import SHARED
from tests.recorded import where_present
from tests.signals.derivatives.test_option_chain import made, recorded, table

FRIDAY = pd.Timestamp("2026-08-21")


def one(forward: float, strike: float, years: float, iv: float, *, put: bool = False) -> float:
    return float(delta(*(np.array([each]) for each in (forward, strike, years, iv)), np.array([put]))[0])


@pytest.mark.parametrize(
    ("spot", "strike", "rate", "iv", "years", "expected"),
    [
        # Hull, Options, Futures and Other Derivatives, ch. "The Greek letters": 20 weeks, delta of the call 0.522.
        (49.0, 50.0, 0.05, 0.20, 0.3846, 0.522),
        # Ibid., ch. "The Black-Scholes-Merton model", example with d1 = 0.7693: N(d1) = 0.7791.
        (42.0, 40.0, 0.10, 0.20, 0.5, 0.7791),
    ],
)
def test_deltas_are_those_of_the_textbook(
    spot: float, strike: float, rate: float, iv: float, years: float, expected: float
) -> None:
    forward = spot * math.exp(rate * years)
    assert one(forward, strike, years, iv) == pytest.approx(expected, abs=5e-4)
    assert one(forward, strike, years, iv, put=True) == pytest.approx(expected - 1, abs=5e-4)


@given(st.floats(1, 500), st.floats(1, 500), st.floats(0.02, 1), st.floats(0.05, 2))
def test_a_call_less_a_put_is_the_underlying_and_both_stay_in_bounds(
    forward: float, strike: float, years: float, iv: float
) -> None:
    call, put = one(forward, strike, years, iv), one(forward, strike, years, iv, put=True)
    assert 0 <= call <= 1
    assert call - put == pytest.approx(1)


@pytest.mark.parametrize("broken", [(0.0, 50.0, 0.1, 0.2), (50.0, 50.0, 0.0, 0.2), (50.0, 50.0, 0.1, 0.0)])
def test_without_price_time_or_volatility_there_is_no_delta(broken: tuple[float, float, float, float]) -> None:
    assert math.isnan(one(*broken))


def test_forwards_come_from_the_strike_whose_put_and_call_are_nearest() -> None:
    near, far = pd.Timestamp("2026-09-18"), pd.Timestamp("2026-10-16")
    rows = [
        # 100 + 3.1 - 2.4 = 100.7; the strike of 90 would say 101.
        (near, "C", 100.0, 3.0, 3.2),
        (near, "P", 100.0, 2.3, 2.5),
        (near, "C", 90.0, 11.4, 11.6),
        (near, "P", 90.0, 0.4, 0.6),
        # Nothing to compare at the later expiry: a call without a bid.
        (far, "C", 100.0, 0.0, 5.0),
        (far, "P", 100.0, 4.0, 4.2),
    ]
    found = forwards(pd.DataFrame(rows, columns=["expiry", "side", "strike", "bid", "ask"]), 99.0)
    assert found[near] == pytest.approx(100.7)
    assert found[far] == 99.0


def with_own_deltas(sent: list[dict[str, object]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A chain with the deltas that came with it, and with own ones from the same prices and volatilities."""
    quotes = table(sent)
    days = (quotes["expiry"] - FRIDAY).dt.days
    quotes, days = quotes[days >= 7], days[days >= 7]
    forward = forwards(quotes, math.nan).reindex(pd.DatetimeIndex(quotes["expiry"])).to_numpy()
    strike, iv = quotes["strike"].to_numpy(), quotes["iv"].to_numpy()
    own = delta(forward, strike, days.to_numpy() / YEAR_DAYS, iv, (quotes["side"] == "P").to_numpy())
    return quotes, quotes.assign(delta=own)


def apart_around_25(sent: pd.DataFrame, own: pd.DataFrame) -> pd.Series:
    """How far the deltas of contracts that trade lie apart where skews are read."""
    tight = (
        (sent["bid"] > 0) & (sent["ask"] - sent["bid"] < 0.4 * (sent["ask"] + sent["bid"]) / 2) & (sent["iv"] > 0.001)
    )
    near = tight & sent["delta"].abs().between(0.15, 0.35) & ((sent["expiry"] - FRIDAY).dt.days <= 60)
    apart = (own["delta"] - sent["delta"])[near].abs()
    assert len(apart) > 0
    return apart


@pytest.mark.parametrize(
    ("chain", "median", "most", "skew"),
    [
        # Made chains: prices are in cents, so the forward is known to a cent or two of some hundred dollars.
        *((seed, 0.006, 0.006, 0.1) for seed in range(4)),
        # Recorded ones, measured: medians of 0.003 to 0.009, nineteen of twenty within 0.028. Deep in the money they lie further
        # apart, because volatilities of contracts that hardly trade are old; no skew is read there. Skews: 0.4 to 2.9 vol points;
        # IVV and RSP have none with either, their quotes around 30 days are too wide.
        *where_present(
            ("IVV", 0.01, 0.03, None),
            ("NVDA", 0.01, 0.03, 0.35),
            ("QQQM", 0.01, 0.03, 0.35),
            ("RSP", 0.01, 0.03, None),
            ("SMH", 0.01, 0.03, 0.35),
            ("XLK", 0.01, 0.03, 0.35),
        ),
    ],
)
def test_own_deltas_are_near_those_that_came_with_a_chain_and_give_nearly_the_same_skew(
    chain: int | str, median: float, most: float, skew: float | None
) -> None:
    sent, own = with_own_deltas(recorded(SHARED, chain) if isinstance(chain, str) else made(chain)[0])
    apart = apart_around_25(sent, own)
    assert apart.median() < median
    assert (apart.quantile(0.95) if isinstance(chain, str) else apart.max()) < most
    if skew is not None:
        first, second = (summary(each, date(2026, 8, 21)).skew_25d for each in (sent, own))
        assert second == pytest.approx(first, abs=skew)
