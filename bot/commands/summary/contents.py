"""What the summary of one session has: headline, moves, crossed levels, scenario states, coming events.

Fixed rules compute it from readings, without input or output, so that channels, `/summary` and the
terminal show the same. They describe the requested session even where the history goes on
after it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from bot.calendar.clock import Calendar
from bot.calendar.session_context import SessionContext, session_context
from bot.commands.market import tables
from bot.commands.market.signal_list import TWINS
from bot.commands.reply import Tone
from bot.commands.summary.crossings import Crossing, crossings_since
from bot.commands.summary.headline.facts import SessionFacts
from bot.commands.summary.headline.index_moves import NAMES, SP500, IndexMove, move
from bot.commands.summary.headline.rules_rotation import NOTABLE_SPREAD, SPREAD
from bot.commands.summary.headline.select import headline
from bot.domain.model import AlertSpec
from bot.formatting import formats
from bot.formatting.scenario_words import SCORES, STATES, AxisState, Turn, axis_state, family_turns
from signals.calendar_events import CalendarEvent, Event
from signals.core.measures import measures_at
from signals.core.model import Axis, Family, History, Restart, Signal
from signals.core.rolling import ENOUGH, YEAR

_MOVERS, _MOST_PER_FAMILY = 5, 2
_SHARP_FALL = -2.5
_RETURN = re.compile(r"\.(return|spread)_\d+d$")
_PERIODS = {Restart.YEAR: "Y", Restart.MONTH: "M"}


@dataclass(frozen=True, slots=True)
class Mover:
    """A signal whose change of the day was large against its own past changes.

    `percentile`: of the value within one year, 0 to 100; None while fewer than 200 values are known, and for a signal
    that has no percentile.
    """

    signal: Signal
    value: float
    change: float
    percentile: float | None


@dataclass(frozen=True, slots=True)
class SummaryContents:
    """One session in short. An empty headline means that no value of the session is known.

    Attributes:
        reading_count: signals that had a reading, of `signal_count`.
        axis_states: state of each axis of the scenario, without axes that are withheld.
        turns: families whose vote changed on the session.
        moves: changes of the large indices, by ticker.
        spread: equal weight less the index, in percentage points; NaN where unknown.
        due: calendar events after the session.
        shown: ids of the signals whose values it shows or is made of.
        yields_of: the date of the newest yields; None where it is that of the session before.
    """

    session: date
    headline: str
    tone: Tone
    movers: tuple[Mover, ...]
    crossings: tuple[Crossing, ...]
    reading_count: int
    signal_count: int
    axis_states: tuple[AxisState, ...] = ()
    turns: tuple[Turn, ...] = ()
    moves: Mapping[str, IndexMove] = field(default_factory=dict)
    spread: float = math.nan
    due: tuple[CalendarEvent, ...] = ()
    shown: frozenset[str] = frozenset()
    yields_of: date | None = None


def summary_contents(
    signals: Mapping[str, Signal],
    history: pd.DataFrame,
    session: date,
    *,
    topics: Mapping[str, Sequence[AlertSpec]] | None = None,
    closes: pd.DataFrame | None = None,
    all_years: pd.DataFrame | None = None,
    calendar: Calendar | None = None,
    agenda: Sequence[CalendarEvent] = (),
    yields_of: date | None = None,
) -> SummaryContents:
    """Compute what the summary of `session` has.

    Args:
        signals: the catalogue, by id.
        history: final values (naive session dates x signal ids), NaN where withheld; rows after
            `session` are not used.
        session: the session that it describes.
        topics: conditions with preset levels, by topic; without them there are no crossings.
        closes: closes of the large indices (session dates x tickers), for index moves and headline.
        all_years: like `history`, over all years, of the signals that the headline compares with
            their whole past; without it the years of `history` count.
        calendar: for half days, holidays and ends of periods in the headline.
        agenda: events that were due after the session, and a decision of the Fed on it.
        yields_of: the date of the newest 10-year yield, where it is known.

    Returns:
        The contents; without numbers where `session` is not in `history`.
    """
    built_in = frozenset(signals)
    past = history.loc[: pd.Timestamp(session), [name for name in history.columns if name in built_in]]
    if not len(past) or past.index[-1] != pd.Timestamp(session):
        return SummaryContents(session, "", Tone.NEUTRAL, (), (), 0, len(signals))
    if yields_of is not None and len(past) > 1 and past.index[-2].date() == yields_of:
        yields_of = None
    largest = largest_moves(signals, past)
    until = _until(closes, session)
    facts = SessionFacts(
        signals=signals,
        session=session,
        past=past,
        all_years=_until(all_years, session),
        closes=until,
        moves={ticker: index_move for ticker in NAMES if (index_move := move(until, ticker)) is not None},
        session_context=session_context(calendar, session) if calendar is not None else SessionContext(),
        decided=any(event.event is Event.FED and event.first == session for event in agenda),
        axis_states=[state for axis in Axis if (state := axis_state(past, axis)) is not None],
        yields_of=yields_of,
    )
    first = headline(facts)
    crossings = tuple(found for _, found in crossings_since(signals, past, topics or {}, session))
    return SummaryContents(
        session=session,
        headline=first.text or (_mover_headline(largest[0]) if largest else ""),
        tone=_tone(facts),
        movers=largest,
        crossings=crossings,
        reading_count=int(past.iloc[-1].notna().sum()),
        signal_count=len(signals),
        axis_states=tuple(facts.axis_states),
        turns=family_turns(list(signals.values()), past),
        moves=facts.moves,
        spread=facts.now(SPREAD),
        due=tuple(event for event in agenda if event.last > session),
        shown=frozenset((*first.signals, *_ids(largest), *_ids(crossings), *_ids_of_axes(facts.axis_states), SPREAD)),
        yields_of=yields_of,
    )


def _ids(shown: Sequence[Mover | Crossing]) -> Iterator[str]:
    return (row.signal.id for row in shown)


def _ids_of_axes(states: Sequence[AxisState]) -> Iterator[str]:
    return (names[state.axis] for state in states for names in (SCORES, STATES))


def _until(frame: pd.DataFrame | None, session: date) -> pd.DataFrame:
    """The rows up to the session; an empty frame where they do not include it."""
    if frame is None:
        return pd.DataFrame()
    until = frame.loc[: pd.Timestamp(session)]
    return until if len(until) and until.index[-1] == pd.Timestamp(session) else until.iloc[:0]


def _tone(facts: SessionFacts) -> Tone:
    """ATTENTION for a sharp fall.

    Else broadening or concentrating by equal weight against the index.
    """
    if facts.percent(SP500) <= _SHARP_FALL:
        return Tone.ATTENTION
    spread = facts.now(SPREAD)
    if abs(spread) >= NOTABLE_SPREAD:
        return Tone.BROADENING if spread > 0 else Tone.CONCENTRATING
    return Tone.NEUTRAL


def largest_moves(signals: Mapping[str, Signal], past: pd.DataFrame, *, sessions: int = 1) -> tuple[Mover, ...]:
    """The five largest changes over `sessions` up to the last one in standard deviations of a year of such changes.

    Returns and spreads over some sessions are left out, because a change of them is a change of a
    change, and so is, over more than one session, what starts anew with a year, a month or a turn.
    Over one session the jump at its beginning is no change. At most two signals of a family are
    listed. The scenario is left out, because it is computed from the other signals. Signals that
    move as one are listed once.
    """
    changes = past.diff(sessions).iloc[-YEAR:]
    for restart, length in _PERIODS.items():
        periods = pd.DatetimeIndex(past.index).to_period(length)
        begun = changes.index.isin(past.index[1:][periods[1:] != periods[:-1]])
        changes.loc[begun, [name for name in map(str, changes) if signals[name].restarts is restart]] = math.nan
    enough = changes.count() >= ENOUGH
    spread = changes.std()
    scores = (changes.iloc[-1] / spread.where(spread > 0)).where(enough).dropna()
    scores = scores.reindex(scores.abs().sort_values(ascending=False, kind="stable").index)
    chosen: list[Mover] = []
    families: dict[str, int] = {}
    chosen_measures: set[str] = set()
    for name, score in scores.items():
        signal = signals[str(name)]
        if len(chosen) == _MOVERS or not math.isfinite(score):
            break
        moves_as = TWINS.get(signal.id, signal.id)
        tells_nothing = signal.unit.whole or signal.parts or signal.family in (Family.ROTATION, Family.TECH)
        restarts = sessions > 1 and signal.restarts is not None
        full = families.get(signal.family, 0) == _MOST_PER_FAMILY or moves_as in chosen_measures
        if tells_nothing or restarts or full or _RETURN.search(signal.id):
            continue
        chosen_measures.add(moves_as)
        families[signal.family] = families.get(signal.family, 0) + 1
        value, change = float(past[str(name)].iloc[-1]), float(changes[str(name)].iloc[-1])
        measures = measures_at(signal, History(past[signal.id]), len(past) - 1)
        chosen.append(Mover(signal, value, change, measures.percentile_1y))
    return tuple(chosen)


def _mover_headline(mover: Mover) -> str:
    signal = mover.signal
    now = formats.number(mover.value, signal.unit, signal.decimals)
    return f"The largest move was {signal.label}: {now}, {formats.change(mover.change, signal)} on the day."


def movers_table(movers: Sequence[Mover], span: str = "1d") -> str:
    """Monospaced lines of at most 40 columns: name, value, change over `span`, one-year percentile."""
    if not movers:
        return ""
    return "\n".join([tables.heading("", span), *(_mover_line(mover) for mover in movers)])


def _mover_line(mover: Mover) -> str:
    change = formats.change(mover.change, mover.signal, with_unit=False)
    return tables.columns(mover.signal, tables.full_cell(mover.value, mover.signal), change, mover.percentile)
