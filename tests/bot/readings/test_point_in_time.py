"""A year of sessions through the archive: what was known on a day stays what it was, whatever is added or corrected later.

A simulated market with a few companies less is stored in five batches, a quarter each, and some figures are corrected on the
way: a close, a month of prices, a count of a fund's shares, a snapshot of estimates, a report of holdings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from bot.market_pack import export_pack, import_pack
from bot.sources.simulated import simulate
from signals import catalogue
from signals.asof import watched_names
from signals.core.datasets import DATASETS
from signals.core.market import Market
from signals.core.model import History, Reading, State
from tests.signals import recount

BATCHES = [date(2024, 6, 28), date(2024, 9, 30), date(2024, 12, 31), date(2025, 3, 31), date(2025, 6, 30)]
"""Sessions on whose evening everything until then is fetched."""
EVENINGS = BATCHES[2:]
"""Those on which all signals are computed, in `make verify` on each: before and after the close is corrected, and at last."""
CLOSE_DAY = date(2024, 11, 13)
"""RSP's close of this day is corrected with the batch of March."""

pytestmark = pytest.mark.slow


@dataclass
class Year:
    """The archive with all five batches, and what was computed of it on some of their evenings."""

    archive: Archive
    calendar: Calendar
    source: Market
    then: dict[date, dict[str, History]]
    now: dict[str, History]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, thorough: bool) -> Iterator[Year]:
    calendar = Calendar(date(2023, 5, 1), date(2026, 2, 1))
    source = with_corrections(trimmed(simulate(calendar, date(2023, 6, 1), BATCHES[-1])))
    with Archive.open(tmp_path_factory.mktemp("year") / "market.db") as archive:
        then, before = {}, date.min
        for day in BATCHES:
            archive.store(batch(source, before, day, calendar), calendar, live=False)
            if thorough or day in EVENINGS:
                then[day] = catalogue.compute(archive.market(calendar))
            before = day
        yield Year(archive, calendar, source, then, then[BATCHES[-1]])


COMPANIES = {*watched_names.SEVEN, *watched_names.AI, *watched_names.TECH[:24], *watched_names.OTHERS[:20]}


def trimmed(market: Market) -> Market:
    """With few of the members and of those whose estimates are watched."""
    universe = market.universe[market.universe["ticker"].isin(COMPANIES)]
    strangers = set(market.universe["ticker"]) - set(universe["ticker"])
    kept = [ticker for ticker in market.close if ticker not in strangers]
    records = {
        name: rows[~rows["ticker"].isin(strangers)] if "ticker" in rows else rows
        for name, rows in market.records.items()
    }
    return replace(
        market, universe=universe, close=market.close[kept], adj_close=market.adj_close[kept], records=records
    )


def with_corrections(market: Market) -> Market:
    """Rows that become known later and say something else, beside those that were there."""
    series, records = dict(market.series), dict(market.records)
    prices = series["CPILFESL"]
    again = prices.loc[["2024-08-01"]].assign(known_at=pd.Timestamp("2024-10-10 12:30", tz="UTC").as_unit("ns"))
    series["CPILFESL"] = pd.concat([prices, again.assign(value=again["value"] * 1.004)]).sort_index(kind="stable")
    records["funds"] = corrected(
        records["funds"], {"ticker": "XLK", "date": "2024-10-15"}, "shares_outstanding", 1.02, "2024-10-21 13:00"
    )
    records["estimates"] = corrected(
        records["estimates"], {"ticker": "NVDA", "date": "2024-11-19"}, "eps_next_year", 0.8, "2024-11-21 14:00"
    )
    records["holdings"] = corrected(
        records["holdings"],
        {"manager": "Drumlin Advisors", "ticker": "MSFT", "quarter": "2024-09-30"},
        "shares",
        3.0,
        "2024-12-02 22:00",
    )
    return replace(market, series=series, records=records)


def corrected(rows: pd.DataFrame, key: Mapping[str, str], column: str, factor: float, known_at: str) -> pd.DataFrame:
    same = np.logical_and.reduce([rows[name].astype(str) == value for name, value in key.items()])
    again = rows[same].copy()
    assert len(again) == 1
    again[column] *= factor
    again["known_at"] = pd.Timestamp(known_at, tz="UTC").as_unit("ns")
    return pd.concat([rows, again]).sort_values("known_at", kind="stable", ignore_index=True)


