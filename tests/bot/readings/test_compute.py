"""Which sessions are looked at again: those of a silent source come back, the others are not repeated."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import cache

import pytest

from bot.calendar.clock import Calendar
from bot.readings.compute import MAX_MISSED, compute
from bot.sources.simulated.market_frames import simulate
from signals import catalogue
from signals.core.market import Market
from signals.core.measures import measure_of
from signals.core.model import History, Measure
from tests.helpers import utc

pytestmark = pytest.mark.slow

NOW = utc("2025-08-06 22:00")
CALENDAR = Calendar(date(2023, 1, 3), date(2025, 12, 31))
LAST = date(2025, 8, 6)
SIGNALS = ("havens.silver", "rates.real_10y", "options.vix", "earnings.tech_guidance", "breadth.sp500.above_50dma")
"""Of sources that come on days of their own; which sessions are looked at depends on their dates alone."""


@cache
def known() -> tuple[Market, dict[str, History]]:
    market = simulate(CALENDAR, date(2023, 1, 3), LAST)
    return market, catalogue.compute(market, SIGNALS)


def looked_at(since: dict[str, date] | None, signals: Collection[str] | None = None) -> list[date]:
    market, histories = known()
    histories = {name: histories[name] for name in (histories if signals is None else signals)}
    return [session for session, _ in compute(market, histories, since=since, now=NOW).finals]


def test_at_first_no_alert_can_have_missed_anything_so_the_newest_five_sessions_are_looked_at() -> None:
    assert looked_at({}) == looked_at(None) == CALENDAR.between(date(2025, 7, 31), LAST)


def test_after_a_long_absence_the_newest_sixty_sessions_are_looked_at() -> None:
    since = {"havens.silver": date(2025, 1, 2)}
    assert looked_at(since, since) == CALENDAR.between(date(2025, 1, 2), LAST)[-MAX_MISSED:]


def test_when_all_is_judged_only_the_last_five_are() -> None:
    assert looked_at(dict.fromkeys(known()[1], LAST)) == CALENDAR.between(date(2025, 7, 31), LAST)


def test_a_signal_whose_source_was_silent_brings_its_sessions_back() -> None:
    since = {**dict.fromkeys(known()[1], LAST), "rates.real_10y": date(2025, 7, 18)}
    assert looked_at(since) == CALENDAR.between(date(2025, 7, 21), LAST)


def test_a_signal_that_exists_no_longer_brings_nothing_back() -> None:
    since = {**dict.fromkeys(known()[1], LAST), "gone": date(2024, 1, 5)}
    assert len(looked_at(since)) == 5


def test_the_snapshot_keeps_the_year_before_the_sessions_that_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.readings.compute.SHOWN_SESSIONS", 100)
    market, histories = known()
    snapshot = compute(market, histories, since=dict.fromkeys(histories, LAST), now=NOW).snapshot
    assert (len(snapshot.history), len(snapshot.earlier)) == (100, 252)
    assert snapshot.earlier.index[-1] < snapshot.history.index[0]
    whole = measure_of(catalogue.signal("options.vix"), histories["options.vix"], Measure.Z_1Y)
    assert snapshot.series("options.vix", Measure.Z_1Y).tolist() == whole.iloc[-100:].tolist()


def test_the_snapshot_carries_the_releases_that_its_count_is_made_of() -> None:
    market, histories = known()
    snapshot = compute(market, histories, since=dict.fromkeys(histories, LAST), now=NOW).snapshot
    count = snapshot.readings["earnings.tech_guidance"].value
    assert snapshot.guidance
    assert sum(release.direction for release in snapshot.guidance) == count
    assert all(release.filed > date(2025, 7, 7) and release.sentence for release in snapshot.guidance)
