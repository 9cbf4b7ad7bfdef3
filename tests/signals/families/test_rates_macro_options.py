"""Signals made of series: each leg joined by itself, monthly growth, ratios and the mean of put/call."""

from __future__ import annotations

from datetime import date

import pytest

from tests.signals.markets import last, last_value, market, values

DAYS = [f"2024-03-{day:02d}" for day in (1, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 18, 19, 20, 21, 22, 25, 26, 27, 28)]


@pytest.mark.parametrize(
    ("id", "series"),
    [
        ("rates.real_10y", "DFII10"),
        ("rates.nominal_10y", "DGS10"),
        ("rates.nominal_2y", "DGS2"),
        ("rates.breakeven_10y", "T10YIE"),
    ],
)
def test_yields_are_those_of_the_session_before(id: str, series: str) -> None:
    found = market("2024-03-01", count=2, series={series: [("2024-03-01", 1.9), ("2024-03-04", 2.0)]})
    reading = last(found, id)
    assert reading.value == 1.9
    assert reading.observed == date(2024, 3, 1)


def test_the_target_range_counts_on_its_day() -> None:
    found = market(
        "2024-09-18", count=2, series={"DFEDTARU": [("2024-09-19", 5.0)], "DFEDTARL": [("2024-09-19", 4.75)]}
    )
    assert last_value(found, "rates.fed_upper") == 5.0
    assert last_value(found, "rates.fed_lower") == 4.75


def test_the_legs_of_the_curve_are_joined_each_by_itself() -> None:
    series = {"DGS10": [("2024-03-01", 4.2), ("2024-03-04", 4.1)], "DGS2": [("2024-03-01", 4.5)]}
    reading = last(market("2024-03-04", count=2, series=series), "rates.curve_10y2y")
    assert reading.value == pytest.approx(4.1 - 4.5)
    assert reading.observed == date(2024, 3, 1)


def test_a_stale_leg_withholds_the_difference_and_is_named() -> None:
    series = {"DGS10": [(day, 4.2) for day in DAYS], "DGS2": [("2024-03-01", 4.5)]}
    reading = last(market("2024-03-01", count=8, series=series), "rates.curve_10y2y")
    assert reading.value is None
    assert reading.reason == "newest DGS2 is 2024-03-01, 7 sessions old; at most 5"


def test_core_pce_prices_are_three_months_at_a_yearly_pace_and_count_after_61_days() -> None:
    rows = [("2023-11-01", 120.0), ("2023-12-01", 120.5), ("2024-01-01", 121.0), ("2024-02-01", 121.2)]
    # 1 February and 61 days is 2 April; before it the newest is January, whose October is missing.
    found = market("2024-04-01", count=2, series={"PCEPILFE": rows})
    # 121.2/120 is 1.01, and 1.01^4 = 1.04060401.
    assert values(found, "macro.core_pce_3m")[1] == 4.060401


def test_inflation_of_a_year_needs_the_same_month_of_the_year_before() -> None:
    rows = [("2023-01-01", 300.0), ("2023-02-01", 301.0), ("2024-01-01", 309.0)]
    found = market("2024-02-15", count=1, series={"CPIAUCSL": rows})
    assert last_value(found, "macro.cpi_yoy") == 3.0
    later = market("2024-03-18", count=1, series={"CPIAUCSL": [*rows, ("2024-02-01", 310.03)]})
    assert last_value(later, "macro.cpi_yoy") == 3.0
    without = market("2024-03-18", count=1, series={"CPIAUCSL": [rows[0], ("2024-02-01", 310.03)]})
    assert last(without, "macro.cpi_yoy").reason == "CPIAUCSL of 2023-02 is missing, 12 months before the newest"


def test_core_inflation_is_three_months_at_a_yearly_pace() -> None:
    rows = [("2023-11-01", 300.0), ("2023-12-01", 301.0), ("2024-01-01", 302.0), ("2024-02-01", 303.0)]
    # 1 February counts on 17 March, a Sunday: Monday the 18th.
    found = market("2024-03-15", count=2, series={"CPILFESL": rows})
    assert values(found, "macro.core_cpi_3m") == [None, pytest.approx(100 * (1.01**4 - 1))]
    assert last(found.until(date(2024, 3, 15)), "macro.core_cpi_3m").reason == (
        "CPILFESL of 2023-10 is missing, 3 months before the newest"
    )


def test_payrolls_are_the_mean_monthly_change_over_three_months() -> None:
    # February counts 38 days after its first day, on Sunday 10 March: Monday the 11th.
    rows = [("2023-11-01", 157_000.0), ("2024-02-01", 157_600.0)]
    assert last_value(market("2024-03-11", count=1, series={"PAYEMS": rows}), "macro.payrolls_3m") == 200.0
    assert last(market("2024-03-11", count=1), "macro.payrolls_3m").reason == "PAYEMS has no observations"


def test_volatility_ratios_and_differences() -> None:
    series = {"VIX": [("2024-03-04", 18.0)], "VIX3M": [("2024-03-04", 15.0)], "VXN": [("2024-03-04", 22.5)]}
    series |= {"SKEW": [("2024-03-04", 145.5)]}
    found = market("2024-03-04", count=1, series=series)
    assert last_value(found, "options.vix") == 18.0
    assert last_value(found, "options.vix_term") == pytest.approx(1.2)
    assert last_value(found, "options.vxn_minus_vix") == 4.5
    assert last_value(found, "options.skew") == 145.5


def test_put_call_is_the_mean_of_21_sessions_as_joined() -> None:
    # Known one session later each: 21 sessions from 4 March to 2 April hold the values of 1 March to 1 April.
    numbers = [0.5 + 0.01 * place for place in range(21)]
    series = {"CBOE_EQUITY_PC": list(zip([*DAYS, "2024-04-01"], numbers, strict=True))}
    found = market("2024-03-04", count=21, series=series)
    assert last_value(found, "options.equity_put_call_21d") == pytest.approx(0.6)
    early = last(found.until(found.days[-2].date()), "options.equity_put_call_21d")
    assert early.reason == "needs 21 sessions, 20 are known since 2024-03-04"


def test_put_call_holds_a_value_over_a_gap_of_five_sessions_and_not_over_six() -> None:
    rows = [("2024-02-29", 0.6), ("2024-03-08", 0.8)]
    held = market("2024-03-01", count=21, series={"CBOE_EQUITY_PC": [*rows, *((day, 0.8) for day in DAYS[6:])]})
    # 1 to 8 March are 6 sessions after 29 February, so 8 March itself has none.
    reading = last(held, "options.equity_put_call_21d")
    assert reading.value is None
    assert reading.reason == (
        "needs 21 sessions, on 2024-03-08: newest CBOE_EQUITY_PC is 2024-02-29, 6 sessions old; at most 5"
    )
    sooner = [("2024-02-29", 0.6), ("2024-03-07", 0.8), *((day, 0.8) for day in DAYS[5:])]
    found = market("2024-03-01", count=21, series={"CBOE_EQUITY_PC": sooner})
    # Five sessions at 0.6 (1 to 7 March), sixteen at 0.8.
    assert last_value(found, "options.equity_put_call_21d") == pytest.approx((5 * 0.6 + 16 * 0.8) / 21)
    assert (
        last(market("2024-03-01", count=21), "options.equity_put_call_21d").reason
        == "CBOE_EQUITY_PC has no observations"
    )
