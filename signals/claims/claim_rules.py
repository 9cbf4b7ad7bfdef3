"""The rules that claims are judged by: a figure of a year or of some sessions, a share of days, a run, a month."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd

from signals.claims.model import Figure, Judgment, Record, Share, Verdict
from signals.core.measures import enough_readings
from signals.core.panel import Panel
from signals.core.rolling import Floats
from signals.core.series_ops import SeriesResult, beating_streak, month_to_date, returned, year_to_date
from signals.core.units import Unit
from signals.event_study import FEWEST, LevelCondition, Outcome, Result, StudyPlan, run_study
from signals.families import megacap

Test = Callable[[float], bool]
Pair = tuple[str, str]
"""What a claim is read of on closes, and the fund that stands for it with dividends."""

NAMES = MappingProxyType({"^RUT": "Russell 2000", "^GSPC": "S&P 500"})
"""What indices are called in figures; funds have their tickers."""

CHANCE = 0.05
"""A share that is further from that of all days than this probability allows is more than chance."""


def at_one_decimal(value: float) -> Test:
    """Whether a figure is `value` when it is rounded as the claim is."""
    return lambda measured: round(measured, 1) == value


def at_least(value: float) -> Test:
    """Whether a figure, rounded to one decimal, is `value` or more."""
    return lambda measured: round(measured, 1) >= value


def within(low: float, high: float) -> Test:
    """Whether a figure, rounded to one decimal, lies from `low` to `high`."""
    return lambda measured: low <= round(measured, 1) <= high


def on_both(closes: bool, dividends: bool | None) -> Verdict:
    """The verdict of a claim that holds on closes or not, and with dividends or not (None: not known)."""
    if not closes:
        return Verdict.NOT_TRUE
    return Verdict.CLOSES_ONLY if dividends is False else Verdict.TRUE


def unknown(reason: str | None) -> Judgment:
    """A claim whose figures are missing."""
    return Judgment(Verdict.UNKNOWN, reason=reason or "there is no reading")


def year_position(panel: Panel, year: int) -> tuple[int, bool] | None:
    """The newest session of a year and whether it is the year's last; None before the year's first session."""
    inside = np.flatnonzero(panel.dates.astype("datetime64[Y]").astype(int) + 1970 == year)
    if not len(inside):
        return None
    last = int(inside[-1])
    following = panel.market.sessions[last + 1] if last + 1 < len(panel.market.sessions) else None
    return last, following is not None and following.year != year


def in_year(record: Record, year: int, judge: Callable[[int], Judgment]) -> Judgment:
    """A claim on a calendar year: open until its end, with the figures so far, then as of its last session."""
    until = date(year, 12, 31)
    if record.session.year < year:
        return Judgment(Verdict.OPEN, until=until)
    last_session = year_position(record.panel, year)
    if last_session is None:
        return unknown(f"closes are known since {record.panel.day(0)}")
    position, over = last_session
    judgment = judge(position)
    if over or judgment.verdict is Verdict.UNKNOWN:
        return judgment
    return Judgment(Verdict.OPEN, judgment.figures, until=until)


def year_return(record: Record, *, year: int, of: Pair, holds: Test) -> Judgment:
    """The return of a calendar year, on closes of the index and with the dividends of its fund."""

    def judge(position: int) -> Judgment:
        closes = year_to_date(record.panel, of[0], adjusted=False)
        dividends = year_to_date(record.panel, of[1], adjusted=True)
        return _returns(of, closes, dividends, position, holds)

    return in_year(record, year, judge)


def sessions_return(record: Record, *, sessions: int, of: Pair, holds: Test) -> Judgment:
    """The return of the last so many sessions."""
    closes = returned(record.panel, of[0], sessions, adjusted=False)
    dividends = returned(record.panel, of[1], sessions, adjusted=True)
    return _returns(of, closes, dividends, record.last, holds)


def _name(ticker: str) -> str:
    return NAMES.get(ticker, ticker)


def _returns(of: Pair, closes: SeriesResult, dividends: SeriesResult, position: int, holds: Test) -> Judgment:
    if np.isnan(closes.values[position]):
        return unknown(closes.why(position))
    first, second = 100.0 * float(closes.values[position]), 100.0 * float(dividends.values[position])
    figures = (Figure(_name(of[0]), first, signed=True), Figure(f"{of[1]} with dividends", second, signed=True))
    if np.isnan(second):
        return Judgment(on_both(holds(first), None), figures[:1])
    return Judgment(on_both(holds(first), holds(second)), figures)


def two_years_to_date(record: Record, *, first: Pair, second: Pair, holds: tuple[Test, Test]) -> Judgment:
    """Two returns since New Year, each in its range, on closes and with dividends."""
    at, panel = record.last, record.panel
    both: list[list[float]] = []
    for place, adjusted in ((0, False), (1, True)):
        results = [year_to_date(panel, pair[place], adjusted=adjusted) for pair in (first, second)]
        missing = next((result for result in results if np.isnan(result.values[at])), None)
        if missing is not None and not adjusted:
            return unknown(missing.why(at))
        if missing is None:
            both.append([100.0 * float(result.values[at]) for result in results])
    verdicts = [holds[0](one) and holds[1](other) for one, other in both]
    names = (_name(first[0]), _name(second[0]), f"{first[1]} with dividends", f"{second[1]} with dividends")
    values = [value for pair in both for value in pair]
    figures = tuple(Figure(name, value, signed=True) for name, value in zip(names, values, strict=False))
    return Judgment(on_both(verdicts[0], verdicts[1] if len(verdicts) > 1 else None), figures)


def seven_ahead(record: Record, *, year: int, count: int) -> Judgment:
    """How many of the Magnificent Seven beat the S&P 500 in a calendar year."""

    def judge(position: int) -> Judgment:
        closes = megacap.count_beating(record.panel)
        dividends = megacap.count_beating(record.panel, index="SPY", adjusted=True)
        if np.isnan(closes.values[position]):
            return unknown(closes.why(position))
        first, second = float(closes.values[position]), float(dividends.values[position])
        figures = (Figure("on closes", first, Unit.SEVEN, 0), Figure("with dividends", second, Unit.SEVEN, 0))
        if np.isnan(second):
            return Judgment(on_both(first == count, None), figures[:1])
        return Judgment(on_both(first == count, second == count), figures)

    return in_year(record, year, judge)


def longest_run(record: Record, *, since: date, of: tuple[Pair, Pair]) -> Judgment:
    """Whether the present run of one ticker against another is longer than every earlier one since a day.

    `of`: the two indices on closes, and the two funds with dividends.
    """
    if record.session < since:
        return unknown(f"runs are counted from {since}")
    runs = [beating_streak(record.panel, *pair, adjusted=bool(place)) for place, pair in enumerate(of)]
    counted = [_run(record, run.values, since) for run in runs]
    if counted[0] is None:
        return unknown(runs[0].why(record.last))
    holds = [None if pair is None else pair[0] > max(pair[1], 0) for pair in counted]
    figures = tuple(
        figure
        for pair, words in zip(counted, ("on closes", "with dividends"), strict=True)
        if pair is not None
        for figure in (
            Figure(f"{'lost' if pair[0] < 0 else 'won'} in a row {words}", abs(pair[0]), Unit.SESSIONS, 0),
            Figure(f"longest earlier run {words}", pair[1], Unit.SESSIONS, 0),
        )
    )
    verdict = on_both(bool(holds[0]), holds[1])
    begun = record.panel.dates[0].astype(date)
    if verdict is not Verdict.NOT_TRUE and begun > since.replace(month=1, day=31):
        return Judgment(Verdict.UNKNOWN, figures, reason=f"closes are known since {begun} only")
    return Judgment(verdict, figures)


def _run(record: Record, values: Floats, since: date) -> tuple[float, float] | None:
    """The present run and the longest earlier one; None where the present one is not known."""
    now = float(values[record.last])
    if np.isnan(now):
        return None
    begun = record.last - max(int(now), 0) + 1
    earlier = values[:begun][record.panel.dates[:begun] >= np.datetime64(since)]
    earlier_values = earlier[~np.isnan(earlier)]
    return now, max(float(earlier_values.max()), 0.0) if len(earlier_values) else 0.0


def losing_month(record: Record, *, number: int) -> Judgment:
    """Whether this is the fund's `number`th losing month in a row: open until the month has ended."""
    panel, at = record.panel, record.last
    over = bool(len(panel.month_ends)) and int(panel.month_ends[-1]) == at
    holds: list[bool | None] = []
    figures: list[Figure] = []
    for adjusted, words in ((False, "on closes"), (True, "with dividends")):
        lost, month = (
            megacap.losing_months(panel, adjusted=adjusted),
            month_to_date(panel, megacap.FUND, adjusted=adjusted),
        )
        if np.isnan(lost.values[at]) or np.isnan(month.values[at]):
            if not adjusted:
                return unknown(lost.why(at) or month.why(at))
            holds.append(None)
            continue
        months = int(lost.values[at])
        holds.append(months == (number if over else number - 1))
        figures += [
            Figure(f"lost in a row {words}", months, Unit.MONTHS, 0),
            Figure(f"{megacap.FUND} this month {words}", 100.0 * float(month.values[at]), decimals=2, signed=True),
        ]
    verdict = on_both(bool(holds[0]), holds[1])
    if over or verdict is Verdict.NOT_TRUE:
        return Judgment(verdict, tuple(figures))
    return Judgment(Verdict.OPEN, tuple(figures), until=_month_end(record.session))


