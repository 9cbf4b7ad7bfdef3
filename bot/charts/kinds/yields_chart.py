"""The 10-year real yield, upside down, above growth against value: whether both move together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bot.charts.inputs import GROWTH, REAL_YIELD, VALUE, ChartInputs
from bot.charts.layout import axis_scale, labels, style
from bot.charts.layout.axis_scale import Floats
from bot.charts.layout.page import DrawnPage, Page
from bot.charts.layout.plot import DATES, Tag, framed, gutter_width
from bot.charts.layout.window import Window, column, measured, numbers, of_signal, window
from bot.domain.chart_request import ChartRequest
from bot.formatting import family_verdicts, formats
from signals import catalogue
from signals.core.model import Measure

_WEEK, _MONTH = 5, 21
_MIN_CHANGES = 20


def draw(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """Both lines over the same sessions; None where one of them has too few known values."""
    growth, value = (column(inputs.closes, name, request.session) for name in (GROWTH, VALUE))
    yields = of_signal(inputs, request, REAL_YIELD)
    if growth is None or value is None or yields is None:
        return None
    ratio = window(growth / value, request.span)
    if ratio is None:
        return None
    index = max((yields.index, ratio.index), key=len)
    lines = numbers(yields.shown.reindex(index)), numbers(ratio.shown.reindex(index))
    lines = lines[0], 100 * lines[1] / lines[1][~np.isnan(lines[1])][0]
    page = Page(simulated=inputs.simulated)
    month = _Month.of(measured(inputs, REAL_YIELD, request.session, Measure.CHANGE_21D), growth / value)
    title = month.title()
    day = max(yields.index[yields.newest], ratio.index[ratio.newest])
    together = _together(*lines)
    page.head(title, axis_scale.days_words(index), together)
    names = _names(yields, month)
    _plot(page, lines, names, index)
    return DrawnPage(page, _alt(title, yields, lines, names, together, day, index))


@dataclass(frozen=True, slots=True)
class _Month:
    """What both did over 21 sessions, which the message beside the picture judges too; None where it is not known.

    The yield moved by percentage points; growth is ahead of value by per cent.
    """

    yields: float | None
    growth: float | None

    @classmethod
    def of(cls, changes: pd.Series | None, ratio: pd.Series) -> _Month:
        known = numbers(ratio)
        moved = np.nan if changes is None or not len(changes) else float(changes.iloc[-1])
        ahead = 100 * (known[-1] / known[-1 - _MONTH] - 1) if len(known) > _MONTH else np.nan
        return cls(*(None if np.isnan(value) else float(value) for value in (moved, ahead)))

    def title(self) -> str:
        """`Real yields rise, growth lags`."""
        if self.yields is None:
            return "Real yields and growth"
        parts = [family_verdicts.real_yields(self.yields)]
        return ", ".join([*parts, *([] if self.growth is None else [family_verdicts.growth(self.growth)])])


def _names(yields: Window, month: _Month) -> tuple[str, str]:
    """What each line is, with its newest value and its move over 21 sessions."""
    value = formats.measured(yields.last, catalogue.signal(REAL_YIELD), Measure.VALUE)
    over = f"in {_MONTH} days"
    moved = "" if month.yields is None else f" ({formats.plain(100 * month.yields, 0, signed=True)} bp {over})"
    ahead = "" if month.growth is None else f" ({formats.plain(month.growth, 1, signed=True)}% {over})"
    return f"10y real yield {value}{moved}", f"Growth vs. value{ahead}"


def _together(yields: Floats, ratio: Floats) -> str:
    """The sentence on the Pearson correlation of their changes over five sessions.

    Empty with too few.
    """
    changes = [line[_WEEK:] - line[:-_WEEK] if len(line) > _WEEK else np.array([]) for line in (yields, np.log(ratio))]
    both_known = ~np.isnan(changes[0]) & ~np.isnan(changes[1])
    if both_known.sum() < _MIN_CHANGES:
        return ""
    ours, theirs = (change[both_known] for change in changes)
    if ours.std() == 0 or theirs.std() == 0:
        return ""
    correlation = float(np.corrcoef(ours, theirs)[0, 1])
    return f"Correlation of 5-day changes {formats.plain(correlation, 2, signed=True)}"


def _plot(page: Page, lines: tuple[Floats, Floats], names: tuple[str, str], index: pd.DatetimeIndex) -> None:
    x, plot = (-0.7, len(index) - 0.3), None
    signal = catalogue.signal(REAL_YIELD)
    y = [axis_scale.limits(lines[0]), axis_scale.limits([*lines[1], 100.0])]
    ticks = [labels.ticks(*y[0], signal, Measure.VALUE, most=4), _numbers(*y[1])]
    last = [float(line[~np.isnan(line)][-1]) for line in lines]
    tags = [
        [Tag(last[0], labels.margin_text(last[0], signal, Measure.VALUE), style.ORANGE)],
        [Tag(last[1], formats.plain(last[1] - 100, 1, signed=True) + "%", style.SKY)],
    ]
    gutter = max(gutter_width(page, ticks[place][1], tags[place]) for place in (0, 1))
    height = (page.height - DATES - page.top) / 2
    since = f"since {formats.short_day(index[0].date())}"
    for place, (name, color, note) in enumerate(((names[0], style.ORANGE, "inverted"), (names[1], style.SKY, since))):
        bottom = page.height - DATES - (1 - place) * height
        page.legend([(name, color, 0)], right=note)
        plot = framed(
            page,
            top=page.top + 6,
            bottom=bottom - 6 * (1 - place),
            x=x,
            y=y[place],
            ticks=ticks[place],
            tags=tags[place],
            gutter=gutter,
            flipped=place == 0,
        )
        plot.curve(lines[place], color)
        page.top = bottom
    if plot is not None:
        plot.dates(index)


def _numbers(low: float, high: float) -> tuple[list[float], list[str]]:
    """Ticks of a line that starts at 100, as moves in per cent."""
    ticks = axis_scale.ticks(low - 100, high - 100, most=4)
    return [tick + 100 for tick in ticks], [text + "%" for text in axis_scale.plain_words(ticks, signed=True)]


def _alt(
    title: str,
    yields: Window,
    lines: tuple[Floats, Floats],
    names: tuple[str, str],
    together: str,
    day: pd.Timestamp,
    index: pd.DatetimeIndex,
) -> str:
    known_yields = yields.shown.dropna()
    signal = catalogue.signal(REAL_YIELD)
    low, high = (
        formats.measured(float(end), signal, Measure.VALUE) for end in (known_yields.min(), known_yields.max())
    )
    ends = [formats.plain(float(end) - 100, 1, signed=True) for end in (np.nanmin(lines[1]), np.nanmax(lines[1]))]
    return labels.alt(
        [
            f"{title}. Two line charts, {axis_scale.days_words(index)}: the 10-year real yield, inverted, and growth vs. "
            f"value ({GROWTH}/{VALUE}).",
            f"{names[0]}; {names[1][0].lower()}{names[1][1:]}, as known on {labels.when(day)}.",
            f"The yield was between {low} and {high}, growth vs. value between {ends[0]}% and {ends[1]}%.",
            f"{together}." if together else "",
        ]
    )
