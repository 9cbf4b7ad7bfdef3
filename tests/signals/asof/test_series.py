"""When an observation counts, how long it may be held, and what a revision changes."""

from __future__ import annotations

import pytest

from signals import catalogue
from signals.asof.series import joined, over_months
from signals.core.market import Market
from signals.core.panel import Panel
from tests.signals.markets import last, last_value, market, values


def joins(found: Market, series: str) -> dict[str, float | None]:
    """Value a session, by date."""
    line = joined(Panel(found), series)
    return {
        str(day.date()): None if value != value else value
        for day, value in zip(found.days, line.values.tolist(), strict=True)
    }


def test_the_vix_counts_on_its_own_session() -> None:
    found = market("2024-03-04", count=3, series={"VIX": [("2024-03-04", 13.0), ("2024-03-05", 14.0)]})
    assert joins(found, "VIX") == {"2024-03-04": 13.0, "2024-03-05": 14.0, "2024-03-06": 14.0}


def test_a_target_rate_dated_on_a_weekend_counts_on_monday() -> None:
    found = market("2024-03-01", count=2, series={"DFEDTARU": [("2024-03-01", 5.5), ("2024-03-03", 5.25)]})
    assert joins(found, "DFEDTARU") == {"2024-03-01": 5.5, "2024-03-04": 5.25}


@pytest.mark.parametrize("name", ["DFF", "DGS10", "DFII10", "T10YIE", "CBOE_EQUITY_PC", "SOMETHING_ELSE"])
def test_yields_and_put_call_count_on_the_first_session_after_their_date(name: str) -> None:
    # Friday's value is known on Monday.
    found = market("2024-03-01", count=2, series={name: [("2024-02-29", 4.25), ("2024-03-01", 4.19)]})
    assert joins(found, name) == {"2024-03-01": 4.25, "2024-03-04": 4.19}


@pytest.mark.parametrize(
    ("name", "counts_on"),
    [
        # 45 days after 1 January 2024 is Thursday 15 February, 61 days is Saturday 2 March, 38 days is Thursday 8 February.
        ("CPILFESL", "2024-02-15"),
        ("CPIAUCSL", "2024-02-15"),
        ("PCEPI", "2024-03-04"),
        ("UNRATE", "2024-02-08"),
        ("PAYEMS", "2024-02-08"),
    ],
)
def test_monthly_figures_count_so_many_days_after_their_date(name: str, counts_on: str) -> None:
    found = market("2024-01-31", count=30, series={name: [("2024-01-01", 3.5)]})
    known = [day for day, value in joins(found, name).items() if value is not None]
    assert known[0] == counts_on


def test_an_own_instant_replaces_the_rule_earlier_and_later() -> None:
    # Close + 20 minutes is 16:20 New York: 21:20 UTC in winter. One second later counts on the next session.
    found = market(
        "2024-02-05",
        count=4,
        series={
            "UNRATE": [("2024-01-01", 3.7, "2024-02-05 21:20:00")],
            "PAYEMS": [("2024-01-01", 9.9, "2024-02-05 21:20:01")],
            "CPILFESL": [("2023-12-01", 3.9, "2024-02-08 13:30:00")],
        },
    )
    assert joins(found, "UNRATE")["2024-02-05"] == 3.7
    assert joins(found, "PAYEMS") == {"2024-02-05": None, "2024-02-06": 9.9, "2024-02-07": 9.9, "2024-02-08": 9.9}
    assert joins(found, "CPILFESL") == {"2024-02-05": None, "2024-02-06": None, "2024-02-07": None, "2024-02-08": 3.9}


def test_half_days_close_earlier() -> None:
    # 24 December 2024 closed at 13:00, 18:00 UTC: what came at 18:30 counts two days later.
    series = {"VIX": [("2024-12-24", 14.3, "2024-12-24 18:30:00")]}
    found = market("2024-12-24", count=2, series=series)
    assert joins(found, "VIX") == {"2024-12-24": None, "2024-12-26": 14.3}


def test_a_revision_counts_from_its_own_instant_and_only_then() -> None:
    found = market(
        "2024-03-04",
        count=3,
        series={"DGS10": [("2024-03-01", 4.19), ("2024-03-01", 4.18, "2024-03-05 12:00"), ("2024-03-05", 4.13)]},
    )
    assert joins(found, "DGS10") == {"2024-03-04": 4.19, "2024-03-05": 4.18, "2024-03-06": 4.13}


def test_a_revision_on_the_session_of_the_first_value_beats_it() -> None:
    found = market(
        "2024-03-04", count=1, series={"DGS10": [("2024-03-01", 4.19), ("2024-03-01", 4.18, "2024-03-04 12:00")]}
    )
    assert joins(found, "DGS10") == {"2024-03-04": 4.18}


