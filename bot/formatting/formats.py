"""The formatter of every number, date and name that people read, in Discord and on a terminal.

Numbers and dates are US English (Babel, `en_US`). A number that does not exist is an en dash, never zero.
"""

from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import format_date

from bot.formatting.numerals import percentile, with_ending
from bot.formatting.zone_names import LOCALE, zone_name
from signals.core.decimals import finished_one
from signals.core.measure_kinds import HIGHS, LOWS, STATE_MEASURES
from signals.core.model import Family, Measure, Signal
from signals.core.units import Unit

NOTHING = "–"

_SUFFIX = {
    Unit.POINTS_PERCENT: " points",
    Unit.POINTS: " points",
    Unit.ISSUES_PER_DAY: " issues a day",
    Unit.THOUSAND: " thousand",
    Unit.TURNS: " times earnings",
    Unit.STEPS: " cuts",
    Unit.VOL_POINTS: " vol points",
    Unit.SCORE: " (scale -100 to +100)",
}
_SINGULAR = {" points": " point", " issues a day": " issue a day", " cuts": " cut", " vol points": " vol point"}
_SIGNED = frozenset(
    {
        Unit.POINTS_PERCENT,
        Unit.ISSUES_PER_DAY,
        Unit.THOUSAND,
        Unit.Z,
        Unit.SCORE,
        Unit.SIDE,
        Unit.BALANCE,
        Unit.STEPS,
        Unit.VOL_POINTS,
    }
)
_NOUNS = {Unit.SESSIONS: ("session", "sessions"), Unit.MONTHS: ("month", "months"), Unit.DAYS: ("day", "days")}
_OUT_OF = {Unit.SEVEN: 7, Unit.SIX: 6, Unit.FIVE: 5}
_LARGE_UNITS = ((1e12, "T", 1), (1e9, "B", 1), (1e6, "M", 0))

MEASURES = {
    Measure.VALUE: "value",
    Measure.CHANGE_1D: "1-day change",
    Measure.CHANGE_5D: "5-day change",
    Measure.CHANGE_21D: "21-day change",
    Measure.PERCENTILE_1Y: "1-year percentile",
    Measure.Z_1Y: "1-year z-score",
    **{which: f"distance from the {sessions}-session high" for which, sessions in HIGHS.items()},
    **{which: f"distance from the {sessions}-session low" for which, sessions in LOWS.items()},
    **{which: f"state {state}" for which, state in STATE_MEASURES.items()},
}
"""Names of measures inside a sentence."""


def plain(value: float | None, decimals: int, *, signed: bool = False) -> str:
    """A bare number with thousands separated by commas; never "-0.0".

    None, NaN and infinities give an en dash.
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    rounded = round(value, decimals)
    if rounded == 0:
        return f"{0.0:.{decimals}f}"
    return f"{rounded:{'+' if signed else ''},.{decimals}f}"


def number(value: float | None, unit: Unit, decimals: int) -> str:
    """A value with its unit: `72.6%`, `+0.90 points`, `8 sessions`, `$3.2B`, `+1.20 SD`, `yes`."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if unit is Unit.FLAG:
        return "yes" if value > 0 else "no"
    if unit is Unit.USD:
        return dollars(value, decimals)
    text = plain(value, decimals, signed=unit in _SIGNED)
    if unit is Unit.PERCENT:
        return f"{text}%"
    if unit in _OUT_OF:
        return f"{text} of {_OUT_OF[unit]}"
    if unit is Unit.Z:
        return f"{text} SD"
    if unit is Unit.RANK:
        return f"rank {text}"
    if unit in _NOUNS:
        return f"{text} {_NOUNS[unit][text.lstrip('+-') != '1']}"
    return text + _suffix(unit, text)


def _suffix(unit: Unit, text: str) -> str:
    """The unit in words behind a number: ` points`, behind a bare one ` point`."""
    words = _SUFFIX.get(unit, "")
    return _SINGULAR.get(words, words) if text.lstrip("+-") == "1" else words


