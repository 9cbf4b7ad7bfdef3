"""An alert in words: its condition, the newest value of its measure, its backtest, its state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
import pandas as pd

from bot.alerts import rules
from bot.alerts.level_suggestion import FIRINGS_A_YEAR, Backtest, LevelSuggestion
from bot.commands.alerts.texts.first_line import topic_name
from bot.commands.context import Core
from bot.commands.market.signal_history import history_context, repeats, value_words
from bot.database.alerts.alerts import StoredTrigger
from bot.domain.foreign_text import ForeignText
from bot.domain.model import (
    After,
    Alert,
    AlertSpec,
    Condition,
    Direction,
    Loudness,
    Repeat,
    Timing,
    Trigger,
    TriggerState,
)
from bot.formatting import formats
from bot.formatting.conditions import any_turn, condition_words, extreme_words, has_level
from bot.formatting.signal_values import past_span, rank_words, with_days
from signals.core.measure_kinds import STATE_MEASURES
from signals.core.model import Measure, Signal


def describe(core: Core, spec: AlertSpec) -> str:
    """`Silver above $90`: signal, measure and condition as one phrase."""
    signal = core.signals.get(spec.signal)
    if signal is None:
        return f"{spec.signal} {spec.condition.value} {formats.bare_level(spec.level)}"
    plain = spec.measure is Measure.VALUE or not has_level(spec.measure) or any_turn(spec, signal)
    subject = signal.label if plain else f"{signal.label}, {formats.MEASURES[spec.measure]}"
    return f"{subject} {condition_words(spec, signal)}"


def describe_alert(core: Core, alert: Alert) -> str:
    """A stored alert as one phrase; of a composite `At least 2 of alert 1, alert 3 and Russell streak`."""
    if alert.combination is None:
        return describe(core, alert.spec)
    asked = alert.combination
    names = [topic_name(one) if isinstance(one, str) else f"alert {one}" for one in asked.numbers]
    within = f" within {asked.within} sessions" if asked.within > 1 else ""
    return f"At least {asked.at_least} of {formats.listed(names)}{within}"


def manner_words(core: Core, alert: Alert) -> str:
    """What an alert has beyond its condition: loudness, expiry, pause and note; empty without any."""
    manner = alert.manner
    parts = [{Loudness.PING: "mentions you", Loudness.SILENT: "silent"}.get(manner.loudness, "")]
    if manner.expires is not None:
        parts.append(f"expires after {formats.day(manner.expires, today=core.today())}")
    if manner.note:
        parts.append(f"note: {ForeignText(manner.note)}")
    return "; ".join(part for part in parts if part)


def terms(core: Core, spec: AlertSpec) -> str:
    """`On closes, every crossing`: when and how often it fires."""
    parts = ["On closes" if spec.timing is Timing.CLOSE else "Also during the session"]
    signal = core.signals.get(spec.signal)
    turns = signal is not None and any_turn(spec, signal)
    always = "every crossing" if has_level(spec.measure) and not turns else "every time"
    parts.append(always if spec.repeat is Repeat.EVERY else "once")
    if spec.confirm > 1:
        parts.append(f"after {spec.confirm} sessions in a row")
    if spec.cooldown_days:
        parts.append(f"at most every {formats.counted(spec.cooldown_days, 'day')}")
    if spec.after is After.BACK:
        parts.append("and when it is back")
    if spec.after is After.REMIND:
        often = "session" if spec.remind_every == 1 else f"{spec.remind_every} sessions"
        parts.append(f"with a reminder every {often} while it lasts")
    return ", ".join(parts)


def current_words(core: Core, spec: AlertSpec, value: float | None, session: date) -> list[str]:
    """The newest value of the measure, and from when the alert can fire; of a signal that is gone, that it cannot."""
    signal = core.signals.get(spec.signal)
    if signal is None:
        return ["Its signal does not exist any more. Choose another one with /alert edit, or remove the alert."]
    if value is None:
        reading = core.readings.reading(spec.signal)
        why = f"withheld: {with_days(reading.reason)}" if reading is not None and reading.reason else "no data yet"
        return [f"Now {why}. It starts watching with the next reading."]
    if not has_level(spec.measure) or any_turn(spec, signal):
        return _event_lines(core, spec, value, session)
    now = formats.measured(value, signal, spec.measure)
    usual = history_context(core.readings, signal, spec.measure, session, value)
    whole = repeats(signal, spec.measure)
    rank = f", {rank_words(usual.rank, usual.years, whole=whole)}" if usual.rank is not None else ""
    lines = [f"Now **{now}** ({formats.day(session, today=core.today())}{rank})."]
    triggers = rules.triggers(spec)
    beyond = next((trigger for trigger in triggers if rules.holds(trigger, value)), None)
    if rules.already_there(spec, value) and beyond is not None:
        back = _rearm_words(beyond, signal, spec)
        lines.append(
            f"**Already {beyond.direction.value}**: it re-arms at {back}; you'll be alerted the next time it crosses after that."
        )
    elif spec.condition is not Condition.CROSSES or spec.band:
        lines.append(
            f"Re-arms at {formats.listed([_rearm_words(trigger, signal, spec) for trigger in triggers], 'or')}."
        )
    return lines


def _event_lines(core: Core, spec: AlertSpec, value: float, session: date) -> list[str]:
    """The newest value of what has no level, and whether it is already there."""
    signal = core.signals[spec.signal]
    series = core.readings.series(spec.signal).dropna()
    newest = float(series.iloc[-1]) if len(series) else None
    lines = [f"Now **{value_words(core.readings, newest, signal)}** ({formats.day(session, today=core.today())})."]
    if not rules.already_there(spec, value):
        return lines
    return [*lines, _already_words(signal, spec)]


def already_words(core: Core, spec: AlertSpec) -> str:
    """For the answer to a saved alert that holds now: from when it can fire."""
    if has_level(spec.measure):
        return "Already past its level: you'll be alerted the next time it crosses after re-arming."
    return _already_words(core.signals[spec.signal], spec)


def _already_words(signal: Signal, spec: AlertSpec) -> str:
    if spec.measure in STATE_MEASURES:
        return "**Already there**: you'll be alerted the next time it turns to that."
    back = formats.change(spec.band, signal).lstrip("+") if spec.band else ""
    after = f"has come back by {back} or more" if back else "has closed without one"
    return f"**Already at {extreme_words(spec.measure)}**: you'll be alerted at the next one after it {after}."


def _rearm_words(trigger: Trigger, signal: Signal, spec: AlertSpec) -> str:
    side = "less" if trigger.direction is Direction.ABOVE else "more"
    level = formats.measured(trigger.rearm, signal, spec.measure)
    if spec.measure is Measure.VALUE and signal.unit.whole:
        level = formats.plain(trigger.rearm, 0 if float(trigger.rearm).is_integer() else 1)
    return f"{level} or {side}"


def backtest_words(core: Core, spec: AlertSpec, backtest: Backtest) -> list[str]:
    """`Would have fired 7 times in the past 5 years, last on Wed, Nov 12, 2025`, and whether that is too often.

    For an alert that would never have fired, how near the measure came to its level.
    """
    if not backtest.readings:
        return []
    series = core.readings.series(spec.signal, spec.measure).dropna()
    period = past_span(backtest.years)
    times = "once" if len(backtest.fired) == 1 else f"{len(backtest.fired):,} times"
    if backtest.fired:
        last = "" if len(backtest.fired) == 1 else "last "
        line = f"Would have fired {times} in {period}, {last}on {formats.day(backtest.fired[-1], today=core.today())}."
        return [line, "That is on more than a third of all sessions."] if backtest.is_noise else [line]
    if not has_level(spec.measure):
        return [f"Would not have fired in {period}."]
    beyond = [
        trigger
        for trigger in rules.triggers(spec)
        if series.map(lambda value, side=trigger: rules.holds(side, value)).all()
    ]
    # Which side of a level that is crossed either way the past was on says nothing.
    one_sided = beyond and spec.condition is not Condition.CROSSES
    reason = "it was past its level all the time" if one_sided else _nearest(core, spec, series)
    return [f"Would not have fired in {period}: {reason}."]


def suggestion_words(core: Core, suggestion: LevelSuggestion, backtest: Backtest) -> str:
    """`At +1.15 points it would have fired 26 times, about 5 times a year.`"""
    times = "once" if suggestion.times == 1 else f"{suggestion.times:,} times"
    a_year = suggestion.times / backtest.years
    often = f"about {formats.counted(round(a_year), 'time')} a year" if a_year >= 0.75 else "less than once a year"
    far = (
        ""
        if abs(a_year - FIRINGS_A_YEAR) <= 1
        else f"; no level within reach comes closer to {FIRINGS_A_YEAR} times a year"
    )
    return f"At {levels_words(core, suggestion.spec)} it would have fired {times}, {often}{far}."


def levels_words(core: Core, spec: AlertSpec) -> str:
    """`+1.15 points`, or `-1.2 points and +0.9 points` for two levels."""
    signal = core.signals[spec.signal]
    levels = [spec.level] if spec.level_high is None else [spec.level, spec.level_high]
    return formats.listed([formats.level(level, signal, spec.measure) for level in levels])


def _nearest(core: Core, spec: AlertSpec, series: pd.Series) -> str:
    signal = core.signals[spec.signal]
    values = series.to_numpy(dtype=float)
    levels = [spec.level] if spec.level_high is None else [spec.level, spec.level_high]
    gaps = np.min([np.abs(values - level) for level in levels], axis=0)
    # Of equally near values the newest, which users remember best.
    position = len(values) - 1 - int(np.argmin(gaps[::-1]))
    newest = position == len(values) - 1
    when = "on the latest session" if newest else f"on {formats.day(series.index[position].date(), today=core.today())}"
    return f"the nearest was {formats.measured(float(values[position]), signal, spec.measure)} {when}"


def snoozed_words(core: Core, snoozes: Sequence[datetime]) -> str:
    """`snoozed until ...`, until the last of these ends; empty where all are over."""
    until = max(snoozes, default=core.now())
    return f"snoozed until {formats.stamp(until.timestamp(), 'f')}" if until > core.now() else ""


def state_words(core: Core, alert: Alert, triggers: Sequence[StoredTrigger], snoozes: Sequence[datetime]) -> str:
    """The state of a stored alert.

    `watching`, `past its level, re-arms at $89.50 or less`, `ended`, `snoozed until ...`.
    """
    if alert.ended_at is not None:
        return "ended"
    # A pause has no end, so it is what a reader must know first.
    if alert.paused_at is not None:
        return f"paused since {formats.day(alert.paused_at.date(), today=core.today())}"
    if words := snoozed_words(core, snoozes):
        return words
    last_fired = max((trigger.fired_session for trigger in triggers if trigger.fired_session is not None), default=None)
    last = f", last fired {formats.day(last_fired, today=core.today())}" if last_fired is not None else ""
    fired = [trigger for trigger in triggers if trigger.state is TriggerState.FIRED]
    signal = core.signals.get(alert.spec.signal)
    if fired and not has_level(alert.spec.measure):
        return f"there now, waiting for the next time{last}"
    if fired and signal is not None and alert.spec.condition is not Condition.CROSSES:
        waiting = Trigger(fired[0].direction, fired[0].level, fired[0].rearm)
        return f"past its level, re-arms at {_rearm_words(waiting, signal, alert.spec)}{last}"
    if alert.combination is not None:
        return f"{'enough of them hold now' if fired else 'watching'}{last}"
    if any(trigger.state is TriggerState.NEW for trigger in triggers):
        return "waits for its first reading"
    return f"watching{last}"
