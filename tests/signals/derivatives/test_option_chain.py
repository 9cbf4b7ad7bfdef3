"""One option chain summed up: by hand on a few quotes, and on whole recorded chains against a recount in plain Python."""

from __future__ import annotations

import gzip
import json
import math
from datetime import date
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import pytest

from signals.derivatives.option_chain import COLUMNS, Summary, at_delta, summary
from tests.conftest import SHARED
from tests.recorded import where_present

FRIDAY = date(2026, 8, 21)


def quote(
    expiry: str,
    side: str,
    delta: float,
    iv: float,
    *,
    bid: float = 1.0,
    ask: float = 1.1,
    volume: float = 10.0,
    interest: float = 5.0,
) -> dict[str, object]:
    return {
        "expiry": pd.Timestamp(expiry),
        "side": side,
        "strike": 100.0,
        "bid": bid,
        "ask": ask,
        "iv": iv,
        "delta": delta,
        "volume": volume,
        "open_interest": interest,
    }


def smile(expiry: str, put: float, call: float) -> list[dict[str, object]]:
    """Puts at -0.20 and -0.30, calls at 0.20 and 0.40 whose lines pass through `put` at -0.25 and `call` at 0.25."""
    puts = [quote(expiry, "P", -0.20, put + 0.01), quote(expiry, "P", -0.30, put - 0.01)]
    return [*puts, quote(expiry, "C", 0.20, call - 0.01), quote(expiry, "C", 0.40, call + 0.03)]


def chain(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS))


def test_volatility_at_a_delta_is_linear_between_the_neighbours() -> None:
    # From 0.30 at -0.40 to 0.36 at -0.20: a quarter of the way back at -0.25, so 0.36 - 0.06/4.
    puts = chain(quote("2026-09-18", "P", -0.20, 0.36), quote("2026-09-18", "P", -0.40, 0.30))
    assert at_delta(puts, -0.25) == pytest.approx(0.345)
    assert at_delta(puts, -0.20) == 0.36
    assert math.isnan(at_delta(puts, -0.45))
    assert math.isnan(at_delta(puts.iloc[:0], -0.25))


def test_an_expiry_of_30_days_needs_no_other() -> None:
    # 21 August + 30 days is 20 September.
    found = summary(chain(*smile("2026-09-20", 0.30, 0.26)), FRIDAY)
    assert found.skew_25d == pytest.approx(4.0)


def test_two_expiries_are_joined_in_total_variance() -> None:
    # 20 and 40 days: variance at 30 is the mean of 20 x 0.30^2 = 1.8 and 40 x 0.36^2 = 5.184, so 3.492 and sqrt(3.492/30)
    # = 0.34117; calls 20 x 0.25^2 = 1.25 and 40 x 0.27^2 = 2.916, so 2.083 and sqrt(2.083/30) = 0.26350.
    rows = chain(*smile("2026-09-10", 0.30, 0.25), *smile("2026-09-30", 0.36, 0.27))
    found = summary(rows, FRIDAY)
    assert found.skew_25d == pytest.approx(34.1174 - 26.3502, abs=1e-3)


def test_volatility_at_the_money_is_the_mean_of_both_sides() -> None:
    rows = [
        *smile("2026-09-20", 0.30, 0.26),
        quote("2026-09-20", "P", -0.50, 0.28),
        quote("2026-09-20", "C", 0.50, 0.27),
    ]
    assert summary(chain(*rows), FRIDAY).iv_atm == pytest.approx(27.5)


