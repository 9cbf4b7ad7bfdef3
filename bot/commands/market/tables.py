"""Monospaced tables of at most 40 columns, which a phone shows without wrapping."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bot.formatting import formats
from bot.readings.state import ReadingState
from signals.core.model import Measure, Reading, Signal
from signals.core.units import Unit

WIDTH = 40
_NAME = 19
_UNUSUAL = 90.0
_YEAR = 252


@dataclass(frozen=True, slots=True)
class TableRow:
    """One signal in a table.

    `unusual`: its one-day move is larger than nine of ten of the past year.
    """

    signal: Signal
    reading: Reading | None
    unusual: bool


def row(readings: ReadingState, signal: Signal) -> TableRow:
    """The table row of a signal, from the readings in memory."""
    reading = readings.reading(signal.id)
    change = reading.measures.change_1d if reading is not None else None
    return TableRow(signal, reading, change is not None and change != 0 and is_unusual(readings, signal, change))


def is_unusual(readings: ReadingState, signal: Signal, change: float, which: Measure = Measure.CHANGE_1D) -> bool:
    """Whether a change is in size at least the 90th percentile of such changes of the past year.

    False with fewer than 60 of them.
    """
    past = np.abs(readings.series(signal.id, which).to_numpy(dtype=float)[-_YEAR:])
    past = past[np.isfinite(past)]
    return len(past) >= 60 and abs(change) >= float(np.percentile(past, _UNUSUAL))


def heading(family: str, span: str = "1d") -> str:
    """The title line of a family's block; `span`: what the changes are over."""
    return f"{family.upper()[:_NAME]:<{_NAME}}{'now':>9}{span:>8}{'1y%':>4}"


def line(table_row: TableRow) -> str:
    """`Above 50d, S&P        72.6%   ▲+4.6  88`."""
    signal, reading = table_row.signal, table_row.reading
    if reading is None or reading.value is None:
        return columns(signal, "withheld" if reading else "no data", "", None)
    moved = reading.measures.change_1d
    arrow = ("▲" if (moved or 0) > 0 else "▼") if table_row.unusual else ""
    change = formats.delta(moved, signal.unit, signal.decimals, with_unit=False)
    return columns(signal, cell(reading.value, signal), arrow + change, reading.measures.percentile_1y)


def columns(signal: Signal, now: str, change: str, percentile: float | None) -> str:
    """One line, or two where the name and the numbers do not fit into one."""
    return wide_line(short_name(signal.label), now, change, rank_cell(percentile))


def _change_width(change: str) -> int:
    """Width of the change column: 8, or more where the change would touch the value before it."""
    return max(8, len(change) + 1)


def short_name(label: str) -> str:
    """A label for a narrow column: `Above 50-day average, S&P 500` becomes `Above 50d, S&P`."""
    for long, short in _SHORTER:
        label = label.replace(long, short)
    return label


