"""The outcome after a condition: a fan of its paths, and the median after any session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection

from bot.charts.inputs import ChartInputs, spellings
from bot.charts.kinds.signal_chart import condition_words
from bot.charts.layout import axis_scale, labels, style
from bot.charts.layout.axis_scale import Floats
from bot.charts.layout.page import DrawnPage, Page
from bot.charts.layout.plot import Plot, Tag, framed
from bot.charts.layout.window import condition, measured, numbers, until
from bot.domain.chart_request import ChartRequest
from bot.formatting import formats
from bot.formatting.verdict import interval_words, verdict_words
from signals import catalogue
from signals.event_study import (
    FALSE_SHARE,
    FEWEST,
    HORIZONS,
    SMALL,
    Outcome,
    OutcomeCounts,
    count_outcomes,
    episode_starts,
    firings,
    returns,
    wilson,
)
from signals.event_study.intervals import false_discoveries, p_value

_TABLE, _AXIS, _CELL = 212, 62, 50
"""Heights of the table, of the sessions below the plot, and of a row of the table."""
_FAN_PERCENTILES = (10.0, 25.0, 50.0, 75.0, 90.0)


@dataclass(frozen=True, slots=True)
class _EpisodePaths:
    """The paths of an outcome after the episodes of a condition.

    Attributes:
        paths: returns (episodes x sessions after them, 0 first), in the unit of the outcome: per
            cent or points.
        usual: median return after any session, for each session ahead.
        tallies: for each horizon how often the outcome was positive.
        since: first session with a value of the signal.
        until: last session.
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
        """10th, 25th, 50th, 75th and 90th percentile of the paths (percentiles x sessions)."""
        percentiles: Floats = np.percentile(self.paths, _FAN_PERCENTILES, axis=0)
        return percentiles

    def return_words(self, value: float) -> str:
        """A return with its sign and unit."""
        text = formats.plain(value, 1, signed=True)
        return f"{text}%" if self.outcome.unit == "%" else f"{text} points"