@pytest.mark.parametrize(
    "spoiled",
    [
        {"bid": 0.0, "ask": 0.0},
        {"bid": 0.0, "ask": 0.1},
        {"bid": 0.80, "ask": 1.20},  # 40% of the middle, which is not under 40%
        {"bid": 1.2, "ask": 1.0},
        {"interest": 0.0},
        {"interest": math.nan},
        {"iv": 1e-5},
        {"iv": math.nan},
    ],
)
def test_a_quote_that_says_nothing_is_passed_over(spoiled: dict[str, float]) -> None:
    # Between -0.20 and -0.30 stands a spoiled quote right at -0.25; the line through its neighbours is 0.30.
    odd = {"expiry": "2026-09-20", "side": "P", "delta": -0.25, "iv": 0.99, **spoiled}
    found = summary(chain(*smile("2026-09-20", 0.30, 0.26), quote(**odd)), FRIDAY)
    assert found.skew_25d == pytest.approx(4.0)


def test_a_spread_just_under_40_percent_counts() -> None:
    odd = quote("2026-09-20", "P", -0.25, 0.40, bid=0.81, ask=1.20)
    assert summary(chain(*smile("2026-09-20", 0.30, 0.26), odd), FRIDAY).skew_25d == pytest.approx(14.0)


def test_a_chain_of_zero_bids_has_volumes_and_no_skew() -> None:
    rows = [row | {"bid": 0.0, "ask": 0.0} for row in smile("2026-09-20", 0.30, 0.26)]
    found = summary(chain(*rows), FRIDAY)
    assert (found.put_volume, found.call_volume) == (20.0, 20.0)
    assert math.isnan(found.skew_25d)
    assert math.isnan(found.iv_atm)


@pytest.mark.parametrize("expiries", [("2026-09-25", "2026-10-16"), ("2026-08-28", "2026-09-11")])
def test_expiries_on_one_side_of_30_days_tell_nothing(expiries: tuple[str, str]) -> None:
    rows = [row for expiry in expiries for row in smile(expiry, 0.30, 0.26)]
    assert math.isnan(summary(chain(*rows), FRIDAY).skew_25d)


def test_volumes_are_those_of_7_to_60_days() -> None:
    days = {6: 1.0, 7: 2.0, 60: 4.0, 61: 8.0}
    rows = [
        quote(
            str(FRIDAY + pd.Timedelta(days=ahead)),
            side,
            delta,
            0.3,
            volume=volume * times,
            interest=volume * times * 10,
        )
        for ahead, volume in days.items()
        for side, delta, times in (("P", -0.4, 1.0), ("C", 0.4, 3.0))
    ]
    found = summary(chain(*rows), FRIDAY)
    assert (found.put_volume, found.call_volume) == (6.0, 18.0)
    assert (found.put_open_interest, found.call_open_interest) == (60.0, 180.0)


def test_a_contract_without_volume_was_not_traded_and_a_side_without_any_is_unknown() -> None:
    puts = [quote("2026-09-18", "P", -0.3, 0.3, volume=math.nan), quote("2026-09-18", "P", -0.4, 0.3, volume=7.0)]
    found = summary(chain(*puts, quote("2026-09-18", "C", 0.3, 0.3, volume=math.nan)), FRIDAY)
    assert found.put_volume == 7.0
    assert math.isnan(found.call_volume)


def test_an_empty_chain_is_unknown_and_not_zero() -> None:
    nothing = chain()
    nothing["expiry"] = pd.to_datetime(nothing["expiry"])
    found = summary(nothing, FRIDAY)
    for name in Summary.__slots__:
        assert math.isnan(getattr(found, name)), name


# Whole chains against a recount: made ones in the layout of Cboe's table of quotes, and six of Saturday 2026-08-22, 09:50 in New
# York, so of the session of Friday, taken from Cboe with its Greeks.


RATE = 0.04


