"""Families of signals: what each says now for both axes of the scenario, and what it said four weeks ago.

The scores over time are on `/chart`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bot.charts.inputs import ChartInputs
from bot.charts.layout import labels, style
from bot.charts.layout.axis_scale import Floats
from bot.charts.layout.page import DrawnPage, Page
from bot.charts.layout.plot import Box, Plot, rectangles
from bot.charts.layout.rotation_title import rotation_title
from bot.charts.layout.window import MIN_SHARE, MIN_VALUES, numbers, until
from bot.domain.chart_request import ChartRequest
from bot.formatting import formats
from bot.formatting.scenario_words import FAMILY_NAMES, STATES, name_of, scaled, thresholds
from signals import catalogue
from signals.core.model import Axis, Family
from signals.core.rolling import YEAR
from signals.scenario import votes
from signals.scenario.score import tally

_TITLES = {Axis.ROTATION: "Rotation", Axis.RECOVERY: "Recovery"}
_MONTH = 20
_GAP, _FOOT, _HEADING = 32, 60, 56


@dataclass(frozen=True, slots=True)
class _Side:
    """One axis of the scenario.

    `families` are those with a leaning on the session or four weeks before; `now` and `before` their leanings, -1 to 1,
    NaN where there is none.
    """

    axis: Axis
    families: tuple[Family, ...]
    now: Floats
    before: Floats
    score: float
    state: float


def draw(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """Leanings of the session; an axis with too few scores in the last year is left out, None where both are."""
    past = until(inputs.values, request.session)
    sides = [side for axis in (Axis.ROTATION, Axis.RECOVERY) if (side := _side(past, axis)) is not None]
    if not sides:
        return None
    day = labels.when(past.index[-1])
    page = Page(simulated=inputs.simulated)
    rotation = rotation_title(past.iloc[-1]) if sides[0].axis is Axis.ROTATION else ""
    title = rotation or "Signals by family"
    page.head(title, " · ".join([day, *(_case_words(side) for side in sides if side.axis is Axis.RECOVERY)]))
    _rows(page, sides)
    cases = next((thresholds(side.state) for side in sides if side.axis is Axis.RECOVERY), "scores from -100 to 100")
    page.text(style.MARGIN, page.height - _FOOT / 2, f"┃ 4 weeks ago · {cases}")
    return DrawnPage(page, _alt(title, sides, day))


def _side(past: pd.DataFrame, axis: Axis) -> _Side | None:
    voters = [catalogue.signal(name) for name in catalogue.voters(axis)]
    columns = {voter.id: numbers(past[voter.id]) for voter in voters if voter.id in past}
    nothing = np.full(len(past), np.nan)
    states = numbers(past[STATES[axis]]) if STATES[axis] in past else nothing
    votes_tally = tally(axis, voters, lambda signal, vote: votes.states(columns.get(signal.id, nothing), vote))
    year = votes_tally.score[-YEAR:]
    known = np.flatnonzero(~np.isnan(year))
    if len(known) < MIN_VALUES or len(known) < MIN_SHARE * (len(year) - known[0]):
        return None
    now = votes_tally.leanings[:, -1]
    before = votes_tally.leanings[:, -1 - _MONTH] if len(past) > _MONTH else np.full(len(now), np.nan)
    shown = ~(np.isnan(now) & np.isnan(before))
    families = tuple(family for family, present in zip(votes_tally.families, shown, strict=True) if present)
    return _Side(axis, families, now[shown], before[shown], float(votes_tally.score[-1]), float(states[-1]))


def _heading(side: _Side) -> str:
    return f"{_TITLES[side.axis]} {formats.plain(side.score, 0, signed=True)}"


def _case_words(side: _Side) -> str:
    """`recovery: base case`, `recovery: withheld`."""
    withheld = np.isnan(side.score) or np.isnan(side.state)
    return f"recovery: {'withheld' if withheld else f'{name_of(side.axis, side.state)} case'}"


def _rows(page: Page, sides: list[_Side]) -> None:
    """A row for each family: its name, then for each axis a bar from zero and the leaning."""
    present = {family for side in sides for family in side.families}
    families = [family for family in FAMILY_NAMES if family in present]
    labelled = {family: formats.capitalised(FAMILY_NAMES[family]) for family in families}
    names = 24 + max((page.text_width(text) for text in labelled.values()), default=0.0)
    wide = (page.text_space - names - _GAP * (len(sides) - 1)) / len(sides)
    top, bottom = page.top + _HEADING, float(page.height - _FOOT)
    height = (bottom - top) / max(1, len(families))
    for place, text in enumerate(labelled.values()):
        page.text(style.MARGIN, top + height * (place + 0.5), text)
    for number, side in enumerate(sides):
        left = style.MARGIN + names + number * (wide + _GAP)
        page.text(left, page.top + _HEADING / 2 - 4, _heading(side), color=style.FOREGROUND, bold=True)
        _bars(page, side, Box(left, top, wide, bottom - top), families)


def _bars(page: Page, side: _Side, box: Box, families: list[Family]) -> None:
    leanings = {
        family: (float(now), float(before))
        for family, now, before in zip(side.families, side.now, side.before, strict=True)
    }
    inner = Box(box.left, box.top, box.width - 20 - page.text_width("+0.0", bold=True), box.height)
    plot = Plot(page, inner, (-1.05, 1.05), (max(1, len(families)) - 0.5, -0.5))
    height = inner.height / max(1, len(families))
    for place, family in enumerate(families):
        now, before = leanings.get(family, (np.nan, np.nan))
        if now:
            shape = (min(0.0, now), max(0.0, now), place - 0.34, place + 0.34)
            color = style.UP if now > 0 else style.DOWN
            if not np.isnan(now):
                plot.axes.add_collection(rectangles([shape], color, zorder=3), autolim=False)
        if family in leanings:
            text = formats.plain(now, 1, signed=True)
            page.text(box.right, plot.at(place), text, color=style.FOREGROUND, bold=True, align="right")
        if not np.isnan(before):
            x, y = plot.along(before), plot.at(place)
            page.line((x, x), (y - 0.4 * height, y + 0.4 * height), style.FOREGROUND, 4)
    zero = plot.along(0.0)
    page.line((zero, zero), (inner.top, inner.bottom), style.ZERO, 2.5)


def _alt(title: str, sides: list[_Side], day: str) -> str:
    sentences = [
        f"{title}. Bars of what the families of signals say on {day}, -1 against to 1 for, four weeks ago in brackets."
    ]
    for side in sides:
        words = [
            f"{FAMILY_NAMES[family]} {formats.plain(now, 1, signed=True)}"
            + ("" if np.isnan(before) else f" ({formats.plain(before, 1, signed=True)})")
            for family, now, before in zip(side.families, side.now, side.before, strict=True)
        ]
        # The rotation's state is in the title, which knows a turn and a fall of tech; it is not named by the score.
        state = f"Rotation: the families' score {scaled(side.score)}"
        if side.axis is Axis.RECOVERY:
            state = f"{formats.capitalised(_case_words(side))}, score {scaled(side.score)} ({thresholds(side.state)})"
        sentences.append(f"{state}; {', '.join(words)}." if words else f"{state}.")
    return labels.alt(sentences)
