"""The title line carries the state: what a person sees first, worked out by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from bot.charts.inputs import ChartInputs, needs
from bot.charts.layout.page import DrawnPage
from bot.charts.render import lay_out
from bot.domain.chart_request import ChartKind, ChartRequest
from tests.bot.charts.looking import inputs, sessions

DAY = date(2025, 12, 31)
NONE = float("nan")


def texts(drawn: DrawnPage | None) -> list[str]:
    """All texts of a picture, the title first."""
    assert drawn is not None
    return [text.get_text() for text in drawn.page.figure.texts]


def signal_of(name: str, values: list[float]) -> list[str]:
    frame = pd.DataFrame({name: values}, index=sessions(len(values)))
    return texts(lay_out(ChartRequest(ChartKind.SIGNAL, DAY, (name,)), ChartInputs(frame, pd.DataFrame())))


@pytest.mark.parametrize(("last", "words"), [(200.0, "above"), (50.0, "within"), (-1.0, "below")])
def test_a_signal_says_in_large_type_where_it_stands(last: float, words: str) -> None:
    """The 5th and 95th percentile of 0, 1, ..., 100 are 5 and 95."""
    shown = signal_of("options.vix", [*map(float, range(101)), last])
    assert shown[0] == "VIX"
    assert f"{words} normal range (grey band)" in shown


def test_a_named_state_is_a_row_for_each_state() -> None:
    shown = signal_of("rotation.state", [1.0] * 30 + [-1.0] * 30)
    # The value, then the names of the rows, the greatest state above.
    assert shown[1] == "Rotating back into big tech"
    assert [text for text in shown[2:] if "big tech" in text] == [
        "Rotating out of big tech",
        "Rotating back into big tech",
    ]


@pytest.mark.parametrize(("turning", "words"), [(1.0, "Turning"), (0.0, "Advancing")])
def test_a_state_that_is_only_held_is_called_turning_as_in_the_message(turning: float, words: str) -> None:
    frame = pd.DataFrame({"tech.state": 1.0, "tech.turning": [0.0] * 59 + [turning]}, index=sessions(60))
    request = ChartRequest(ChartKind.SIGNAL, DAY, ("tech.state",))
    assert "tech.turning" in needs(request).signals
    drawn = lay_out(request, ChartInputs(frame, pd.DataFrame()))
    shown = texts(drawn)
    assert shown[:2] == ["Tech", words]
    assert any("last clear state advancing" in text for text in shown) == bool(turning)
    assert drawn is not None
    assert ("Turning (last clear state advancing) on" in drawn.alt) == bool(turning)


@pytest.mark.parametrize(("last", "word"), [(72.8, "broad"), (50.0, "mixed"), (40.0, "narrow"), (19.9, "washed out")])
def test_breadth_is_called_as_in_the_message_beside_it(last: float, word: str) -> None:
    """By 60, 40 and 20%, whatever the normal range: 72.8% is within it here."""
    frame = pd.DataFrame({"breadth.sp500.above_50dma": [*map(float, range(101)), last]}, index=sessions(102))
    shown = texts(lay_out(ChartRequest(ChartKind.BREADTH, DAY), ChartInputs(frame, pd.DataFrame())))
    assert shown[0] == f"Market breadth: {word}"


@pytest.mark.parametrize(
    ("share", "title"),
    [
        (0.6, "Money into tech funds"),
        (-0.6, "Money out of tech funds"),
        (-0.06, "Little moves in tech funds"),
        (NONE, "Money into and out of funds"),
    ],
)
def test_flows_are_called_by_the_share_of_assets_as_in_the_message_beside_them(share: float, title: str) -> None:
    request = ChartRequest(ChartKind.FLOWS, DAY)
    drawn_from = inputs(request, 200)
    drawn_from.values.loc[drawn_from.values.index[-1], ["flows.tech_4w", "flows.tech_4w_usd"]] = share, -353e6
    assert texts(lay_out(request, drawn_from))[0] == title


@pytest.mark.parametrize(
    ("yields", "growth", "title"),
    [
        (0.01, 0.1, "Real yields rise, growth leads"),
        (-0.01, -0.1, "Real yields fall, growth lags"),
        (0.004, 0.01, "Real yields hold, growth level"),
    ],
)
def test_yields_say_what_both_did_over_21_sessions(yields: float, growth: float, title: str) -> None:
    """As in the message beside the picture, even where six months went the other way."""
    before, steps = np.arange(60.0), np.arange(1, 22)
    lines = {
        name: np.r_[-3 * step * before, -177 * step + step * steps] for name, step in (("y", yields), ("g", growth))
    }
    index = sessions(81)
    values = pd.DataFrame({"rates.real_10y": 5 + lines["y"]}, index=index)
    closes = pd.DataFrame({"IVW": 100 + lines["g"], "IVE": 100.0}, index=index)
    shown = texts(lay_out(ChartRequest(ChartKind.YIELDS, DAY), ChartInputs(values, closes)))
    assert shown[0] == title
    assert any(f"({'+' if yields > 0 else '−'}{abs(2100 * yields):.0f} bp in 21 days)" in text for text in shown)
    assert "inverted" in shown


def test_sectors_are_in_the_order_of_the_longer_period_with_the_day_beside() -> None:
    month = {"xlk": 1.0, "xle": 4.0, "xlf": -2.0, "xlu": 3.0, "xlp": 2.0}
    day = {"xlk": 5.0, "xle": -1.0, "xlf": 2.0, "xlu": 0.5, "xlp": 0.0}
    values = {f"sectors.{name}.return_21d": [value] for name, value in month.items()}
    values |= {f"sectors.{name}.return_1d": [value] for name, value in day.items()}
    frame = pd.DataFrame(values, index=sessions(1))
    shown = texts(lay_out(ChartRequest(ChartKind.SECTORS, DAY), ChartInputs(frame, pd.DataFrame())))
    assert shown[:2] == ["Leading sector: Energy", "Technology: rank 4 of 5 over 21 days, 1 over 1 day"]
    names = [text for text in shown if text in ("Energy", "Utilities", "Staples", "Technology", "Financials")]
    assert names == ["Energy", "Utilities", "Staples", "Technology", "Financials"]