def made(seed: int) -> tuple[list[dict[str, object]], float]:
    """A chain with the Greeks of Black and Scholes for a slanted smile, prices rounded to cents, and the price of what it is on.
    Every fifth quote lacks something."""
    dice = np.random.default_rng(seed)
    spot = float(dice.uniform(60, 300))
    quotes: list[dict[str, object]] = []
    for ahead in (5, 14, 28, 35, 56, 63, 119):
        expiry = str((pd.Timestamp(FRIDAY) + pd.Timedelta(days=ahead)).date())
        years = ahead / 365
        for strike in np.linspace(0.8, 1.2, 33) * spot:
            strike = round(float(strike), 2)
            iv = round(0.22 + 0.0004 * ahead - 0.35 * math.log(strike / spot) + float(dice.normal(0, 0.001)), 4)
            for side in ("put", "call"):
                one: dict[str, object] = {"symbol": f"{side} {strike} {expiry}", "expiration": expiry, "side": side}
                one |= {"strike": strike, "iv": iv, "volume": float(dice.integers(0, 900))}
                one |= {"openInterest": float(dice.integers(1, 5000))}
                middle = worth(spot, strike, years, iv, side)
                half = max(0.01, 0.03 * middle)
                one |= {"bid": round(max(middle - half, 0), 2), "ask": round(middle + half, 2)}
                one["delta"] = round(own_delta(one, spot) or 0.0, 4)
                if dice.random() < 0.2:
                    one |= [{"bid": 0.0}, {"openInterest": 0.0}, {"iv": 1e-5}, {"delta": None}, {"volume": None}][
                        int(dice.integers(5))
                    ]
                quotes.append(one)
    return quotes, spot


def worth(spot: float, strike: float, years: float, iv: float, side: str) -> float:
    """Black and Scholes (1973) without dividends, as `own_delta`."""
    normal, spread = NormalDist(), iv * math.sqrt(years)
    d1 = (math.log(spot / strike) + (RATE + iv * iv / 2) * years) / spread
    call = spot * normal.cdf(d1) - strike * math.exp(-RATE * years) * normal.cdf(d1 - spread)
    return call if side == "call" else call - spot + strike * math.exp(-RATE * years)


def recorded(shared: Path, symbol: str) -> list[dict[str, object]]:
    quotes: list[dict[str, object]] = _chain_file(shared, symbol)["quotes"]
    return quotes


def underlying(shared: Path, symbol: str) -> float:
    return float(_chain_file(shared, symbol)["underlyingPrice"])


def _chain_file(shared: Path, symbol: str) -> Any:
    path = shared / "data" / "options" / f"chain_{symbol}_2026-08-22.json.gz"
    return json.loads(gzip.decompress(path.read_bytes()))


