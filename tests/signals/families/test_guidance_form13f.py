"""Guidance counted over 30 days, and what managers bought between two quarters, worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pytest

from signals import catalogue
from signals.core.datasets import empty
from signals.core.market import Market
from signals.families.earnings_guidance import evidence
from tests.signals.markets import last, market, values

UNIVERSE = [
    ("NVDA", "Information Technology", "sp500"),
    ("MSFT", "Information Technology", "sp500"),
    ("META", "Communication Services", "sp500"),
    ("XOM", "Energy", "sp500"),
]
NAN = float("nan")

# (ticker, filed, direction)
Release = tuple[str, str, float]


def releases(rows: Sequence[Release]) -> pd.DataFrame:
    """Public at 21:30 UTC of the day, after the close."""
    frame = pd.DataFrame(rows, columns=["ticker", "filed", "direction"])
    found = frame.assign(
        accession=[f"{ticker}-{filed}-{place}" for place, (ticker, filed, _) in enumerate(rows)],
        filed=pd.to_datetime(frame["filed"]),
        sentence="We raise our outlook.",
        url="https://www.sec.gov/x",
        known_at=pd.to_datetime(frame["filed"] + " 21:30").dt.tz_localize("UTC"),
        source="edgar",
    )
    return found[list(empty("guidance").columns)].sort_values("known_at", kind="stable")


def told(first: str, count: int, rows: Sequence[Release]) -> Market:
    return market(first, count=count, universe=UNIVERSE, records={"guidance": releases(rows)})


BEGIN = ("META", "2024-01-02", 0.0)
"""Reading began long before."""


def test_guidance_is_raised_less_lowered_of_30_days_for_tech_only() -> None:
    rows = [BEGIN, ("NVDA", "2024-05-01", 1.0), ("MSFT", "2024-05-02", 1.0), ("META", "2024-05-03", -1.0)]
    rows += [("XOM", "2024-05-03", -1.0), ("META", "2024-05-06", NAN), ("META", "2024-05-06", 0.0)]
    reading = last(told("2024-05-07", 1, rows), "earnings.tech_guidance")
    assert reading.value == 1.0
    assert reading.notes == ("2 raised (MSFT NVDA), 1 lowered (META), 1 reaffirmed (META)", "today's members")
    assert reading.observed == date(2024, 5, 6)


def test_a_release_counts_from_the_session_after_and_for_30_days() -> None:
    found = told("2024-05-01", 24, [BEGIN, ("NVDA", "2024-05-01", 1.0)])
    counted = values(found, "earnings.tech_guidance")
    # 1 May itself: not yet. 2 May to 30 May; on the 31st it lies 30 days back.
    assert counted[0] == 0.0
    assert set(counted[1:21]) == {1.0}
    assert [str(day.date()) for day in found.days[20:22]] == ["2024-05-30", "2024-05-31"]
    assert counted[21] == 0.0


def test_before_30_days_of_reading_and_after_a_long_silence_there_is_no_count() -> None:
    found = told("2024-01-03", 100, [BEGIN])
    counted = values(found, "earnings.tech_guidance")
    history = catalogue.compute(found, ["earnings.tech_guidance"])["earnings.tech_guidance"]
    assert counted[0] is None
    assert history.why(0) == "releases are read since 2024-01-02, not yet for 30 days"
    assert counted[25] == 0.0
    assert counted[-1] is None
    assert history.why(99) == "newest release is of 2024-01-02, over 70 sessions ago"


def test_no_releases_are_not_zero() -> None:
    found = market("2024-05-07", count=1, universe=UNIVERSE)
    assert last(found, "earnings.tech_guidance").reason == "no guidance stored up to 2024-05-07"


def test_evidence_has_sentences_and_links_of_what_counts() -> None:
    found = told(
        "2024-05-07", 1, [BEGIN, ("NVDA", "2024-05-01", 1.0), ("MSFT", "2024-05-02", -1.0), ("META", "2024-05-06", NAN)]
    )
    items = evidence(found, date(2024, 5, 7))
    assert [(item.ticker, item.direction) for item in items] == [("MSFT", -1), ("NVDA", 1)]
    assert items[0].url.startswith("https://")
    with pytest.raises(KeyError, match="2024-05-05"):
        evidence(found, date(2024, 5, 5))


# (quarter, manager, ticker, shares, value, filed)
Holding = tuple[str, str, str, float, float, str]


def holdings(rows: Sequence[Holding]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["quarter", "manager", "ticker", "shares", "value_usd", "filed"])
    found = frame.assign(
        quarter=pd.to_datetime(frame["quarter"]),
        filed=pd.to_datetime(frame["filed"]),
        known_at=pd.to_datetime(frame["filed"] + " 21:30").dt.tz_localize("UTC"),
        source="edgar",
    )
    return found[list(empty("holdings").columns)].sort_values("known_at", kind="stable")


Q4, Q1, FEB, MAY = "2023-12-31", "2024-03-31", "2024-02-14", "2024-05-15"


def filed(rows: Sequence[Holding], *, close: dict[str, tuple[float, float]], days: int = 95) -> Market:
    """Sessions from December 29, 2023; each ticker has one close until March 28, 2024 and another one from then on."""
    prices = {ticker: [first] * 61 + [second] * (days - 61) for ticker, (first, second) in close.items()}
    return market("2023-12-29", close=prices, count=days, universe=UNIVERSE, records={"holdings": holdings(rows)})


CLOSES = {"NVDA": (100.0, 120.0), "MSFT": (400.0, 420.0), "META": (350.0, 480.0)}


def both(manager: str, ticker: str, before: float, after: float) -> list[Holding]:
    first, second = CLOSES[ticker]
    return [
        (Q4, manager, ticker, before, before * first, FEB),
        (Q1, manager, ticker, after, after * second, MAY),
    ]


def test_net_change_is_shares_bought_at_the_last_price() -> None:
    rows = [*both("A", "NVDA", 1000, 1500), *both("A", "MSFT", 200, 100), *both("B", "NVDA", 800, 0)]
    found = filed(rows, close=CLOSES, days=97)
    change, buyers = (last(found, id) for id in ("filings.tech_net_change", "filings.tech_buyers"))
    # A: 500 x 120 - 100 x 420 = +18,000; B: -800 x 120 = -96,000.
    assert change.value == pytest.approx(18_000 - 96_000)
    assert buyers.value == 0.0
    assert change.notes[:2] == (
        "13F reports of the quarter to 2024-03-31, filed until 2024-05-15",
        "2 of 2 managers: 1 bought, 1 sold",
    )
    assert change.observed == date(2024, 3, 31)
    assert not catalogue.signal("filings.tech_net_change").votes


def test_a_split_is_no_purchase() -> None:
    # NVIDIA 10 for 1 within the quarter: reported prices 1,000 and 120, closes adjusted 100 and 120.
    rows = [(Q4, "A", "NVDA", 100.0, 100_000.0, FEB), (Q1, "A", "NVDA", 1000.0, 120_000.0, MAY)]
    found = filed(rows, close=CLOSES, days=97)
    assert last(found, "filings.tech_net_change").value == 0.0
    assert last(found, "filings.tech_buyers").value == 0.0


def test_a_later_split_that_closes_know_and_reports_do_not_changes_nothing() -> None:
    # Both quarters reported at ten times the adjusted closes.
    rows = [(Q4, "A", "NVDA", 100.0, 100_000.0, FEB), (Q1, "A", "NVDA", 110.0, 132_000.0, MAY)]
    assert last(filed(rows, close=CLOSES, days=97), "filings.tech_net_change").value == pytest.approx(10 * 1200.0)


def test_a_stock_whose_prices_fit_no_split_is_left_out_and_named() -> None:
    rows = [
        *both("A", "MSFT", 200, 300),
        (Q4, "A", "NVDA", 10.0, 1_300.0, FEB),
        (Q1, "A", "NVDA", 10.0, 1_200.0, MAY),
    ]
    reading = last(filed(rows, close=CLOSES, days=97), "filings.tech_net_change")
    assert reading.value == pytest.approx(100 * 420.0)
    assert reading.notes[2] == "without NVDA: no closes, or a split in doubt"


def test_when_more_than_a_tenth_cannot_be_told_there_is_no_value() -> None:
    rows = [*both("A", "MSFT", 200, 300), *both("A", "NVDA", 1000, 1500)]
    reading = last(filed(rows, close={"MSFT": CLOSES["MSFT"]}, days=97), "filings.tech_net_change")
    assert reading.value is None
    assert reading.reason == "closes at the ends of the quarter to 2024-03-31 are missing or fit no split: NVDA"


def test_only_managers_of_both_quarters_count_and_half_must_have_reported() -> None:
    rows = [*both("A", "NVDA", 1000, 1500), (Q4, "B", "NVDA", 9.0, 900.0, FEB), (Q1, "C", "NVDA", 7.0, 840.0, MAY)]
    assert last(filed(rows, close=CLOSES, days=97), "filings.tech_net_change").value == pytest.approx(60_000.0)
    rows += [(Q4, "D", "NVDA", 9.0, 900.0, FEB)]
    reading = last(filed(rows, close=CLOSES, days=97), "filings.tech_net_change")
    assert reading.reason == "no two quarters that follow each other are known of at least half of the managers"


def test_nothing_counts_before_it_is_filed_and_nothing_that_is_too_old() -> None:
    found = filed(both("A", "NVDA", 1000, 1500), close=CLOSES, days=170)
    known = values(found, "filings.tech_net_change")
    first = next(place for place, value in enumerate(known) if value is not None)
    assert found.days[first].date() == date(2024, 5, 16)
    # 145 days after 31 March: 23 August.
    assert found.days[max(place for place, value in enumerate(known) if value is not None)].date() == date(2024, 8, 23)
    assert last(found, "filings.tech_net_change").reason.startswith("newest quarter reported is 2024-03-31, 1")


def test_a_restatement_replaces_from_its_own_day_on() -> None:
    rows = [*both("A", "NVDA", 1000, 1500), (Q1, "A", "NVDA", 900.0, 108_000.0, "2024-05-20")]
    found = filed(rows, close=CLOSES, days=100)
    known = dict(zip(found.days.strftime("%m-%d"), values(found, "filings.tech_net_change"), strict=True))
    assert known["05-20"] == pytest.approx(60_000.0)
    assert known["05-21"] == pytest.approx(-12_000.0)


def test_what_managers_did_is_the_same_whatever_is_known_later() -> None:
    dice = np.random.default_rng(4)
    rows = [
        row for name in "ABCD" for ticker in CLOSES for row in both(name, ticker, *dice.integers(0, 2000, 2).tolist())
    ]
    rows = [row for row in rows if row[3] > 0]
    rows += [(Q1, "B", "MSFT", 5.0, 2100.0, "2024-05-22")]
    found = filed(rows, close=CLOSES, days=110)
    ids = ("filings.tech_net_change", "filings.tech_buyers")
    whole = catalogue.compute(found, ids)
    for position in range(0, 110, 5):
        cut = catalogue.compute(found.until(found.days[position].date()), ids)
        for id in ids:
            assert cut[id].values.iloc[-1] == pytest.approx(whole[id].values.iloc[position], nan_ok=True)
