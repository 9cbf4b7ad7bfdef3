"""`/signal`: the details of one signal, from memory."""

from __future__ import annotations

from datetime import date

import pandas as pd

from bot.commands.context import ADVICE, Caller, Core, loading, need_reading, source_problem
from bot.commands.market import chart, guidance_links, track_record_lines
from bot.commands.market.signal_history import (
    history_context,
    leaning,
    origin,
    repeats,
    state_of,
    typed_id,
    value_words,
    vote_of,
    year_rank,
)
from bot.commands.reply import Button, Choice, Field, Reply, Tone, Weight
from bot.formatting import formats
from bot.formatting.signal_values import (
    between,
    coverage_words,
    observed_words,
    rank_words,
    span,
    state_words,
    with_days,
)
from signals.core.model import Axis, Measure, Reading, Signal, Vote, VoteMeasure


def detail(core: Core, typed: str, caller: Caller | None = None) -> Reply:
    """Everything about one signal.

    Raises UserError for an unknown id, with the nearest one, and while there is no data.
    """
    signal = core.finder_for(caller).get(typed)
    reading = need_reading(core, signal)
    sources = None if reading.value is None else reading.sources
    remarks = tuple(remark for remark in (loading(core), source_problem(core, sources)) if remark)
    # Beside the snapshot, only these change the reply.
    key = ("page", signal.id, signal.label, core.today(), core.mark(), remarks)
    return core.readings.once(key, lambda: _detail(core, signal, reading, remarks))


def _detail(core: Core, signal: Signal, reading: Reading, remarks: tuple[str, ...]) -> Reply:
    if reading.value is None:
        return _withheld(core, signal, reading, remarks)
    value = value_words(core.readings, reading.value, signal)
    status = [state_words(reading.state, reading.session, core.today())]
    if coverage := coverage_words(reading.coverage, signal.family):
        status.append(coverage)
    if reading.observed is not None and reading.observed != reading.session:
        status.append(observed_words(signal, reading.observed, core.today()))
    tone, word = leaning(core.readings, signal, reading.session, high=None)
    return Reply(
        title=signal.label,
        lines=(
            f"## {value}",
            " · ".join(part for part in (*status, word, *map(with_days, reading.notes)) if part),
            signal.meaning,
            *remarks,
        ),
        fields=tuple(_fields(core, signal, reading)),
        buttons=(Button("set", "Set an alert here", (signal.id,), Weight.MAIN),),
        footer=core.footer(origin(signal, reading.sources), typed_id(signal), ADVICE),
        tone=tone,
        picture=chart.of_signal(core, signal),
    )


def _withheld(core: Core, signal: Signal, reading: Reading, remarks: tuple[str, ...]) -> Reply:
    series = core.readings.series(signal.id).dropna()
    reason = with_days(reading.reason or "no reason is known")
    lines = [f"**Withheld** on {formats.day(reading.session, today=core.today())}: {reason}"]
    if len(series):
        last = formats.measured(float(series.iloc[-1]), signal, Measure.VALUE)
        lines.append(f"Last known: {last} on {formats.day(series.index[-1].date(), today=core.today())}.")
    lines += [signal.meaning, "No alert fires on it until it is back.", *remarks]
    return Reply(
        title=signal.label,
        lines=tuple(lines),
        buttons=(Button("set", "Set an alert here", (signal.id,), Weight.MAIN),),
        footer=core.footer(origin(signal, reading.sources), typed_id(signal), ADVICE),
        tone=Tone.ATTENTION,
    )


def _fields(core: Core, signal: Signal, reading: Reading) -> list[Field]:
    measures = reading.measures
    changes = _states_before(core, signal, reading) if signal.named else _changes(signal, reading)
    past = history_context(core.readings, signal, Measure.VALUE, reading.session, reading.value)
    whole, ranks = repeats(signal, Measure.VALUE), []
    if measures.percentile_1y is not None and reading.value is not None:
        year = year_rank(core.readings, signal, reading.session, reading.value)
        words = "" if year is None else f" {rank_words(year, 1, whole=whole)}"
        ranks.append(f"`{formats.bar(measures.percentile_1y)}`{words}")
    # A past of a year says what the line above has said, of a few readings more.
    if past.rank is not None and past.years > (1.5 if ranks else 1):
        bar = "" if signal.named else f"`{formats.bar(past.rank.percentile)}` "
        ranks.append(bar + rank_words(past.rank, past.years, whole=whole))
    if measures.z_1y is not None:
        ranks.append(
            f"{formats.plain(abs(measures.z_1y), 1)} standard deviations {_side(measures.z_1y)} the year's mean"
        )
    if ranks:
        changes.append(Field("How unusual", "\n".join(ranks)))
    if past.low is not None and past.high is not None and not signal.named:
        text = between(past.low, past.high, signal, Measure.VALUE)
        changes.append(Field("Normal range", f"{text}, nine of ten sessions in {span(past.years)}"))
    changes += [Field(when, text) for when, text in track_record_lines.of_signal(core.readings, signal)]
    changes += guidance_links.quoted_fields(core) if signal.id == guidance_links.SIGNAL else []
    if signal.votes:
        changes.append(
            Field("How it votes today", "\n".join(_vote(core, signal, vote, reading.session) for vote in signal.votes))
        )
    return changes


def _changes(signal: Signal, reading: Reading) -> list[Field]:
    measures = reading.measures
    return [
        Field(name, formats.change(change, signal), narrow=True)
        for name, change in (
            ("1 day", measures.change_1d),
            ("5 days", measures.change_5d),
            ("21 days", measures.change_21d),
        )
        # Across its turn a leg's move has no change: dashes would say that a figure is missing.
        if change is not None
    ]


def _states_before(core: Core, signal: Signal, reading: Reading) -> list[Field]:
    """The named states of the sessions before: the difference of two states is no figure."""
    series = core.readings.series(signal.id).dropna()
    before = series[series.index < pd.Timestamp(reading.session)]
    return [
        Field(name, state_of(core.readings, signal, before.index[-sessions]), narrow=True)
        for name, sessions in (("1 day before", 1), ("5 days before", 5), ("21 days before", 21))
        if len(before) >= sessions
    ]


def _side(z: float) -> str:
    return "above" if z >= 0 else "below"


def _vote(core: Core, signal: Signal, vote: Vote, session: date) -> str:
    """`For a rotation out of big tech (a value of 5 or more votes for it, 0 or less against)`."""
    axis = "a recovery of big tech" if vote.axis is Axis.RECOVERY else "a rotation out of big tech"
    measure = _vote_measure(vote) or " value"
    if vote.low is not None and vote.high is not None:
        ends = [f"{vote.high:g} or more", f"{vote.low:g} or less"][:: vote.sign]
        rule = f"a{measure} of {ends[0]} votes for it, {ends[1]} against"
    else:
        ends = ["high", "low"][:: vote.sign]
        rule = f"a {ends[0]}{measure} votes for it, a {ends[1]} one against"
    side = vote_of(core.readings, signal, vote.axis, session)
    word = "No vote on" if side is None else ("Neutral on", "For", "Against")[side]
    return f"{word} {axis} ({rule})"


def _vote_measure(vote: Vote) -> str:
    if vote.measure is VoteMeasure.CHANGE_252D:
        return " change over a year"
    return "" if vote.measure is Measure.VALUE else f" {formats.MEASURES[Measure(vote.measure)]}"


def complete(core: Core, typed: str, caller: Caller | None = None) -> list[Choice]:
    """Signals to choose from while typing, as label and id; at most 25."""
    return core.finder_for(caller).choices(typed)
