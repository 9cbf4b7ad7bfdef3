"""One signal: its values, what is usual, the level that somebody watches, its events, and the state of rotation below."""

from __future__ import annotations

import numpy as np

from bot.charts import scales, style, words
from bot.charts.materials import Materials
from bot.charts.panel import Tag, framed
from bot.charts.ribbon import ribbon
from bot.charts.sheet import Drawn, Sheet
from bot.charts.window import Window, condition, numbers, of_signal
from bot.commands import formats
from bot.commands.context import between
from bot.pictures import Sketch
from signals import catalogue
from signals.reading import Measure, Signal, Unit
from signals.study import Condition, days, firings

HEIGHT = 600
FOOT = 84
"""Room for the ribbon and the dates."""
_BARS = 260
"""Sessions up to which whole numbers and daily differences are bars."""
_SQUEEZED = 0.3
"""Share of the height that the values keep when their level is in the picture too; a level farther off is told by an arrow."""


def draw(sketch: Sketch, materials: Materials) -> Drawn | None:
    """The measure of `names[0]` over `span` sessions."""
    if not sketch.names or sketch.names[0] not in catalogue.SIGNALS:
        return None
    signal, which = catalogue.signal(sketch.names[0]), sketch.measure
    found = of_signal(materials, sketch, signal.id, which=which)
    if found is None:
        return None
    sheet = Sheet(HEIGHT)
    usual = None if words.named(signal, which) else found.usual
    levels = [level for level in dict.fromkeys((sketch.above, sketch.below)) if level is not None]
    events = _events(found, condition(sketch))
    sheet.head(words.title_of(signal, which), _lead(found, signal, which), _note(found, usual, events, sketch, signal))
    _plot(sheet, found, signal, which, levels, usual, events, materials, sketch)
    return Drawn(sheet, _alt(found, signal, which, usual, events, sketch))


class _Events:
    """Sessions beyond a level and those on which that began, of the window and of all that is known."""

    def __init__(self, found: Window, given: Condition) -> None:
        past, size = numbers(found.past), len(found.shown)
        self.days = days(past, given)[-size:]
        fired = firings(past, given)
        self.fired, self.ever = fired[-size:], int(fired.sum())
        self.since = found.past.dropna().index[0].date()


def _events(found: Window, given: Condition | None) -> _Events | None:
    return None if given is None else _Events(found, given)


def _lead(found: Window, signal: Signal, which: Measure) -> str:
    value, day = formats.measured(found.last, signal, which), words.when(found.index[found.newest])
    return f"{value} on {day}" + ("" if found.current else ", withheld since")


def _usual_words(usual: tuple[float, float], signal: Signal, which: Measure) -> str:
    return between(*usual, signal, which)


def condition_words(sketch: Sketch, signal: Signal) -> str:
    """The condition of a sketch: `above 7`, `outside -1 to 1 points`, `across 90 USD`."""
    above, below = (
        None if level is None else formats.level(level, signal, sketch.measure)
        for level in (sketch.above, sketch.below)
    )
    if above is not None and below is not None:
        return f"across {above}" if sketch.above == sketch.below else f"outside {formats.span_of(below, above)}"
    return f"above {above}" if above is not None else f"below {below}"


def _note(
    found: Window, usual: tuple[float, float] | None, events: _Events | None, sketch: Sketch, signal: Signal
) -> str:
    parts = [scales.days_words(found.index)]
    if usual is not None:
        parts.append(f"grey band: usual, {_usual_words(usual, signal, sketch.measure)}")
    if events is not None:
        parts.append(f"triangles: went {condition_words(sketch, signal)}, {_times(int(events.fired.sum()))}")
    return " · ".join(parts)


def _plot(
    sheet: Sheet,
    found: Window,
    signal: Signal,
    which: Measure,
    levels: list[float],
    usual: tuple[float, float] | None,
    events: _Events | None,
    materials: Materials,
    sketch: Sketch,
) -> None:
    values = found.values
    bars = _as_bars(signal, which, len(values))
    shown = [*values[~np.isnan(values)], *([0.0] if bars else [])]
    near = [level for level in levels if _fits(shown, level)]
    whole = which is Measure.VALUE and signal.unit.whole
    y = scales.limits([*shown, *near], whole=whole)
    ticks, labels = words.ticks(*y, signal, which)
    tags = [Tag(found.last, words.beside(found.last, signal, which), style.SKY)]
    for level in levels:
        arrow = "" if level in near else " ▲" if level > y[1] else " ▼"
        tags.append(Tag(min(max(level, y[0]), y[1]), formats.bare_level(level) + arrow, style.ORANGE, hollow=True))
    top = sheet.top + 30
    sheet.text(sheet.width - style.MARGIN, top - 18, words.unit_of(signal, which), size=style.SMALL, align="right")
    x = (-0.7, len(values) - 0.3)
    panel = framed(sheet, top=top, bottom=sheet.height - FOOT, x=x, y=y, ticks=(ticks, labels), tags=tags)
    if usual is not None:
        panel.band(max(usual[0], y[0]), min(usual[1], y[1]))
    for level in near:
        panel.across(level, style.ORANGE, dashed=True)
    if bars:
        panel.bars(values, style.SKY)
    else:
        panel.curve(values, style.SKY, width=3.2 if len(values) <= 2 * _BARS else 2.2, steps=whole)
    if events is not None:
        high = sketch.above is not None and values > sketch.above
        for marker, chosen in (("^", events.fired & high), ("v", events.fired & ~high)):
            at = np.flatnonzero(chosen)
            panel.dots(at, values[at], style.ORANGE, size=15, marker=marker)
    ribbon(panel, materials, found.index)


def _times(count: int) -> str:
    return formats.counted(count, "time") if count else "never"


def _as_bars(signal: Signal, which: Measure, count: int) -> bool:
    daily = which is Measure.CHANGE_1D or signal.id.endswith("_1d")
    whole = which is Measure.VALUE and signal.unit in (Unit.SESSIONS, Unit.COUNT, Unit.SEVEN, Unit.MONTHS)
    return count <= _BARS and (daily or whole)


def _fits(shown: list[float], level: float) -> bool:
    """Whether the values keep enough of the height when a level is in the picture too."""
    low, high = min(shown), max(shown)
    if low <= level <= high or high == low:
        return True
    return (high - low) / (max(high, level) - min(low, level)) >= _SQUEEZED


def _alt(
    found: Window,
    signal: Signal,
    which: Measure,
    usual: tuple[float, float] | None,
    events: _Events | None,
    sketch: Sketch,
) -> str:
    values = found.values
    low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
    missing = int(np.isnan(values).sum())

    def told(at: int) -> str:
        return f"{formats.measured(float(values[at]), signal, which)} on {words.when(found.index[at])}"

    chart = "Bar" if _as_bars(signal, which, len(values)) else "Line"
    sentences = [
        f"{chart} chart of {words.title_of(signal, which)}, {scales.days_words(found.index)}.",
        f"{_lead(found, signal, which)}.",
        "It was the same all the time."
        if values[low] == values[high]
        else f"Lowest {told(low)}, highest {told(high)}.",
        f"Usual is {_usual_words(usual, signal, which)}." if usual else "",
    ]
    if events is not None:
        inside, ever = _times(int(events.fired.sum())), _times(events.ever)
        sentences.append(
            f"It went {condition_words(sketch, signal)} {inside} in the picture, {ever} since {words.when(events.since)}; "
            f"it was there on {formats.counted(int(events.days.sum()), 'session')} of the picture."
        )
    if missing:
        sentences.append(f"{formats.counted(missing, 'session')} without a value.")
    return words.alt(sentences)
