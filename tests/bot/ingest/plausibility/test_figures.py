"""Series, funds and chains: what cannot be is left out, named, and believed on the operator's word alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from bot.archive import Archive
from bot.archive.location import ArchiveLocation
from bot.domain.doubt import DoubtKind, DoubtRule, DoubtState
from bot.domain.fetched import Fetched
from bot.errors import UserError
from bot.ingest import worker_tasks
from bot.ingest.plausibility.decisions import decide
from tests.bot.archive.conftest import DAYS, bars, evening, observations

LOCATION_DAYS = date(2024, 1, 1), date(2026, 12, 31)


@pytest.fixture
def location(tmp_path: Path) -> ArchiveLocation:
    return ArchiveLocation(tmp_path / "market.db", *LOCATION_DAYS)


@pytest.fixture
def archive(location: ArchiveLocation) -> Iterator[Archive]:
    with location.open() as opened:
        yield opened


def funds(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["date", "ticker", "nav", "shares_outstanding"])
    return frame.assign(date=pd.to_datetime(frame["date"]), known_at=pd.NaT)


def stored_funds(archive: Archive) -> list[tuple[str, float]]:
    sql = "SELECT date, nav FROM record_funds ORDER BY date"
    return [(date.fromordinal(day).isoformat(), nav) for day, nav in archive.db.execute(sql)]


def test_a_value_outside_its_band_is_left_out_and_the_others_stored(
    location: ArchiveLocation, archive: Archive
) -> None:
    given = {"VIX": observations({DAYS[0]: 16.1, DAYS[1]: 1599.0})}
    for minute in range(10):
        fetched = Fetched("cboe", evening(DAYS[2]).replace(minute=minute), observations=given)
        assert worker_tasks.store(location, fetched).withheld == {"VIX": {date(2026, 1, 5)}}
    [stored] = archive.doubts()
    assert (stored.doubt.kind, stored.doubt.rule, stored.doubt.day) == (
        DoubtKind.SERIES,
        DoubtRule.SERIES,
        date(2026, 1, 5),
    )
    assert stored.doubt.sentence == "VIX at 1599 is outside 5 to 150"
    assert stored.times == 10
    assert archive.db.execute("SELECT value FROM observation ORDER BY day").fetchall() == [(16.1,)]
    mended = {"VIX": observations({DAYS[1]: 15.99})}
    worker_tasks.store(location, Fetched("cboe", evening(DAYS[3]), observations=mended))
    assert archive.doubts() == []
    assert archive.doubts(only_open=False)[0].doubt.state is DoubtState.REPLACED


def test_a_value_before_others_that_are_believed_is_no_open_doubt(location: ArchiveLocation, archive: Archive) -> None:
    given = {"CBOE_EQUITY_PC": observations({DAYS[0]: 0.6, DAYS[1]: 0.0, DAYS[2]: 0.7})}
    worker_tasks.store(location, Fetched("cboe", evening(DAYS[2]), observations=given))
    [stored] = archive.doubts(only_open=False)
    assert (stored.doubt.state, stored.doubt.evidence) == (DoubtState.REFUTED, "later figures are stored without it")
    assert archive.db.execute("SELECT value FROM observation ORDER BY day").fetchall() == [(0.6,), (0.7,)]


def test_an_accepted_value_is_stored_and_never_doubted_again(location: ArchiveLocation, archive: Archive) -> None:
    given = Fetched("cboe", evening(DAYS[2]), observations={"VIX": observations({DAYS[1]: 160.0})})
    worker_tasks.store(location, given)
    number = archive.doubts()[0].id
    doubt, stored = decide(archive, number, DoubtState.ACCEPTED, location.calendar, evening(DAYS[2]))
    assert (doubt.subject, stored) == ("VIX", True)
    assert archive.db.execute("SELECT value FROM observation").fetchall() == [(160.0,)]
    worker_tasks.store(location, given)
    assert archive.doubts() == []
    with pytest.raises(UserError, match=f"There is no open doubt {number}; open are: none."):
        decide(archive, number, DoubtState.ACCEPTED, location.calendar, evening(DAYS[2]))


def test_a_rejected_value_stays_out_without_an_open_doubt(location: ArchiveLocation, archive: Archive) -> None:
    given = Fetched("cboe", evening(DAYS[2]), observations={"SKEW": observations({DAYS[1]: 14.0})})
    worker_tasks.store(location, given)
    decide(archive, archive.doubts()[0].id, DoubtState.REJECTED, location.calendar, evening(DAYS[2]))
    worker_tasks.store(location, given)
    assert archive.doubts() == []
    assert archive.db.execute("SELECT count(*) FROM observation").fetchone() == (0,)


def test_the_net_assets_of_a_fund_do_not_triple_in_a_day(location: ArchiveLocation, archive: Archive) -> None:
    given = funds((DAYS[0], "SPY", 600.0, 1e9), (DAYS[1], "SPY", 603.0, 1e11), (DAYS[2], "SPY", 605.0, 1.01e9))
    worker_tasks.store(location, Fetched("statestreet", evening(DAYS[3]), records={"funds": given}))
    assert stored_funds(archive) == [(DAYS[0], 600.0), (DAYS[2], 605.0)]
    [stored] = archive.doubts(only_open=False)
    assert stored.doubt.state is DoubtState.REFUTED
    assert stored.doubt.key == (DoubtKind.FUNDS, "SPY", date(2026, 1, 5))
    assert stored.doubt.sentence == "its net assets changed to 100 times those of the day before"


def test_a_fund_is_held_against_its_stored_day_and_a_split_of_it_passes(
    location: ArchiveLocation, archive: Archive
) -> None:
    def give(day: str, *row: float) -> None:
        records = {"funds": funds((day, "XLK", *row))}  # type: ignore[arg-type]
        worker_tasks.store(location, Fetched("statestreet", evening(day), records=records))

    give(DAYS[0], 280.0, 3e8)
    give(DAYS[1], 2.81, 3e8)
    assert stored_funds(archive) == [(DAYS[0], 280.0)]
    assert [stored.doubt.subject for stored in archive.doubts()] == ["XLK"]
    give(DAYS[2], 140.0, 6.02e8)
    assert archive.doubts() == []
    assert stored_funds(archive)[-1] == (DAYS[2], 140.0)


def test_a_crash_that_the_price_shows_as_well_is_no_mistake_of_the_issuer(
    location: ArchiveLocation, archive: Archive
) -> None:
    archive.store(
        Fetched("yahoo", evening(DAYS[1]), bars={"XLE": bars({DAYS[0]: 40.0, DAYS[1]: 31.96})}), location.calendar
    )
    given = funds((DAYS[0], "XLE", 40.02, 2e8), (DAYS[1], "XLE", 31.9, 2.01e8))
    worker_tasks.store(location, Fetched("statestreet", evening(DAYS[1]), records={"funds": given}))
    assert [nav for _, nav in stored_funds(archive)] == [40.02, 31.9]
    assert archive.doubts() == []


def test_a_chain_with_volatilities_in_fractions_is_left_out(location: ArchiveLocation, archive: Archive) -> None:
    frame = pd.DataFrame(
        {
            "date": pd.to_datetime([DAYS[0], DAYS[0]]),
            "symbol": ["SPX", "NDX"],
            "iv_atm": [0.16, 19.0],
            "skew_25d": [5.0, 4.0],
            "known_at": pd.NaT,
        }
    )
    worker_tasks.store(location, Fetched("chains", evening(DAYS[0]), records={"options": frame}))
    assert archive.db.execute("SELECT symbol FROM record_options").fetchall() == [("NDX",)]
    assert [stored.doubt.sentence for stored in archive.doubts()] == ["iv_atm at 0.16 is outside 1 to 400"]


@pytest.mark.parametrize("rule", ["series", "funds", "chains"])
def test_each_of_these_rules_can_be_switched_off(location: ArchiveLocation, archive: Archive, rule: str) -> None:
    chain = pd.DataFrame({"date": pd.to_datetime([DAYS[0]]), "symbol": ["SPX"], "iv_atm": [0.16], "known_at": pd.NaT})
    fetched = Fetched(
        "some",
        evening(DAYS[2]),
        observations={"VIX": observations({DAYS[0]: 1599.0})},
        records={"funds": funds((DAYS[0], "SPY", 600.0, 1e9), (DAYS[1], "SPY", 6.0, 1e9)), "options": chain},
    )
    worker_tasks.store(location, fetched, (rule,))
    doubted = {stored.doubt.rule.value for stored in archive.doubts()}
    assert doubted == {"series", "funds", "chains"} - {rule}


SESSIONS = [f"2026-01-{day:02}" for day in (2, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 20, 21, 22, 23, 26)]
"""Sixteen sessions in a row."""


def test_what_goes_on_from_figures_that_are_refused_is_refused_as_well(
    location: ArchiveLocation, archive: Archive
) -> None:
    """The issuer's file has thousands of shares in place of shares one morning."""

    def rows(days: list[str], factor: float = 1.0) -> pd.DataFrame:
        return funds(*((day, "XLK", 270.0, (3e8 + 1e6 * SESSIONS.index(day)) * factor) for day in days))

    def give(frame: pd.DataFrame, day: str) -> None:
        worker_tasks.store(location, Fetched("statestreet", evening(day), records={"funds": frame}))

    give(rows(SESSIONS[:2]), SESSIONS[1])
    give(rows(SESSIONS[1:14], 1e-3), SESSIONS[13])
    assert [day for day, _ in stored_funds(archive)] == SESSIONS[:2]
    newest = archive.doubts()[-1].doubt
    assert (newest.day, newest.state) == (date(2026, 1, 22), DoubtState.OPEN)
    assert newest.sentence == "its net assets changed to 0.00104 times those of Jan 2, 2026"
    # A morning with the newest row alone goes on from the doubts of the one before.
    give(rows(SESSIONS[14:15], 1e-3), SESSIONS[14])
    assert [day for day, _ in stored_funds(archive)] == SESSIONS[:2]
    give(rows(SESSIONS[1:]), SESSIONS[15])
    assert [day for day, _ in stored_funds(archive)] == SESSIONS
    assert archive.doubts() == []


