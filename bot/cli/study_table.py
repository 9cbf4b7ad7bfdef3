"""The table of `rotation-bot study`: one line for each horizon, and remarks on how to read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.commands.context import ADVICE
from bot.formatting import formats
from bot.formatting.signal_values import SURVIVORSHIP
from signals.core.model import Measure, Signal
from signals.event_study import FALSE_SHARE, FEWEST, Era, Interval, Outcome, Result, StudyPlan

_ROW = "{0:>8} {1:>6} {2:>6} {3:>13} {4:>7} {5:>20} {6:>6} {7:>27} {8:>9} {9:>9}"


def table(
    signal: Signal, measure: Measure, words: str, outcome: Outcome, plan: StudyPlan, results: Sequence[Result]
) -> Iterator[str]:
    """The lines: question and period.

    Where the condition ever held also a row for each horizon, eras and remarks.
    """
    subject = signal.label if measure is Measure.VALUE else f"{signal.label}, {formats.MEASURES[measure]}"
    yield f"{subject} {words}: what {_name(outcome)} did next{' from the close after it' if plan.next_close else ''}"
    yield _period(plan, results)
    if not results[0].n_days:
        return
    yield ""
    yield _ROW.format(
        "sessions", "n", "up", "95% CI", "all", "difference", "q", f"mean, {outcome.unit}", "median", "worst"
    ).rstrip()
    for result in results:
        yield _row(result)
    yield from _eras(results)
    yield ""
    yield from _remarks(signal, plan, results)


def _name(outcome: Outcome) -> str:
    return outcome.first if outcome.second is None else f"{outcome.first} minus {outcome.second}"


def _period(plan: StudyPlan, results: Sequence[Result]) -> str:
    first, last = results[0].first, results[0].last
    if first is None or last is None:
        return "No reading in that period."
    span = f"{formats.day(first)} to {formats.day(last)}"
    if not results[0].n_days:
        return f"{span}: it did not hold once."
    counted = "every one counts" if plan.each_day else "only the first of each episode counts"
    return f"{span}: {formats.counted(results[0].n_days, 'session')} of it; {counted}"


def _row(result: Result) -> str:
    if result.rate is None:
        usual = _share(result.base_rate)
        return f"{result.horizon:>8} {result.n:>6} {result.sample} (all days {usual})"
    note = f"  [{result.sample}]" if result.sample else ""
    line = _ROW.format(
        result.horizon,
        result.n,
        _share(result.rate.value),
        _range(result.rate),
        _share(result.base_rate),
        _difference(result.difference),
        _share(result.q),
        _mean(result.mean),
        formats.plain(result.median.value if result.median else None, 2, signed=True),
        formats.plain(result.worst, 2, signed=True),
    )
    return f"{line}{note}"


def _share(share: float | None) -> str:
    return formats.share(None if share is None else 100 * share)


def _range(interval: Interval) -> str:
    return f"{100 * interval.low:.0f} to {100 * interval.high:.0f}%"


def _difference(interval: Interval | None) -> str:
    return _with_bounds(interval, factor=100, decimals=0)


def _mean(interval: Interval | None) -> str:
    return _with_bounds(interval, factor=1, decimals=2)


def _with_bounds(interval: Interval | None, *, factor: float, decimals: int) -> str:
    if interval is None:
        return formats.NOTHING
    numbers = (interval.value, interval.low, interval.high)
    value, low, high = (formats.plain(factor * number, decimals, signed=True) for number in numbers)
    return f"{value} ({low} to {high})"


def _eras(results: Sequence[Result]) -> Iterator[str]:
    shown = [(result, [era for era in result.eras if era.rate is not None]) for result in results]
    if any(eras for _, eras in shown):
        yield ""
    for result, eras in shown:
        if eras:
            yield f"{result.horizon:>8} {'; '.join(_era(era) for era in eras)}"


def _era(era: Era) -> str:
    rate = f"{_share(era.rate.value)} ({_range(era.rate)})" if era.rate else formats.NOTHING
    return f"{era.name}: {rate} of {era.n}, vs {_share(era.base_rate)}"


def _remarks(signal: Signal, plan: StudyPlan, results: Sequence[Result]) -> Iterator[str]:
    if any(result.rate is not None for result in results):
        significant = sum(result.q is not None and result.q <= FALSE_SHARE for result in results)
        tests, of_ten = formats.counted(len(results), "test"), f"{100 * FALSE_SHARE:.0f}%"
        yield (
            f"{tests} in this call; q is the share of chance findings among those with such a q or a lower one (Benjamini and "
            f"Hochberg). At {of_ten} {significant or 'none'} of the differences can be told from chance."
        )
    if plan.each_day:
        yield from _overlap(results)
    if any(name.startswith("group:") for name in signal.inputs):
        yield f"Its past has today's members alone, without those that have failed since: {SURVIVORSHIP}."
    yield f"all: the same outcome from every session of the period. {ADVICE}."


def _overlap(results: Sequence[Result]) -> Iterator[str]:
    """What days whose outcomes overlap are worth, and how little they can show."""
    figures = [
        (result, result.independent, result.detectable)
        for result in results
        if result.horizon > 1 and result.independent is not None and result.detectable is not None
    ]
    if figures:
        horizons = [str(result.horizon) for result, _, _ in figures]
        worth = [formats.plain(independent, 0) for _, independent, _ in figures]
        least = [formats.plain(100 * detectable, 0) for *_, detectable in figures]
        days = formats.counted(max(result.n for result, _, _ in figures), "day")
        yield (
            f"Outcomes of neighboring days overlap. Over {formats.listed(horizons)} sessions the {days} are worth "
            f"{formats.listed(worth)} independent outcomes, and a difference under {formats.listed(least)} points cannot be "
            f"told from chance. Intervals and q compare the days with the same days moved to every other place of the calendar."
        )
    if any(independent < FEWEST for _, independent, _ in figures):
        yield f"Under {FEWEST} independent outcomes there is no q: nothing is tested."
