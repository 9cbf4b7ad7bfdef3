"""`/chart`: one signal as a chart; and the chart requests of alerts, signals and families."""

from __future__ import annotations

from bot.commands.alerts.texts import first_line
from bot.commands.context import ADVICE, Caller, Core, loading, need_reading, source_problem
from bot.commands.market.signal_history import history_context, origin, past_line, typed_id, value_words
from bot.commands.reply import Button, Reply, Weight
from bot.commands.signal_search import one_of
from bot.domain.chart_request import ChartKind, ChartRequest
from bot.domain.model import Direction, OutboxItem
from bot.errors import UserError
from bot.formatting import formats
from bot.formatting.signal_values import observed_words
from signals.core.measure_kinds import EXTREMES, PLAIN_MEASURES, STATE_MEASURES
from signals.core.model import Family, Measure, Signal

SPANS = {"3 months": 63, "6 months": 126, "1 year": 252, "2 years": 504, "5 years": 1260}
"""Sessions of a span, by its name."""

USUAL_SPAN = "6 months"

OF_FAMILIES = {
    "breadth": ChartKind.BREADTH,
    "yields": ChartKind.YIELDS,
    "flows": ChartKind.FLOWS,
    "rotation": ChartKind.ROTATION,
    "sectors": ChartKind.SECTORS,
}
"""Families that have a chart of their own."""


def chart(
    core: Core, typed: str, which: str | None = None, span: str | None = None, caller: Caller | None = None
) -> Reply:
    """One measure of a signal over a span, with its chart request.

    Raises UserError for unknown names and while there is no data.
    """
    signal = core.finder_for(caller).get(typed)
    measure = _measure(which) if which else Measure.VALUE
    span, sessions = sessions_of(span)
    reading = need_reading(core, signal)
    series = core.readings.series(signal.id, measure).dropna()
    if not len(series):
        raise UserError(f"{signal.label} has no final reading to draw yet. {loading(core) or ''}".strip())
    session = series.index[-1].date()
    value = float(series.iloc[-1])
    name = signal.label if measure is Measure.VALUE else f"{signal.label}, {formats.MEASURES[measure]}"
    status = f"final, {formats.day(session, today=core.today())}"
    if reading.session == session and reading.observed is not None and reading.observed != session:
        status += f" · {observed_words(signal, reading.observed, core.today())}"
    plain = measure is Measure.VALUE
    words = value_words(core.readings, value, signal) if plain else formats.measured(value, signal, measure)
    past = past_line(signal, measure, history_context(core.readings, signal, measure, session, value))
    remarks = [remark for remark in (loading(core), source_problem(core, reading.sources)) if remark]
    return Reply(
        title=f"{name}, {span}",
        lines=tuple(line for line in (f"**{words}** {status}", past, *remarks) if line),
        buttons=_spans(signal, measure, span),
        footer=core.footer(origin(signal, reading.sources), typed_id(signal), ADVICE),
        picture=ChartRequest(
            ChartKind.SIGNAL, session, (signal.id,), measure, span=sessions, labels=own_labels(signal)
        ),
    )


def _measure(typed: str) -> Measure:
    """A measure by its id, as Discord sends it, or by its name."""
    if typed in PLAIN_MEASURES:
        return Measure(typed)
    return one_of(typed, {formats.MEASURES[measure]: measure for measure in PLAIN_MEASURES}, "measure")


def sessions_of(span: str | None) -> tuple[str, int]:
    """The name of a span and its sessions; the default span for None.

    Raises UserError for an unknown name.
    """
    name = one_of(span, {name: name for name in SPANS}, "span") if span else USUAL_SPAN
    return name, SPANS[name]


def _spans(signal: Signal, measure: Measure, span: str) -> tuple[Button, ...]:
    return tuple(
        Button("chart", name, (signal.id, measure.value, name), Weight.MAIN if name == span else Weight.PLAIN)
        for name in SPANS
    )


def of_alert(item: OutboxItem, signal: Signal) -> ChartRequest:
    """The chart of an alert: six months of its measure, the level, and the sessions beyond it.

    For a new high or low, and for a named state that has turned, the chart shows the values.
    """
    if first_line.turn(item, signal) or item.measure in (*EXTREMES, *STATE_MEASURES):
        return ChartRequest(
            ChartKind.SIGNAL, item.session, (signal.id,), span=SPANS[USUAL_SPAN], labels=own_labels(signal)
        )
    above = item.level if item.direction is not Direction.BELOW else None
    below = item.level if item.direction is Direction.BELOW else None
    which = item.measure or Measure.VALUE
    return ChartRequest(
        ChartKind.SIGNAL,
        item.session,
        (signal.id,),
        which,
        above,
        below,
        SPANS[USUAL_SPAN],
        labels=own_labels(signal),
    )


def of_signal(core: Core, signal: Signal) -> ChartRequest | None:
    """The chart of `/signal`, or None before the first final reading."""
    newest = core.readings.newest(signal.id)
    return None if newest is None else ChartRequest(ChartKind.SIGNAL, newest, (signal.id,), labels=own_labels(signal))


def own_labels(*signals: Signal | None) -> tuple[str, ...]:
    """The labels of a chart: of own signals the names that somebody has given to them."""
    own = tuple(signal.label if signal is not None and signal.family is Family.OWN else "" for signal in signals)
    return own if any(own) else ()


def of_family(core: Core, kind: ChartKind | None) -> ChartRequest | None:
    """A chart of the newest final session.

    None without a kind and before the first final session.
    """
    snapshot = core.readings.snapshot
    if kind is None or snapshot is None or not len(snapshot.history):
        return None
    return ChartRequest(kind, snapshot.history.index[-1].date())