def dollars(value: float, decimals: int) -> str:
    """Dollars, large amounts in short: `$85.88`, `$3.2B`, `-$410M`; one decimal from billions on."""
    sign = "-" if value < 0 else ""
    for size, letter, places in _LARGE_UNITS:
        if abs(value) >= size:
            return f"{sign}${plain(abs(value) / size, places)}{letter}"
    text = plain(abs(value), decimals)
    return f"{sign if float(text.replace(',', '')) else ''}${text}"


def in_basis_points(signal: Signal) -> bool:
    """Whether a change of the signal is one of a yield or rate, which the market gives in basis points."""
    return signal.family is Family.RATES and signal.unit in (Unit.PERCENT, Unit.POINTS_PERCENT)


def change(moved: float | None, signal: Signal, *, with_unit: bool = True, decimals: int | None = None) -> str:
    """A change with its sign: `+4.6 points` for a per cent value, `+2` for a count, for a yield always `+10 bp`."""
    if moved is None or not math.isfinite(moved):
        return NOTHING
    unit, places = signal.unit, signal.decimals if decimals is None else decimals
    if in_basis_points(signal):
        return f"{plain(100 * moved, 0 if decimals is None else max(decimals - 2, 0), signed=True)} bp"
    text = plain(moved, places, signed=True)
    if unit is Unit.USD and (with_unit or abs(moved) >= 1e6):
        amount = dollars(moved, places)
        return f"+{amount}" if text.startswith("+") else amount
    if not with_unit:
        return text
    if unit in (Unit.PERCENT, Unit.SCORE):
        return text + _suffix(Unit.POINTS, text)
    if unit is Unit.Z:
        return f"{text} SD"
    if unit in _NOUNS:
        return f"{text} {_NOUNS[unit][text.lstrip('+-') != '1']}"
    return text + _suffix(unit, text)


def share(percent: float | None) -> str:
    """A percentile or share of 0-100 without decimals: `97%`; what lies between is never rounded to 0 or 100."""
    if percent is None or not math.isfinite(percent):
        return NOTHING
    rounded = round(percent)
    if 0 < percent < 100:
        rounded = min(99, max(1, rounded))
    return f"{rounded}%"


def measured(value: float | None, signal: Signal, which: Measure, decimals: int | None = None) -> str:
    """A value of a measure of a signal with its unit: `+4.6 points`, `97th` (a percentile), `+1.20 SD`, `bull`.

    `decimals`: how many, where those of the signal do not show enough.
    """
    if which is Measure.VALUE:
        name = None if value is None else signal.name_of(value)
        return name or number(value, signal.unit, signal.decimals if decimals is None else decimals)
    if which is Measure.PERCENTILE_1Y:
        return NOTHING if value is None or not math.isfinite(value) else percentile(value, decimals or 0)
    if which is Measure.Z_1Y:
        return number(value, Unit.Z, 2 if decimals is None else decimals)
    if which in STATE_MEASURES:
        return number(value, Unit.FLAG, 0)
    return change(value, signal, decimals=decimals)


def beyond(value: float | None, threshold: float | None, signal: Signal, which: Measure) -> str:
    """A value past a level with as many decimals as show that it is: `1.002` past 1, `95.04th` past the 95th."""
    shown_as_is = which in STATE_MEASURES or signal.unit.whole
    if value is None or threshold is None or value == threshold or shown_as_is or signal.name_of(value):
        return measured(value, signal, which)
    least = 2 if which is Measure.Z_1Y else 0 if which is Measure.PERCENTILE_1Y else signal.decimals
    for decimals in range(least, 7):
        shown = round(value, decimals)
        if shown != threshold and (shown > threshold) == (value > threshold):
            return measured(value, signal, which, None if decimals == least else decimals)
    return measured(value, signal, which)


