"""Monospaced tables of at most 40 columns, which a phone shows without wrapping."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bot.commands.market.signal_history import is_turning
from bot.formatting import formats
from bot.readings.state import ReadingState
from signals.core.model import Measure, Reading, Signal
from signals.core.normal_range import FEWEST
from signals.core.rolling import YEAR
from signals.core.units import Unit

WIDTH = 40
_CHANGE = 8
_UNUSUAL = 90.0


@dataclass(frozen=True, slots=True)
class TableRow:
    """One signal in a table.

    `unusual`: its one-day move is larger than nine of ten of the past year. `turning`: it is the state of a clock
    that is turning.
    """

    signal: Signal
    reading: Reading | None
    unusual: bool
    turning: bool = False


def row(readings: ReadingState, signal: Signal) -> TableRow:
    """The table row of a signal, from the readings in memory."""
    reading = readings.reading(signal.id)
    change = reading.measures.change_1d if reading is not None else None
    unusual = change is not None and change != 0 and is_unusual(readings, signal, change)
    return TableRow(signal, reading, unusual, is_turning(readings, signal))


def is_unusual(readings: ReadingState, signal: Signal, change: float, which: Measure = Measure.CHANGE_1D) -> bool:
    """Whether a change is in size at least the 90th percentile of such changes of the past year.

    False with fewer than 60 of them.
    """
    past = np.abs(readings.series(signal.id, which).to_numpy(dtype=float)[-YEAR:])
    past = past[np.isfinite(past)]
    return len(past) >= FEWEST and abs(change) >= float(np.percentile(past, _UNUSUAL))


def heading(title: str, span: str = "1d") -> str:
    """The title line of a block of signals; `span`: what the changes are over."""
    return wide_line(title.upper(), "now", span, "1y%")


def line(table_row: TableRow) -> str:
    """`Above 50d, S&P          72.6%   ▲+4.6  88`: a signal with a reading."""
    signal, reading = table_row.signal, table_row.reading
    if reading is None or reading.value is None:
        return columns(signal, "withheld" if reading else "no data", "", None)
    change = change_cell(reading.measures.change_1d, signal)
    arrow = ("▲" if (reading.measures.change_1d or 0) > 0 else "▼") if table_row.unusual else ""
    now = "turning" if table_row.turning else full_cell(reading.value, signal)
    return columns(signal, now, arrow + change, reading.measures.percentile_1y)


def columns(signal: Signal, now: str, change: str, percentile: float | None) -> str:
    """One line, or two where the name and the numbers do not fit into one."""
    return wide_line(signal.short or signal.label, now, change, rank_cell(percentile))


def change_cell(change: float | None, signal: Signal) -> str:
    """A change for a narrow column; that of a named state or of a yes and no says only that it turned."""
    if signal.named or signal.unit is Unit.FLAG:
        return "turned" if change else ""
    return formats.change(change, signal, with_unit=False)


def wide_line(name: str, now: str, change: str, rank: str) -> str:
    """One line with values in units: the value may use what a short name and a short change leave free.

    Else two lines.
    """
    for width in (max(_CHANGE, len(change) + 1), len(change) + 1):
        left_width = WIDTH - width - 4
        if len(name) + 1 + len(now) <= left_width:
            return f"{name}{now:>{left_width - len(name)}}{change:>{width}}{rank:>4}".rstrip()
    width = max(_CHANGE, len(change) + 1)
    return f"{name[:WIDTH]}\n{now:>{WIDTH - width - 4}}{change:>{width}}{rank:>4}".rstrip()


def full_cell(value: float, signal: Signal) -> str:
    """A value for a wide column, with its unit in short: `+0.91 pp`, `$85.88`, `+12.4 a day`."""
    if signal.named:
        return _short_state(formats.measured(value, signal, Measure.VALUE))
    text = formats.number(value, signal.unit, signal.decimals)
    for long, short in _SHORTER_UNITS.get(signal.unit, ()):
        text = text.replace(long, short)
    return text.removeprefix("rank ")


def _short_state(name: str) -> str:
    """The name of a state without the side's object: `rotating out`, `back`, `no turn`."""
    return name.replace(" of big tech", "").replace(" into big tech", "").replace("no turn yet", "no turn")


_SHORTER_UNITS = {
    Unit.POINTS: ((" points", ""),),
    Unit.POINTS_PERCENT: ((" points", " pp"),),
    Unit.ISSUES_PER_DAY: ((" issues a day", " a day"),),
    Unit.THOUSAND: ((" thousand", " k"),),
    Unit.SCORE: ((" (scale -100 to +100)", ""),),
    Unit.TURNS: ((" times earnings", ""),),
    Unit.VOL_POINTS: ((" vol points", " vol pts"),),
}


def rank_cell(percentile: float | None) -> str:
    """A percentile for a narrow column, empty where there is none; never rounded to 0 or 100."""
    return "" if percentile is None else formats.share(percentile).removesuffix("%")


def block(title: str, rows: Iterable[TableRow]) -> str:
    """A title and its lines, for a table that has one heading for all of its blocks."""
    return "\n".join([title.upper(), *(line(table_row) for table_row in rows)])


def blocks(title: str, rows: Iterable[TableRow]) -> str:
    """A heading and its lines."""
    return "\n".join([heading(title), *(line(table_row) for table_row in rows)])
