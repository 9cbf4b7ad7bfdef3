"""`/since`: what has changed from one close to the newest one, from memory."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from bot.alerts.topics import TOPICS
from bot.commands.alerts.texts.first_line import topic_name
from bot.commands.context import ADVICE, Core
from bot.commands.record.session_of import newest_final, session_of
from bot.commands.reply import Button, Field, Reply
from bot.commands.summary.contents import largest_moves, movers_table
from bot.commands.summary.crossings import fired
from bot.commands.summary.headline.index_moves import NAMES
from bot.errors import UserError
from bot.formatting import family_verdicts, formats
from bot.formatting.conditions import condition_words
from bot.formatting.scenario_words import FAMILY_NAMES, ROTATION_REGIME, SUBJECTS, family_turns
from bot.readings.state import Snapshot
from signals.core.model import Axis, Measure
from signals.rotation.definitions import LEG_NAMES, STATE_NAMES, TECH_LEG_NAMES, TECH_NAMES
from signals.rotation.past import PastLeg, PastTurn
from signals.rotation.yardsticks import ROTATION

LEGS, CROSSINGS = 8, 8
"""Lines of each kind that are shown; what goes beyond is counted."""


def show(core: Core, typed: str) -> Reply:
    """States, legs, families, moves and crossings since the close of a day.

    Raises UserError before the first check, for a wrong date, and for one without a close since or before the readings in memory.
    """
    newest, then = newest_final(core), session_of(core, typed)
    snapshot = core.readings.snapshot
    if snapshot is None or then >= newest:
        raise UserError(f"{_day(then)} is the latest close. Type an earlier date.")
    days = snapshot.history.index
    if then < days[0].date():
        raise UserError(f"Readings go back to {_day(days[0].date())}. Type a later date.")
    sessions = len(days) - 1 - int(days.searchsorted(pd.Timestamp(then)))
    past = snapshot.history[[name for name in snapshot.history if name in core.signals]]
    moves = largest_moves(core.signals, past, sessions=sessions)
    table = movers_table(moves, f"{sessions}d")
    fields = [
        Field("The answer", "\n".join(_answer_lines(snapshot, then, newest))),
        Field("Legs confirmed since", "\n".join(_leg_lines(snapshot, then, newest))),
        Field("Families that changed sides", "\n".join(_family_lines(core, past, sessions))),
        Field("Biggest moves vs. their own history", f"```\n{table}\n```" if table else ""),
        Field("Preset levels crossed since", "\n".join(_crossing_lines(core, then, newest))),
    ]
    return Reply(
        title=f"Since {_day(then)} ({formats.counted(sessions, 'session')})",
        lines=tuple(filter(None, [_index_line(snapshot.closes, then)])),
        fields=tuple(field for field in fields if field.value),
        buttons=(Button("families", "Signals by family"),),
        footer=core.footer(f"From close to close, up to {_day(newest)}", ADVICE),
    )


def _answer_lines(snapshot: Snapshot, then: date, newest: date) -> list[str]:
    turns = ((), ()) if snapshot.rotation is None else _turns_of(snapshot)
    rows = (
        ("Rotation", "rotation", STATE_NAMES, turns[0]),
        ("Tech", "tech", TECH_NAMES, turns[1]),
    )
    lines = []
    for subject, family, names, past in rows:
        turned = [turn.session for turn in past if turn.session > then]
        lines.append(_state_line(snapshot.history, subject, family, names, turned, (then, newest)))
    return [line for line in lines if line]


def _turns_of(snapshot: Snapshot) -> tuple[Sequence[PastTurn], Sequence[PastTurn]]:
    past = snapshot.rotation.past if snapshot.rotation is not None else None
    return ((), ()) if past is None else (past.rotation_turns, past.tech_turns)


def _state_line(
    history: pd.DataFrame,
    subject: str,
    family: str,
    names: Mapping[int, str],
    turned: Sequence[date],
    span: tuple[date, date],
) -> str:
    """`**Rotation**: was rotating back into big tech, now rotating out of big tech (turned Dec 12)`."""
    before, now = (_state(history.loc[[pd.Timestamp(day)]].iloc[0], family, names) for day in span)
    if not before or not now:
        return ""
    when = f" (turned {formats.listed([_short(day, span[1]) for day in turned])})" if turned else ""
    states = f"{now}, then and now" if before == now else f"was {before}, now {now}"
    return f"**{subject}**: {states}{when}"


def _state(row: pd.Series, family: str, names: Mapping[int, str]) -> str:
    state, turning = row.get(f"{family}.state"), row.get(f"{family}.turning")
    if state is None or state != state:
        return ""
    if turning == 1:
        return family_verdicts.turning(names[int(state)])
    return family_verdicts.rotation_state(names[int(state)], row.get(ROTATION_REGIME))


def _leg_lines(snapshot: Snapshot, then: date, newest: date) -> list[str]:
    """The legs that were confirmed after the day, newest first."""
    legs = () if snapshot.rotation is None else snapshot.rotation.past.legs
    confirmed = sorted((leg for leg in legs if leg.confirmed > then), key=lambda leg: leg.confirmed, reverse=True)
    return _at_most([_leg_line(leg, newest) for leg in confirmed], LEGS)


def _leg_line(leg: PastLeg, newest: date) -> str:
    names = LEG_NAMES if leg.yardstick in ROTATION else TECH_LEG_NAMES
    move = f"{formats.plain(leg.move, 1, signed=True)}% {'so far' if leg.end is None else 'in all'}"
    confirmed, start = _short(leg.confirmed, newest), _short(leg.start, newest)
    return f"**{leg.yardstick.short}**: {names[leg.direction]} since {start}, confirmed {confirmed}, {move}"


def _family_lines(core: Core, past: pd.DataFrame, sessions: int) -> list[str]:
    turned = family_turns(list(core.signals.values()), past, sessions)
    lines = []
    for axis in Axis:
        own = [f"{FAMILY_NAMES[turn.family]} now {turn.side}" for turn in turned if turn.axis is axis]
        if own:
            lines.append(f"**{SUBJECTS[axis]}**: {'; '.join(own)}")
    return lines


def _crossing_lines(core: Core, then: date, newest: date) -> list[str]:
    """The topics whose condition has fired after the day: how often, and last when, the newest first."""
    crossed: list[tuple[date, str]] = []
    for topic in TOPICS:
        for spec in topic.specs:
            if spec.signal not in core.signals:
                continue
            readings = core.readings.series(spec.signal, spec.measure)
            sessions = [day for day in fired(readings, spec, core.signals[spec.signal]) if day > then]
            if not sessions:
                continue
            last = _short(sessions[-1], newest)
            when = last if len(sessions) == 1 else f"{formats.counted(len(sessions), 'time')}, last {last}"
            words = condition_words(spec, core.signals[spec.signal])
            if spec.measure is Measure.PERCENTILE_1Y:
                words = f"{formats.MEASURES[spec.measure]} {words}"
            if len({part.signal for part in topic.specs}) > 1:
                words = f"{core.signals[spec.signal].label} {words}"
            crossed.append((sessions[-1], f"**{topic_name(topic.key)}**, {words}: {when}"))
    crossed.sort(key=lambda entry: entry[0], reverse=True)
    return _at_most([line for _, line in crossed], CROSSINGS)


def _index_line(closes: pd.DataFrame, then: date) -> str:
    """`S&P 500 +2.1% · Nasdaq +3.0%` from the close of the day to the newest one; empty where neither is known."""
    if not len(closes) or pd.Timestamp(then) not in closes.index:
        return ""
    before, now = closes.loc[[pd.Timestamp(then)]].iloc[0].to_dict(), closes.iloc[-1].to_dict()
    both_known = [
        (name, 100.0 * (now[ticker] / before[ticker] - 1.0))
        for ticker, name in NAMES.items()
        if now.get(ticker, math.nan) > 0 and before.get(ticker, math.nan) > 0
    ]
    return " · ".join(f"{name} {formats.plain(value, 1, signed=True)}%" for name, value in both_known)


def _at_most(lines: list[str], most: int) -> list[str]:
    return lines if len(lines) <= most else [*lines[:most], f"and {len(lines) - most} more"]


def _short(day: date, newest: date) -> str:
    return formats.short_day(day, year=day.year != newest.year)


def _day(day: date) -> str:
    return formats.day(day)
