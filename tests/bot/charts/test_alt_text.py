"""The words in place of pictures say what is on them: worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from bot.charts.inputs import ChartInputs
from bot.charts.layout.labels import ALT_LIMIT, alt
from bot.charts.render import lay_out
from bot.domain.chart_request import ChartKind, ChartRequest
from bot.formatting.scenario_words import FAMILY_NAMES
from signals import catalogue
from signals.core.market import Market
from signals.core.model import Axis
from tests.bot.charts.looking import inputs, sessions

DAY = date(2025, 12, 31)
NONE = float("nan")


def made(request: ChartRequest, values: dict[str, list[float]], closes: dict[str, list[float]] | None = None) -> str:
    """The words of a picture of these columns, whose last row is the last weekday of 2025."""
    rows = len(next(iter((values or closes or {}).values())))
    index = sessions(rows)
    drawn = lay_out(request, ChartInputs(pd.DataFrame(values, index=index), pd.DataFrame(closes or {}, index=index)))
    assert drawn is not None
    return drawn.alt


def test_a_signal_tells_its_value_its_range_and_its_events() -> None:
    streak = [1, 2, -1, 1, 2, 3, 4, -1, NONE, 3]
    request = ChartRequest(ChartKind.SIGNAL, DAY, ("size.russell_sp500.streak",), above=2)
    assert made(request, {"size.russell_sp500.streak": streak}) == (
        "Bar chart of Russell 2000 winning streak, Dec 18 to Dec 31, 2025. 3 sessions on Wed, Dec 31, 2025. "
        "Lowest -1 session on Mon, Dec 22, 2025, highest 4 sessions on Fri, Dec 26, 2025. "
        "Crossings: 2 in the picture, 2 since Thu, Dec 18, 2025; above 2 on 3 sessions of the picture. "
        "1 session without a value."
    )


def test_a_signal_that_is_withheld_says_since_when() -> None:
    told = made(ChartRequest(ChartKind.SIGNAL, DAY, ("options.vix",)), {"options.vix": [20, 21, 22, 23, 24.5, NONE]})
    assert "24.50 points on Tue, Dec 30, 2025, withheld since." in told


@pytest.mark.parametrize(
    ("signal", "newest"),
    [
        ("rates.real_10y", "2.05%, known on Wed, Dec 31, 2025."),
        ("flows.tech_4w", "2.05%, known on Wed, Dec 31, 2025."),
        ("options.vix", "2.05 points on Wed, Dec 31, 2025."),
        ("breadth.sp500.above_50dma", "2.0% on Wed, Dec 31, 2025."),
    ],
)
def test_what_is_published_later_is_dated_by_when_it_was_known(signal: str, newest: str) -> None:
    """The yield of a Tuesday is published after the close: under Wednesday's session it was called Wednesday's."""
    told = made(ChartRequest(ChartKind.SIGNAL, DAY, (signal,)), {signal: [2.01, 2.02, 2.03, 2.04, 2.05]})
    assert newest in told
    assert ("at whose close it was known" in told) == ("known on" in newest)


def test_prices_start_at_100_and_their_ratio_too() -> None:
    told = made(
        ChartRequest(ChartKind.COMPARE, DAY, ("RSP", "SPY")),
        {},
        {"RSP": [50, 50, 55, 55, 60], "SPY": [400, 420, 400, 400, 400]},
    )
    assert "both from 100, dividends included" in told
    assert "RSP +20.0%, SPY 0.0% by Wed, Dec 31, 2025" in told
    assert "lowest at 95.2 on Fri, Dec 26, 2025 and highest at 120.0 on Wed, Dec 31, 2025" in told


def test_what_has_no_natural_zero_is_compared_in_standard_deviations() -> None:
    # 1..5 and 5..1 have a standard deviation of 1.58; their ends are 1.26 from the mean on either side.
    names = ("rates.real_10y", "breadth.sp500.above_50dma")
    told = made(
        ChartRequest(ChartKind.COMPARE, DAY, names),
        dict(zip(names, ([1.0, 2.0, 3.0, 4.0, 5.0], [50.0, 40.0, 30.0, 20.0, 10.0]), strict=True)),
    )
    assert "both in standard deviations from their mean" in told
    assert "10-year real yield 5.00%, Above 50-day average, S&P 500 10.0% as known on Wed, Dec 31, 2025" in told
    assert "lowest at -2.5 on Thu, Dec 25, 2025 and highest at 2.5 on Wed, Dec 31, 2025" in told


def test_an_outcome_counts_episodes_and_what_is_usual() -> None:
    """The signal is above 1 on every 70th session; the price doubles on the next one and halves on the one after."""
    rows = 70 * 8
    signal, price = np.zeros(rows), np.full(rows, 100.0)
    signal[35::70] = 2
    price[36::70] = 200
    request = ChartRequest(ChartKind.OUTCOME, DAY, ("breadth.sp500.above_50dma", "^IXIC"), above=1)
    told = made(request, {"breadth.sp500.above_50dma": list(signal)}, {"^IXIC": list(price)})
    assert told.startswith("Likely more than chance: Nasdaq after Above 50-day average, S&P 500 above 1%. ")
    # The newest event is 34 sessions old, so seven of eight have a path of 63 sessions.
    assert "7 episodes, 2023 to Dec 31, 2025, small sample" in told
    assert "After 1 session positive in 99" not in told
    assert "After 1 session positive in 100% of 8, 95% CI 68–100%, vs 1% on all days" in told
    assert "After 5 sessions positive in 0% of 8" in told
    assert "Median 0.0% after 63 sessions, all days 0.0%" in told


def test_few_episodes_give_no_figures() -> None:
    rows = 300
    signal = np.zeros(rows)
    signal[[50, 150]] = 2
    request = ChartRequest(ChartKind.OUTCOME, DAY, ("breadth.sp500.above_50dma", "^IXIC"), above=1)
    told = made(request, {"breadth.sp500.above_50dma": list(signal)}, {"^IXIC": [100.0] * rows})
    assert "Only 2 episodes of 63 sessions, too few for figures: each path is shown" in told
    assert "positive in" not in told


def test_sectors_are_ranked_and_tech_is_among_them() -> None:
    values = {
        f"sectors.{name}.return_1d": [value]
        for name, value in zip(("xlk", "xlc", "xle", "xlf", "xlu"), (1.5, -2, 0, 3, -0.1), strict=True)
    }
    told = made(ChartRequest(ChartKind.SECTORS, DAY), values)
    assert told == (
        "Leading sector: Financials, Wed, Dec 31, 2025. Technology: rank 2 of 5 over 1 day. "
        "Bar charts of the returns of the sector SPDRs in %, dividends included, in the order of 1 day. "
        "1 day: Financials +3.0, Technology +1.5, Energy 0.0, Utilities -0.1, Communication -2.0."
    )


def test_the_map_has_the_numbers_of_the_register() -> None:
    request = ChartRequest(ChartKind.ROTATION, DAY)
    given = inputs(request, 400)
    days = pd.DatetimeIndex(given.closes.index)
    following = pd.DatetimeIndex([*days, pd.Timestamp("2026-01-01")])
    market = Market(
        sessions=following,
        ends=following.tz_localize("UTC"),
        last=days[-1],
        close=given.closes,
        adj_close=given.closes,
        series={},
        universe=pd.DataFrame(columns=["ticker", "groups", "sector"]),
    )
    expected = catalogue.compute(market, ["sectors.xlk.rrg_ratio", "sectors.xlk.rrg_momentum"])
    ratio, momentum = (float(history.values.iloc[-1]) for history in expected.values())
    drawn = lay_out(request, given)
    assert drawn is not None
    assert f"Technology (ratio {ratio:.1f}, momentum {momentum:.1f})" in drawn.alt
    # 31 December 2025 is a Wednesday: the newest completed week ended on the Friday before.
    assert "week to Fri, Dec 26, 2025" in drawn.alt


def test_flows_that_are_withheld_are_named() -> None:
    request = ChartRequest(ChartKind.FLOWS, DAY)
    given = inputs(request, 200)
    given.values["flows.equal_weight_4w_usd"] = NONE
    drawn = lay_out(request, given)
    assert drawn is not None
    assert " Equal weight withheld. " in drawn.alt
    assert "withheld" in [text.get_text() for text in drawn.page.figure.texts]


@pytest.mark.parametrize(
    ("turning", "regime", "title"), [(1.0, 1.0, "The rotation is turning"), (0.0, 2.0, "Tech-led decline")]
)
def test_families_name_one_state_of_the_rotation(turning: float, regime: float, title: str) -> None:
    """On a third of all sessions "rotating out of big tech" followed a title that said it turned, or was a decline."""
    request = ChartRequest(ChartKind.FAMILIES, DAY)
    given = inputs(request, 700)
    values = given.values.assign(
        **{"rotation.state": 1.0, "rotation.turning": turning, "rotation.regime": regime, "tech.turning": 0.0}
    )
    drawn = lay_out(request, replace(given, values=values))
    assert drawn is not None
    assert drawn.alt.startswith(f"{title}. ")
    assert "Rotation: the families' score " in drawn.alt
    assert "rotating" not in drawn.alt


def test_families_lean_as_the_scenario_explains_them() -> None:
    request = ChartRequest(ChartKind.FAMILIES, DAY)
    given = inputs(request, 700)
    drawn = lay_out(request, given)
    assert drawn is not None
    values = {name: given.values[name] for name in given.values}
    for axis in Axis:
        found = catalogue.explain(values, axis, DAY)
        assert found.score is not None
        leanings = [
            f"{FAMILY_NAMES[party.family]} {party.leaning + 0:+.1f}".replace("+0.0", "0.0").replace("-0.0", "0.0")
            for party in found.parties
            if party.leaning is not None
        ]
        assert [leaning for leaning in leanings if f"{leaning} (" not in drawn.alt] == []
        assert f"score {found.score:+.0f} on a scale of -100 to +100" in drawn.alt


def test_the_real_yield_and_growth_say_how_they_went_together() -> None:
    steps = np.cumsum(np.where(np.arange(60) % 7 < 3, 0.02, -0.01))
    told = made(
        ChartRequest(ChartKind.YIELDS, DAY),
        {"rates.real_10y": list(2 + steps)},
        {"IVW": list(100 * np.exp(-steps)), "IVE": [100.0] * 60},
    )
    assert "Correlation of 5-day changes -1.00" in told
    # Nine steps of 2 bp up and twelve of 1 bp down in 21 sessions.
    assert told.startswith("Real yields hold, growth lags. ")
    assert "(+6 bp in 21 days)" in told


def test_the_dashboard_begins_with_the_answer_and_says_how_far_each_yardstick_is_from_its_turn() -> None:
    """A leg out that has given back 1.5 of 3% stands half-way between its extreme and its turn."""
    request = ChartRequest(ChartKind.DASHBOARD, DAY)
    given = inputs(request, 300)
    given.values["rotation.state"], given.values["rotation.turning"] = 1.0, 0.0
    for name in ("equal_weight", "small_caps", "value", "ex_tech", "nasdaq_equal", "ex_mag7"):
        given.values[f"rotation.{name}.direction"] = -1.0 if name == "ex_mag7" else 1.0
        given.values[f"rotation.{name}.move"] = -3.0 if name == "ex_mag7" else 2.64
        given.values[f"rotation.{name}.given_back"] = 2.96 if name == "value" else 1.5
    drawn = lay_out(request, given)
    assert drawn is not None
    assert drawn.alt.startswith("Rotating out of big tech, ")
    assert "5 of 6 yardsticks point out of big tech. " in drawn.alt
    assert "Equal weight: out of big tech, +2.6%, having given back 1.5 of the 3% that would turn it." in drawn.alt
    # Rounded down, as in the message: what has not turned never reads as if it had.
    assert "Value: out of big tech, +2.6%, having given back 2.9 of the 5% that would turn it." in drawn.alt
    assert "S&P 500 vs. Mag 7: back into big tech, -3.0%" in drawn.alt
    given.values["rotation.turning"] = 1.0
    turning = lay_out(request, given)
    assert turning is not None
    assert turning.alt.startswith("The rotation is turning, ")


def test_the_dashboard_leaves_out_the_lines_of_a_week_without_one_of_the_seven() -> None:
    request = ChartRequest(ChartKind.DASHBOARD, DAY)
    given = inputs(request, 300)
    given.closes.loc[given.closes.index[-1], "TSLA"] = np.nan
    drawn = lay_out(request, given)
    assert drawn is not None
    assert "Magnificent Seven" not in drawn.alt


@pytest.mark.parametrize("count", [1, 200])
def test_words_end_with_a_whole_sentence(count: int) -> None:
    text = alt(["Twelve signs."] * count)
    assert len(text) <= ALT_LIMIT
    assert text.endswith("signs.")
