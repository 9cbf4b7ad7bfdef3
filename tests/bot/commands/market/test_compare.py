"""Charts and comparisons without Discord: what they compute, what they call things, what they refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.context import Core
from bot.commands.market import chart, comparables
from bot.commands.market.compare import compare, overlap
from bot.domain.chart_request import ChartKind, ChartRequest
from bot.domain.foreign_text import ForeignText
from bot.domain.model import Direction
from bot.errors import UserError
from bot.formatting import formats
from signals.catalogue import SIGNALS
from signals.core.model import Measure
from tests.bot.charts.painting import TICKERS, Walks
from tests.bot.discord_app.delivery.test_messages import item
from tests.support import core_without_store, sample_readings

DAYS = pd.bdate_range("2026-01-05", periods=5)


@pytest.fixture
def drawing(core: Core) -> Core:
    return replace(core, prices=Walks())


def series(*values: float) -> pd.Series:
    return pd.Series(values, index=DAYS, dtype=float)


def test_returns_that_are_the_same_correlate_fully_whatever_the_prices() -> None:
    found = overlap(series(10, 11, 9.9, 9.9, 10.89), series(100, 110, 99, 99, 108.9), returns=(True, True))
    assert found.correlation == pytest.approx(1.0)


def test_differences_that_are_opposite_correlate_at_minus_one() -> None:
    found = overlap(series(1, 2, 4, 3, 3), series(5, 4, 2, 3, 3), returns=(False, False))
    assert found.correlation == pytest.approx(-1.0)


def test_only_sessions_with_both_count_and_a_change_spans_a_gap() -> None:
    found = overlap(series(1, np.nan, 2, 3, 5), series(2, 3, 4, np.nan, 8), returns=(True, True))
    assert list(found.first) == [1, 2, 5]
    assert list(found.second) == [2, 4, 8]


def test_what_never_moves_correlates_with_nothing() -> None:
    assert overlap(series(1, 1, 1, 1, 1), series(1, 2, 3, 4, 5), returns=(True, True)).correlation is None
    assert overlap(series(*[np.nan] * 5), series(1, 2, 3, 4, 5), returns=(True, True)).correlation is None


@given(st.lists(st.floats(1, 100), min_size=5, max_size=5), st.lists(st.floats(1, 100), min_size=5, max_size=5))
def test_a_correlation_is_between_minus_one_and_one_and_the_same_both_ways(one: list[float], two: list[float]) -> None:
    found = overlap(series(*one), series(*two), returns=(True, True)).correlation
    back = overlap(series(*two), series(*one), returns=(True, True)).correlation
    assert (found is None) == (back is None)
    if found is not None and back is not None:
        assert -1.000001 <= found <= 1.000001
        assert found == pytest.approx(back)


async def test_two_tickers_have_values_changes_a_ratio_a_correlation_and_dates(drawing: Core) -> None:
    reply = await compare(drawing, "aapl", "^gspc", "3 months")
    days = pd.DatetimeIndex(sample_readings.history().index[-63:])
    closes = await Walks().closes(["AAPL", "^GSPC"], days)
    apple, index = closes["AAPL"], closes["^GSPC"]
    grown = 100 * (apple.iloc[-1] / apple.iloc[0] - 1)
    ratio = apple / index
    together = np.corrcoef(np.diff(apple) / apple[:-1], np.diff(index) / index[:-1])[0, 1]
    assert reply.lines[0] == f"**{ForeignText('Apple (AAPL)')}** {apple.iloc[-1]:,.2f}, {grown:+.1f}%"
    assert reply.lines[2].endswith(f", {100 * (ratio.iloc[-1] / ratio.iloc[0] - 1):+.1f}%")
    assert reply.lines[3].startswith(f"Daily changes correlate {together:+.2f} ")
    assert reply.lines[4] == f"From {formats.day(days[0].date())} to Tue, Jan 13, 63 sessions with both"
    assert reply.picture == ChartRequest(ChartKind.COMPARE, sample_readings.SESSION, ("AAPL", "^GSPC"), span=63)


async def test_a_signal_beside_a_ticker_keeps_its_unit_and_has_no_ratio(drawing: Core) -> None:
    reply = await compare(drawing, "Silver", "SMH".lower() if "SMH" in TICKERS else "")
    assert reply.lines[0].startswith("**Silver** $85.88, +")
    assert not any("Ratio" in line for line in reply.lines)
    assert reply.title == "Silver and Chip makers fund (SMH), 6 months"


async def test_a_named_state_is_said_with_what_it_was(core: Core) -> None:
    """A difference of two states, -2, is no figure."""
    rotation, tech = (await compare(core, "rotation.state", "tech.state")).lines[:2]
    assert rotation == "**Rotation** rotating back into big tech, was rotating out of big tech"
    assert tech == "**Tech** advancing, as at the start"


async def test_one_that_does_not_move_is_said_to(drawing: Core) -> None:
    assert "No correlation: one of them did not move." in (await compare(drawing, "FLAT", "AAPL")).lines


async def test_without_prices_only_signals_are_compared(core: Core) -> None:
    assert len((await compare(core, "Silver", sample_readings.REAL)).lines) == 4
    with pytest.raises(UserError, match="0 sessions in common"):
        await compare(core, "Silver", "AAPL")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("appel", f"Did you mean {ForeignText('AAPL (Apple)')}?"),
        ("^gspx", "Did you mean ^GSPC (S&P 500)?"),
        ("silvr", "Did you mean havens.silver (Silver)?"),
        ("real yeild", "Did you mean rates.real_10y"),
        ("zzzzzzzz", "Start typing and choose from the list."),
        ("", "Start typing and choose from the list."),
    ],
)
def test_an_unknown_name_gets_the_nearest_one(core: Core, typed: str, sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        comparables.comparable(core, typed)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "key"), [(" aapl ", "AAPL"), ("apple", "AAPL"), ("s&p 500", "^GSPC"), ("SILVER", "havens.silver")]
)
def test_names_are_found_whatever_their_case(core: Core, typed: str, key: str) -> None:
    assert comparables.comparable(core, typed).key == key


@given(st.text(max_size=120))
def test_whatever_is_typed_is_offered_at_most_25_choices(typed: str) -> None:
    assert len(comparables.complete(core_without_store(), typed)) <= 25


@pytest.mark.parametrize(
    ("which", "span", "sentence"),
    [
        (None, "6 weeks", "No span “6 weeks”. Choose from 3 months, 6 months, 1 year"),
        ("mood", None, "No measure “mood”. Choose from value, 1-day change"),
    ],
)
def test_a_chart_of_an_unknown_measure_or_span_names_those_there_are(
    core: Core, which: str | None, span: str | None, sentence: str
) -> None:
    with pytest.raises(UserError) as refused:
        chart.chart(core, sample_readings.SILVER, which, span)
    assert sentence in str(refused.value)


def test_a_chart_of_a_withheld_signal_shows_its_last_final_readings(core: Core) -> None:
    history = sample_readings.history().copy()
    history.iloc[-3:, history.columns.get_loc(sample_readings.SILVER)] = np.nan
    core.readings.put(replace(sample_readings.withheld(sample_readings.SILVER, "no close"), history=history))
    reply = chart.chart(core, sample_readings.SILVER)
    assert isinstance(reply.picture, ChartRequest)
    assert reply.picture.session == history.index[-4].date()
    assert formats.day(history.index[-4].date(), today=core.today()) in reply.lines[0]


def test_the_level_of_an_alert_is_on_the_side_that_fired() -> None:
    silver = SIGNALS[sample_readings.SILVER]
    up = chart.of_alert(item(sample_readings.SILVER, level=80.0), silver)
    down = chart.of_alert(item(sample_readings.SILVER, level=80.0, direction=Direction.BELOW), silver)
    assert (up.above, up.below) == (80.0, None)
    assert (down.above, down.below) == (None, 80.0)
    weekly = chart.of_alert(item(sample_readings.SILVER, measure=Measure.CHANGE_5D), silver)
    assert weekly.measure is Measure.CHANGE_5D


def test_pictures_of_older_alerts_end_on_their_own_session() -> None:
    older = sample_readings.SESSION - timedelta(days=4)
    assert chart.of_alert(item(session=older), SIGNALS[sample_readings.STREAK]).session == older