def _month_end(day: date) -> date:
    return (pd.Timestamp(day) + pd.offsets.MonthEnd(0)).date()


def values_within(record: Record, tests: Sequence[tuple[str, str, Test]]) -> Judgment:
    """Whether several signals, each with its words, stand where they are said to."""
    figures, holds = [], True
    for signal, words, test in tests:
        value, reason = record.newest(signal)
        if value is None:
            return unknown(reason)
        figures.append(Figure(words, value, Unit.TURNS))
        holds = holds and test(value)
    return Judgment(Verdict.TRUE if holds else Verdict.NOT_TRUE, tuple(figures))


def best_in(record: Record, *, signal: str, sessions: int) -> Judgment:
    """Whether a signal stands higher than on each of the sessions before, of which as many must be known as for a new high."""
    value, reason = record.newest(signal)
    if value is None:
        return unknown(reason)
    before = record.histories[signal].values.iloc[-sessions - 1 : -1]
    readings = before.dropna()
    if not (readings >= value).any():
        if len(before) < sessions:
            return unknown(f"needs {sessions} sessions before, {len(before)} are known")
        need = enough_readings(sessions + 1) - 1
        if len(readings) < need:
            return unknown(f"needs {need} readings in the {sessions} sessions before, {len(readings)} are known")
    highest = float(readings.max())
    verdict = Verdict.TRUE if value > highest else Verdict.NOT_TRUE
    return Judgment(verdict, (Figure("on the session", value), Figure("highest of the 5 years before", highest)))


def share_of_days(record: Record, *, signal: str, above: float, outcome: Outcome, share: float) -> Judgment:
    """Whether the outcome rose the next day as often as is said, after each day with the signal above a level."""
    plan = StudyPlan(LevelCondition(above=above), (1,), until=record.session, each_day=True)
    [result] = run_study(record.histories[signal].values, outcome.prices(record.panel), plan)
    return share_judgment(result, share)


def share_judgment(result: Result, share: float) -> Judgment:
    """A claimed share against what followed: true where the 95% interval holds it and it is more than chance.

    Else the record does not support it, whatever the future brings.
    """
    if result.rate is None or result.hits is None:
        cases = f"{result.n_known} cases with a known outcome, at least {FEWEST} are needed"
        return Judgment(Verdict.NOT_SUPPORTED, reason=cases)
    counted = Share(result.hits, result.n, result.rate, result.base_rate)
    agrees = result.rate.low <= share <= result.rate.high
    more = result.p is not None and result.p < CHANCE
    return Judgment(Verdict.TRUE if agrees and more else Verdict.NOT_SUPPORTED, share=counted)
