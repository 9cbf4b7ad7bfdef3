"""Records in the archive: kept once, corrected by later rows, and known since their own instant."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from bot.archive import Archive
from bot.archive.write_batch import StoredCounts
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from signals.core.datasets import DATASETS, Dataset, empty
from tests.bot.archive.conftest import DAYS, answer, bars, dump, evening, prices


def funds(*rows: tuple[str, str, float | None, float | None, str | None], flow: float | None = None) -> pd.DataFrame:
    """(date, ticker, nav, shares, known_at)."""
    frame = pd.DataFrame(rows, columns=["date", "ticker", "nav", "shares_outstanding", "known_at"])
    frame["date"] = pd.to_datetime(frame["date"])
    frame["known_at"] = pd.to_datetime(frame["known_at"], utc=True)
    return frame.assign(flow_usd=flow)


def at(instant: str) -> datetime:
    return datetime.fromisoformat(instant).replace(tzinfo=UTC)


def give(
    archive: Archive, calendar: Calendar, when: datetime, rows: pd.DataFrame, source: str = "issuer"
) -> StoredCounts:
    return archive.store(Fetched(source, when, records={"funds": rows}), calendar)


def but_for_requests(lines: list[str]) -> list[str]:
    """A dump without the log of when funds were requested."""
    return [line for line in lines if "fund_request" not in line]


def with_prices(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[-1], {"SPY": bars(prices(0, *range(10, 17)))}), calendar)


def shares(archive: Archive, calendar: Calendar, as_of: str | None = None) -> list[tuple[str, float]]:
    market = archive.market(calendar, as_of=None if as_of is None else date.fromisoformat(as_of))
    frame = market.records.get("funds", empty("funds"))
    return [(str(day.date()), count) for day, count in zip(frame["date"], frame["shares_outstanding"], strict=True)]


def test_rows_without_an_instant_are_known_since_they_were_fetched(archive: Archive, calendar: Calendar) -> None:
    with_prices(archive, calendar)
    counts = give(archive, calendar, at("2026-01-08T23:00"), funds(("2026-01-08", "XLK", 100.0, 5.0, None)))
    assert counts.records == 1
    # The 8th was final at 21:20 UTC, so what came at 23:00 counts from the 9th.
    assert shares(archive, calendar, "2026-01-08") == []
    assert shares(archive, calendar, "2026-01-09") == [("2026-01-08", 5.0)]
    frame = archive.market(calendar).records["funds"]
    assert frame["known_at"].tolist() == [pd.Timestamp("2026-01-08T23:00Z")]
    assert frame["source"].tolist() == ["issuer"]
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        name: str(kind) for name, kind in empty("funds").dtypes.items()
    }


def test_rows_that_stand_in_for_others_keep_the_name_of_their_source(archive: Archive, calendar: Calendar) -> None:
    with_prices(archive, calendar)
    rows = funds(("2026-01-08", "XLK", 100.0, 5.0, None), ("2026-01-08", "XLC", 90.0, 4.0, None))
    give(archive, calendar, at("2026-01-08T23:00"), rows.assign(source=["", "yahoo"]))
    frame = archive.market(calendar).records["funds"]
    assert dict(zip(frame["ticker"], frame["source"], strict=True)) == {"XLK": "issuer", "XLC": "yahoo"}


def test_a_market_never_holds_rows_that_came_out_after_its_last_session_was_final(
    archive: Archive, calendar: Calendar
) -> None:
    with_prices(archive, calendar)
    give(archive, calendar, at("2026-01-13T02:00"), funds(("2026-01-12", "XLK", 100.0, 5.0, None)))
    assert shares(archive, calendar) == []


def test_giving_the_same_again_changes_nothing(archive: Archive, calendar: Calendar) -> None:
    rows = funds(("2026-01-06", "XLK", 100.0, 5.0, None), ("2026-01-07", "XLK", 101.0, 6.0, "2026-01-08T13:00"))
    give(archive, calendar, evening("2026-01-08"), rows)
    before = but_for_requests(dump(archive))
    for day in ("2026-01-08", "2026-01-12"):
        assert give(archive, calendar, evening(day), rows) == StoredCounts()
    assert but_for_requests(dump(archive)) == before


def test_a_later_row_with_the_same_key_is_a_correction(archive: Archive, calendar: Calendar) -> None:
    with_prices(archive, calendar)
    give(archive, calendar, evening("2026-01-06"), funds(("2026-01-05", "XLK", 100.0, 5.0, "2026-01-06T13:00")))
    again = funds(("2026-01-05", "XLK", 100.0, 5.5, "2026-01-06T13:00"))
    counts = give(archive, calendar, at("2026-01-08T12:00"), again)
    assert (counts.records, counts.record_revisions) == (1, 1)
    assert shares(archive, calendar, "2026-01-07") == [("2026-01-05", 5.0)]
    assert shares(archive, calendar, "2026-01-08") == [("2026-01-05", 5.0), ("2026-01-05", 5.5)]
    assert give(archive, calendar, at("2026-01-09T12:00"), again) == StoredCounts()


def test_a_value_that_goes_back_to_what_it_was_is_a_correction_too(archive: Archive, calendar: Calendar) -> None:
    with_prices(archive, calendar)
    for day, count in (("2026-01-06", 5.0), ("2026-01-07", 6.0), ("2026-01-08", 5.0)):
        give(archive, calendar, evening(day), funds(("2026-01-05", "XLK", 100.0, count, None)))
    assert [count for _, count in shares(archive, calendar)] == [5.0, 6.0, 5.0]


def test_what_a_row_does_not_know_keeps_what_was_known(archive: Archive, calendar: Calendar) -> None:
    with_prices(archive, calendar)
    give(archive, calendar, evening("2026-01-06"), funds(("2026-01-05", "XLK", 100.0, 5.0, None)))
    flows = funds(("2026-01-05", "XLK", None, None, None), flow=-7e6)
    give(archive, calendar, evening("2026-01-07"), flows, source="newspaper")
    newest = archive.market(calendar).records["funds"].iloc[-1]
    assert (newest["nav"], newest["shares_outstanding"], newest["flow_usd"]) == (100.0, 5.0, -7e6)
    assert newest["source"] == "newspaper"
    assert give(archive, calendar, evening("2026-01-08"), flows) == StoredCounts()


def test_evidence_of_an_earlier_instant_is_kept_beside_the_later_one(archive: Archive, calendar: Calendar) -> None:
    with_prices(archive, calendar)
    give(archive, calendar, evening("2026-01-09"), funds(("2026-01-05", "XLK", 100.0, 5.0, None)))
    assert shares(archive, calendar, "2026-01-08") == []
    rows = funds(("2026-01-05", "XLK", 100.0, 5.0, "2026-01-06T13:00"))
    archive.store(Fetched("pack", evening("2026-01-09"), records={"funds": rows}), calendar, live=False)
    assert shares(archive, calendar, "2026-01-08") == [("2026-01-05", 5.0)]


def test_rows_without_a_key_or_without_anything_beside_it_are_left_out(archive: Archive, calendar: Calendar) -> None:
    with_prices(archive, calendar)
    rows = funds(("2026-01-05", "", 1.0, 1.0, None), ("2026-01-05", "XLK", None, None, None))
    assert give(archive, calendar, evening("2026-01-06"), rows) == StoredCounts()
    with pytest.raises(KeyError, match="rows of funds need the column ticker"):
        give(archive, calendar, evening("2026-01-06"), rows.drop(columns="ticker"))


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda dataset: dataset.name)
def test_every_dataset_comes_back_as_it_was_given(dataset: Dataset, archive: Archive, calendar: Calendar) -> None:
    with_prices(archive, calendar)
    made = {"date": pd.Timestamp("2026-01-07"), "text": "word", "number": 1.25}
    row = {column.name: made[column.kind] for column in dataset.columns}
    frame = pd.concat([empty(dataset.name), pd.DataFrame([row])]).assign(known_at=pd.NaT)
    archive.store(Fetched("here", at("2026-01-08T12:00"), records={dataset.name: frame}), calendar)
    kept = archive.market(calendar).records[dataset.name]
    assert kept.drop(columns=["known_at", "source"]).to_dict("records") == [row]


def test_a_column_that_is_new_in_a_dataset_comes_into_an_older_archive(tmp_path: Path, calendar: Calendar) -> None:
    path = tmp_path / "old.db"
    with Archive.open(path) as archive:
        with_prices(archive, calendar)
        give(archive, calendar, evening("2026-01-06"), funds(("2026-01-05", "XLK", 100.0, 5.0, None)))
    with sqlite3.connect(path) as db:
        db.execute("ALTER TABLE record_funds DROP COLUMN flow_usd")
        db.execute("DROP TABLE record_options")
    db.close()
    with Archive.open(path, read_only=True) as archive:
        frame = archive.market(calendar).records["funds"]
        assert frame["flow_usd"].isna().tolist() == [True]
    with Archive.open(path) as archive:
        give(archive, calendar, evening("2026-01-07"), funds(("2026-01-05", "XLK", None, None, None), flow=3.0))
        assert archive.market(calendar).records["funds"]["flow_usd"].tolist()[1:] == [3.0]
