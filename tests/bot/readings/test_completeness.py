"""When a reading may be judged: what its sources still owe decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bot.calendar.clock import Calendar
from bot.readings.completeness import complete_readings
from signals import catalogue
from signals.asof.series import counts_same_session
from signals.core.model import Reading, State
from tests.helpers import utc

CALENDAR = Calendar(date(2025, 1, 2), date(2026, 3, 31))
TUESDAY = date(2026, 1, 13)
FINAL = CALENDAR.final_at(TUESDAY)
SPREAD, VIX, YIELD, CPI = ("weighting.rsp_spy.spread_1d", "options.vix", "rates.real_10y", "macro.core_cpi_3m")
ROTATION, CURVE, BREADTH = "scenario.rotation_support", "rates.curve_10y2y", "breadth.sp500.above_200dma"


def reading(signal: str, observed: date | None = TUESDAY) -> Reading:
    return Reading(signal, TUESDAY, 1.0, State.FINAL, observed=observed)


def judged(
    *readings: Reading,
    prices_at: datetime | None = FINAL,
    now: datetime = FINAL + timedelta(minutes=15),
    members_awaited: bool = False,
) -> set[str]:
    given = {each.signal: each for each in readings}
    return set(
        complete_readings(
            given,
            catalogue.SIGNALS,
            session=TUESDAY,
            prices_at=prices_at,
            calendar=CALENDAR,
            now=now,
            members_awaited=members_awaited,
        )
    )


def test_prices_count_once_all_of_them_were_fetched_after_the_close() -> None:
    assert judged(reading(SPREAD)) == {SPREAD}
    assert judged(reading(SPREAD), prices_at=FINAL - timedelta(minutes=1)) == set()
    assert judged(reading(SPREAD), prices_at=None) == set()


def test_volatility_waits_for_its_own_session_and_yields_for_the_day_before() -> None:
    assert judged(reading(VIX, date(2026, 1, 12))) == set()
    assert judged(reading(VIX)) == {VIX}
    assert judged(reading(YIELD, date(2026, 1, 9))) == set()
    assert judged(reading(YIELD, date(2026, 1, 12)), prices_at=None) == {YIELD}


@pytest.mark.parametrize(
    ("session", "newest"),
    [
        (date(2025, 10, 14), date(2025, 10, 10)),
        (date(2025, 11, 12), date(2025, 11, 10)),
        (date(2025, 10, 15), date(2025, 10, 14)),
    ],
    ids=["after Columbus Day", "after Veterans Day", "a day later"],
)
def test_yields_wait_for_the_bond_day_before_and_not_for_a_holiday_that_has_none(session: date, newest: date) -> None:
    """Shares and options trade on both holidays, so the put/call ratio of the day is waited for."""
    rates = {
        name
        for name, signal in catalogue.SIGNALS.items()
        if name.startswith("rates.") and not all(map(counts_same_session, signal.inputs))
    }
    assert {"rates.real_10y", "rates.curve_10y2y", "rates.breakeven_10y", "rates.sep_gap"} <= rates
    put_call = "options.equity_put_call_21d"

    def judged_of(observed: date) -> set[str]:
        given = {name: replace(reading(name, observed), session=session) for name in (*rates, put_call)}
        final = CALENDAR.final_at(session)
        return set(
            complete_readings(
                given,
                catalogue.SIGNALS,
                session=session,
                prices_at=final,
                calendar=CALENDAR,
                now=final + timedelta(hours=1),
            )
        )

    assert judged_of(newest) == ({*rates} if newest < CALENDAR.before(session) else {*rates, put_call})
    assert judged_of(CALENDAR.before(session)) == {*rates, put_call}
    assert judged_of(CALENDAR.before(newest)) == set()


def test_a_clock_waits_for_the_prices_of_its_own_session() -> None:
    """Without them it says what it said before; a turn that they bring later would be a revision."""
    for name in ("rotation.state", "rotation.equal_weight.direction", "tech.state", "rotation.regime"):
        assert judged(reading(name, date(2026, 1, 12))) == set()
        assert judged(reading(name)) == {name}
        assert judged(reading(name, date(2026, 1, 12)), now=FINAL + timedelta(days=1, minutes=15)) == {name}


def test_a_monthly_figure_waits_for_nothing() -> None:
    assert judged(reading(CPI, date(2025, 11, 1)), prices_at=None) == {CPI}


def test_records_wait_for_nothing_because_what_counts_was_public_by_the_close() -> None:
    assert judged(reading("earnings.tech_revisions", date(2026, 1, 8)), prices_at=None) == {"earnings.tech_revisions"}
    assert judged(reading("earnings.tech_beats", date(2025, 12, 18)), prices_at=None) == {"earnings.tech_beats"}
    assert judged(reading("earnings.tech_guidance", date(2025, 11, 20)), prices_at=None) == {"earnings.tech_guidance"}
    assert judged(reading("filings.tech_buyers", date(2025, 9, 30)), prices_at=None) == {"filings.tech_buyers"}


def test_what_futures_say_of_the_fed_waits_for_their_prices_and_for_the_rate_of_the_day_before() -> None:
    name = "rates.priced_cuts"
    assert judged(reading(name, date(2026, 1, 12))) == {name}
    assert judged(reading(name, date(2026, 1, 12)), prices_at=None) == set()
    assert judged(reading(name, date(2026, 1, 9))) == set()


def test_a_withheld_reading_without_an_observation_waits() -> None:
    missing = replace(reading(VIX), value=None, state=State.WITHHELD, observed=None, reason="VIX has no observations")
    assert judged(missing) == set()


def test_what_is_made_of_other_signals_waits_for_all_of_them() -> None:
    """The rotation scenario is made of prices and of a yield curve; it is judged when neither is missing any more."""
    parts = [
        reading(part, TUESDAY if part == "rotation.state" else date(2026, 1, 12))
        for part in catalogue.SIGNALS[ROTATION].parts
    ]
    assert {"weighting.rsp_spy.spread_21d", CURVE} <= {part.signal for part in parts}
    assert ROTATION in judged(reading(ROTATION), *parts)
    assert ROTATION not in judged(reading(ROTATION), *parts, prices_at=None)
    behind = [replace(part, observed=date(2026, 1, 9)) if part.signal == CURVE else part for part in parts]
    assert ROTATION not in judged(reading(ROTATION), *behind)
    assert ROTATION not in judged(reading(ROTATION), *parts[1:])
    late = CALENDAR.final_at(date(2026, 1, 14))
    assert judged(reading(ROTATION), prices_at=None, now=late) == {ROTATION}


def test_a_share_of_members_waits_for_those_that_are_requested_again_within_minutes() -> None:
    """95 % of the closes make the prices complete; the others may carry a share back over its level."""
    parts = [reading(part) for part in catalogue.SIGNALS[ROTATION].parts]
    given = (reading(SPREAD), reading(BREADTH), reading(ROTATION), reading("earnings.tech_beats"), *parts)
    assert {SPREAD, BREADTH, ROTATION} <= judged(*given)
    waiting = judged(*given, members_awaited=True)
    assert {SPREAD, "earnings.tech_beats"} <= waiting
    assert not {BREADTH, ROTATION} & waiting
    assert judged(reading(BREADTH), members_awaited=True, now=CALENDAR.final_at(date(2026, 1, 14))) == {BREADTH}


@pytest.mark.parametrize("signal", [SPREAD, VIX, YIELD])
def test_when_the_next_session_is_final_everything_counts_as_it_is(signal: str) -> None:
    late = CALENDAR.final_at(date(2026, 1, 14))
    assert judged(reading(signal, date(2026, 1, 8)), prices_at=None, now=late - timedelta(seconds=1)) == set()
    assert judged(reading(signal, date(2026, 1, 8)), prices_at=None, now=late) == {signal}


def test_calendar_knows_half_days() -> None:
    assert CALENDAR.final_at(date(2025, 11, 28)) == utc("2025-11-28 18:20")