def test_what_goes_on_from_a_refused_figure_is_believed_once_the_operator_accepts_that(
    location: ArchiveLocation, archive: Archive
) -> None:
    given = funds(*((day, "XLK", 270.0, 3e8 if day == SESSIONS[0] else 3e10) for day in SESSIONS[:4]))
    worker_tasks.store(location, Fetched("statestreet", evening(SESSIONS[0]), records={"funds": given[:1]}))
    worker_tasks.store(location, Fetched("statestreet", evening(SESSIONS[4]), records={"funds": given[1:]}))
    first = next(stored.id for stored in archive.doubts() if stored.doubt.day == date(2026, 1, 5))
    decide(archive, first, DoubtState.ACCEPTED, location.calendar, evening(SESSIONS[4]))
    worker_tasks.store(location, Fetched("statestreet", evening(SESSIONS[5]), records={"funds": given[1:]}))
    assert [day for day, _ in stored_funds(archive)] == SESSIONS[:4]
    assert archive.doubts() == []


@pytest.mark.parametrize("shares", [8e8, 3e10], ids=["four times", "a hundred and fifty times"])
def test_a_fund_that_grows_many_times_in_a_day_and_stays_there_is_believed_in_its_first_history(
    location: ArchiveLocation, archive: Archive, shares: float
) -> None:
    """Its value falls back by a cent: that says nothing of its size."""
    given = funds(
        (SESSIONS[0], "XLC", 50.0, 2e8),
        (SESSIONS[1], "XLC", 50.1, shares),
        (SESSIONS[2], "XLC", 50.02, shares),
        (SESSIONS[3], "XLC", 50.3, shares),
    )
    worker_tasks.store(location, Fetched("statestreet", evening(SESSIONS[3]), records={"funds": given}))
    assert [day for day, _ in stored_funds(archive)] == SESSIONS[:4]


def test_a_day_whose_shares_are_not_known_is_held_against_values_alone(
    location: ArchiveLocation, archive: Archive
) -> None:
    given = funds(
        (SESSIONS[0], "XLK", 270.0, 3e8),
        (SESSIONS[1], "XLK", 200.0, float("nan")),
        (SESSIONS[2], "XLK", 201.0, 3e8),
    )
    worker_tasks.store(location, Fetched("statestreet", evening(SESSIONS[2]), records={"funds": given}))
    assert [nav for _, nav in stored_funds(archive)] == [270.0, 200.0, 201.0]
