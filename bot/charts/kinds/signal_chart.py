"""One signal: its values, normal range, level of a condition, events, and the regime band below."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bot.charts.inputs import ChartInputs
from bot.charts.layout import axis_scale, labels, regime_band, state_rows, style
from bot.charts.layout.axis_scale import Floats
from bot.charts.layout.page import DrawnPage, Page
from bot.charts.layout.plot import DATES, Plot, Tag, framed
from bot.charts.layout.window import Window, condition, numbers, of_signal, regimes
from bot.domain.chart_request import ChartRequest
from bot.formatting import family_verdicts, formats
from bot.formatting.signal_values import between, short
from signals import catalogue
from signals.core.model import Measure, Signal
from signals.core.units import Unit
from signals.event_study import LevelCondition, days, firings

_BARS = 260
"""Sessions up to which whole numbers and daily differences are drawn as bars."""
_MIN_HEIGHT_SHARE = 0.3
"""Least share of the height for the values where the level is drawn too.

For a level that lies further off, the tag has an arrow instead.
"""


@dataclass(frozen=True, slots=True)
class _Events:
    """Events of a condition.

    Attributes:
        days: for each session of the window whether the condition held.
        fired: for each session of the window whether it began to hold.
        ever: how often it began to hold in the whole past.
        since: first session of that past.
    """

    days: NDArray[np.bool_]
    fired: NDArray[np.bool_]
    ever: int
    since: date


@dataclass(frozen=True, slots=True)
class _Subject:
    """The content of the chart.

    `normal_range`: None where it is not drawn. `provisional`: the last session is still running.
    """

    signal: Signal
    which: Measure
    window: Window
    normal_range: tuple[float, float] | None
    events: _Events | None
    request: ChartRequest
    provisional: bool
    turning: bool = False

    @property
    def newest_words(self) -> str:
        """The newest value with its unit; of a clock's state that is only held, that the clock is turning."""
        words = self.value_words(self.window.last)
        return family_verdicts.turning(words) if self.turning else words

    @property
    def levels(self) -> list[float]:
        """The levels of the request, without repetition."""
        return [level for level in dict.fromkeys((self.request.above, self.request.below)) if level is not None]

    @property
    def bars(self) -> bool:
        """Whether the values are bars from zero: streaks, counts and daily differences, if few."""
        daily = self.which is Measure.CHANGE_1D or self.signal.id.endswith("_1d")
        counts = (Unit.SESSIONS, Unit.COUNT, Unit.SEVEN, Unit.MONTHS)
        whole = self.which is Measure.VALUE and self.signal.unit in counts
        return len(self.window.shown) <= _BARS and (daily or whole)

    @property
    def whole(self) -> bool:
        """Whether the values are whole numbers, which move in steps."""
        return self.which is Measure.VALUE and self.signal.unit.whole

    def value_words(self, value: float) -> str:
        """A value with its unit."""
        return formats.measured(value, self.signal, self.which)


