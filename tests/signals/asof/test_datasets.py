"""Records joined to sessions: never before their time, the newest of a key, and how old they may be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.asof import datasets
from signals.core.market import FINAL_AFTER, Market
from signals.core.panel import Panel
from tests.signals.markets import market

SESSIONS = 6
# 2, 3, 4, 5, 8, 9 January 2024 are sessions; they close at 21:00 UTC.
DAYS = ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09"]


def options(*rows: tuple[str, str, float, str]) -> pd.DataFrame:
    """(date, symbol, skew, known_at) as the contract has it."""
    frame = pd.DataFrame(rows, columns=["date", "symbol", "skew_25d", "known_at"])
    frame["date"] = pd.to_datetime(frame["date"])
    frame["known_at"] = pd.to_datetime(frame["known_at"], utc=True)
    others = ("put_volume", "call_volume", "put_open_interest", "call_open_interest", "iv_atm")
    return frame.assign(**dict.fromkeys(others, np.nan), source="dice")


def of(*rows: tuple[str, str, float, str]) -> Panel:
    return Panel(market("2024-01-02", count=SESSIONS, records={"options": options(*rows)}))


def skew(panel: Panel) -> list[float | None]:
    """After each session the value of the newest day that stands."""
    found = [datasets.current_rows(panel, "options", position).sort_values("date") for position in range(panel.count)]
    return [each["skew_25d"].iloc[-1] if len(each) else None for each in found]


def test_a_row_counts_from_the_session_whose_close_and_twenty_minutes_it_does_not_miss() -> None:
    panel = of(
        ("2024-01-03", "QQQ", 1.0, "2024-01-03T21:20:00Z"),
        ("2024-01-04", "QQQ", 2.0, "2024-01-04T21:20:01Z"),
    )
    assert skew(panel) == [None, 1.0, 1.0, 2.0, 2.0, 2.0]


def test_a_correction_stands_from_its_own_instant_on_and_never_before() -> None:
    panel = of(
        ("2024-01-03", "QQQ", 1.0, "2024-01-03T21:00:00Z"),
        ("2024-01-03", "QQQ", 1.5, "2024-01-05T12:00:00Z"),
        ("2024-01-04", "QQQ", 2.0, "2024-01-04T21:00:00Z"),
        ("2024-01-04", "QQQ", 2.5, "2024-01-08T12:00:00Z"),
    )
    assert skew(panel) == [None, 1.0, 2.0, 2.0, 2.5, 2.5]
    assert datasets.current_rows(panel, "options", 2)["skew_25d"].tolist() == [1.0, 2.0]
    assert datasets.current_rows(panel, "options", 5)["skew_25d"].tolist() == [1.5, 2.5]


def test_a_row_that_comes_late_does_not_hide_a_newer_one() -> None:
    panel = of(
        ("2024-01-04", "QQQ", 2.0, "2024-01-04T21:00:00Z"),
        ("2024-01-03", "QQQ", 1.0, "2024-01-08T12:00:00Z"),
    )
    assert skew(panel) == [None, None, 2.0, 2.0, 2.0, 2.0]


def test_rows_of_a_weekend_count_on_the_session_after_it() -> None:
    panel = of(("2024-01-05", "QQQ", 3.0, "2024-01-06T13:00:00Z"))
    assert skew(panel) == [None, None, None, None, 3.0, 3.0]


def test_what_is_not_known_yet_says_since_when_it_is() -> None:
    panel = of(("2024-01-03", "QQQ", 1.0, "2024-01-03T21:00:00Z"))
    told = "no options known on 2024-01-02; the first counts from 2024-01-03"
    assert datasets.nothing_yet(panel, "options", 0) == told
    assert datasets.nothing_yet(panel, "guidance", 5) == "no guidance stored up to 2024-01-09"


def test_a_market_without_records_has_empty_rows_with_all_columns() -> None:
    panel = Panel(market("2024-01-02", count=3))
    assert datasets.rows(panel, "funds").empty
    assert "shares_outstanding" in datasets.rows(panel, "funds")
    with pytest.raises(KeyError):
        datasets.rows(panel, "rumours")


ROWS = st.lists(
    st.tuples(
        st.sampled_from(DAYS),
        st.sampled_from(["QQQ", "NVDA"]),
        st.floats(-5, 5),
        st.integers(0, 9 * 24 * 60),
    ),
    max_size=25,
)


def drawn(rows: list[tuple[str, str, float, int]]) -> Market:
    """A market with the rows drawn; their instants are minutes since the 2nd of January."""
    start = pd.Timestamp("2024-01-02T00:00Z")
    stamped = [(day, who, value, (start + pd.Timedelta(minutes=late)).isoformat()) for day, who, value, late in rows]
    return market("2024-01-02", count=SESSIONS, records={"options": options(*stamped)})


@settings(max_examples=30)
@given(ROWS)
def test_nothing_is_ever_used_before_it_was_known(rows: list[tuple[str, str, float, int]]) -> None:
    panel = Panel(drawn(rows))
    for position in range(SESSIONS):
        final = panel.market.ends[position] + FINAL_AFTER
        frame = panel.market.records["options"]
        expected = frame[frame["known_at"] <= final]
        standing = datasets.current_rows(panel, "options", position)
        assert (standing["known_at"] <= final).all()
        newest = expected.sort_values("known_at", kind="stable").drop_duplicates(["date", "symbol"], keep="last")
        key = ["date", "symbol", "skew_25d"]
        assert set(standing[key].itertuples(index=False)) == set(newest[key].itertuples(index=False))


@settings(max_examples=40)
@given(ROWS, st.integers(0, SESSIONS - 1))
def test_later_rows_change_nothing_that_was_said_before(rows: list[tuple[str, str, float, int]], cut: int) -> None:
    whole = drawn(rows)
    then = whole.until(whole.sessions[cut].date())
    for position in range(cut + 1):
        before, after = (datasets.current_rows(Panel(each), "options", position) for each in (then, whole))
        pd.testing.assert_frame_equal(before, after)
