"""Filings in the simulated market: every signal made of them has values, and they are the same however they are asked for."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from bot.calendar.clock import Calendar
from bot.sources.simulated import simulate
from signals import catalogue
from signals.core.market import FINAL_AFTER, Market

CALENDAR = Calendar(date(2022, 1, 1), date(2026, 12, 31))
NAMES = ("facts", "guidance", "holdings")
IDS = ("capex.hyperscaler_yoy", "capex.hyperscaler_ttm", "capex.semis_inventory_days", "earnings.tech_guidance")
OF_MANAGERS = ("filings.tech_net_change", "filings.tech_buyers")


@pytest.fixture(scope="module")
def market() -> Market:
    return simulate(CALENDAR, date(2023, 1, 3), date(2024, 12, 31))


def test_every_signal_of_filings_has_values(market: Market) -> None:
    found = catalogue.compute(market, (*IDS, *OF_MANAGERS))
    for id in IDS:
        assert found[id].values.notna().all(), id
    for id in OF_MANAGERS:
        # The quarters to 31 March and 30 June 2023 lie in the market, the second one is filed in August.
        assert found[id].values.loc["2023-08-15":].notna().all(), id
    assert found["capex.hyperscaler_yoy"].values.between(-60, 120).all()
    assert found["capex.semis_inventory_days"].values.between(50, 200).all()
    assert found["earnings.tech_guidance"].values.nunique() > 5
    assert found["filings.tech_buyers"].values.dropna().between(-8, 8).all()


def test_readings_name_their_source_and_their_quarter(market: Market) -> None:
    found = catalogue.readings(market, catalogue.compute(market, OF_MANAGERS), market.last.date())
    for reading in found.values():
        assert reading.sources == ("simulated",)
        assert reading.notes[0].startswith("13F reports of the quarter to 2024-09-30, filed until 2024-11-")


def test_nothing_is_filed_after_the_last_session(market: Market) -> None:
    for name in NAMES:
        rows = market.records[name]
        assert (rows["known_at"] <= market.ends[-2] + FINAL_AFTER).all(), name
        assert rows["known_at"].is_monotonic_increasing, name


def test_a_filing_says_the_same_whatever_span_is_asked_for(market: Market) -> None:
    shorter = simulate(CALENDAR, date(2024, 1, 2), date(2024, 9, 30))
    for name, key in (
        ("facts", ["accession", "concept"]),
        ("guidance", ["accession"]),
        ("holdings", ["quarter", "manager", "ticker"]),
    ):
        mine, theirs = (each.records[name].set_index(key) for each in (shorter, market))
        both = mine.index.intersection(theirs.index)
        assert len(both) > 50, name
        pd.testing.assert_frame_equal(mine.loc[both].sort_index(), theirs.loc[both].sort_index())


def test_a_year_of_quarters_adds_up_to_what_the_annual_report_says(market: Market) -> None:
    rows = market.records["facts"]
    amazon = rows[(rows["ticker"] == "AMZN") & (rows["start"] == "2023-01-01")].sort_values("end")
    assert amazon["form"].tolist() == ["10-Q", "10-Q", "10-Q", "10-K"]
    assert amazon["value"].is_monotonic_increasing