def draw(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """The outcome `names[1]` after the condition on the signal `names[0]`, from all rows."""
    if len(request.names) != 2 or request.names[0] not in catalogue.SIGNALS:
        return None
    episodes = _episode_paths(request, inputs)
    if episodes is None:
        return None
    signal = labels.signal_of(request)
    subject = f"{labels.title_of(signal, request.measure)} {condition_words(request, signal)}"
    title = _verdict(episodes)
    page = Page(simulated=inputs.simulated)
    page.head(title, subject, f"Then {labels.outcome_name(episodes.outcome)} · {_period_words(episodes)}")
    _plot(page, episodes)
    _table(page, episodes)
    return DrawnPage(page, _alt(title, f"{labels.outcome_name(episodes.outcome)} after {subject}", episodes))


def _episode_paths(request: ChartRequest, inputs: ChartInputs) -> _EpisodePaths | None:
    level_condition = condition(request)
    past = measured(inputs, request.names[0], request.session, request.measure)
    closes = until(inputs.closes, request.session)
    tickers = [name for name in spellings(request.names[1].upper()) if name in closes and closes[name].notna().any()]
    if level_condition is None or past is None or not tickers:
        return None
    try:
        outcome = Outcome.parse(request.names[1], tickers)
    except (KeyError, ValueError):
        return None
    values = numbers(past)
    prices = tuple(numbers(closes[name]) for name in outcome.tickers)
    first = np.flatnonzero(~np.isnan(values))
    fired = np.flatnonzero(firings(values, level_condition))
    if not len(first) or not len(fired):
        return None
    horizon, every, paths = _paths(prices, fired)
    if not len(paths):
        return None
    base = every[first[0] :]
    base = base[~np.isnan(base).any(axis=1)]
    usual = np.median(base, axis=0) if len(base) else np.full(horizon + 1, np.nan)
    horizons = sorted({*HORIZONS, request.horizon or HORIZONS[0]})
    tallies = tuple((ahead, count_outcomes(values, prices, level_condition, ahead).at(-1)) for ahead in horizons)
    return _EpisodePaths(outcome, paths, usual, tallies, past.index[first[0]], past.index[-1])


def _columns(
    tallies: Sequence[tuple[int, OutcomeCounts]], false_shares: Sequence[float | None]
) -> list[tuple[int, OutcomeCounts, float | None]]:
    """The horizons that the table has room for: a further one takes the place of the usual one nearest to it.

    The verdict still counts them all, as the study's does.
    """
    columns = [(ahead, tally, q) for (ahead, tally), q in zip(tallies, false_shares, strict=True)]
    for further in (ahead for ahead, _, _ in columns if ahead not in HORIZONS):
        nearest = min(HORIZONS, key=lambda usual: abs(usual - further))
        return [column for column in columns if column[0] != nearest]
    return columns


def _paths(prices: Sequence[Floats], fired: np.ndarray) -> tuple[int, Floats, Floats]:
    """The longest horizon with enough complete episodes (63 sessions where none has), and the paths after every session
    and after episodes.
    """
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


def _verdict(episodes: _EpisodePaths) -> str:
    """The verdict over all horizons: `No evidence of an edge`, or that of the horizon that is surest not to be chance."""
    known = [
        (q, tally.hits * tally.base_n > tally.base_hits * tally.n)
        for (_, tally), q in zip(episodes.tallies, _false_shares(episodes), strict=True)
        if q is not None
    ]
    if not known:
        return "Too few episodes to tell"
    q, more = min(known)
    return formats.capitalised(verdict_words(q, more=more).partition(" (")[0])


def _chance_words(q: float | None) -> str:
    """`q 4%` where the share of a horizon is likely not chance, else empty."""
    if q is None or q > FALSE_SHARE:
        return ""
    return f"q {formats.share(100 * q)}" if q >= 0.01 else "q <1%"


def _false_shares(episodes: _EpisodePaths) -> list[float | None]:
    """The share of false discoveries of each horizon, 0-1; None where there are too few outcomes.

    Windows of all sessions overlap: they count as one independent outcome a horizon.
    """
    p_values = [
        _p_value(tally, horizon) if tally.n >= FEWEST and tally.base_n else 1.0 for horizon, tally in episodes.tallies
    ]
    return [
        q if tally.n >= FEWEST and tally.base_n else None
        for (_, tally), q in zip(episodes.tallies, false_discoveries(p_values), strict=True)
    ]


def _p_value(tally: OutcomeCounts, horizon: int) -> float:
    windows = max(1.0, tally.base_n / horizon)
    base = wilson(tally.base_hits / tally.base_n * windows, windows)
    return p_value(wilson(tally.hits, tally.n), tally.n, base, windows)


def _median_words(episodes: _EpisodePaths) -> str:
    sessions = episodes.paths.shape[1] - 1
    if not episodes.enough:
        count_words = formats.counted(len(episodes.paths), "episode")
        return f"Only {count_words} of {sessions} sessions, too few for figures: each path is shown"
    usual = episodes.usual[-1]
    beside = f", all days {episodes.return_words(usual)}" if np.isfinite(usual) else ""
    return f"Median {episodes.return_words(float(episodes.fan[2][-1]))} after {sessions} sessions{beside}"


def _period_words(episodes: _EpisodePaths) -> str:
    small = ", small sample" if FEWEST <= len(episodes.paths) < SMALL else ""
    count_words = formats.counted(len(episodes.paths), "episode")
    return f"{count_words}, {episodes.since:%Y} to {formats.short_day(episodes.until.date(), year=True)}{small}"


def _plot(page: Page, episodes: _EpisodePaths) -> None:
    sessions = episodes.paths.shape[1] - 1
    curves = episodes.fan if episodes.enough else episodes.paths
    y = axis_scale.limits([*curves.ravel(), *episodes.usual, 0.0])
    sign = "%" if episodes.outcome.unit == "%" else ""
    ticks = axis_scale.ticks(*y, most=5)
    tick_labels = [text + sign for text in axis_scale.plain_words(ticks, signed=True)]
    newest = [(float(episodes.fan[2][-1]), style.SKY, False)] if episodes.enough else []
    if np.isfinite(episodes.usual[-1]):
        newest.append((float(episodes.usual[-1]), style.ORANGE, True))
    tags = [
        Tag(value, formats.plain(value, 1, signed=True) + sign, color, hollow=hollow) for value, color, hollow in newest
    ]
    page.legend(
        [
            ("median, 50% and 80% of paths" if episodes.enough else "each path", style.SKY, 0),
            ("all days", style.ORANGE, 1),
        ],
        right="" if sign else "pp",
    )
    bottom = float(page.height - _TABLE - _AXIS)
    x = (0.0, float(sessions))
    plot = framed(page, top=page.top + 6, bottom=bottom, x=x, y=y, ticks=(ticks, tick_labels), tags=tags)
    if episodes.enough:
        _fan(plot, episodes.fan)
        plot.curve(episodes.fan[2], style.SKY, width=6)
    else:
        for path in episodes.paths:
            plot.curve(path, style.SKY, width=3.5)
    plot.curve(episodes.usual, style.ORANGE, stroke=1)
    _sessions(plot, sessions)


def _fan(plot: Plot, fan: Floats) -> None:
    ahead = np.arange(fan.shape[1])
    for low, high, alpha in ((0, 4, 0.16), (1, 3, 0.26)):
        corners = np.concatenate([np.stack([ahead, fan[low]], axis=1), np.stack([ahead, fan[high]], axis=1)[::-1]])
        plot.axes.add_collection(
            PolyCollection([corners], facecolors=style.SKY, edgecolors="none", alpha=alpha, zorder=2), autolim=False
        )


def _sessions(plot: Plot, sessions: int) -> None:
    plot.page.text(plot.box.left, plot.box.bottom + 34, "sessions later")
    for ahead in {63: (21, 42, 63), 21: (10, 21), 5: (3, 5)}[sessions]:
        x = plot.along(ahead)
        plot.page.line((x, x), (plot.box.bottom, plot.box.bottom + 9), style.ZERO)
        if x > plot.box.left + plot.page.text_width("sessions later") + 40:
            plot.page.text(x, plot.box.bottom + 34, str(ahead), align="center")


def _table(page: Page, episodes: _EpisodePaths) -> None:
    """How often the outcome was positive after each horizon, beside the share of all days."""
    rows = ("sessions", "positive", "95% CI", "all days")
    left = style.MARGIN + 24 + max(page.text_width(name) for name in rows)
    wide = (page.width - left - style.MARGIN) / len(HORIZONS)
    places = [page.height - _TABLE + 4 + _CELL * (row + 0.5) for row in range(len(rows))]
    for name, y in zip(rows, places, strict=True):
        page.text(style.MARGIN, y, name)
    for column, (horizon, tally, q) in enumerate(_columns(episodes.tallies, _false_shares(episodes))):
        chance = _chance_words(q)
        rate = wilson(tally.hits, tally.n) if tally.n >= FEWEST else None
        usual = formats.share(100 * tally.base_hits / tally.base_n) if tally.base_n else formats.NOTHING
        cells = (
            (f"{horizon} ({chance})" if chance else str(horizon), style.MUTED, False),
            (formats.share(100 * rate.value) if rate else f"{tally.n} known", style.FOREGROUND, True),
            (interval_words(rate) if rate else "too few", style.MUTED, False),
            (usual, style.ORANGE, False),
        )
        for y, (text, color, bold) in zip(places, cells, strict=True):
            page.text(left + wide * (column + 0.5), y, text, color=color, bold=bold, align="center")


def _alt(title: str, name: str, episodes: _EpisodePaths) -> str:
    sentences = [f"{title}: {name}.", f"{_median_words(episodes)}.", f"{_period_words(episodes)}."]
    if episodes.enough:
        low, high = (episodes.return_words(float(episodes.fan[row][-1])) for row in (0, 4))
        sentences.append(f"Eight of ten paths end between {low} and {high}.")
    for (horizon, tally), q in zip(episodes.tallies, _false_shares(episodes), strict=True):
        if q is not None:
            rate, chance = wilson(tally.hits, tally.n), _chance_words(q)
            sentences.append(
                f"After {formats.counted(horizon, 'session')} positive in {formats.share(100 * rate.value)} of {tally.n}, "
                f"95% CI {interval_words(rate)}, vs "
                f"{formats.share(100 * tally.base_hits / tally.base_n)} on all days{f' ({chance})' if chance else ''}."
            )
    return labels.alt(sentences)