def batch(market: Market, after: date, day: date, calendar: Calendar) -> Fetched:
    """What is new between two evenings; in March the close that is corrected comes again."""
    now = calendar.final_at(day) + timedelta(minutes=5)
    known = market.until(day)
    since = pd.Timestamp(after) if after > date.min else pd.Timestamp("2000-01-01")
    rows = known.close.index > since
    bars = {
        ticker: pd.DataFrame({"close": known.close[ticker], "adj_close": known.adj_close[ticker]})[rows].dropna()
        for ticker in known.close
    }
    if day == BATCHES[3]:
        at = pd.Timestamp(CLOSE_DAY)
        wrong = pd.DataFrame({"close": known.close["RSP"] * 1.03, "adj_close": known.adj_close["RSP"] * 1.03})
        bars["RSP"] = pd.concat([wrong.loc[[at]], bars["RSP"]])
    begun = pd.Timestamp(calendar.final_at(after)) if after > date.min else pd.Timestamp("2000-01-01", tz="UTC")
    return Fetched(
        source="simulated",
        fetched_at=now,
        bars=bars,
        observations={
            name: frame[(frame.index > since) | (frame["known_at"] > begun)] for name, frame in known.series.items()
        },
        universe=known.universe if after == date.min else None,
        records={name: frame[frame["known_at"] > begun] for name, frame in known.records.items()},
    )


def values(histories: Mapping[str, History], until: date) -> pd.DataFrame:
    return pd.DataFrame({id: history.values for id, history in histories.items()}).loc[: pd.Timestamp(until)]


def test_the_year_has_readings_of_every_signal(year: Year) -> None:
    readings = catalogue.readings(year.archive.market(year.calendar), year.now, BATCHES[-1])
    withheld = {id: reading.reason for id, reading in readings.items() if reading.value is None}
    assert {id: reason for id, reason in withheld.items() if reason != "the leg goes back into big tech"} == {}


def test_no_reading_of_the_year_changes_when_later_rows_are_added(year: Year) -> None:
    """Every signal on every session: as it was in the evening of its quarter, as it is asked for later, and with all rows."""
    whole = values(year.now, BATCHES[-1])
    for day in year.then.keys() - {BATCHES[-1]}:
        then = values(year.then[day], day)
        asked = values(catalogue.compute(year.archive.market(year.calendar, as_of=day)), day)
        pd.testing.assert_frame_equal(asked, then, rtol=1e-12, atol=1e-12)
        other = ~np.isclose(whole.loc[: pd.Timestamp(day)], then, rtol=1e-9, atol=1e-9, equal_nan=True)
        changed = {id: then.index[other[:, place]][0].date() for place, id in enumerate(then) if other[:, place].any()}
        # Only the corrected close reaches back: not behind its day, and only while its correction was not known.
        assert bool(changed) is (CLOSE_DAY <= day < BATCHES[3])
        assert all(first >= CLOSE_DAY and "RSP" in catalogue.signal(id).inputs for id, first in changed.items()), (
            changed
        )


def test_the_market_of_a_session_is_the_same_whenever_it_is_asked_for(year: Year) -> None:
    """Frames of sessions all over the year and beside each correction, so that signals, which only read them, are the same."""
    everything = year.archive.market(year.calendar)
    corrections = (CLOSE_DAY, date(2024, 10, 21))
    beside = {year.calendar.at_or_before(day + timedelta(days=step)) for day in corrections for step in (-1, 0)}
    sessions = year.calendar.between(BATCHES[0], BATCHES[-1])
    for session in sorted({*sessions[40::120], *beside}):
        asked, cut = year.archive.market(year.calendar, as_of=session), everything.until(session)
        for name, frame in cut.records.items():
            pd.testing.assert_frame_equal(asked.records[name], frame)
        for name, frame in cut.series.items():
            pd.testing.assert_frame_equal(asked.series[name], frame)
        other = ~np.isclose(asked.close, cut.close, rtol=1e-12, equal_nan=True)
        cells = [(asked.close.columns[column], asked.days[row].date()) for row, column in np.argwhere(other)]
        assert cells == ([("RSP", CLOSE_DAY)] if CLOSE_DAY <= session < BATCHES[3] else [])


