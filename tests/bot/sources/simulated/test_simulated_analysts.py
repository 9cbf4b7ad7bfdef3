"""Estimates and reports of the simulated market: every signal has values, and no day depends on the span."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from bot.calendar.clock import Calendar
from bot.sources.simulated import simulate
from signals import catalogue
from signals.asof import watched_names
from signals.core.datasets import DATASETS
from signals.core.market import Market

IDS = [id for id in catalogue.SIGNALS if id.startswith(("earnings.", "valuation.")) and id != "earnings.tech_guidance"]
POSSIBLE = {
    "earnings.tech_revisions": (-0.9, 0.9),
    "earnings.rest_revisions": (-0.9, 0.9),
    "earnings.tech_beats": (20, 100),
    "earnings.growth_gap": (-15, 30),
    "valuation.forward_pe_megacap": (8, 70),
    "valuation.forward_pe_small": (8, 45),
    "valuation.forward_pe_gap": (-25, 45),
    "valuation.ai_pe": (7, 80),
    "valuation.tech_pe": (10, 60),
    "valuation.ai_gap": (-30, 60),
}


def test_every_signal_has_a_likely_value_on_every_session_but_the_first_ones(decade: Market) -> None:
    """The first snapshot is that of the first Tuesday or Thursday, and counts on the session after it."""
    for id, history in catalogue.compute(decade, IDS).items():
        values = history.values.to_numpy()
        assert not np.isnan(values[4:]).any(), (id, history.why(int(np.flatnonzero(np.isnan(values))[-1])))
        low, high = POSSIBLE[id]
        assert ((values[4:] >= low) & (values[4:] <= high)).all(), (id, values[4:].min(), values[4:].max())
        assert len(np.unique(values[4:].round(3))) > 60, id


def test_both_sides_of_each_vote_are_reached(decade: Market) -> None:
    for id, history in catalogue.compute(decade, [id for id in IDS if catalogue.signal(id).votes]).items():
        vote, values = catalogue.signal(id).votes[0], history.values.dropna()
        assert vote.low is not None
        assert vote.high is not None
        assert (values <= vote.low).any(), id
        assert (values >= vote.high).any(), id


def test_rows_are_the_same_whatever_the_span_and_known_after_their_day(calendar: Calendar, decade: Market) -> None:
    other = simulate(calendar, date(2024, 6, 3), date(2025, 6, 30))
    known = other.ends[len(other.days) - 1] + pd.Timedelta(minutes=20)
    for name in ("estimates", "surprises"):
        mine, theirs = other.records[name], decade.records[name]
        cut = theirs[(theirs["known_at"] >= mine["known_at"].min()) & (theirs["known_at"] <= known)].reset_index(
            drop=True
        )
        # The first evening of reports may hold some that the longer span tells and the shorter one does not reach back to.
        both = mine[mine["known_at"] > mine["known_at"].min() + pd.Timedelta(days=100)].reset_index(drop=True)
        cut = cut[cut["known_at"] >= both["known_at"].min()].reset_index(drop=True)
        pd.testing.assert_frame_equal(both, cut, check_exact=True)
        assert not mine.duplicated(list(DATASETS[name].key)).any()
        assert [column.name for column in DATASETS[name].columns] == list(mine.columns[:-2])
        day = mine["date" if name == "estimates" else "reported"].dt.tz_localize("America/New_York")
        assert (mine["known_at"] == (day + pd.Timedelta(hours=21)).dt.tz_convert("UTC")).all()


def test_snapshots_cover_the_names_watched_and_reports_come_each_quarter(decade: Market) -> None:
    rows = decade.records["estimates"]
    assert set(rows["ticker"]) == set(watched_names.NAMES)
    apart = decade.records["surprises"].groupby("ticker")["reported"].diff().dropna()
    assert (apart == pd.Timedelta(days=91)).all()
