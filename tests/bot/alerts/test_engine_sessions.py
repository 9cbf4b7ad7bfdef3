"""Provisional and final readings, revisions, late values, sessions that nobody looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.alerts.engine import CheckCounts
from bot.database.recovery import quiet_sessions
from bot.database.recovery.quiet_sessions import QuietSessions
from bot.domain.model import TriggerState
from tests.bot.alerts.watching import ABOVE_90, DAY, LIVE, Watch, day, final, provisional


def test_the_same_final_session_twice_does_nothing(watch: Watch) -> None:
    watch.add(replace(ABOVE_90, confirm=2))
    watch.see(final(91.0))
    assert watch.see(final(91.0)) == CheckCounts()
    assert watch.see(final(91.0, day(1))).enqueued == 1
    assert watch.see(final(91.0, day(1))) == CheckCounts()


def test_a_revision_never_fires_and_never_rearms(watch: Watch) -> None:
    alert = watch.add(ABOVE_90)
    watch.see(final(89.0))
    watch.see(final(89.0, day(1)))
    assert watch.see(final(91.0)) == CheckCounts()
    assert watch.see(final(91.0, day(1))) == CheckCounts()
    assert watch.states(alert) == [TriggerState.ARMED]
    assert watch.closes([91], first=2) == [2]
    assert watch.see(final(80.0, day(2))) == CheckCounts()
    assert watch.states(alert) == [TriggerState.FIRED]


def test_a_value_that_comes_late_in_the_evening_still_counts(watch: Watch) -> None:
    watch.add(ABOVE_90)
    assert watch.see(final(None)) == CheckCounts()
    assert watch.see(final(91.0)).enqueued == 1


def test_provisional_readings_leave_alerts_on_closes_alone(watch: Watch) -> None:
    alert = watch.add(ABOVE_90)
    assert watch.see(provisional(91.0)) == CheckCounts()
    assert watch.states(alert) == [TriggerState.ARMED]
    assert watch.see(final(91.0)).enqueued == 1


def test_a_live_alert_fires_in_the_session_and_not_again_at_the_close(watch: Watch) -> None:
    watch.add(LIVE)
    assert watch.see(provisional(91.0)).enqueued == 1
    assert watch.see(provisional(91.5)) == CheckCounts()
    assert watch.see(final(92.0)) == CheckCounts()


def test_a_live_alert_fires_at_most_once_a_session_however_the_price_dances(watch: Watch) -> None:
    watch.add(LIVE)
    assert [watch.see(provisional(value)).enqueued for value in (91, 80, 91, 80, 91)] == [1, 0, 0, 0, 0]


def test_a_live_crossing_undone_at_the_close_rearms_without_a_message(watch: Watch) -> None:
    alert = watch.add(LIVE)
    watch.see(provisional(91.0))
    assert watch.see(final(89.0)) == CheckCounts(rearmed=1)
    assert watch.states(alert) == [TriggerState.ARMED]
    assert watch.see(provisional(91.0, day(1))).enqueued == 1
    assert watch.days_enqueued() == [DAY, day(1)]


def test_after_a_restore_within_a_session_live_alerts_are_silent_at_its_close_and_those_at_the_close_are_not(
    watch: Watch,
) -> None:
    live, closing = watch.add(LIVE), watch.add(ABOVE_90)
    watch.see(final(85.0))
    quiet_sessions.put(watch.db, QuietSessions(final=DAY, live=day(1)), now=watch.now)
    assert watch.see(provisional(95.0, day(1))).enqueued == 0
    assert watch.see(final(80.0, day(1))).enqueued == 0
    assert watch.states(live) == watch.states(closing) == [TriggerState.ARMED]
    quiet_sessions.put(watch.db, QuietSessions(final=day(1), live=day(2)), now=watch.now)
    assert watch.see(final(95.0, day(2))).fired == 2
    assert [each["alert_id"] for each in watch.enqueued()] == [closing.id]
    watch.see(final(80.0, day(3)))
    assert watch.see(final(95.0, day(4))).enqueued == 2


def test_a_live_crossing_half_undone_at_the_close_stays_fired(watch: Watch) -> None:
    alert = watch.add(LIVE)
    watch.see(provisional(91.0))
    assert watch.see(final(89.8)) == CheckCounts()
    assert watch.states(alert) == [TriggerState.FIRED]


def test_a_live_alert_rearms_within_a_later_session(watch: Watch) -> None:
    watch.add(LIVE)
    watch.see(provisional(91.0))
    watch.see(final(91.0))
    assert watch.see(provisional(89.0, day(1))) == CheckCounts(rearmed=1)
    assert watch.see(provisional(91.0, day(1))).enqueued == 1


def test_a_provisional_reading_after_the_final_one_is_ignored(watch: Watch) -> None:
    watch.add(LIVE)
    watch.see(final(89.0))
    assert watch.see(provisional(91.0)) == CheckCounts()


def test_a_close_that_comes_late_moves_alerts_on_closes_only(watch: Watch) -> None:
    live, close = watch.add(LIVE), watch.add(ABOVE_90)
    watch.see(provisional(89.0, day(1)))
    assert watch.see(final(91.0)) == CheckCounts(fired=1, enqueued=1)
    assert watch.states(live) == [TriggerState.ARMED]
    assert watch.states(close) == [TriggerState.FIRED]
    assert watch.see(provisional(91.0)) == CheckCounts()


def test_a_close_that_comes_late_does_not_turn_live_alerts_back_in_time(watch: Watch) -> None:
    alert = watch.add(LIVE)
    watch.see(provisional(85.0, day(2)))
    watch.see(final(85.0))
    assert watch.see(provisional(91.0, day(1))) == CheckCounts()
    assert watch.states(alert) == [TriggerState.ARMED]


def test_sessions_before_an_alert_was_made_do_not_move_it(watch: Watch) -> None:
    watch.see(final(80.0))
    alert = watch.add(ABOVE_90, session=day(3))
    assert watch.closes([91, 91], first=1) == []
    assert watch.states(alert) == [TriggerState.ARMED]
    assert watch.closes([91], first=3) == [3]


def test_missed_sessions_are_evaluated_in_order_with_their_own_dates(watch: Watch) -> None:
    watch.add(ABOVE_90)
    watch.see(final(85.0))
    assert watch.catch_up({day(1): 91.0, day(2): 89.0, day(3): 91.0}) == CheckCounts(rearmed=1, fired=2, enqueued=2)
    assert watch.days_enqueued() == [day(1), day(3)]


def test_only_the_last_five_missed_sessions_notify_and_older_ones_set_the_state(watch: Watch) -> None:
    notified, suppressed = watch.add(replace(ABOVE_90, level=95.0)), watch.add(ABOVE_90)
    watch.see(final(85.0))
    assert watch.catch_up({day(1): 91.0, day(2): 96, day(3): 93, day(4): 92, day(5): 92, day(6): 92}).enqueued == 1
    assert [each["alert_id"] for each in watch.enqueued()] == [notified.id]
    assert watch.states(suppressed) == [TriggerState.FIRED]
    assert watch.states(notified) == [TriggerState.ARMED]


def test_sessions_back_filled_on_a_first_import_are_suppressed(watch: Watch) -> None:
    alert = watch.add(ABOVE_90)
    assert watch.catch_up({day(1): 91.0, day(2): 89.0, day(3): 91.0}).enqueued == 0
    assert watch.states(alert) == [TriggerState.FIRED]
    assert watch.catch_up({day(2): 89.0, day(3): 91.0, day(4): 89.0, day(5): 91.0}).enqueued == 1


def test_catching_up_twice_does_nothing(watch: Watch) -> None:
    watch.add(ABOVE_90)
    watch.see(final(85.0))
    missed = {day(1): 91.0, day(2): 89.0}
    watch.catch_up(missed)
    assert watch.catch_up(missed) == CheckCounts()


def test_missed_sessions_must_ascend(watch: Watch) -> None:
    with pytest.raises(ValueError, match="must ascend"):
        watch.catch_up({day(2): 1.0, day(1): 1.0})