def test_a_late_revision_of_an_old_date_does_not_hide_the_newest() -> None:
    found = market(
        "2024-03-04",
        count=2,
        series={"VIX": [("2024-03-01", 13.0), ("2024-03-01", 99.0, "2024-03-05 12:00"), ("2024-03-04", 14.0)]},
    )
    assert joins(found, "VIX") == {"2024-03-04": 14.0, "2024-03-05": 14.0}


def test_a_dated_row_with_the_same_value_tells_when_the_undated_one_was_really_released() -> None:
    # By rule 1 January counts on 15 February; it was released on the 20th, and revised a week later.
    rows = [
        ("2024-01-01", 310.0),
        ("2024-01-01", 310.0, "2024-02-20 13:30"),
        ("2024-01-01", 311.0, "2024-02-27 13:30"),
    ]
    found = joins(market("2024-02-14", count=10, series={"CPILFESL": rows}), "CPILFESL")
    assert {day: value for day, value in found.items() if day in ("2024-02-16", "2024-02-20", "2024-02-27")} == {
        "2024-02-16": None,
        "2024-02-20": 310.0,
        "2024-02-27": 311.0,
    }


def test_a_daily_value_is_withheld_when_it_is_older_than_five_sessions() -> None:
    # Dated Friday 1 March: Friday 8 March is the fifth session after it, Monday the sixth.
    found = market("2024-03-01", count=7, series={"VIX": [("2024-03-01", 13.0)]})
    assert values(found, "options.vix") == [13.0] * 6 + [None]
    assert last(found, "options.vix").reason == "newest VIX is 2024-03-01, 6 sessions old; at most 5"


def test_a_monthly_value_is_withheld_when_it_is_dated_more_than_75_days_ago() -> None:
    # 75 days after 1 January 2025 is Monday 17 March.
    found = market("2025-03-14", count=3, series={"UNRATE": [("2025-01-01", 4.0)]})
    assert values(found, "macro.unemployment") == [4.0, 4.0, None]
    assert last(found, "macro.unemployment").reason == "newest UNRATE is 2025-01-01, 76 days old; at most 75"


def test_a_series_that_is_not_there_or_not_yet_known_says_so() -> None:
    assert last(market("2024-03-04", count=1), "rates.real_10y").reason == "DFII10 has no observations"
    later = market("2024-03-04", count=1, series={"DFII10": [("2024-03-04", 1.8)]})
    assert last(later, "rates.real_10y").reason == "DFII10 has no observation that was known on 2024-03-04"


def test_three_months_earlier_is_the_value_as_it_was_known_then() -> None:
    # December's first figure 100 was revised to 104 on 5 March; the ratio of March's newest month uses it only after that.
    rows = [
        ("2023-10-01", 100.0),
        ("2023-10-01", 104.0, "2024-03-05 13:30"),
        ("2024-01-01", 102.0),
    ]
    found = market("2024-03-04", count=2, series={"PAYEMS": rows})
    line = over_months(Panel(found), "PAYEMS", months=3, combine=lambda now, before: now - before)
    assert line.values.tolist() == [2.0, -2.0]


def test_a_missing_month_withholds_what_needs_it() -> None:
    rows = [
        ("2025-07-01", 100.0),
        ("2025-08-01", 101.0),
        ("2025-09-01", 102.0),
        ("2025-11-01", 104.0),
        ("2026-01-01", 106.0),
    ]
    # 16 December 2025 is 45 days after 1 November; three months before November is August.
    assert last_value(market("2025-12-16", count=1, series={"CPILFESL": rows}), "macro.core_cpi_3m") == pytest.approx(
        100 * ((104 / 101) ** 4 - 1)
    )
    # January 2026 is known 45 days after its first day, on Tuesday 17 February; October 2025 is missing.
    found = last(market("2026-02-17", count=1, series={"CPILFESL": rows}), "macro.core_cpi_3m")
    assert found.value is None
    assert found.reason == "CPILFESL of 2025-10 is missing, 3 months before the newest"


def test_the_newest_row_known_counts_even_when_the_frame_is_not_in_the_order_of_release() -> None:
    rows = [("2024-01-01", 3.7, "2024-03-06 13:30"), ("2024-02-01", 3.9, "2024-03-05 13:30")]
    found = market("2024-03-04", count=3, series={"UNRATE": rows})
    assert joins(found, "UNRATE") == {"2024-03-04": None, "2024-03-05": 3.9, "2024-03-06": 3.9}


def test_a_revised_figure_says_from_what_it_was_revised() -> None:
    rows = [("2024-01-01", 3.7, "2024-02-02 13:30"), ("2024-01-01", 3.8, "2024-03-05 13:30")]
    found = market("2024-03-04", count=2, series={"UNRATE": rows})
    histories = catalogue.compute(found, ["macro.unemployment"])
    told = [catalogue.readings(found, histories, day.date())["macro.unemployment"] for day in found.days]
    assert [(reading.value, reading.notes) for reading in told] == [
        (3.7, ()),
        (3.8, ("UNRATE of 2024-01-01 revised from 3.7",)),
    ]
