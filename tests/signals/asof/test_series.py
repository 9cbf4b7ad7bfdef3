"""When an observation counts, how long it may be held, and what a revision changes."""

from __future__ import annotations

from datetime import date

import pandas as pd
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


def test_a_monthly_value_is_withheld_when_it_is_dated_more_than_106_days_ago() -> None:
    # 106 days after 1 January 2025 is Thursday 17 April; the 18th is Good Friday, so Monday is day 110.
    found = market("2025-04-16", count=3, series={"UNRATE": [("2025-01-01", 4.0)]})
    assert values(found, "macro.unemployment") == [4.0, 4.0, None]
    assert last(found, "macro.unemployment").reason == "newest UNRATE is 2025-01-01, 110 days old; at most 106"


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
    # November's came out late, on 18 December 2025; three months before November is August.
    assert last_value(market("2025-12-18", count=1, series={"CPILFESL": rows}), "macro.core_cpi_3m") == pytest.approx(
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


JOBS = [("2025-07-01", 159_000.0), ("2025-08-01", 159_100.0), ("2025-09-01", 159_200.0), ("2025-10-01", 159_050.0)]
JOBS += [("2025-11-01", 159_150.0)]


@pytest.mark.parametrize(
    ("session", "newest"),
    [
        # By the rule September's jobs would count from 9 October 2025; they were published on 20 November, October's and
        # November's together on 16 December.
        ("2025-10-10", "2025-08-01"),
        ("2025-11-14", "2025-08-01"),
        ("2025-11-20", "2025-09-01"),
        ("2025-12-15", "2025-09-01"),
        ("2025-12-16", "2025-11-01"),
    ],
)
def test_after_a_shutdown_jobs_are_known_when_they_were_published(session: str, newest: str) -> None:
    found = market(session, count=1, series={"UNRATE": [*JOBS[:3], JOBS[4]], "PAYEMS": JOBS})
    assert last(found, "macro.unemployment").observed == date.fromisoformat(newest)
    assert str(joined(Panel(found), "PAYEMS").observed[0]) == newest


def test_no_october_of_unemployment_came_with_november() -> None:
    # Only payrolls of October 2025 were published; a row of it that a file has all the same counts by the rule.
    found = market("2025-11-10", count=1, series={"UNRATE": [("2025-10-01", 4.5)]})
    assert last(found, "macro.unemployment").observed == date(2025, 10, 1)


@pytest.mark.parametrize(
    ("series", "month", "before", "released"),
    [
        ("CPILFESL", "2013-09-01", "2013-10-29", "2013-10-30"),
        ("CPILFESL", "2013-10-01", "2013-11-19", "2013-11-20"),
        ("CPIAUCSL", "2025-09-01", "2025-10-23", "2025-10-24"),
        ("CPIAUCSL", "2025-11-01", "2025-12-17", "2025-12-18"),
        ("CPILFESL", "2026-01-01", "2026-02-12", "2026-02-13"),
        ("UNRATE", "2013-09-01", "2013-10-21", "2013-10-22"),
        ("PAYEMS", "2026-01-01", "2026-02-10", "2026-02-11"),
        ("PCEPI", "2013-09-01", "2013-11-07", "2013-11-08"),
        ("PCEPI", "2013-10-01", "2013-12-05", "2013-12-06"),
        ("PCEPILFE", "2018-12-01", "2019-02-28", "2019-03-01"),
        ("PCEPILFE", "2019-01-01", "2019-03-28", "2019-03-29"),
        ("PCEPILFE", "2019-02-01", "2019-04-26", "2019-04-29"),
        ("PCEPILFE", "2025-09-01", "2025-12-04", "2025-12-05"),
        ("PCEPI", "2025-11-01", "2026-01-21", "2026-01-22"),
        ("PCEPI", "2025-12-01", "2026-02-19", "2026-02-20"),
        ("CAPUTLG3344S", "2013-09-01", "2013-10-25", "2013-10-28"),
        ("CAPUTLG3344S", "2025-09-01", "2025-12-02", "2025-12-03"),
        ("CAPUTLG3344S", "2025-10-01", "2025-12-22", "2025-12-23"),
        ("CAPUTLG3344S", "2025-11-01", "2025-12-22", "2025-12-23"),
        ("A34SNO", "2013-08-01", "2013-11-01", "2013-11-04"),
        ("A34SNO", "2018-11-01", "2019-02-01", "2019-02-04"),
        ("A34SNO", "2018-12-01", "2019-02-26", "2019-02-27"),
        ("A34SNO", "2019-01-01", "2019-03-18", "2019-03-19"),
        ("A34SNO", "2025-09-01", "2025-12-03", "2025-12-04"),
        ("A34SNO", "2025-10-01", "2026-01-06", "2026-01-07"),
        ("A34SNO", "2025-11-01", "2026-01-28", "2026-01-29"),
        ("A34SNO", "2025-12-01", "2026-02-20", "2026-02-23"),
        ("A34SNO", "2026-02-01", "2026-04-09", "2026-04-10"),
    ],
)
def test_a_late_release_counts_from_its_day(series: str, month: str, before: str, released: str) -> None:
    found = joins(market(before, count=2, series={series: [(month, 3.0)]}), series)
    assert found == {before: None, released: 3.0}


def test_prices_of_october_2025_were_not_known_in_december() -> None:
    # By the rule from the first; they came on 22 January together with November's, too old to be the newest by then.
    assert joins(market("2025-12-01", count=1, series={"PCEPI": [("2025-10-01", 3.0)]}), "PCEPI") == {
        "2025-12-01": None
    }


def test_orders_of_august_2025_were_not_known_in_october() -> None:
    # By the rule from the sixth; they came on 18 November, too old to be the newest by then.
    assert joins(market("2025-10-07", count=1, series={"A34SNO": [("2025-08-01", 26000.0)]}), "A34SNO") == {
        "2025-10-07": None
    }


def test_an_own_instant_stands_over_the_table_of_late_releases() -> None:
    found = market("2025-11-17", count=3, series={"UNRATE": [("2025-09-01", 4.4, "2025-11-18 13:30")]})
    assert joins(found, "UNRATE") == {"2025-11-17": None, "2025-11-18": 4.4, "2025-11-19": 4.4}


def test_a_date_by_rule_is_marked_and_a_date_of_its_own_is_not() -> None:
    series = {"UNRATE": [("2024-01-01", 3.7)], "PAYEMS": [("2023-10-01", 9.0), ("2024-01-01", 9.9, "2024-02-02 13:30")]}
    series["DGS10"] = [("2024-02-08", 4.1, "2024-02-08 21:15")]
    series["DGS2"] = [("2024-02-08", 4.5)]
    found = market("2024-02-09", count=1, series=series)
    assert last(found, "macro.unemployment").known_at_estimated
    assert not last(found, "macro.payrolls_3m").known_at_estimated
    assert not last(found, "rates.nominal_10y").known_at_estimated
    # One leg by the rule is enough.
    assert last(found, "rates.curve_10y2y").known_at_estimated
    assert not last(found, "options.vix").known_at_estimated, "a withheld reading has no date at all"


@pytest.mark.parametrize(
    ("fetched", "notes"),
    [
        # January's rate counts from 8 February 2024 by the rule, and the next release comes a month later.
        ("2024-02-08 22:00", ()),
        ("2024-03-07 22:00", ()),
        ("2024-03-08 22:00", ("UNRATE of 2024-01: today's revision, not the figure first published",)),
        ("2026-11-28 22:00", ("UNRATE of 2024-01: today's revision, not the figure first published",)),
    ],
)
def test_a_figure_fetched_after_the_next_release_says_that_it_is_todays_revision(
    fetched: str, notes: tuple[str, ...]
) -> None:
    at = pd.Series(pd.DatetimeIndex([fetched], tz="UTC"), index=pd.DatetimeIndex(["2024-01-01"]))
    found = market("2024-02-09", count=1, series={"UNRATE": [("2024-01-01", 3.7)]}, fetched_at={"UNRATE": at})
    assert last(found, "macro.unemployment").notes == notes


def test_an_earlier_month_that_is_todays_revision_is_named() -> None:
    rows = [("2023-10-01", 100.0), ("2024-01-01", 102.0)]
    fetched = pd.Series(
        pd.DatetimeIndex(["2024-02-08 22:00"] * 2, tz="UTC"), index=pd.DatetimeIndex(["2023-10-01", "2024-01-01"])
    )
    found = market("2024-02-09", count=1, series={"PAYEMS": rows}, fetched_at={"PAYEMS": fetched})
    assert last(found, "macro.payrolls_3m").notes == (
        "PAYEMS of 2023-10: today's revision, not the figure first published",
    )


def test_a_figure_with_a_date_of_its_own_is_no_revision_of_today() -> None:
    at = pd.Series(pd.DatetimeIndex([], tz="UTC"), index=pd.DatetimeIndex([]))
    rows = [("2024-01-01", 3.7, "2024-02-02 13:30")]
    found = market("2024-02-09", count=1, series={"UNRATE": rows}, fetched_at={"UNRATE": at})
    assert last(found, "macro.unemployment").notes == ()
