"""What is old: the newest day that each source should have given, on ordinary days, weekends, holidays and half days."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.calendar.bond_market import bond_day_before, is_bond_day
from bot.calendar.clock import NEW_YORK, Calendar
from bot.domain.fetched import Health, HealthState
from bot.ingest.freshness import expected, is_old, notices, statuses
from bot.ingest.schedule import LastRun, timetable
from bot.ingest.status import SourceStatus
from bot.ingest.worker_tasks import ArchiveInventory
from signals import catalogue

CALENDAR = Calendar(date(2025, 1, 1), date(2026, 12, 31))
PLAN = timetable(15)
JOBS = {job.name: job for job in PLAN}


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("job", "now", "day"),
    [
        ("prices", "2026-01-13 17:00", "2026-01-12"),  # asked at 16:22, and an hour is allowed
        ("prices", "2026-01-13 17:30", "2026-01-13"),
        ("prices", "2026-01-18 12:00", "2026-01-16"),  # a Sunday
        ("prices", "2026-01-19 20:00", "2026-01-16"),  # Martin Luther King day
        ("prices", "2025-11-28 14:30", "2025-11-28"),  # closed at 13:00 after Thanksgiving
        ("volatility", "2026-01-13 21:30", "2026-01-12"),  # asked at 20:00; the day's row may come in the morning
        ("volatility", "2026-01-14 09:35", "2026-01-13"),
        ("volatility", "2026-01-19 23:00", "2026-01-16"),
        ("rates", "2026-01-13 19:00", "2026-01-09"),
        ("rates", "2025-10-14 19:00", "2025-10-09"),  # Monday was Columbus Day: bonds traded on Friday and Thursday
        ("yields", "2026-01-13 20:00", "2026-01-12"),
        ("yields", "2025-11-12 20:00", "2025-11-10"),  # Tuesday was Veterans Day, on which stocks traded
        ("yields", "2026-01-18 12:00", "2026-01-15"),  # asked last on Friday evening for Thursday
        ("chains", "2026-01-13 16:40", "2026-01-12"),
        ("chains", "2026-01-13 16:50", "2026-01-13"),
        ("chains", "2025-11-28 13:50", "2025-11-28"),  # asked at 12:45, 15 minutes before the close
        ("funds of statestreet", "2026-01-13 09:30", "2026-01-09"),
        ("funds of statestreet", "2026-01-13 10:10", "2026-01-12"),
        ("weights", "2026-01-13 10:10", "2026-01-12"),
        ("estimates", "2026-01-13 22:10", "2026-01-13"),
        ("estimates", "2026-01-18 12:00", "2026-01-16"),
        ("guidance", "2026-01-13 12:00", None),
        ("universe", "2026-01-13 12:00", None),
    ],
)
def test_what_a_job_should_have_brought_follows_its_own_rule(job: str, now: str, day: str | None) -> None:
    assert expected(JOBS[job], CALENDAR, new_york(now)) == (None if day is None else date.fromisoformat(day))


STOCKS_ONLY = """
2005-10-10 2005-11-11 2006-10-09 2007-10-08 2007-11-12 2008-10-13 2008-11-11 2009-10-12 2009-11-11 2010-10-11 2010-11-11
2011-10-10 2011-11-11 2012-10-08 2012-11-12 2013-10-14 2013-11-11 2014-10-13 2014-11-11 2015-10-12 2015-11-11 2016-10-10
2016-11-11 2017-10-09 2018-10-08 2018-11-12 2019-10-14 2019-11-11 2020-10-12 2020-11-11 2021-10-11 2021-11-11 2022-10-10
2022-11-11 2023-10-09 2024-10-14 2024-11-11 2025-10-13 2025-11-11
"""
"""Sessions from 2005 to 2025 on which the Treasury was closed and published no yields; 11 November of 2006, 2017 and 2023 was a
Saturday."""


def test_sessions_of_21_years_are_bond_days_but_those_on_which_the_treasury_was_closed() -> None:
    calendar = Calendar(date(2004, 12, 1), date(2026, 1, 31))
    sessions = calendar.between(date(2005, 1, 3), date(2025, 12, 31))
    without = [str(day) for day in sessions if not is_bond_day(day, calendar)]
    assert without == STOCKS_ONLY.split()
    assert bond_day_before(date(2025, 10, 14), calendar) == date(2025, 10, 10)


@dataclass
class Named:
    """As much of a source as its line needs."""

    name: str
    health: Health = field(default_factory=lambda: Health(HealthState.OK))


def known(**days: str) -> ArchiveInventory:
    """Everything of Monday 12 January 2026, except what is named."""
    monday = date(2026, 1, 12)
    series = dict.fromkeys(catalogue.series_ids(), monday)
    told = {name.replace("_", "-"): date.fromisoformat(day) for name, day in days.items()}
    records = {
        "funds": {"statestreet": told.pop("statestreet", monday), "invesco": told.pop("invesco", monday)},
        "options": {"cboe-chains": monday},
        "estimates": {"yahoo": told.pop("estimates", monday)},
        "surprises": {"yahoo": date(2025, 12, 18)},
        "guidance": {"edgar": date(2026, 1, 7)},
        "meetings": {"fed": date(2025, 12, 31)},
    }
    return ArchiveInventory(dict.fromkeys(catalogue.tickers(), told.pop("prices", monday)), series | told, (), records)


def standing(found: ArchiveInventory, now: str, *names: str) -> dict[str, SourceStatus]:
    sources = {name: Named(name) for name in names}
    shown = statuses(sources, PLAN, {}, found, CALENDAR, new_york(now))  # type: ignore[arg-type]
    return {status.name: status for status in shown}


ALL = tuple(dict.fromkeys(job.source for job in PLAN))


def test_on_tuesday_noon_nothing_of_monday_is_old() -> None:
    shown = standing(known(), "2026-01-13 12:00", *ALL)
    assert not [name for name, status in shown.items() if is_old(status)]
    assert shown["edgar"].newest == date(2026, 1, 7)
    assert shown["fed"].newest is None  # a plan has no age
    assert shown["edgar"].expected is shown["universe"].newest is None


def test_over_a_weekend_and_a_holiday_nothing_ages() -> None:
    monday = known(DGS2="2026-01-09")
    assert not any(map(is_old, standing(monday, "2026-01-13 09:00", *ALL).values()))
    friday = replace(monday, tickers=dict.fromkeys(catalogue.tickers(), date(2026, 1, 16)))
    for now in ("2026-01-17 03:00", "2026-01-18 23:00", "2026-01-19 15:00", "2026-01-20 17:00"):
        assert not is_old(standing(friday, now, "yahoo")["yahoo"])
    assert is_old(standing(friday, "2026-01-20 17:30", "yahoo")["yahoo"])


def test_futures_do_not_say_how_new_the_prices_are() -> None:
    """They trade on closures: while half of the shares lack the session after one, nothing is of the closure itself."""
    names = [name for name in catalogue.tickers() if "=" not in name]
    before, closed, after = date(2026, 1, 12), date(2026, 1, 13), date(2026, 1, 14)
    half = dict.fromkeys(names, after) | dict.fromkeys(names[: len(names) // 2 + 1], before)
    tickers = half | dict.fromkeys(("GC=F", "SI=F", "CL=F"), closed)
    shown = standing(replace(known(), tickers=tickers), "2026-01-14 18:00", "yahoo")
    assert shown["yahoo"].newest == before


def test_a_single_series_that_stopped_is_named_and_policy_rates_hide_nothing() -> None:
    shown = standing(known(SKEW="2025-12-30", DGS10="2026-01-07", DFF="2026-01-13"), "2026-01-13 12:00", "cboe", "fred")
    assert (shown["cboe"].newest, shown["cboe"].lacking) == (date(2025, 12, 30), ("SKEW",))
    assert (shown["fred"].newest, shown["fred"].expected, shown["fred"].lacking) == (
        date(2026, 1, 7),
        date(2026, 1, 9),
        ("DGS10",),
    )


def test_a_ticker_that_stopped_does_not_make_prices_old_but_most_of_them_do() -> None:
    one = known()
    few = replace(one, tickers={**one.tickers, "SPY": date(2025, 6, 2)})
    assert not is_old(standing(few, "2026-01-13 12:00", "yahoo")["yahoo"])
    assert is_old(standing(known(prices="2026-01-09"), "2026-01-13 12:00", "yahoo")["yahoo"])


def test_each_issuer_answers_for_its_own_funds() -> None:
    shown = standing(known(statestreet="2026-01-07"), "2026-01-13 12:00", "statestreet", "invesco", "ishares")
    assert is_old(shown["statestreet"])
    assert not is_old(shown["invesco"])
    assert shown["ishares"].newest is None


def test_invented_figures_are_never_late() -> None:
    old = known(prices="2025-01-09", estimates="2025-01-09")
    simulated = {name: Named("simulated") for name in ALL}
    shown = statuses(simulated, PLAN, {}, old, CALENDAR, new_york("2026-01-13 12:00"))  # type: ignore[arg-type]
    assert not any(map(is_old, shown))


def test_after_a_restart_a_source_knows_when_it_last_answered_and_is_asked_next() -> None:
    now = new_york("2026-01-13 12:10")
    done = {job.name: LastRun(succeeded_at=now - timedelta(minutes=1)) for job in PLAN}
    shown = statuses({"edgar": Named("edgar")}, PLAN, done, known(), CALENDAR, now)  # type: ignore[dict-item]
    guidance = JOBS["guidance"]
    assert shown[0].health.last_success == now - timedelta(minutes=1)
    assert shown[0].next_run == new_york("2026-01-13 12:30") + guidance.delay


def test_a_job_that_failed_is_told_until_it_succeeds_although_its_source_answers_to_others() -> None:
    now = new_york("2026-01-13 12:00")
    runs = {"rates": LastRun(now), "projections": LastRun().failed(now, "alfred.stlouisfed.org/graph answered 503")}
    sources = {"fred": Named("fred")}

    (shown,) = statuses(sources, PLAN, runs, known(), CALENDAR, now)  # type: ignore[arg-type]
    assert (shown.health.state, shown.health.reason) == (
        HealthState.FAILING,
        "alfred.stlouisfed.org/graph answered 503",
    )

    runs["projections"] = runs["projections"].succeeded(now)
    (shown,) = statuses(sources, PLAN, runs, known(), CALENDAR, now)  # type: ignore[arg-type]
    assert shown.health.state is HealthState.OK


def test_the_operator_is_told_once_when_something_becomes_old_and_once_when_it_is_not() -> None:
    fresh = tuple(standing(known(), "2026-01-13 12:00", "cboe", "yahoo").values())
    old = tuple(standing(known(SKEW="2025-12-30"), "2026-01-13 12:00", "cboe", "yahoo").values())
    assert list(notices((), fresh)) == []
    assert list(notices(fresh, old)) == [
        "cboe is old (SKEW): its newest day is 2025-12-30, by now it should be 2026-01-12"
    ]
    assert list(notices(old, old)) == []
    assert list(notices(old, fresh)) == ["cboe is up to date again, to 2026-01-12"]