_SHORTER = (
    (", given back", " retraced"),
    (", leg's age", ", age"),
    ("S&P over tech", "S&P/tech"),
    ("S&P over Mag 7", "S&P/Mag 7"),
    ("Equal Nasdaq-100", "Equal NDX"),
    ("Semiconductors", "Chips"),
    ("Technology", "Tech"),
    ("Breadth thrust (S&P 500 members)", "Thrust signal, S&P"),
    ("McClellan oscillator, S&P 500", "McClellan oscillator"),
    ("McClellan summation, S&P 500", "McClellan summation"),
    ("Advancers/decliners", "Advance/decline"),
    ("Advance-decline", "A/D"),
    ("New highs less lows", "New highs-lows"),
    ("10y less 2y", "10y-2y"),
    ("Top ten lines, share of SPY", "Top ten, % of SPY"),
    ("Magnificent 7, share of SPY", "Mag 7, % of SPY"),
    ("MAGS, third losing month", "MAGS, 3rd month down"),
    ("2000 winning ", ""),
    (", drawdown", " drawdown"),
    ("Rank of defensives", "Defensives rank"),
    ("Sector dispersion", "Dispersion"),
    (", RRG momentum", " momentum"),
    (", RRG ratio", " RRG"),
    ("Fed cuts priced to December", "Fed cuts to December"),
    ("Fed projection less futures", "Fed dots vs. futures"),
    ("Fed projection, change", "Fed dots, change"),
    ("breakeven inflation", "breakeven"),
    (" bound", ""),
    ("Payroll growth", "Payrolls"),
    ("Equity put/call", "Put/call"),
    ("Chip makers' capacity in use", "Chip capacity in use"),
    ("Computer orders, a year", "Computer orders, 1y"),
    ("Hyperscaler capex, 4 quarters", "Cloud capex"),
    ("Hyperscaler capex", "Cloud capex"),
    ("Defensive minus tech flows", "Defensive vs. tech"),
    ("Tech minus rest flows", "Tech vs. rest"),
    ("Equal-weight flows", "Equal-wt flows"),
    (" fund flows", " flows"),
    (" weeks", "w"),
    (", 4w, USD", ", $"),
    ("Revisions of tech earnings", "Revisions, tech"),
    ("Revisions of other earnings", "Revisions, others"),
    ("Tech reports above estimates", "Tech beats"),
    ("Growth of the seven less rest", "EPS growth vs. rest"),
    ("P/E, Mag 7 minus small caps", "P/E, Mag 7 vs. small"),
    ("P/E of the Mag 7", "P/E, Mag 7"),
    ("P/E of ", "P/E, "),
    (" companies", ""),
    ("Managers' buying of tech", "Tech bought (13F)"),
    ("Managers buying tech, net", "Tech buyers (13F)"),
    ("Support for a rotation", "Rotation support"),
    ("Agreement with the rotation", "Rotation agreement"),
    (" average", ""),
    ("-day", "d"),
    ("d spread", "d"),
    (", this year", " YTD"),
    (" this year", " YTD"),
    (" days", "d"),
    (" day", "d"),
    (", one-year z", " z"),
    (" one-year", ""),
    (", in a row", ""),
    (" in a row", ""),
    (", 3 months", ", 3m"),
    ("S&P 500", "S&P"),
    ("Nasdaq Composite", "Nasdaq"),
    ("Magnificent 7", "Mag 7"),
    (" or more", ""),
    (" less ", " vs. "),
    (" minus ", " vs. "),
    (" against ", " vs. "),
    (" over ", "/"),
    ("-year", "y"),
)
"""Short labels for tables, in the order in which they replace parts of a label: words, no chopped words."""


def cell(value: float, signal: Signal) -> str:
    """A value for a narrow column: with the per cent sign, without the words of longer units."""
    text = formats.number(value, signal.unit, signal.decimals)
    if text.endswith("%") or text in ("yes", "no"):
        return text
    for word in _OMITTED_UNITS:
        text = text.removesuffix(word)
    for word in ("sessions", "session", "months", "month"):
        text = text.removesuffix(f" {word}")
    return text.removeprefix("rank ").removesuffix(" SD")


_OMITTED_UNITS = (
    *(" vol points", " points", " issues a day", " thousand"),
    *(" of 7", " of 100", " steps", " times earnings"),
)


def wide_line(name: str, now: str, change: str, rank: str) -> str:
    """One line with values in units: the value may use what a short name leaves free.

    Else two lines.
    """
    change = f"{change:>{_change_width(change)}}"
    left_width = WIDTH - len(change) - 4
    if len(name) + 1 + len(now) <= left_width:
        return f"{name}{now:>{left_width - len(name)}}{change}{rank:>4}".rstrip()
    return f"{name[:WIDTH]}\n{now:>{left_width}}{change}{rank:>4}".rstrip()


def full_cell(value: float, signal: Signal) -> str:
    """A value for a wide column, with its unit in short: `+0.91 pp`, `$85.88`, `+12.4 a day`."""
    text = formats.number(value, signal.unit, signal.decimals)
    for long, short in _SHORTER_UNITS.get(signal.unit, ()):
        text = text.replace(long, short)
    return text.removeprefix("rank ")


_SHORTER_UNITS = {
    Unit.POINTS_PERCENT: ((" points", " pp"),),
    Unit.ISSUES_PER_DAY: ((" issues a day", " a day"),),
    Unit.THOUSAND: ((" thousand", " k"),),
    Unit.SCORE: ((" of 100", ""),),
    Unit.TURNS: ((" times earnings", ""),),
    Unit.VOL_POINTS: ((" vol points", " vol pts"),),
}


def rank_cell(percentile: float | None) -> str:
    """A percentile for a narrow column, empty where there is none; never rounded to 0 or 100."""
    return "" if percentile is None else formats.share(percentile).removesuffix("%")


def block(family: str, rows: Iterable[TableRow]) -> str:
    """A family's name and its lines, for a table that has one heading for all families."""
    return "\n".join([family.upper(), *(line(table_row) for table_row in rows)])


def blocks(title: str, rows: Iterable[TableRow]) -> str:
    """A family's heading and its lines."""
    return "\n".join([heading(title), *(line(table_row) for table_row in rows)])
