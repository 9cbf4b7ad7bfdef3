"""The ledger: what followed each condition of the house, as it was known on a session."""

from __future__ import annotations

import gc
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.alerts.topics import TOPICS
from bot.archive import Archive
from bot.archive.location import ArchiveLocation
from bot.demo.replay import Replay
from bot.domain.fetched import Fetched
from bot.domain.model import ConditionKey, Direction
from bot.event_study.model import TrackRecord
from bot.event_study.track_record import TrackRecordHistory, of_few_prices, topic_conditions
from bot.readings import worker_tasks
from bot.readings.compute import compute, with_track_records
from signals import catalogue
from signals.core.market import Market
from signals.core.model import Measure
from signals.event_study import OutcomeCounts
from tests.signals.markets import market, random_market

SILVER = ConditionKey("havens.silver", Measure.VALUE, Direction.ABOVE, 30)
UNDER = ConditionKey("havens.silver", Measure.VALUE, Direction.BELOW, 25)
NOW = datetime(2026, 1, 17, tzinfo=UTC)


def small() -> Market:
    """Silver crosses 30 on the sessions 1, 3 and 5; the Nasdaq then moves up, down, up."""
    return market(
        "2026-01-02",
        close={
            "SI=F": [20, 31, 20, 31, 20, 31, 20],
            "^IXIC": [100, 100, 101, 101, 99, 99, 100],
            "RSP": [50] * 7,
            "SPY": [60] * 7,
        },
    )


def test_a_ledger_by_hand() -> None:
    found = small()
    ledger = TrackRecordHistory.of(found, catalogue.compute(found, ["havens.silver"]), [SILVER, UNDER])
    days = [day.date() for day in found.days]
    # On the evening of the third firing (session 5) two outcomes are known, and five of all sessions, of which one rose.
    assert ledger.at(days[5])[SILVER] == TrackRecord(2026, OutcomeCounts(2, 1, 5, 1), OutcomeCounts(0, 0, 0, 0))
    assert ledger.at(days[6])[SILVER] == TrackRecord(2026, OutcomeCounts(3, 2, 6, 2), OutcomeCounts(0, 0, 0, 0))
    assert ledger.at(days[4])[UNDER].next_day == OutcomeCounts(1, 0, 4, 1)
    assert ledger.at(date(2026, 1, 3)) == ledger.at(date(2026, 2, 2)) == {}


def test_no_session_sees_what_came_after_it() -> None:
    found = random_market(5, count=420, holes=0.004)
    whole = TrackRecordHistory.of(found, catalogue.compute(found), topic_conditions())
    for position in (0, 70, 260, 418):
        session = found.days[position].date()
        cut = found.until(session)
        assert TrackRecordHistory.of(cut, catalogue.compute(cut), topic_conditions()).at(session) == whole.at(session)
    assert any(each.next_month.n for each in whole.at(found.last.date()).values())


def test_every_side_of_every_topic_is_watched() -> None:
    assert {each.signal for each in topic_conditions()} == {spec.signal for topic in TOPICS for spec in topic.specs}
    light, tickers = of_few_prices(topic_conditions())
    assert {each.signal for each in topic_conditions()} - {each.signal for each in light} >= {
        "breadth.sp500.thrust_signal"
    }
    assert {"RSP", "SPY", "^IXIC", "^RUT", "SI=F"} <= tickers
    assert len(tickers) < 40


def test_a_replay_notes_it_for_each_session_it_may_have_to_speak_of() -> None:
    found = random_market(6, count=300)
    computed = compute(found, catalogue.compute(found), since=None, now=NOW)
    ledger = TrackRecordHistory.of(found, catalogue.compute(found), topic_conditions())
    noted = with_track_records(computed, [ledger]).snapshot.track_records
    assert list(noted) == [session for session, _ in computed.finals]
    assert noted[found.last.date()] == ledger.at(found.last.date())


async def test_a_replay_in_the_middle_knows_only_its_own_past() -> None:
    found = random_market(8, count=320)
    replay = Replay.of(found)
    session = found.days[280].date()
    computed = await replay.compute(None, replay.calendar.final_at(session))
    assert computed is not None
    cut = found.until(session)
    assert computed.snapshot.track_records[session] == TrackRecordHistory.of(
        cut, catalogue.compute(cut), topic_conditions()
    ).at(session)


def test_the_worker_counts_over_all_years_of_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where only a tail is loaded for everything else."""
    location = stored(tmp_path)
    monkeypatch.setattr(worker_tasks, "SHOWN_SESSIONS", 3 - catalogue.TAIL)
    monkeypatch.setattr(worker_tasks, "topic_conditions", lambda: (SILVER,))
    computed = worker_tasks.compute_archive(location, as_of=date(2026, 1, 12), since=None, quotes=None, now=NOW)
    assert computed is not None
    assert len(computed.snapshot.history) == 3
    assert computed.snapshot.track_records[date(2026, 1, 12)][SILVER].next_day == OutcomeCounts(3, 2, 6, 2)


def test_nothing_that_a_check_gives_refers_to_its_market(tmp_path: Path) -> None:
    """So the collection with which the worker ends each long call frees it (`bot.worker.memory`)."""
    location = stored(tmp_path)
    gc.collect()
    before = markets()
    computed = worker_tasks.compute_archive(location, as_of=date(2026, 1, 12), since=None, quotes=None, now=NOW)
    assert computed is not None
    gc.collect()
    assert markets() == before


def markets() -> int:
    """How many exist, needed or not."""
    return sum(isinstance(thing, Market) for thing in gc.get_objects())


def stored(folder: Path) -> ArchiveLocation:
    """An archive with the prices of `small`."""
    found = small()
    bars = {
        name: found.close[[name]].set_axis(["close"], axis=1).assign(adj_close=found.close[name])
        for name in found.close
    }
    location = ArchiveLocation(folder / "market.db", date(2025, 12, 1), date(2026, 12, 31))
    with Archive.open(location.path) as archive:
        archive.store(Fetched("pack", NOW, bars=bars), location.calendar, live=False)
    return location
