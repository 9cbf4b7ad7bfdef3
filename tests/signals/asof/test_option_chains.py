"""Signals of single underlyings' options: made of stored chains, so their history begins with storing."""

from __future__ import annotations

import math
from datetime import date

import pandas as pd
import pytest

from signals import catalogue
from signals.core.datasets import empty
from tests.signals.markets import last, market, values

Row = tuple[str, str, float, float, float, str]


def stored(*rows: Row) -> dict[str, pd.DataFrame]:
    """Rows of (date, symbol, puts, calls, skew, known at)."""
    frame = pd.DataFrame(rows, columns=["date", "symbol", "put_volume", "call_volume", "skew_25d", "known_at"])
    frame["date"], frame["known_at"] = pd.to_datetime(frame["date"]), pd.to_datetime(frame["known_at"], utc=True)
    return {"options": pd.concat([empty("options"), frame.assign(source="cboe-chains")])}


# 15:45 New York in March after the 10th is 19:45 UTC, in the days before 20:45.
MONDAY = ("2024-03-04", "QQQ", 300.0, 200.0, 5.5, "2024-03-04 20:45")
TUESDAY = ("2024-03-05", "QQQ", 100.0, 200.0, 6.0, "2024-03-05 20:45")


def test_a_chain_counts_on_its_own_session() -> None:
    found = market(
        "2024-03-04", count=2, records=stored(MONDAY, TUESDAY, ("2024-03-05", "NVDA", 1, 4, 2, "2024-03-05 20:45"))
    )
    assert values(found, "options.put_call.qqq") == [1.5, 0.5]
    assert values(found, "options.skew_25d.qqq") == [5.5, 6.0]
    assert values(found, "options.put_call.nvda") == [None, 0.25]
    reading = last(found, "options.put_call.qqq")
    assert reading.observed == date(2024, 3, 5)
    assert reading.sources == ("cboe-chains",)


def test_the_volatility_at_the_money_is_that_of_the_newest_chain() -> None:
    told = stored(MONDAY, TUESDAY)
    told["options"].loc[:, "iv_atm"] = [18.25, math.nan]
    told["options"].loc[:, "symbol"] = "SPY"
    found = market("2024-03-04", count=2, records=told)
    assert values(found, "options.iv30.spy") == [18.25, None]
    assert last(found, "options.iv30.spy").reason == (
        "the option chain of SPY of 2024-03-05 has no usable quotes at the money around 30 days"
    )
    assert last(found, "options.iv30.nvda").reason == (
        "no option chain of NVDA has been stored; its history begins with the first one"
    )


def test_a_chain_fetched_after_the_close_counts_from_the_next_session() -> None:
    late = ("2024-03-04", "QQQ", 300.0, 200.0, 5.5, "2024-03-04 21:20:01")
    found = market("2024-03-04", count=2, records=stored(late))
    assert values(found, "options.put_call.qqq") == [None, 1.5]
    assert last(found, "options.put_call.qqq").observed == date(2024, 3, 4)


def test_of_two_rows_of_one_session_the_newest_known_stands() -> None:
    again = ("2024-03-04", "QQQ", 500.0, 200.0, math.nan, "2024-03-05 12:00")
    found = market("2024-03-04", count=2, records=stored(again, MONDAY))
    assert values(found, "options.put_call.qqq") == [1.5, 2.5]
    assert values(found, "options.skew_25d.qqq") == [5.5, None]
    assert last(found, "options.skew_25d.qqq").reason == (
        "the option chain of QQQ of 2024-03-04 has no usable quotes around 25 deltas and 30 days"
    )


def test_a_late_correction_of_an_old_session_does_not_hide_the_newest() -> None:
    late = ("2024-03-04", "QQQ", 900.0, 200.0, 9.0, "2024-03-06 12:00")
    found = market("2024-03-04", count=3, records=stored(MONDAY, TUESDAY, late))
    assert values(found, "options.put_call.qqq") == [1.5, 0.5, 0.5]


def test_a_chain_is_held_for_five_sessions() -> None:
    found = market("2024-03-04", count=7, records=stored(MONDAY))
    assert values(found, "options.skew_25d.qqq") == [5.5] * 6 + [None]
    assert last(found, "options.skew_25d.qqq").reason == (
        "newest option chain of QQQ is of 2024-03-04, 6 sessions old; at most 5"
    )


def test_a_reason_says_since_when_chains_are_stored() -> None:
    found = market("2024-03-01", count=2, records=stored(MONDAY))
    reading = catalogue.readings(found, catalogue.compute(found, ["options.put_call.qqq"]), date(2024, 3, 1))
    assert reading["options.put_call.qqq"].reason == (
        "no option chain of QQQ was stored before 2024-03-04; its history begins there"
    )
    never = "no option chain of TSLA has been stored; its history begins with the first one"
    assert last(found, "options.put_call.tsla").reason == never
    assert last(market(count=1), "options.put_call.tsla").reason == never


@pytest.mark.parametrize(("puts", "calls"), [(5.0, 0.0), (0.0, 0.0), (5.0, math.nan), (math.nan, 5.0)])
def test_without_calls_there_is_no_ratio(puts: float, calls: float) -> None:
    found = market("2024-03-04", count=1, records=stored(("2024-03-04", "QQQ", puts, calls, 5.0, "2024-03-04 20:45")))
    reading = last(found, "options.put_call.qqq")
    assert reading.value is None
    assert reading.reason == "the option chain of QQQ of 2024-03-04 has no calls traded"


def test_no_puts_are_a_ratio_of_zero() -> None:
    found = market("2024-03-04", count=1, records=stored(("2024-03-04", "QQQ", 0.0, 8.0, 5.0, "2024-03-04 20:45")))
    assert last(found, "options.put_call.qqq").value == 0.0