def table(quotes: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(quotes)
    sides = frame["side"].map({"put": "P", "call": "C"})
    found = frame.assign(side=sides, expiry=pd.to_datetime(frame["expiration"]), open_interest=frame["openInterest"])
    numbers = {name: "float64" for name in COLUMNS if name not in ("expiry", "side")}
    return found[list(COLUMNS)].astype(numbers)


def slow(quotes: list[dict[str, object]], deltas: dict[str, float] | None = None) -> dict[str, float | None]:
    """The same figures in plain Python, written from the text of F6. `deltas`: others than the recorded ones, by contract."""
    sums = {"put": [0.0, 0.0], "call": [0.0, 0.0]}
    wings: dict[int, dict[str, list[tuple[float, float]]]] = {}
    for one in quotes:
        ahead = (date.fromisoformat(one["expiration"]) - FRIDAY).days
        if 7 <= ahead <= 60:
            sums[one["side"]][0] += one["volume"] or 0
            sums[one["side"]][1] += one["openInterest"] or 0
        delta = one["delta"] if deltas is None else deltas.get(one["symbol"])
        bid, ask = one["bid"] or 0, one["ask"] or 0
        good = bid > 0 and (ask - bid) < 0.4 * (ask + bid) / 2 and (one["openInterest"] or 0) > 0
        if ahead >= 7 and good and delta and one["iv"] and one["iv"] > 0.001:
            wings.setdefault(ahead, {"put": [], "call": []})[one["side"]].append((delta, one["iv"]))
    smiles = {}
    for ahead, sides in sorted(wings.items()):
        both = between(sides["put"], -0.25), between(sides["call"], 0.25)
        if None not in both:
            smiles[ahead] = both
    near, far = [d for d in smiles if d <= 30], [d for d in smiles if d >= 30]
    skew = None
    if near and far:
        first, second = near[-1], far[0]
        weight = (30 - first) / (second - first) if second > first else 0.0
        at_thirty = [
            math.sqrt(
                ((1 - weight) * smiles[first][leg] ** 2 * first + weight * smiles[second][leg] ** 2 * second) / 30
            )
            for leg in (0, 1)
        ]
        skew = 100 * (at_thirty[0] - at_thirty[1])
    return {
        "put_volume": sums["put"][0],
        "call_volume": sums["call"][0],
        "put_open_interest": sums["put"][1],
        "call_open_interest": sums["call"][1],
        "skew_25d": skew,
    }


def between(points: list[tuple[float, float]], wanted: float) -> float | None:
    below = max((point for point in points if point[0] <= wanted), default=None)
    above = min((point for point in points if point[0] >= wanted), default=None)
    if below is None or above is None:
        return None
    if above[0] == below[0]:
        return below[1]
    return below[1] + (above[1] - below[1]) * (wanted - below[0]) / (above[0] - below[0])


def assert_as_recounted(quotes: list[dict[str, object]], name: object) -> Summary:
    found, want = summary(table(quotes), FRIDAY), slow(quotes)
    for field, value in want.items():
        expected = math.nan if value is None else value
        assert getattr(found, field) == pytest.approx(expected, abs=1e-9, nan_ok=True), (name, field)
    return found


@pytest.mark.parametrize(
    ("chain", "put_call", "skew", "within"),
    [
        # The smile of a made chain falls by 0.35 for a logarithm of the strike. At 30 days and a volatility of about 0.23 a delta
        # of 0.25 lies 0.67 x 0.23 x sqrt(30/365) = 0.045 from the middle on either side: 100 x 0.35 x 0.09 = 3.1.
        *((seed, None, 3.1, 0.4) for seed in range(4)),
        # Put/call: sums over the recorded volumes of 28 August to 20 October. Skew: the recount, rounded.
        *where_present(
            ("IVV", 0.282, None, 5e-3),
            ("NVDA", 0.563, 0.46, 5e-3),
            ("QQQM", 0.942, 2.89, 5e-3),
            ("RSP", 2.834, None, 5e-3),
            ("SMH", 4.390, 2.11, 5e-3),
            ("XLK", 3.513, 1.73, 5e-3),
        ),
    ],
)
def test_a_chain_gives_what_a_recount_gives_with_the_greeks_that_came_with_it_and_with_own_ones(
    chain: int | str, put_call: float | None, skew: float | None, within: float
) -> None:
    """Greeks are believed only as far as an own calculation from the volatilities bears them out."""
    quotes, spot = made(chain) if isinstance(chain, int) else (recorded(SHARED, chain), underlying(SHARED, chain))
    found = assert_as_recounted(quotes, chain)
    if put_call is not None:
        assert found.put_volume / found.call_volume == pytest.approx(put_call, abs=5e-4)
    assert found.skew_25d == pytest.approx(math.nan if skew is None else skew, abs=within, nan_ok=True)
    if skew is not None:
        deltas = {one["symbol"]: own for one in quotes if (own := own_delta(one, spot)) is not None}
        want = slow(quotes, deltas)["skew_25d"]
        assert found.skew_25d == pytest.approx(want, abs=0.5)
        assert np.sign(found.skew_25d) == np.sign(want)


def own_delta(one: dict[str, object], spot: float) -> float | None:
    """Black and Scholes (1973) without dividends at 4% a year."""
    iv, rate = one["iv"], RATE
    if not iv or iv < 0.001:
        return None
    years = (date.fromisoformat(one["expiration"]) - FRIDAY).days / 365
    if years <= 0:
        return None
    d1 = (math.log(spot / one["strike"]) + (rate + iv * iv / 2) * years) / (iv * math.sqrt(years))
    return NormalDist().cdf(d1) - (one["side"] == "put")
