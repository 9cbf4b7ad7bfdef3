"""Concentration of SPY: its holdings summed up, and the shares as they were known after each close."""

from __future__ import annotations

import pandas as pd

from signals.asof.fund_weights import Concentration, concentration
from signals.core.datasets import empty
from tests.signals.markets import last, market, values


def stored(*rows: tuple[str, float, float, str]) -> dict[str, pd.DataFrame]:
    """Rows of (date, seven, ten largest, known at)."""
    frame = pd.DataFrame(rows, columns=["date", "seven", "top_ten", "known_at"]).assign(
        fund="SPY", source="statestreet"
    )
    frame["date"], frame["known_at"] = pd.to_datetime(frame["date"]), pd.to_datetime(frame["known_at"], utc=True)
    return {"weights": pd.concat([empty("weights"), frame])}


def test_all_share_classes_of_the_seven_and_the_ten_largest_lines_are_summed_up() -> None:
    lines = [("NVDA", 7.0), ("MSFT", 6.0), ("GOOGL", 3.5), ("GOOG", 3.0), ("AVGO", 2.5), ("JPM", 1.5)]
    lines += [(f"M{number}", 1.0) for number in range(10)]
    # Ten largest: the six above and four of 1.
    assert concentration(reversed(lines)) == Concentration(seven=19.5, top_ten=27.5)
    assert concentration([]) == Concentration(0, 0)


def test_the_shares_count_from_the_session_on_which_the_list_was_public() -> None:
    rows = (("2024-03-04", 29.1, 32.5, "2024-03-05 13:00"), ("2024-03-05", 29.4, 32.75, "2024-03-06 13:00"))
    found = market("2024-03-04", count=3, records=stored(*rows))
    assert values(found, "weighting.mag7_share") == [None, 29.1, 29.4]
    assert values(found, "weighting.top10_share") == [None, 32.5, 32.75]
    assert str(last(found, "weighting.mag7_share").observed) == "2024-03-05"


def test_without_a_list_that_is_fresh_the_shares_are_withheld_and_say_so() -> None:
    assert last(market(count=1), "weighting.mag7_share").reason == (
        "no list of SPY's holdings has been stored; its history begins with the first one"
    )
    old = market("2024-03-04", count=7, records=stored(("2024-03-04", 29.1, 32.5, "2024-03-04 13:00")))
    assert last(old, "weighting.top10_share").reason == (
        "newest list of SPY's holdings is of 2024-03-04, 6 sessions old; at most 5"
    )
