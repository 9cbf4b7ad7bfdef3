"""What followed a condition: the paths of an outcome after it as a fan, beside what followed any session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection

from bot.charts.inputs import ChartInputs, spellings
from bot.charts.kinds.signal import condition_words
from bot.charts.layout import axis_scale, labels, style
from bot.charts.layout.axis_scale import Floats
from bot.charts.layout.page import Drawn, Page
from bot.charts.layout.plot import Plot, Tag, framed
from bot.charts.layout.window import column, condition, numbers, until
from bot.domain.chart_request import ChartRequest
from bot.formatting import formats
from signals import catalogue
from signals.core.measures import measure
from signals.core.model import Measure
from signals.event_study import (
    FEWEST,
    SMALL,
    Outcome,
    OutcomeCounts,
    count_outcomes,
    episode_starts,
    firings,
    returns,
    wilson,
)

HEIGHT = 720
HORIZONS = (1, 5, 21, 63)
_TABLE = 132
_EDGES = (10.0, 25.0, 50.0, 75.0, 90.0)


@dataclass(frozen=True, slots=True)
class _Found:
    """`paths`: episodes x sessions after them, 0 first, in per cent or points. `usual`: median of the same after any session.

    `tallies`: for each horizon how often the outcome was positive. `unit`: of the paths.
    """

    outcome: Outcome
    paths: Floats
    usual: Floats
    tallies: tuple[tuple[int, OutcomeCounts], ...]
    since: pd.Timestamp
    until: pd.Timestamp

    @property
    def enough(self) -> bool:
        return len(self.paths) >= FEWEST

    @property
    def fan(self) -> Floats:
        """10th, 25th, 50th, 75th and 90th percentile of the paths, percentiles x sessions."""
        found: Floats = np.percentile(self.paths, _EDGES, axis=0)
        return found

    def told(self, value: float) -> str:
        """A return with its sign and unit."""
        text = formats.plain(value, 1, signed=True)
        return f"{text}{formats.THIN}%" if self.outcome.unit == "%" else f"{text} points"


def draw(request: ChartRequest, inputs: ChartInputs) -> Drawn | None:
    """The outcome `names[1]` after the condition on the signal `names[0]`, from all rows of the inputs."""
    if len(request.names) != 2 or request.names[0] not in catalogue.SIGNALS:
        return None
    found = _find(request, inputs)
    if found is None:
        return None
    signal = catalogue.signal(request.names[0])
    subject = f"{labels.title_of(signal, request.measure)}, {condition_words(request, signal)}"
    title = f"{labels.outcome_name(found.outcome)} after {subject}"
    page = Page(HEIGHT)
    page.head(title, _lead(found), *_notes(found))
    _plot(page, found)
    _table(page, found)
    return Drawn(page, _alt(title, found))


def _find(request: ChartRequest, inputs: ChartInputs) -> _Found | None:
    given, past = condition(request), column(inputs.values, request.names[0], request.session)
    closes = until(inputs.closes, request.session)
    known = [name for name in spellings(request.names[1].upper()) if name in closes and closes[name].notna().any()]
    if given is None or past is None or not known:
        return None
    try:
        outcome = Outcome.parse(request.names[1], known)
    except (KeyError, ValueError):
        return None
    values = numbers(measure(past, request.measure) if request.measure is not Measure.VALUE else past)
    prices = tuple(numbers(closes[name]) for name in outcome.tickers)
    first = np.flatnonzero(~np.isnan(values))
    fired = np.flatnonzero(firings(values, given))
    if not len(first) or not len(fired):
        return None
    horizon, every, paths = _paths(prices, fired)
    if not len(paths):
        return None
    base = every[first[0] :]
    base = base[~np.isnan(base).any(axis=1)]
    usual = np.median(base, axis=0) if len(base) else np.full(horizon + 1, np.nan)
    tallies = tuple((each, count_outcomes(values, prices, given, each).at(-1)) for each in HORIZONS)
    return _Found(outcome, paths, usual, tallies, past.index[first[0]], past.index[-1])


def _paths(prices: Sequence[Floats], fired: np.ndarray) -> tuple[int, Floats, Floats]:
    """The longest horizon with enough complete episodes (63 sessions if none has), every session's path, those of episodes."""
    every = np.stack(
        [np.zeros(len(prices[0])), *(returns(prices, ahead) for ahead in range(1, HORIZONS[-1] + 1))], axis=1
    )
    for horizon in (63, 21, 5):
        cut = every[:, : horizon + 1]
        paths = cut[episode_starts(fired, horizon)]
        paths = paths[~np.isnan(paths).any(axis=1)]
        if len(paths) >= FEWEST:
            return horizon, cut, paths
    paths = every[episode_starts(fired, HORIZONS[-1])]
    return HORIZONS[-1], every, paths[~np.isnan(paths).any(axis=1)]


def _lead(found: _Found) -> str:
    sessions = found.paths.shape[1] - 1
    if not found.enough:
        episodes = formats.counted(len(found.paths), "episode")
        return f"Only {episodes} of {sessions} sessions, too few for figures: each path is shown"
    usual = found.usual[-1]
    beside = f", usual {found.told(usual)}" if np.isfinite(usual) else ""
    return f"Median {found.told(float(found.fan[2][-1]))} after {sessions} sessions{beside}"


