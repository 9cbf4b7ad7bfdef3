"""Observations and lists of members as they were known."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from bot.archive import Archive, StoredCounts
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from tests.bot.archive.conftest import DAYS, answer, bars, dump, evening, observations, prices


@pytest.fixture
def priced(archive: Archive, calendar: Calendar) -> Archive:
    """An archive whose prices reach the last day, so that every instant can be asked for."""
    archive.store(answer(DAYS[6], {"AAA": bars(prices(0, *[10.0] * 7))}), calendar)
    return archive


def fred(day: str, values: dict[str, float], known_at: dict[str, str] | None = None, name: str = "DGS10") -> Fetched:
    return Fetched("fred", evening(day), observations={name: observations(values, known_at)})


def rows(
    archive: Archive, calendar: Calendar, name: str = "DGS10", as_of: str | None = None
) -> list[tuple[str, str, float]]:
    frame = archive.market(calendar, as_of=date.fromisoformat(as_of) if as_of else None).series[name]
    stamps = ["" if pd.isna(at) else at.strftime("%m-%dT%H:%M") for at in frame["known_at"]]
    return [(str(day.date()), at, value) for day, at, value in zip(frame.index, stamps, frame["value"], strict=True)]


def test_observations_keep_the_registers_rule_where_no_instant_is_told(priced: Archive, calendar: Calendar) -> None:
    counts = priced.store(fred(DAYS[2], {DAYS[0]: 4.1, DAYS[1]: 4.2}), calendar)
    assert counts.observations == 2
    assert rows(priced, calendar) == [(DAYS[0], "", 4.1), (DAYS[1], "", 4.2)]
    frame = priced.market(calendar).series["DGS10"]
    assert frame.index.name == "observed"
    assert str(frame["known_at"].dtype) == "datetime64[ns, UTC]"


def test_the_same_observations_again_change_nothing(priced: Archive, calendar: Calendar) -> None:
    fetched = fred(DAYS[2], {DAYS[0]: 4.1, DAYS[1]: 4.2})
    priced.store(fetched, calendar)
    before = dump(priced)
    assert priced.store(fetched, calendar) == StoredCounts()
    assert dump(priced) == before


def test_a_revised_value_is_a_later_row(priced: Archive, calendar: Calendar) -> None:
    priced.store(fred(DAYS[2], {DAYS[0]: 4.1}), calendar)
    counts = priced.store(fred(DAYS[4], {DAYS[0]: 4.15}), calendar)
    assert counts.observation_revisions == 1
    assert rows(priced, calendar) == [(DAYS[0], "", 4.1), (DAYS[0], "01-08T21:20", 4.15)]
    assert rows(priced, calendar, as_of=DAYS[3]) == [(DAYS[0], "", 4.1)]


def test_a_real_release_date_replaces_the_rule(priced: Archive, calendar: Calendar) -> None:
    priced.store(fred(DAYS[2], {"2025-12-01": 330.0}, name="CPILFESL"), calendar)
    priced.store(fred(DAYS[3], {"2025-12-01": 330.0}, {"2025-12-01": "2026-01-06T13:30:00Z"}, "CPILFESL"), calendar)
    assert rows(priced, calendar, "CPILFESL") == [("2025-12-01", "01-06T13:30", 330.0)]
    assert rows(priced, calendar, "CPILFESL", as_of=DAYS[1]) == []


def test_vintages_are_told_apart_and_an_undated_copy_of_the_newest_adds_nothing(
    priced: Archive, calendar: Calendar
) -> None:
    vintages = pd.concat(
        [
            observations({"2025-11-01": 160.0}, {"2025-11-01": "2025-12-05T13:30:00Z"}),
            observations({"2025-11-01": 155.0}, {"2025-11-01": "2026-01-09T13:30:00Z"}),
        ]
    )
    priced.store(Fetched("fred", evening(DAYS[5]), observations={"PAYEMS": vintages}), calendar)
    assert priced.store(fred(DAYS[5], {"2025-11-01": 155.0}, name="PAYEMS"), calendar) == StoredCounts()
    assert [row[2] for row in rows(priced, calendar, "PAYEMS")] == [160.0, 155.0]
    assert [row[2] for row in rows(priced, calendar, "PAYEMS", as_of=DAYS[4])] == [160.0]


def test_a_value_that_comes_back_is_a_revision_and_not_a_release_date(priced: Archive, calendar: Calendar) -> None:
    for day, value in ((DAYS[2], 4.1), (DAYS[3], 4.15), (DAYS[4], 4.1)):
        priced.store(fred(day, {DAYS[0]: value}), calendar)
    assert [row[2] for row in rows(priced, calendar)] == [4.1, 4.15, 4.1]
    dated = fred(DAYS[5], {DAYS[0]: 4.1}, {DAYS[0]: "2026-01-09T13:30:00Z"})
    assert priced.store(dated, calendar) == StoredCounts()


def test_one_answer_with_a_value_undated_and_dated_keeps_the_date(priced: Archive, calendar: Calendar) -> None:
    both = pd.concat([observations({DAYS[0]: 4.1}), observations({DAYS[0]: 4.1}, {DAYS[0]: "2026-01-05T15:00:00Z"})])
    priced.store(Fetched("fred", evening(DAYS[2]), observations={"DGS10": both}), calendar)
    assert rows(priced, calendar) == [(DAYS[0], "01-05T15:00", 4.1)]


def test_an_observation_that_was_looked_for_in_vain_counts_when_it_came(priced: Archive, calendar: Calendar) -> None:
    # The yield of the 5th counts on the 6th; on the evening of the 6th it was not there, it came in the session of the 7th.
    priced.store(fred(DAYS[1], {DAYS[0]: 4.1}), calendar)
    priced.store(fred(DAYS[2], {DAYS[0]: 4.1}), calendar)
    noon = datetime(2026, 1, 7, 17, 0, tzinfo=UTC)
    late = {"DGS10": observations({DAYS[0]: 4.1, DAYS[1]: 4.2, DAYS[2]: 4.3})}
    priced.store(Fetched("fred", noon, observations=late), calendar)
    assert rows(priced, calendar) == [(DAYS[0], "", 4.1), (DAYS[1], "01-07T17:00", 4.2), (DAYS[2], "", 4.3)]


def test_a_back_fill_of_observations_counts_by_the_rule(priced: Archive, calendar: Calendar) -> None:
    priced.store(fred(DAYS[3], {DAYS[2]: 4.3}), calendar)
    priced.store(fred(DAYS[3], {DAYS[0]: 4.1, DAYS[1]: 4.2}), calendar)
    assert {row[1] for row in rows(priced, calendar)} == {""}


def test_a_tail_keeps_the_months_before_it(priced: Archive, calendar: Calendar) -> None:
    priced.store(fred(DAYS[3], {"2024-06-03": 1.0, "2025-08-01": 2.0, DAYS[2]: 4.3}), calendar)
    assert list(priced.market(calendar, tail=3).series["DGS10"]["value"]) == [2.0, 4.3]
    assert priced.newest_series() == {"DGS10": date(2026, 1, 6)}


def universe(*tickers: str) -> pd.DataFrame:
    rows = [(ticker, f"{ticker} Inc.", "Energy", "Oil", "sp500") for ticker in tickers]
    return pd.DataFrame(rows, columns=["ticker", "name", "sector", "industry", "groups"])


def test_lists_of_members_are_dated_and_the_oldest_stands_for_the_time_before(
    priced: Archive, calendar: Calendar
) -> None:
    first = Fetched("lists", evening(DAYS[2]), universe=universe("AAA", "BBB"))
    assert priced.store(first, calendar).universe
    assert not priced.store(first, calendar).universe
    priced.store(Fetched("lists", evening(DAYS[4]), universe=universe("AAA", "CCC")), calendar)

    def members(as_of: str | None) -> list[str]:
        market = priced.market(calendar, as_of=date.fromisoformat(as_of) if as_of else None)
        return market.members("sp500")

    assert members(DAYS[0]) == members(DAYS[3]) == ["AAA", "BBB"]
    assert members(DAYS[4]) == members(None) == priced.members() == ["AAA", "CCC"]
