"""Prices in the archive: nothing twice, corrections beside, splits recognised, latecomers not seen too early."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bot.archive import Archive, EmptyArchiveError, StoredCounts
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from tests.bot.archive.conftest import DAYS, answer, bars, dump, evening, prices


def closes(archive: Archive, calendar: Calendar, ticker: str = "AAA", as_of: str | None = None) -> list[float]:
    day = date.fromisoformat(as_of) if as_of else None
    return [float(value) for value in archive.market(calendar, as_of=day).close[ticker]]


def test_stored_bars_come_back_on_their_sessions(archive: Archive, calendar: Calendar) -> None:
    counts = archive.store(
        answer(DAYS[2], {"AAA": bars(prices(0, 10.0, 10.1, 10.2), prices(0, 9.0, 9.1, 9.2))}), calendar
    )
    market = archive.market(calendar)
    assert counts.bars == 3
    assert [str(day.date()) for day in market.days] == DAYS[:3]
    assert [str(day.date()) for day in market.sessions] == DAYS[:4]
    assert market.last == pd.Timestamp(DAYS[2])
    assert list(market.close["AAA"]) == [10.0, 10.1, 10.2]
    assert list(market.adj_close["AAA"]) == [9.0, 9.1, 9.2]
    assert market.sources == {"AAA": "yahoo"}
    assert not market.provisional


def test_the_same_answer_again_changes_nothing(archive: Archive, calendar: Calendar) -> None:
    fetched = answer(DAYS[2], {"AAA": bars(prices(0, 10.0, 10.1, 10.2))})
    archive.store(fetched, calendar)
    before = dump(archive)
    counts = archive.store(fetched, calendar)
    assert counts == StoredCounts()
    assert dump(archive) == before


def test_rounding_noise_of_a_source_is_no_correction(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[1], {"AAA": bars(prices(0, 10.0, 10.1))}), calendar)
    before = dump(archive)
    noisy = {"AAA": bars(prices(0, 10.000001, 10.099999))}
    assert archive.store(answer(DAYS[1], noisy), calendar) == StoredCounts()
    assert dump(archive) == before


def test_a_correction_is_seen_from_its_evening_on_and_not_before(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[1], {"AAA": bars(prices(0, 10.0, 10.1), prices(0, 5.0, 5.05))}), calendar)
    later = {"AAA": bars(prices(0, 10.0, 10.3, 10.2), prices(0, 5.0, 5.15, 5.1))}
    counts = archive.store(answer(DAYS[2], later), calendar)
    assert (counts.revisions, counts.bars) == (1, 1)
    assert closes(archive, calendar, as_of=DAYS[1]) == [10.0, 10.1]
    assert closes(archive, calendar, as_of=DAYS[2]) == [10.0, 10.3, 10.2]
    assert closes(archive, calendar) == [10.0, 10.3, 10.2]
    # The ratio of adjusted to raw is current knowledge: 5.15 / 10.3 = 0.5, so the old close 10.1 had 5.05.
    adjusted = archive.market(calendar, as_of=date.fromisoformat(DAYS[1])).adj_close["AAA"]
    assert list(adjusted) == pytest.approx([5.0, 5.05])
    assert list(archive.market(calendar).adj_close["AAA"]) == [5.0, 5.15, 5.1]


def test_closes_alone_are_those_of_the_market_of_that_evening(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[1], {"AAA": bars(prices(0, 10.0, 10.1), prices(0, 5.0, 5.05))}), calendar)
    later = {"AAA": bars(prices(0, 10.0, 10.3, 10.2), prices(0, 5.0, 5.15, 5.1)), "BBB": bars(prices(1, 7.0, 7.1))}
    archive.store(answer(DAYS[2], later), calendar)
    for day in DAYS[1:3]:
        market = archive.market(calendar, as_of=date.fromisoformat(day))
        found = archive.closes({"AAA", "GONE"}, market.days, calendar.final_at(date.fromisoformat(day)))
        pd.testing.assert_frame_equal(found, market.adj_close[["AAA"]], check_freq=False)
    some = archive.closes({"AAA", "BBB"}, pd.DatetimeIndex(DAYS[2:3]), calendar.final_at(date.fromisoformat(DAYS[2])))
    assert some.to_numpy().tolist() == [[5.1, 7.1]]
    assert archive.closes({"GONE"}, market.days, calendar.final_at(market.last.date())).shape == (3, 0)


def test_two_corrections_of_one_evening_are_both_kept(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[1], {"AAA": bars(prices(0, 10.0, 10.1))}), calendar)
    for value in (10.3, 10.4):
        archive.store(answer(DAYS[2], {"AAA": bars(prices(0, 10.0, value))}), calendar)
    assert closes(archive, calendar) == [10.0, 10.4]
    assert archive.db.execute("SELECT count(*) FROM bar_revision").fetchone() == (2,)


def test_a_bar_between_known_ones_is_not_seen_before_it_came(archive: Archive, calendar: Calendar) -> None:
    gap = prices(0, 10.0, 10.1, 10.2)
    del gap[DAYS[1]]
    archive.store(answer(DAYS[2], {"AAA": bars(gap)}), calendar)
    counts = archive.store(answer(DAYS[3], {"AAA": bars(prices(0, 10.0, 10.1, 10.2, 10.3))}), calendar)
    assert counts.late == 1
    assert np.isnan(closes(archive, calendar, as_of=DAYS[2])[1])
    assert closes(archive, calendar, as_of=DAYS[3]) == [10.0, 10.1, 10.2, 10.3]


def test_a_bar_that_was_looked_for_in_vain_is_late_when_it_comes(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[1], {"AAA": bars(prices(0, 10.0, 10.1)), "BBB": bars(prices(0, 5.0, 5.1))}), calendar)
    archive.store(answer(DAYS[2], {"AAA": bars(prices(1, 10.1)), "BBB": bars(prices(1, 5.1, 5.2))}), calendar)
    archive.store(answer(DAYS[3], {"AAA": bars(prices(1, 10.1, 10.2, 10.3))}), calendar)
    assert np.isnan(closes(archive, calendar, as_of=DAYS[2])[2])
    assert closes(archive, calendar, as_of=DAYS[3])[2:] == [10.2, 10.3]


def test_a_bar_that_comes_later_on_the_same_evening_is_in_time(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[1], {"AAA": bars(prices(0, 10.0, 10.1))}), calendar)
    archive.store(answer(DAYS[2], {"AAA": bars(prices(1, 10.1))}), calendar)
    night = datetime(2026, 1, 7, 3, 0, tzinfo=UTC)
    counts = archive.store(Fetched("yahoo", night, bars={"AAA": bars(prices(1, 10.1, 10.2))}), calendar)
    assert (counts.bars, counts.late) == (1, 0)
    assert closes(archive, calendar, as_of=DAYS[2]) == [10.0, 10.1, 10.2]


def test_sessions_missed_while_the_bot_was_off_count_by_the_rule(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[0], {"AAA": bars(prices(0, 10.0))}), calendar)
    counts = archive.store(answer(DAYS[5], {"AAA": bars(prices(0, 10.0, 10.1, 10.2, 10.3, 10.4, 10.5))}), calendar)
    assert (counts.bars, counts.late) == (5, 0)
    assert closes(archive, calendar, as_of=DAYS[2]) == [10.0, 10.1, 10.2]


def test_a_back_fill_of_older_years_counts_by_the_rule(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[4], {"AAA": bars(prices(2, 10.2, 10.3, 10.4))}), calendar)
    counts = archive.store(answer(DAYS[5], {"AAA": bars(prices(0, 10.0, 10.1, 10.2))}), calendar)
    assert (counts.bars, counts.late) == (2, 0)
    assert closes(archive, calendar, as_of=DAYS[1]) == [10.0, 10.1]


def test_a_dividend_replaces_adjusted_closes_also_of_rows_that_were_not_fetched(
    archive: Archive, calendar: Calendar
) -> None:
    archive.store(answer(DAYS[3], {"AAA": bars(prices(0, 10.0, 10.1, 10.2, 10.3))}), calendar)
    # A dividend of 1 % on the fifth day: everything before it is 0.99 of its close.
    tail = bars(prices(2, 10.2, 10.3, 10.4), prices(2, 10.098, 10.197, 10.4))
    counts = archive.store(answer(DAYS[4], {"AAA": tail}), calendar)
    market = archive.market(calendar)
    assert counts.readjusted == ["AAA"]
    assert counts.revisions == 0
    assert list(market.close["AAA"]) == [10.0, 10.1, 10.2, 10.3, 10.4]
    assert list(market.adj_close["AAA"]) == pytest.approx([9.9, 9.999, 10.098, 10.197, 10.4], rel=1e-12)


@pytest.mark.parametrize("reported", [True, False], ids=["reported", "seen from the ratio alone"])
def test_a_split_rescales_the_stored_history_without_corrections(
    archive: Archive, calendar: Calendar, reported: bool
) -> None:
    archive.store(answer(DAYS[4], {"AAA": bars(prices(0, 100.0, 101.0, 102.0, 103.0, 104.0))}), calendar)
    splits = {"AAA": pd.Series([2.0], index=pd.DatetimeIndex([DAYS[5]]))} if reported else {}
    tail = bars(prices(2, 51.0, 51.5, 52.0, 52.6))
    counts = archive.store(answer(DAYS[5], {"AAA": tail}, splits=splits), calendar)
    assert counts.rescaled == ["AAA"]
    assert (counts.revisions, counts.bars) == (0, 1)
    assert closes(archive, calendar) == [50.0, 50.5, 51.0, 51.5, 52.0, 52.6]
    assert list(archive.market(calendar).adj_close["AAA"]) == [50.0, 50.5, 51.0, 51.5, 52.0, 52.6]


def test_a_split_that_the_source_reports_but_did_not_apply_is_applied(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[1], {"AAA": bars(prices(0, 100.0, 102.0))}), calendar)
    splits = {"AAA": pd.Series([2.0], index=pd.DatetimeIndex([DAYS[2]]))}
    archive.store(answer(DAYS[2], {"AAA": bars(prices(0, 100.0, 102.0, 51.3))}, splits=splits), calendar)
    assert closes(archive, calendar) == [50.0, 51.0, 51.3]


def test_a_split_across_a_gap_in_the_download_is_applied_from_the_report(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[1], {"AAA": bars(prices(0, 100.0, 102.0))}), calendar)
    splits = {"AAA": pd.Series([2.0], index=pd.DatetimeIndex([DAYS[3]]))}
    counts = archive.store(answer(DAYS[4], {"AAA": bars(prices(3, 51.3, 51.4))}, splits=splits), calendar)
    assert counts.unjoined == ["AAA"]
    assert closes(archive, calendar)[:2] == [50.0, 51.0]


def test_a_source_that_rebases_its_history_by_any_factor_is_followed(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[5], {"AAA": bars(prices(0, 100.0, 101.0, 102.0, 103.0, 104.0, 105.0))}), calendar)
    rebased = [value * 0.9871 for value in (101.0, 102.0, 103.0, 104.0, 105.0)]
    counts = archive.store(answer(DAYS[6], {"AAA": bars(prices(1, *rebased, 104.0))}), calendar)
    assert counts.rescaled == ["AAA"]
    assert counts.revisions == 0
    assert closes(archive, calendar)[0] == pytest.approx(98.71)


def test_bars_of_the_running_session_and_of_holidays_are_not_stored(archive: Archive, calendar: Calendar) -> None:
    given = bars({"2026-01-01": 9.0, **prices(0, 10.0, 10.1)})
    noon = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
    fetched = Fetched("yahoo", noon, bars={"AAA": given}, partial_day=date(2026, 1, 5))
    assert archive.store(fetched, calendar).bars == 1
    assert closes(archive, calendar) == [10.0]


def test_quotes_lie_on_top_and_leave_nothing_behind(archive: Archive, calendar: Calendar) -> None:
    archive.store(
        answer(DAYS[0], {"AAA": bars(prices(0, 10.0), prices(0, 5.0)), "BBB": bars(prices(0, 20.0))}), calendar
    )
    before = dump(archive)
    noon = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
    live = {
        "AAA": bars(prices(1, 10.4), prices(1, np.nan)),
        "BBB": bars(prices(1, 2000.0)),
        "CCC": bars(prices(1, 1.0)),
    }
    doubts = {"BBB": "its price went from 20 to 2,000"}
    quotes = Fetched("live", noon, bars=live, partial_day=date(2026, 1, 5), doubts=doubts)
    market = archive.market(calendar, quotes=quotes)
    assert market.provisional
    assert market.last == pd.Timestamp(DAYS[1])
    assert list(market.close["AAA"]) == [10.0, 10.4]
    assert list(market.adj_close["AAA"]) == pytest.approx([5.0, 5.2])
    assert "CCC" not in market.close
    assert market.suspicious == doubts
    assert market.sources["AAA"] == "live"
    assert dump(archive) == before
    assert not archive.market(calendar, as_of=date(2026, 1, 2), quotes=Fetched("live", noon, bars=live)).provisional


@pytest.mark.parametrize("newest_ratio", [1.0, 0.98], ids=["as of the evening before", "fetched after the open"])
def test_what_is_paid_today_is_taken_off_the_closes_before(
    archive: Archive, calendar: Calendar, newest_ratio: float
) -> None:
    """A distribution of 2 % of the close of the session before."""
    adjusted = prices(0, 49.0 * newest_ratio, 50.0 * newest_ratio)
    archive.store(answer(DAYS[1], {"AAA": bars(prices(0, 49.5, 50.0), adjusted)}), calendar)
    noon = datetime(2026, 1, 6, 17, 0, tzinfo=UTC)
    paid = {"AAA": pd.Series([0.6, 0.4, 3.0], index=pd.DatetimeIndex([DAYS[2], DAYS[2], DAYS[1]]))}
    live = {"AAA": bars(prices(2, 49.2), prices(2, 49.2))}
    quotes = Fetched("live", noon, bars=live, dividends=paid, partial_day=date(2026, 1, 6))
    market = archive.market(calendar, quotes=quotes)
    assert list(market.close["AAA"]) == [49.5, 50.0, 49.2]
    assert list(market.adj_close["AAA"]) == pytest.approx([0.98 * 49.0, 49.0, 49.2])
    without = replace(quotes, bars={"AAA": bars(prices(2, 49.2), prices(2, np.nan))})
    assert archive.market(calendar, quotes=without).adj_close["AAA"].iloc[-1] == pytest.approx(49.2)


def test_final_closes_win_over_quotes_of_the_same_session(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[1], {"AAA": bars(prices(0, 10.0, 10.1)), "BBB": bars(prices(0, 20.0))}), calendar)
    live = {"AAA": bars(prices(1, 10.4)), "BBB": bars(prices(1, 20.5))}
    market = archive.market(calendar, quotes=Fetched("live", evening(DAYS[1]), bars=live, partial_day=date(2026, 1, 5)))
    assert list(market.close.iloc[-1]) == [10.1, 20.5]


def test_a_tail_is_the_end_of_the_whole(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[4], {"AAA": bars(prices(0, 10.0, 10.1, 10.2, 10.3, 10.4))}), calendar)
    whole, tail = archive.market(calendar), archive.market(calendar, tail=2)
    pd.testing.assert_frame_equal(tail.close, whole.close.iloc[-2:], check_freq=False)
    assert len(tail.sessions) == len(tail.ends) == 3


def test_a_day_without_bars_after_the_newest_is_there_and_empty(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[0], {"AAA": bars(prices(0, 10.0))}), calendar)
    market = archive.market(calendar, as_of=date(2026, 1, 10))
    assert market.last == pd.Timestamp(DAYS[5])
    assert market.close["AAA"].notna().sum() == 1


def test_newest_tells_where_to_go_on(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[1], {"AAA": bars(prices(0, 1.0, 1.1)), "BBB": bars(prices(0, 1.0))}), calendar)
    assert archive.newest(["AAA", "ZZZ"]) == {"AAA": date(2026, 1, 5)}
    assert archive.newest() == {"AAA": date(2026, 1, 5), "BBB": date(2026, 1, 2)}
    assert archive.span() == (date(2026, 1, 2), date(2026, 1, 5))


def test_an_empty_archive_and_a_day_before_it_say_so(archive: Archive, calendar: Calendar, tmp_path: Path) -> None:
    with pytest.raises(EmptyArchiveError, match="no prices in the archive yet"):
        archive.market(calendar)
    archive.store(answer(DAYS[0], {"AAA": bars(prices(0, 10.0))}), calendar)
    with pytest.raises(EmptyArchiveError, match="begins on 2026-01-02; nothing is known on 2025-12-31"):
        archive.market(calendar, as_of=date(2025, 12, 31))
    with pytest.raises(EmptyArchiveError, match="there is no archive at"):
        Archive.open(tmp_path / "none.db", read_only=True)
    assert not (tmp_path / "none.db").exists()


def test_a_calendar_that_ends_too_early_is_named(archive: Archive) -> None:
    short = Calendar(date(2025, 12, 1), date(2026, 1, 5))
    archive.store(answer(DAYS[1], {"AAA": bars(prices(0, 10.0, 10.1))}), short)
    with pytest.raises(ValueError, match="must reach one session beyond 2026-01-05"):
        archive.market(short)


def test_a_reader_sees_the_archive_and_cannot_write(archive: Archive, calendar: Calendar, tmp_path: Path) -> None:
    archive.store(answer(DAYS[0], {"AAA": bars(prices(0, 10.0))}), calendar)
    with Archive.open(tmp_path / "market.db", read_only=True) as reader:
        assert closes(reader, calendar) == [10.0]
        with pytest.raises(Exception, match="readonly"):
            reader.store(answer(DAYS[1], {"AAA": bars(prices(1, 10.1))}), calendar)


def test_an_error_in_the_middle_of_storing_keeps_nothing(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[0], {"AAA": bars(prices(0, 10.0))}), calendar)
    before = dump(archive)
    broken = {"AAA": bars(prices(0, 10.0, 10.1)), "BBB": pd.DataFrame({"wrong": [1.0]})}
    with pytest.raises(Exception, match=r"."):
        archive.store(answer(DAYS[1], broken), calendar)
    assert dump(archive) == before


def test_a_member_that_stopped_before_the_tail_stays_listed(archive: Archive, calendar: Calendar) -> None:
    given = {"AAA": bars(prices(0, 10.0)), "BBB": bars(prices(0, *range(20, 27)))}
    archive.store(answer(DAYS[6], given), calendar)
    assert archive.market(calendar, tail=3).first_close == dict.fromkeys(given, date.fromisoformat(DAYS[0]))
    assert archive.market(calendar).first_close == {}


def test_a_market_of_a_few_tickers_has_their_prices_and_corrections_alone(archive: Archive, calendar: Calendar) -> None:
    both = {name: bars(prices(0, 10.0, 10.1)) for name in ("AAA", "BBB")}
    archive.store(answer(DAYS[1], both), calendar)
    archive.store(answer(DAYS[2], {name: bars(prices(0, 10.0, 10.3)) for name in both}), calendar)
    few, whole = archive.market(calendar, only={"BBB", "NONE"}), archive.market(calendar)
    pd.testing.assert_frame_equal(few.close, whole.close[["BBB"]])
    assert list(few.close["BBB"]) == [10.0, 10.3]
    assert archive.market(calendar, only=()).close.empty


def test_a_tail_has_the_whole_past_of_the_tickers_that_need_it(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[4], {"AAA": bars(prices(0, 10.0, 10.1, 10.2, 10.3, 10.4))}), calendar)
    tail = archive.market(calendar, tail=2, whole_past=("AAA", "NONE"))
    assert list(tail.earlier["AAA"]) == [10.0, 10.1, 10.2]
    assert "AAA" not in archive.market(calendar, tail=2).earlier