def _notes(found: _Found) -> list[str]:
    small = ", small sample" if FEWEST <= len(found.paths) < SMALL else ""
    period = f"from {found.since:%Y} to {labels.when(found.until)}"
    areas = "; areas: middle half, 8 of 10 paths" if found.enough else ""
    return [f"{formats.counted(len(found.paths), 'episode')} {period}{small}", f"From the close of the event{areas}"]


def _plot(page: Page, found: _Found) -> None:
    sessions = found.paths.shape[1] - 1
    edges = found.fan if found.enough else found.paths
    y = axis_scale.limits([*edges.ravel(), *found.usual, 0.0])
    ticks = axis_scale.ticks(*y, most=6)
    labels = axis_scale.plain_words(ticks, signed=True)
    tags = (
        [Tag(float(found.fan[2][-1]), formats.plain(found.fan[2][-1], 1, signed=True), style.SKY)]
        if found.enough
        else []
    )
    if np.isfinite(found.usual[-1]):
        tags.append(
            Tag(float(found.usual[-1]), formats.plain(found.usual[-1], 1, signed=True), style.ORANGE, hollow=True)
        )
    legend = page.top + 16
    page.legend(
        style.MARGIN,
        legend,
        [("median after it" if found.enough else "after it", style.SKY, 0), ("any session", style.ORANGE, 1)],
    )
    unit = "%" if found.outcome.unit == "%" else "percentage points"
    page.text(page.width - style.MARGIN, legend, unit, size=style.SMALL, align="right")
    bottom = page.height - _TABLE - 48
    plot = framed(page, top=legend + 22, bottom=bottom, x=(0, sessions), y=y, ticks=(ticks, labels), tags=tags)
    if found.enough:
        _fan(plot, found.fan)
        plot.curve(found.fan[2], style.SKY, width=4)
    else:
        for path in found.paths:
            plot.curve(path, style.SKY, width=2.5)
    plot.curve(found.usual, style.ORANGE, stroke=1)
    _sessions(plot, sessions)


def _fan(plot: Plot, fan: Floats) -> None:
    ahead = np.arange(fan.shape[1])
    for low, high, alpha in ((0, 4, 0.16), (1, 3, 0.26)):
        corners = np.concatenate([np.stack([ahead, fan[low]], axis=1), np.stack([ahead, fan[high]], axis=1)[::-1]])
        plot.axes.add_collection(
            PolyCollection([corners], facecolors=style.SKY, edgecolors="none", alpha=alpha, zorder=2), autolim=False
        )


def _sessions(plot: Plot, sessions: int) -> None:
    for ahead in {63: (21, 42, 63), 21: (10, 21), 5: (3, 5)}[sessions]:
        x = plot.along(ahead)
        plot.page.line((x, x), (plot.box.bottom, plot.box.bottom + 6), style.ZERO)
        plot.page.text(x, plot.box.bottom + 24, str(ahead), align="center")
    plot.page.text(plot.box.left, plot.box.bottom + 24, "sessions later")


def _table(page: Page, found: _Found) -> None:
    """How often the outcome was positive after each horizon, beside how often that is so anyway."""
    top = page.height - _TABLE + 14
    left, wide = 160, (page.width - 160 - style.MARGIN) / len(HORIZONS)
    for row, name in enumerate(("after", "positive in", f"95{formats.THIN}% range", "usual")):
        page.text(style.MARGIN, top + 30 * row, name, size=style.SMALL)
    for place, (horizon, tally) in enumerate(found.tallies):
        x = left + wide * (place + 0.5)
        rate = wilson(tally.hits, tally.n) if tally.n >= FEWEST else None
        cells = (
            (formats.counted(horizon, "session"), style.MUTED, False),
            (formats.share(100 * rate.value) + f" of {tally.n}" if rate else f"{tally.n} known", style.INK, True),
            (f"{100 * rate.low:.0f}–{100 * rate.high:.0f}{formats.THIN}%" if rate else "too few", style.MUTED, False),
            (
                formats.share(100 * tally.base_hits / tally.base_n) if tally.base_n else formats.NOTHING,
                style.ORANGE,
                False,
            ),
        )
        for row, (text, color, bold) in enumerate(cells):
            page.text(x, top + 30 * row, text, size=style.SMALL, color=color, bold=bold, align="center")


def _alt(title: str, found: _Found) -> str:
    sentences = [f"Chart of {title}.", f"{_lead(found)}.", f"{_notes(found)[0]}."]
    if found.enough:
        low, high = (found.told(float(found.fan[edge][-1])) for edge in (0, 4))
        sentences.append(f"Eight of ten paths end between {low} and {high}.")
    for horizon, tally in found.tallies:
        if tally.n >= FEWEST and tally.base_n:
            rate = wilson(tally.hits, tally.n)
            sentences.append(
                f"After {formats.counted(horizon, 'session')} positive in {formats.share(100 * rate.value)} of {tally.n}, "
                f"95 % interval {100 * rate.low:.0f}–{100 * rate.high:.0f}, "
                f"usual {formats.share(100 * tally.base_hits / tally.base_n)}."
            )
    return labels.alt(sentences)