def level(value: float, signal: Signal, which: Measure) -> str:
    """A level in the unit of the measure with typed decimals: `$90`, `20%`, `+0.8 points`, `the 95th` (a percentile)."""
    decimals = len(bare_level(value).partition(".")[2])
    if which is Measure.PERCENTILE_1Y:
        return f"the {with_ending(plain(value, decimals))}"
    if which is Measure.Z_1Y:
        return number(value, Unit.Z, decimals)
    if which is not Measure.VALUE:
        return change(value, signal, decimals=decimals)
    if signal.unit is Unit.SCORE:
        return plain(value, decimals, signed=True)
    if signal.unit is Unit.USD:
        return number(value, signal.unit, 2 if decimals == 1 else decimals)
    if signal.unit.whole or signal.unit in (Unit.FLAG, Unit.RANK):
        return plain(value, decimals)
    return number(value, signal.unit, decimals)


def span_of(low: str, high: str) -> str:
    """Two formatted numbers as a range, a unit in words written once: `-0.42 to +0.52 points`."""
    for many, one in _SINGULAR.items():
        if low.endswith((many, one)) and high.endswith((many, one)):
            return f"{low.removesuffix(many).removesuffix(one)} to {high.removesuffix(many).removesuffix(one)}{many}"
    for word in (*_SUFFIX.values(), " SD", " of 7", " bp"):
        if low.endswith(word) and high.endswith(word):
            low = low.removesuffix(word)
    return f"{low} to {high}"


def bare_level(value: float) -> str:
    """A level as a user would type it, in ten digits and without an exponent: `90`, `90.5`, `-0.25`, `0.00000001`."""
    return format(Decimal(f"{finished_one(value):.10g}"), "f")


def day(when: date, *, today: date | None = None) -> str:
    """A date: `Tue, Jan 13`, with the year (`Tue, Jan 13, 2026`) where it is not that of `today` or `today` is None."""
    same_year = today is not None and today.year == when.year
    return _date(when, "EEE, MMM d" if same_year else "EEE, MMM d, y")


def short_day(when: date, *, year: bool = False) -> str:
    """A date where there is little room: `Jan 13`, with the year `Jan 13, 2026`."""
    return _date(when, "MMM d, y" if year else "MMM d")


@cache
def _date(when: date, pattern: str) -> str:
    return str(format_date(when, pattern, locale=LOCALE))


def long_day(when: date, *, year: bool = False) -> str:
    """A date inside a sentence: `November 21`, with the year `November 21, 2024`."""
    return _date(when, "MMMM d, y" if year else "MMMM d")


NEW_YORK = "America/New_York"


def clock(at: time, zone: str = NEW_YORK) -> str:
    """A time of day in a sentence: `4:20 p.m. ET`; in another zone `5:00 p.m. Central European Time`."""
    return f"{hour(at)} {zone_name(zone)}"


def hour(at: time) -> str:
    """A time of day whose zone stands beside it: `4:20 p.m.`."""
    return f"{at.hour % 12 or 12}:{at.minute:02} {'a.m.' if at.hour < 12 else 'p.m.'}"


def instant(at: datetime, *, today: date | None = None) -> str:
    """An instant in New York where Discord does not show it: `Tue, Jan 13, 4:20 p.m. ET`."""
    there = at.astimezone(ZoneInfo(NEW_YORK))
    return f"{day(there.date(), today=today)}, {clock(there.time())}"


def bar(percent: float | None, width: int = 10) -> str:
    """A small bar of blocks for 0-100: `███████░░░`; empty for None, NaN and infinities."""
    if percent is None or not math.isfinite(percent):
        return ""
    full = round(min(100.0, max(0.0, percent)) / 100 * width)
    return "█" * full + "░" * (width - full)


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """`1 alert`, `2 alerts`, `1,200 messages`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def capitalised(words: str) -> str:
    """The words with a capital letter."""
    return words[:1].upper() + words[1:]


def listed(words: list[str], last: str = "and") -> str:
    """A list of words inside a sentence: `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def age(seconds: float) -> str:
    """A duration in one unit: `just now`, `4 min`, `3 h`, `2 days`."""
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    if seconds < 48 * 3600:
        return f"{int(seconds // 3600)} h"
    return f"{int(seconds // 86400)} days"


def stamp(epoch_seconds: float, style: str = "f") -> str:
    """Discord's markup for an instant, shown in each reader's own zone: `<t:...:f>`."""
    return f"<t:{int(epoch_seconds)}:{style}>"
