"""Capacity and orders: monthly series with longer lags than those of prices and jobs."""

from __future__ import annotations

from datetime import date

import pytest

from signals.asof.series import stale_after
from tests.signals.markets import last, last_value, market, values


def test_capacity_counts_48_days_after_its_month_begins() -> None:
    # 48 days after 1 January 2024 is Sunday 18 February, and Monday the 19th is a holiday: Tuesday the 20th.
    found = market("2024-02-16", count=2, series={"CAPUTLG3344S": [("2024-01-01", 71.5)]})
    assert values(found, "capex.semis_capacity") == [None, 71.5]
    assert last(found, "capex.semis_capacity").observed == date(2024, 1, 1)


def test_its_release_date_replaces_the_rule_where_known() -> None:
    # January's was released on Thursday 15 February at 9:15 New York.
    found = market("2024-02-14", count=2, series={"CAPUTLG3344S": [("2024-01-01", 71.5, "2024-02-15 14:15")]})
    assert values(found, "capex.semis_capacity") == [None, 71.5]


def test_orders_count_66_days_after_their_month_begins() -> None:
    # 66 days after 1 January 2024 is Thursday 7 March; 23 000 against 20 000 a year before is 15 %.
    series = {"A34SNO": [("2023-01-01", 20_000.0), ("2023-12-01", 22_000.0), ("2024-01-01", 23_000.0)]}
    found = market("2024-03-06", count=2, series=series)
    assert values(found, "capex.computer_orders_yoy") == [None, pytest.approx(15.0)]


def test_a_month_of_last_year_that_is_missing_withholds_the_growth() -> None:
    found = market("2024-03-07", count=1, series={"A34SNO": [("2023-02-01", 20_000.0), ("2024-01-01", 23_000.0)]})
    assert (
        last(found, "capex.computer_orders_yoy").reason == "A34SNO of 2023-01 is missing, 12 months before the newest"
    )


def test_growth_uses_both_months_as_they_were_known() -> None:
    rows = [("2023-01-01", 20_000.0), ("2023-01-01", 23_000.0, "2024-03-08 15:00"), ("2024-01-01", 23_000.0)]
    found = market("2024-03-07", count=2, series={"A34SNO": rows})
    assert values(found, "capex.computer_orders_yoy") == [pytest.approx(15.0), pytest.approx(0.0)]


@pytest.mark.parametrize(
    ("series", "lag"), [("CAPUTLG3344S", 48), ("A34SNO", 66), ("PAYEMS", 38), ("CPILFESL", 45), ("PCEPILFE", 61)]
)
def test_a_month_is_not_too_old_before_the_next_can_be_known(series: str, lag: int) -> None:
    # The month after begins 31 days later at most.
    assert stale_after(series) == 106 >= lag + 31


def test_a_month_of_orders_is_too_old_after_106_days() -> None:
    # 106 days after 1 January 2025 is Thursday 17 April, the last session before Easter.
    series = {"A34SNO": [("2024-01-01", 20_000.0), ("2025-01-01", 21_000.0)]}
    assert last_value(market("2025-04-17", count=1, series=series), "capex.computer_orders_yoy") == pytest.approx(5.0)
    old = last(market("2025-04-21", count=1, series=series), "capex.computer_orders_yoy")
    assert old.reason == "newest A34SNO is 2025-01-01, 110 days old; at most 106"