def draw(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """The measure of `names[0]` over `span` sessions; None where too few values are known."""
    if not request.names or request.names[0] not in catalogue.SIGNALS:
        return None
    signal, which = labels.signal_of(request), request.measure
    window = of_signal(inputs, request, signal.id, which=which)
    if window is None:
        return None
    level_condition = condition(request)
    subject = _Subject(
        signal,
        which,
        window,
        None if labels.named(signal, which) else window.normal_range,
        None if level_condition is None else _events(window, level_condition),
        request,
        inputs.provisional,
        which is Measure.VALUE and _turning(inputs, window, signal),
    )
    page = Page(simulated=inputs.simulated)
    has_band = bool(regimes(inputs, window.index)) and not labels.named(signal, which)
    rank = _rank_words(subject)
    # The scale of a score stands below it, where it does not make the figure small.
    figure, _, scale = subject.newest_words.partition(" (")
    known = "known on " if labels.is_known_later(signal) else ""
    page.figure_head(
        labels.title_of(signal, which),
        formats.capitalised(figure),
        (f"{known}{_day_words(subject)}", f"{rank} (grey band)" if rank else ""),
        *page.packed(
            axis_scale.days_words(window.index), *filter(None, [scale.rstrip(")")]), *_crossing_words(subject)
        ),
        *([regime_band.NOTE] if has_band else []),
    )
    _plot(page, subject, inputs, has_band=has_band)
    return DrawnPage(page, _alt(subject))


def _turning(inputs: ChartInputs, window: Window, signal: Signal) -> bool:
    """Whether a signal is the state of a clock that is turning on the session of its newest value."""
    flags = inputs.values.get(family_verdicts.TURNING.get(signal.id, ""))
    return flags is not None and bool(flags.get(window.index[window.newest]) == 1)


def condition_words(request: ChartRequest, signal: Signal) -> str:
    """The condition of a request: `above 7`, `outside -1 to +1 points`, `across $90`.

    Empty without a level.
    """
    above, below = (
        None if level is None else formats.level(level, signal, request.measure)
        for level in (request.above, request.below)
    )
    if above is not None and below is not None:
        return f"across {above}" if request.above == request.below else f"outside {formats.span_of(below, above)}"
    return f"above {above}" if above is not None else f"below {below}" if below is not None else ""


def _events(window: Window, level_condition: LevelCondition) -> _Events:
    past, size = numbers(window.past), len(window.shown)
    fired = firings(past, level_condition)
    since = window.past.dropna().index[0].date()
    return _Events(days(past, level_condition)[-size:], fired[-size:], int(fired.sum()), since)


def _day_words(subject: _Subject) -> str:
    window = subject.window
    day = labels.when(window.index[window.newest])
    if not window.current:
        return f"{day}, withheld since"
    return f"{day}, provisional" if subject.provisional else day


def _rank_words(subject: _Subject) -> str:
    """Where the newest value stands: `above normal range`; empty without one."""
    if subject.normal_range is None:
        return ""
    low, high = subject.normal_range
    side = "below" if subject.window.last < low else "above" if subject.window.last > high else "within"
    return f"{side} normal range"


def _crossing_words(subject: _Subject) -> list[str]:
    """How often the condition began to hold in the picture; nothing without a condition."""
    if subject.events is None:
        return []
    words = f"went {condition_words(subject.request, subject.signal)}: {_times(int(subject.events.fired.sum()))}"
    if labels.named(subject.signal, subject.which):
        return [words]
    marks = "▲▼" if len(subject.levels) == 2 else "▲" if subject.request.above is not None else "▼"
    return [f"{marks} {words}"]


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count:,} times")


def _plot(page: Page, subject: _Subject, inputs: ChartInputs, *, has_band: bool) -> None:
    window, signal, which = subject.window, subject.signal, subject.which
    values = window.values
    if labels.named(signal, which):
        names = dict(signal.names) if signal.named else {1: "yes", 0: "no"}
        rows = state_rows.draw(page, values, names, bottom=page.height - DATES)
        if rows is not None:
            rows.dates(window.index)
        return
    axis_values = [*values[~np.isnan(values)], *([0.0] if subject.bars else [])]
    near = [level for level in subject.levels if _fits(axis_values, level)]
    y = axis_scale.limits([*axis_values, *near], whole=subject.whole)
    tags = [Tag(window.last, labels.margin_text(window.last, signal, which), style.SKY)]
    tags += [_level_tag(level, y, subject) for level in subject.levels]
    bottom = page.height - DATES - (regime_band.HEIGHT if has_band else 0)
    ticks = labels.ticks(*y, signal, which, most=5)
    x = (-0.7, len(values) - 0.3)
    plot = framed(page, top=page.top, bottom=bottom, x=x, y=y, ticks=ticks, tags=tags)
    if subject.normal_range is not None:
        plot.band(max(subject.normal_range[0], y[0]), min(subject.normal_range[1], y[1]))
    for level in near:
        plot.across(level, style.ORANGE, dashed=True)
    if subject.bars:
        plot.bars(values, style.SKY)
    else:
        plot.curve(values, style.SKY, steps=subject.whole)
    if subject.events is not None:
        _mark(plot, values, subject.events, subject.request.above)
    if has_band:
        regime_band.draw(plot, inputs, window.index)
    else:
        plot.dates(window.index)


