"""Families over a year: the weekly leaning of each on both axes, below the score of the axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bot.charts.inputs import ChartInputs
from bot.charts.layout import axis_scale, labels, style
from bot.charts.layout.axis_scale import Floats
from bot.charts.layout.page import DrawnPage, Page
from bot.charts.layout.plot import Box, Plot, Tag, framed, rectangles
from bot.charts.layout.window import MIN_SHARE, MIN_VALUES, numbers, until
from bot.domain.chart_request import ChartRequest
from bot.formatting import formats
from bot.formatting.scenario import STATES, name_of
from signals import catalogue
from signals.core.model import Axis, Family
from signals.scenario import votes
from signals.scenario.score import FAR, QUORUM, tally

YEAR = 252
_TITLES = {Axis.ROTATION: "Rotation", Axis.RECOVERY: "Recovery"}
_ROW, _SCORE, _BLOCK, _HEAD, _DATES = 30, 120, 66, 150, 56
_NAME, _NUMBER = 128, 96
_TINT = 0.35
"""Opacity of the cell of a family with the largest possible leaning."""


@dataclass(frozen=True, slots=True)
class _Block:
    """One axis of the scenario by week.

    `families` are those with a leaning; `leanings` are families x weeks, -1 to 1.
    """

    axis: Axis
    families: tuple[Family, ...]
    leanings: Floats
    score: Floats
    state: Floats


def draw(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """The last year, or `span` sessions if that is longer.

    An axis with too few scores is left out; None where both are.
    """
    past = until(inputs.values, request.session)
    index = pd.DatetimeIndex(past.index)
    weeks = _week_ends(index)
    weeks = weeks[weeks >= len(index) - max(request.span, YEAR)]
    blocks = [block for axis in (Axis.ROTATION, Axis.RECOVERY) if (block := _block(past, axis, weeks)) is not None]
    if not blocks:
        return None
    first = min(int(np.flatnonzero(~np.isnan(block.score))[0]) for block in blocks)
    blocks = [
        _Block(block.axis, block.families, block.leanings[:, first:], block.score[first:], block.state[first:])
        for block in blocks
    ]
    shown = index[weeks[first:]]
    rows = sum(len(block.families) for block in blocks)
    page = Page(_HEAD + len(blocks) * (_SCORE + _BLOCK + 12) + rows * _ROW + _DATES)
    page.head(
        "Families of signals by week",
        "; ".join(_state_words(block) for block in blocks),
        f"{axis_scale.days_words(shown)} · up and blue: for it, down and orange: against it, line: neutral, empty: unknown",
    )
    plot = None
    for block in blocks:
        plot = _draw(page, block)
    if plot is not None:
        plot.dates(shown)
        page.end = int(plot.box.bottom) + _DATES
    return DrawnPage(page, _alt(blocks, shown))


def _week_ends(index: pd.DatetimeIndex) -> np.ndarray:
    """Positions of the last session of each week; the running week ends with the newest session."""
    if not len(index):
        return np.array([], dtype=np.int64)
    weeks = (index.to_numpy().astype("datetime64[D]").astype(np.int64) + 3) // 7
    return np.flatnonzero(np.append(weeks[1:] != weeks[:-1], True))


def _block(past: pd.DataFrame, axis: Axis, weeks: np.ndarray) -> _Block | None:
    voters = [catalogue.signal(name) for name in catalogue.voters(axis)]
    columns = {voter.id: numbers(past[voter.id]) for voter in voters if voter.id in past}
    nothing = np.full(len(past), np.nan)
    states = numbers(past[STATES[axis]]) if STATES[axis] in past else nothing
    votes_tally = tally(axis, voters, lambda signal, vote: votes.states(columns.get(signal.id, nothing), vote))
    score, state, leanings = votes_tally.score[weeks], states[weeks], votes_tally.leanings[:, weeks]
    known_weeks = np.flatnonzero(~np.isnan(score))
    if len(known_weeks) < MIN_VALUES or len(known_weeks) < MIN_SHARE * (len(score) - known_weeks[0]):
        return None
    has_leaning = [bool((~np.isnan(row)).any()) for row in leanings[:, known_weeks[0] :]]
    families = tuple(family for family, present in zip(votes_tally.families, has_leaning, strict=True) if present)
    return _Block(axis, families, leanings[has_leaning], score, state)


def _state_words(block: _Block) -> str:
    if np.isnan(block.score[-1]) or np.isnan(block.state[-1]):
        return f"{_TITLES[block.axis]} withheld, under {QUORUM} families"
    score = formats.plain(block.score[-1], 0, signed=True)
    return f"{_TITLES[block.axis]} {name_of(block.axis, block.state[-1])} ({score})"


def _draw(page: Page, block: _Block) -> Plot:
    """Draw the score and below it a row for each family; moves the top of the page below both."""
    top, x = page.top, (-0.5, block.score.shape[0] - 0.5)
    title = f"{_TITLES[block.axis]}: how widely the families stand for it, -100 to 100"
    page.text(style.MARGIN, top + 16, title, size=style.SMALL, color=style.FOREGROUND, bold=True)
    known_scores = block.score[~np.isnan(block.score)]
    reach = max(50.0, float(np.abs(known_scores).max()) * 1.1)
    last = float(known_scores[-1])
    plot = framed(
        page,
        top=top + 36,
        bottom=top + 36 + _SCORE,
        x=x,
        y=(-reach, reach),
        ticks=([-FAR, 0.0, FAR], [formats.plain(score, 0, signed=True) for score in (-FAR, 0.0, FAR)]),
        tags=[Tag(last, formats.plain(last, 0, signed=True), style.UP if last >= 0 else style.DOWN)],
        left=style.MARGIN + _NAME,
        gutter=_NUMBER,
    )
    plot.bars(block.score, [style.UP if score >= 0 else style.DOWN for score in np.nan_to_num(block.score)])
    top += 36 + _SCORE + 8
    box = Box(plot.box.left, top, plot.box.width, _ROW * len(block.families))
    rows = Plot(page, box, x, (len(block.families) - 0.5, -0.5))
    _cells(rows, block)
    for place, family in enumerate(block.families):
        y = top + _ROW * (place + 0.5)
        page.text(style.MARGIN, y, family.value, size=style.SMALL)
        leaning = formats.plain(block.leanings[place, -1], 1, signed=True)
        page.text(box.right + 12, y, leaning, size=style.SMALL)
    page.top = box.bottom + 22
    return rows


def _cells(rows: Plot, block: _Block) -> None:
    """A cell for each week, tinted by its leaning.

    A bar in it shows the leaning by height and side too.
    """
    shapes: dict[tuple[str, float], list[tuple[float, float, float, float]]] = {}
    for row, leanings in enumerate(block.leanings):
        for week, leaning in enumerate(leanings):
            if np.isnan(leaning):
                continue
            color = style.ZERO if leaning == 0 else style.UP if leaning > 0 else style.DOWN
            ends = (row - 0.04, row + 0.04) if leaning == 0 else (row, row - 0.44 * float(leaning))
            tint = round(4 * abs(float(leaning))) / 4 * _TINT
            for (low, high), alpha in ((ends, 1.0), ((row - 0.47, row + 0.47), tint)):
                shapes.setdefault((color, alpha), []).append((week - 0.45, week + 0.45, low, high))
    for (color, alpha), cells in shapes.items():
        rows.axes.add_collection(rectangles(cells, color, alpha=alpha, zorder=2 + alpha), autolim=False)


def _alt(blocks: list[_Block], shown: pd.DatetimeIndex) -> str:
    sentences = [
        f"Heat map of the leanings of families of signals by week, {axis_scale.days_words(shown)}, -1 against to 1 for."
    ]
    sentences += [f"{_state_words(block)}." for block in blocks]
    for block in blocks:
        known_scores = block.score[~np.isnan(block.score)]
        ends = [formats.plain(float(end), 0, signed=True) for end in (known_scores.min(), known_scores.max())]
        leaning_words = [
            f"{family.value} {formats.plain(leaning, 1, signed=True)}"
            for family, leaning in zip(block.families, block.leanings[:, -1], strict=True)
            if not np.isnan(leaning)
        ]
        sentences.append(f"{_TITLES[block.axis]} scores from {ends[0]} to {ends[1]}; now {', '.join(leaning_words)}.")
    return labels.alt([*sentences, f"As of {labels.when(shown[-1])}."])