CORRECTED = [
    (date(2024, 10, 10), date(2024, 10, 9), "macro.core_cpi_3m"),
    (date(2024, 10, 21), date(2024, 10, 18), "flows.tech_4w"),
    (date(2024, 11, 21), date(2024, 11, 20), "valuation.forward_pe_megacap"),
    (date(2024, 12, 3), date(2024, 12, 2), "filings.tech_net_change"),
    (BATCHES[3], CLOSE_DAY, "weighting.rsp_spy.spread_1d"),
]


@pytest.mark.parametrize(("known", "session", "id"), CORRECTED)
def test_a_corrected_figure_leaves_the_old_reading_and_tells_the_new_one(
    year: Year, known: date, session: date, id: str
) -> None:
    before = year.archive.market(year.calendar, as_of=session)
    then = catalogue.readings(before, catalogue.compute(before, [id]), session)[id]
    corrected = year.archive.corrected(before)
    assert corrected is not None
    by_now = catalogue.readings(corrected, catalogue.compute(corrected, [id]), session)[id]
    assert by_now.value != pytest.approx(then.value, rel=1e-6)
    assert by_now.state is then.state is State.FINAL
    after = year.archive.market(year.calendar, as_of=known)
    if id == "weighting.rsp_spy.spread_1d":
        assert catalogue.compute(after, [id])[id].values[pd.Timestamp(session)] == pytest.approx(by_now.value)
        return
    counts = catalogue.readings(after, catalogue.compute(after, [id]), known)[id]
    said = {"macro.core_cpi_3m": "CPILFESL of 2024-08-01 revised from", "filings.tech_net_change": "1 of them restated"}
    assert any(note.startswith(said.get(id, "")) for note in counts.notes) or id not in said
    assert not any(note.startswith(said.get(id, "-")) for note in then.notes)


def test_nothing_was_corrected_after_the_last_batch(year: Year) -> None:
    assert year.archive.corrected(year.archive.market(year.calendar, as_of=BATCHES[-1])) is None


OF_RECORDS = [
    id
    for id in catalogue.SIGNALS
    if id.startswith(
        (
            *recount.OF_RECORDS,
            "options.put_call",
            "options.skew_25d",
            "options.iv30",
            "weighting.mag7",
            "weighting.top10",
            "rates.priced",
            "rates.sep",
            "capex.semis_capacity",
            "capex.computer",
        )
    )
]
"""The second table of the register."""


def test_the_second_table_equals_a_recount_from_the_text_of_the_register(year: Year, thorough: bool) -> None:
    """On 20 sessions, in `make verify` on 60."""
    assert len(OF_RECORDS) == 60
    market = year.archive.market(year.calendar)
    slow = recount.Recount(market)
    dice = np.random.default_rng(3)
    for at in sorted(dice.choice(len(market.days), 60 if thorough else 20, replace=False).tolist()):
        for id in OF_RECORDS:
            want, got = slow.value(id, at), year.now[id].values.iloc[at]
            assert (want is None) == np.isnan(got), (id, at, want, year.now[id].why(at))
            assert want is None or got == pytest.approx(
                want, rel=1e-9, abs=0.011 if id in recount.DOLLAR_SUMS else 1.1e-8
            ), (id, at)


def test_the_way_through_a_pack_changes_no_reading(year: Year, tmp_path: Path, thorough: bool) -> None:
    """Every dataset and correction: exported, imported elsewhere, and asked for in December and in June about five sessions.

    In December only about what is corrected afterwards or was before, in `make verify` about everything.
    """
    export_pack(year.archive, tmp_path / "pack")
    with Archive.open(tmp_path / "copy.db") as copy:
        import_pack(copy, tmp_path / "pack", now=year.calendar.final_at(BATCHES[-1]), calendar=year.calendar)
        december = catalogue.SIGNALS if thorough else [id for _, _, id in CORRECTED]
        for evening, sessions, ids in (
            (BATCHES[2], BATCHES[:3], december),
            (BATCHES[-1], BATCHES[3:], catalogue.SIGNALS),
        ):
            market = copy.market(year.calendar, as_of=evening)
            assert set(market.records) == set(DATASETS)
            then = {id: year.then[evening][id] for id in ids}
            histories = catalogue.compute(market, ids)
            for day in sessions:
                want, got = (catalogue.readings(market, found, day).values() for found in (then, histories))
                assert list(map(figure, got)) == list(map(figure, want))


def figure(reading: Reading) -> Reading:
    """Without the remark that a figure is today's revision: a pack does not say when its figures were fetched."""
    return replace(reading, notes=tuple(note for note in reading.notes if "today's revision" not in note))