def _level_tag(level: float, y: tuple[float, float], subject: _Subject) -> Tag:
    """The level as it was requested, with an arrow where it lies beyond the axis."""
    arrow = " ▲" if level > y[1] else " ▼" if level < y[0] else ""
    plus = "+" if level > 0 and labels.signed(subject.signal, subject.which) else ""
    text = (
        plus + formats.bare_level(level) + labels.percent_sign(subject.signal, subject.which)
        if abs(level) < 1e6
        else axis_scale.plain_words([level], signed=bool(plus))[0]
    )
    return Tag(min(max(level, y[0]), y[1]), text + arrow, style.ORANGE, hollow=True)


def _mark(plot: Plot, values: Floats, events: _Events, above: float | None) -> None:
    """Triangles where the condition began to hold, pointing to the side of the move."""
    high = values > above if above is not None else np.zeros(len(values), dtype=np.bool_)
    for marker, chosen in (("^", events.fired & high), ("v", events.fired & ~high)):
        at = np.flatnonzero(chosen)
        plot.dots(at, values[at], style.ORANGE, size=24, marker=marker)


def _fits(shown: list[float], level: float) -> bool:
    """Whether the values keep enough of the height where a level is drawn too."""
    low, high = min(shown), max(shown)
    if low <= level <= high or high == low:
        return True
    return (high - low) / (max(high, level) - min(low, level)) >= _MIN_HEIGHT_SHARE


def _alt(subject: _Subject) -> str:
    window, values, events = subject.window, subject.window.values, subject.events
    missing = int(np.isnan(values).sum())
    rank = _rank_words(subject)
    if rank and subject.normal_range is not None:
        rank = f", {rank} ({between(*subject.normal_range, subject.signal, subject.which)})"
    known_later = labels.is_known_later(subject.signal)
    what = "Time line" if labels.named(subject.signal, subject.which) else "Bar chart" if subject.bars else "Line chart"
    sentences = [
        f"{what} of {labels.title_of(subject.signal, subject.which)}, {axis_scale.days_words(window.index)}.",
        f"{formats.capitalised(subject.newest_words)}{', known' if known_later else ''} on {_day_words(subject)}{rank}.",
        _course_words(subject),
        "Every value stands at the session at whose close it was known." if known_later else "",
    ]
    if events is not None:
        inside, ever = int(events.fired.sum()), events.ever
        sentences.append(
            f"Crossings: {inside} in the picture, {ever} since {labels.when(events.since)}; "
            f"{condition_words(subject.request, subject.signal)} on "
            f"{formats.counted(int(events.days.sum()), 'session')} of the picture."
        )
    if missing:
        sentences.append(f"{formats.counted(missing, 'session')} without a value.")
    return labels.alt(sentences)


def _extreme(subject: _Subject, value: float) -> str:
    """A value behind one with its unit: a score without its scale, which has been said."""
    scored = subject.signal.unit is Unit.SCORE
    return short(value, subject.signal, subject.which) if scored else subject.value_words(value)


def _course_words(subject: _Subject) -> str:
    """The extremes of the values; of named states how often they changed, and when last."""
    values, index = subject.window.values, subject.window.index
    low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
    if values[low] == values[high]:
        return "It was the same all the time."
    if labels.named(subject.signal, subject.which):
        known = np.flatnonzero(~np.isnan(values))
        changes = known[1:][np.diff(values[known]) != 0]
        return f"It changed {_times(len(changes))}, last on {labels.when(index[changes[-1]])}."
    extremes = [f"{_extreme(subject, float(values[at]))} on {labels.when(index[at])}" for at in (low, high)]
    return f"Lowest {extremes[0]}, highest {extremes[1]}."
