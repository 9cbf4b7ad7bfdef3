"""First lines of alerts: all that a phone's notification shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.alerts.texts import first_line
from bot.domain.model import Direction, ItemKind, OutboxItem
from signals.catalogue import SIGNALS
from signals.core.model import Measure

ITEM = OutboxItem(
    id=1,
    key="k",
    kind=ItemKind.ALERT,
    destination_id=1,
    session=date(2026, 1, 13),
    created_at=datetime(2026, 1, 13, 22, tzinfo=UTC),
    owner_id=11,
    signal="size.russell_sp500.streak",
    measure=Measure.VALUE,
    direction=Direction.ABOVE,
    level=7.0,
    value=8.0,
)


def line_of(**changes: object) -> str:
    item = replace(ITEM, **changes)  # type: ignore[arg-type]
    return first_line.event_line(item, SIGNALS[str(item.signal)])


def test_in_a_list_a_topic_of_two_metals_says_which() -> None:
    """Both fire on one evening: the list named the same thing twice."""
    items = [replace(ITEM, signal=f"havens.{metal}", topic="gold-or-silver-high") for metal in ("gold", "silver")]
    names = [first_line.short_name(item, SIGNALS[str(item.signal)]) for item in items]
    assert names == ["Gold or silver at a high (Gold)", "Gold or silver at a high (Silver)"]


def test_in_a_list_a_combination_has_its_number_and_no_level() -> None:
    signal = replace(SIGNALS["havens.silver"], id="combined.7", label="Alert 7 (3 of 3)")
    assert first_line.short_name(replace(ITEM, signal="combined.7", level=1.5), signal) == "Alert 7 (3 of 3)"


def test_a_streak_is_a_sentence() -> None:
    assert line_of() == "Russell 2000 has beaten the S&P 500 for 8 sessions in a row (your level: more than 7)"
    assert "has lost to the S&P 500 for 4 sessions" in line_of(value=-4.0, level=-3.0, direction=Direction.BELOW)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {
                "signal": "weighting.rsp_spy.spread_1d",
                "level": 0.8,
                "value": 0.91,
                "topic": "equal-weight-day",
                "owner_id": None,
            },
            "Equal weight beat the S&P 500 by 0.91 points in one day (preset level: more than +0.8 points)",
        ),
        (
            {"signal": "havens.silver", "level": 90.0, "value": 91.9},
            "Silver is at $91.90, above $90",
        ),
        (
            {"signal": "breadth.sp500.above_50dma", "level": 20.0, "value": 18.2, "direction": Direction.BELOW},
            "18.2% of S&P 500 stocks are above their 50-day average (your level: less than 20%)",
        ),
        (
            {"signal": "rates.real_10y", "measure": Measure.PERCENTILE_1Y, "level": 95.0, "value": 97.2},
            "10-year real yield is at the 97th percentile of the past year (your level: above the 95th percentile)",
        ),
        (
            {
                "signal": "havens.silver",
                "measure": Measure.PERCENTILE_1Y,
                "level": 99.5,
                "value": 99.8,
                "reading": {"value": 47.29},
            },
            "Silver is at $47.29, the 99.8th percentile of the past year (your level: above the 99.5th percentile)",
        ),
        (
            {
                "signal": "sectors.igv_smh.spread_21d",
                "level": -10.0,
                "value": -10.26,
                "direction": Direction.BELOW,
            },
            "Software trailed semiconductors by 10.26 points over 21 sessions (your level: less than −10 points)".replace(
                "−", "-"
            ),
        ),
        (
            {"signal": "rates.curve_10y2y", "measure": Measure.CHANGE_21D, "level": 0.25, "value": 0.28},
            "The yield curve (2s10s) steepened by 28 bp in 21 sessions (your level: more than +25 bp)",
        ),
        (
            {"signal": "havens.silver", "measure": Measure.CHANGE_5D, "level": 2.0, "value": 2.5},
            "Silver rose by $2.50 in 5 sessions (your level: more than +$2)",
        ),
        (
            {"signal": "options.vix_term", "level": 1.0, "value": 1.002},
            "VIX/VIX3M is at 1.002: one-month volatility is priced above three-month (your level: more than 1)",
        ),
        (
            {"signal": "options.vix_term", "level": 1.0, "value": 1.0004},
            "VIX/VIX3M is at 1.0004: one-month volatility is priced above three-month (your level: more than 1)",
        ),
        (
            {"signal": "weighting.rsp_spy.spread_1d", "level": 0.8, "value": 0.8004},
            "Equal weight beat the S&P 500 by 0.8004 points in one day (your level: more than +0.8 points)",
        ),
        (
            {"signal": "megacap.nvda.drawdown", "level": -15.0, "value": -15.5, "direction": Direction.BELOW},
            "NVDA is 15.5% below its 52-week closing high (your level: less than -15%)",
        ),
        (
            {"signal": "sectors.dispersion_21d", "level": 12.0, "value": 12.2},
            "The best sector beat the worst by 12.2 points over 21 sessions (your level: more than +12 points)",
        ),
        (
            {
                "signal": "breadth.tech.new_highs",
                "measure": Measure.PERCENTILE_1Y,
                "level": 95.0,
                "value": 98.2,
                "reading": {"value": 15},
            },
            "15 tech stocks made 52-week highs, the 98th percentile of the past year (your level: above the 95th percentile)",
        ),
        (
            {"signal": "macro.cpi_yoy", "level": 3.0, "value": 2.7, "direction": Direction.BELOW},
            "CPI, year over year: 2.7%, below 3%",
        ),
    ],
)
def test_every_kind_of_alert_says_what_happened_and_what_was_asked(changes: dict[str, object], text: str) -> None:
    line = line_of(**changes)
    # The bracket falls away where the line would not fit a notification.
    assert line in (text, text.rpartition(" (")[0]) or line.startswith(f"{text} (")


def test_several_alerts_are_counted_and_named() -> None:
    names = ["Russell streak", "Silver above 90", "Equal-weight day"]
    assert first_line.merged([ITEM] * 3, names) == "3 alerts: Russell streak, Silver above 90, Equal-weight day"


def test_names_with_commas_are_divided_by_semicolons() -> None:
    names = ["Silver above $60", "NVDA, drawdown below -15%"]
    assert first_line.merged([ITEM] * 2, names) == "2 alerts: Silver above $60; NVDA, drawdown below -15%"


@given(st.lists(st.text(min_size=1, max_size=80), min_size=2, max_size=10))
def test_a_merged_line_fits_and_loses_no_alert_from_its_count(names: list[str]) -> None:
    line = first_line.merged([ITEM] * len(names), names)
    assert len(line) <= first_line.MAX_LENGTH
    assert line.startswith(f"{len(names)} alerts")


@given(
    st.sampled_from(list(SIGNALS)),
    st.sampled_from(list(Measure)),
    st.sampled_from(list(Direction)),
    st.floats(-1e15, 1e15),
    st.none() | st.floats(-1e15, 1e15),
)
def test_no_story_is_longer_than_a_notification(
    signal: str, measure: Measure, direction: Direction, level: float, value: float | None
) -> None:
    line = line_of(signal=signal, measure=measure, direction=direction, level=level, value=value)
    assert 0 < len(line) <= first_line.MAX_LENGTH
    assert "\n" not in line


def test_a_letter_keeps_every_figure_and_the_answer_where_its_line_is_cut() -> None:
    """In April 2025 the line ended after the first index: "Week to Fri, Apr 11: S&P 500 +5.7%."."""
    line = (
        "Week to Fri, Apr 11: S&P 500 +5.7%, Nasdaq +7.3%. The rotation is turning: neither side has two thirds of the "
        "yardsticks, and tech itself is split"
    )
    assert first_line.at_clause(line) == "Week to Fri, Apr 11: S&P 500 +5.7%, Nasdaq +7.3%. The rotation is turning."
    assert first_line.at_clause("Tech is falling; the rest follows", 20) == "Tech is falling."


def test_a_long_headline_ends_at_a_clause() -> None:
    assert first_line.at_clause("Money left, its widest day since November 21, and more", 50) == (
        "Money left, its widest day since November 21."
    )
