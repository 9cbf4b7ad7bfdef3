"""How often topics have fired, over all years that are known."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from bot.alerts.level_suggestion import Backtest
from bot.alerts.topics import TOPICS, Topic
from bot.archive import Archive
from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from bot.domain.model import AlertSpec, Condition
from bot.event_study.service import TopicPastService
from bot.event_study.topic_past import is_rare, topic_pasts
from bot.event_study.worker_tasks import pasts_of_topics
from signals.core.model import History, Measure
from tests.helpers import utc

DAYS = pd.bdate_range("2026-01-05", periods=8)
STREAK = "size.russell_sp500.streak"
DOWN = "megacap.down_2pct"


def topic(*specs: AlertSpec) -> Topic:
    return Topic("some", "Some", "Something happened.", specs)


def above(signal: str, level: float, **more: int) -> AlertSpec:
    return AlertSpec(signal, Measure.VALUE, Condition.ABOVE, level, **more)


def past(specs: tuple[AlertSpec, ...], until: date | None = None, **values: list[float | None]) -> Backtest:
    histories = {
        name: History(pd.Series(numbers, DAYS[: len(numbers)], dtype=float))
        for name, numbers in ((id.replace("__", "."), numbers) for id, numbers in values.items())
    }
    return topic_pasts(histories, until=until, topics=[topic(*specs)])["some"]


def test_a_topic_fires_where_its_condition_turns_on_and_the_first_reading_only_sets_the_side() -> None:
    # Beyond 7 on day 0 (only the side), back on day 1, beyond on day 2, still on day 3, back, missing, beyond on day 6.
    counted = past((above(STREAK, 7),), size__russell_sp500__streak=[8, 3, 8, 9, 1, None, 8, 1])
    assert counted.fired == [DAYS[2].date(), DAYS[6].date()]
    assert counted.readings == 7


def test_a_session_on_which_two_conditions_of_a_topic_fire_counts_once() -> None:
    specs = (above(STREAK, 7), above(DOWN, 4))
    counted = past(specs, size__russell_sp500__streak=[1, 8, 1, 8], megacap__down_2pct=[0, 5, 0, 0])
    assert counted.fired == [DAYS[1].date(), DAYS[3].date()]
    assert counted.readings == 4


def test_a_message_that_a_cooldown_holds_back_is_not_counted() -> None:
    counted = past((above(STREAK, 0, cooldown_days=3),), size__russell_sp500__streak=[0, 1, 0, 1, 0, 1])
    assert counted.fired == [DAYS[1].date(), DAYS[5].date()]


def test_nothing_after_the_session_of_the_question_counts() -> None:
    counted = past((above(STREAK, 0),), DAYS[2].date(), size__russell_sp500__streak=[0, 1, 0, 1])
    assert (counted.fired, counted.readings) == ([DAYS[1].date()], 3)


def test_a_topic_without_a_history_has_no_past() -> None:
    assert past((above(STREAK, 7),)) == Backtest([], 0, 0.0)


@pytest.mark.parametrize(
    ("times", "years", "rare"),
    [(39, 10.0, True), (40, 10.0, False), (0, 21.0, True), (0, 0.9, False), (3, 1.0, True), (0, 0.0, False)],
)
def test_rare_is_under_four_times_a_year_of_a_year_at_least(times: int, years: float, *, rare: bool) -> None:
    assert is_rare(Backtest([date(2026, 1, 5)] * times, 252, years)) is rare


def test_the_worker_counts_every_topic_over_all_years_of_the_archive(tmp_path: Path) -> None:
    """Equal weight gains 1 % on a session on which the index stands still, once."""
    days = pd.bdate_range("2026-01-05", periods=4)
    closes = {"SPY": [100.0, 100, 100, 100], "RSP": [100.0, 100, 101, 101], "^GSPC": [1.0, 1, 1, 1]}
    bars = {name: pd.DataFrame({"close": values, "adj_close": values}, index=days) for name, values in closes.items()}
    calendar = Calendar(date(2025, 12, 1), date(2026, 12, 31))
    with Archive.open(tmp_path / "market.db") as archive:
        archive.store(Fetched("pack", utc("2026-01-09T12:00"), bars=bars), calendar, live=False)
    location = ArchiveLocation(tmp_path / "market.db", date(2025, 12, 1), date(2026, 12, 31))

    counted = pasts_of_topics(location, date(2026, 1, 8))

    assert list(counted) == [each.key for each in TOPICS]
    assert counted["equal-weight-day"].fired == [date(2026, 1, 7)]
    assert counted["tech-outflow"].readings == 0
    assert pasts_of_topics(location, date(2026, 1, 6))["equal-weight-day"].fired == []


def test_an_archive_without_prices_has_no_past(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "market.db"):
        pass
    location = ArchiveLocation(tmp_path / "market.db", date(2025, 12, 1), date(2026, 12, 31))
    assert pasts_of_topics(location, date(2026, 1, 8)) == {}


class Counter:
    """Counts how often it is asked; answers when it is let go."""

    def __init__(self, *failures: Exception) -> None:
        self.go, self.asked, self._failures = asyncio.Event(), 0, list(failures)

    async def topic_pasts(self) -> Mapping[str, Backtest]:
        self.asked += 1
        await self.go.wait()
        if self._failures:
            raise self._failures.pop(0)
        return {"some": Backtest([], self.asked, 1.0)}


MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)


async def test_topics_are_counted_once_a_session_however_many_ask() -> None:
    counter = Counter()
    service = TopicPastService(counter)
    both = [asyncio.create_task(service.after(MONDAY, seconds=5)) for _ in range(2)]
    await asyncio.sleep(0)
    counter.go.set()
    assert [counted["some"].readings for counted in await asyncio.gather(*both)] == [1, 1]
    assert (await service.after(MONDAY, seconds=5))["some"].readings == 1
    assert (await service.after(TUESDAY, seconds=5))["some"].readings == 2


async def test_a_count_that_takes_too_long_goes_on_and_is_there_for_the_next_who_asks() -> None:
    counter = Counter()
    service = TopicPastService(counter)
    assert await service.after(MONDAY, seconds=0) == {}
    counter.go.set()
    assert (await service.after(MONDAY, seconds=5))["some"].readings == 1


async def test_after_a_failure_the_next_who_asks_counts_again() -> None:
    counter = Counter(OSError("the worker has ended"))
    counter.go.set()
    service = TopicPastService(counter)
    assert await service.after(MONDAY, seconds=5) == {}
    assert (await service.after(MONDAY, seconds=5))["some"].readings == 2
