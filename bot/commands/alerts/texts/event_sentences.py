"""What has happened, as a sentence of the trade: for signals whose label is a heading and not the subject of a verb."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.formatting import formats
from signals.core.measures import CHANGES
from signals.core.model import Measure, Signal
from signals.core.units import Unit

_SPREAD = re.compile(r"(.+) vs\. (.+), (\d+ days?)")
_AVERAGE = re.compile(r"Above (\d+)-day average, (.+)")
_EXTREMES = re.compile(r"New 52-week (highs|lows), (.+)")
_DRAWDOWN = re.compile(r"(.+), drawdown")
_STOCKS = {"tech": "tech stocks", "Nasdaq-100": "Nasdaq-100 stocks"}


def sentence(signal: Signal, which: Measure, value: float, level: float | None) -> str:
    """What a value says: `12.5% of S&P 500 stocks are above their 50-day average`; empty where no sentence is better.

    `level`: the one that was passed; a figure never rounds onto it.
    """
    if which in CHANGES:
        return _change(signal, which, value, level)
    if which is not Measure.VALUE:
        return ""
    shown = formats.beyond(value, level, signal, which)
    if signal.id == "options.vix_term":
        side = "above" if value > 1 else "below"
        return f"VIX/VIX3M is at {shown}: one-month volatility is priced {side} three-month"
    if (special := _SPECIAL.get(signal.id)) and (words := special(value)):
        return words
    if match := _SPREAD.fullmatch(signal.label):
        return _versus(match, signal, value, shown)
    if match := _AVERAGE.fullmatch(signal.label):
        return f"{shown} of {_stocks(match[2])} are above their {match[1]}-day average"
    if match := _EXTREMES.fullmatch(signal.label):
        return f"{_count(value)} {_stocks(match[2])} made 52-week {match[1]}"
    if (match := _DRAWDOWN.fullmatch(signal.label)) and value < 0:
        return f"{match[1]} is {shown.removeprefix('-')} below its 52-week closing high"
    return ""


def of_percentile(signal: Signal, value: float, itself: object, level: float | None) -> str:
    """`Silver is at $47.29, the 99.8th percentile of the past year`; `itself`: the value of the signal."""
    shown = formats.beyond(value, level, signal, Measure.PERCENTILE_1Y)
    place = f"the {shown} percentile of the past year"
    if not isinstance(itself, int | float):
        return f"{signal.label} is at {place}"
    if match := _EXTREMES.fullmatch(signal.label):
        return f"{_count(float(itself))} {_stocks(match[2])} made 52-week {match[1]}, {place}"
    verb = ":" if "," in signal.label else " is at"
    return f"{signal.label}{verb} {formats.measured(float(itself), signal, Measure.VALUE)}, {place}"


def _change(signal: Signal, which: Measure, value: float, level: float | None) -> str:
    """`Silver rose by $2.50 in 5 sessions`; a change of a yield curve is its steepening."""
    if not value or signal.named:
        return ""
    shown = formats.beyond(value, level, signal, which)
    sessions = CHANGES[which]
    span = "in one session" if sessions == 1 else f"in {sessions} sessions"
    verbs, subject = ("rose", "fell"), signal.label
    if signal.id == "rates.curve_10y2y":
        verbs, subject = ("steepened", "flattened"), "The yield curve (2s10s)"
    elif "," in subject:
        return ""
    return f"{subject} {verbs[value < 0]} by {shown.lstrip('+-')} {span}"


def _versus(match: re.Match[str], signal: Signal, value: float, shown: str) -> str:
    """For a spread of returns the sentence on who beat whom: `Software trailed semiconductors by 10.26 points ...`."""
    if signal.unit is not Unit.POINTS_PERCENT or not value:
        return ""
    first, second, span = match.groups()
    if first == "Best":
        first, second = "The best sector", "the worst"
    second = f"the {second}" if second in ("S&P 500", "Nasdaq-100") else second
    over = "in one day" if span == "1 day" else f"over {span.replace('day', 'session')}"
    return f"{first} {'beat' if value > 0 else 'trailed'} {second} by {shown.lstrip('+-')} {over}"


def _stocks(group: str) -> str:
    return _STOCKS.get(group, f"{group} stocks")


def _count(value: float) -> str:
    return formats.plain(value, 0)


def _streak(name: str, other: str) -> Callable[[float], str]:
    def words(value: float) -> str:
        verb = "beaten" if value > 0 else "lost to"
        days = formats.counted(int(abs(value)), "session")
        return f"{name} has {verb} {other} for {days} in a row" if abs(value) >= 2 else ""

    return words


def _seven_down(value: float) -> str:
    return f"{int(value)} of the Magnificent Seven fell 2% or more" if value >= 1 else ""


def _months(value: float) -> str:
    return (
        f"The Magnificent Seven fund has lost money {formats.counted(int(value), 'month')} in a row"
        if value >= 2
        else ""
    )


def _thrust(value: float) -> str:
    return "Breadth thrust: from under 40% to over 61.5% of issues rising within ten sessions" if value > 0 else ""


def _all_down(value: float) -> str:
    return (
        f"S&P 500, Nasdaq and Dow have all fallen for {formats.counted(int(value), 'session')} in a row"
        if value >= 2
        else ""
    )


_SPECIAL: dict[str, Callable[[float], str]] = {
    "size.russell_sp500.streak": _streak("Russell 2000", "the S&P 500"),
    "size.iwm_spy.streak": _streak("IWM", "SPY"),
    "megacap.down_2pct": _seven_down,
    "megacap.mags_losing_months": _months,
    "breadth.sp500.thrust_signal": _thrust,
    "index.all_down_streak": _all_down,
}
