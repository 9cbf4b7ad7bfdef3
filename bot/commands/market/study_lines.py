"""The result of a study in words and as a narrow table: verdict, horizons, worst cases, remarks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.commands.market.comparables import NAMES
from bot.commands.reply import Field
from bot.event_study.model import StudyAnswer, StudyQuestion
from bot.formatting import formats
from bot.formatting.signal_values import SURVIVORSHIP
from bot.formatting.verdict import interval_words, verdict_words
from signals.core.model import Signal
from signals.event_study import FALSE_SHARE, FEWEST, Interval, Outcome, Result

_ROW = "{0:>5}{1:>5}{2:>6}{3:>7}{4:>6}{5:>7}"
_INDICES = {"^IXIC": "the Nasdaq", "^DJI": "the Dow Jones"}


def outcome_words(outcome: Outcome) -> str:
    """`the Nasdaq`, `RSP minus SPY`."""
    if outcome.second is not None:
        return f"{outcome.first} minus {outcome.second}"
    name = NAMES.get(outcome.first, "")
    return _INDICES.get(outcome.first) or (f"the {name}" if name and outcome.first.startswith("^") else outcome.first)


def verdict(question: StudyQuestion, answer: StudyAnswer) -> str:
    """The sentence on the requested horizon, and whether the difference can be told from chance.

    `After 72 such episodes the Nasdaq rose the next day 53% of the time (95% CI 41-64%), vs 55% on
    all days: no evidence of an edge.`
    """
    result = next(result for result in answer.results if result.horizon == question.horizon)
    clause = _outcome_clause(answer.outcome, result.horizon)
    if result.rate is None or result.base_rate is None:
        cases_known = formats.counted(result.n_known, "case")
        return f"{cases_known} with a known outcome {'is' if result.n_known == 1 else 'are'} too few to say how often {clause}."
    share, usual = formats.share(100 * result.rate.value), formats.share(100 * result.base_rate)
    significance = _significance_words(result)
    return (
        f"After {result.n:,} such episodes {clause} {share} of the time (95% CI {interval_words(result.rate)}), "
        f"vs {usual} on all days: {significance}.{''.join(_others(answer, result.horizon))}"
    )


def _others(answer: StudyAnswer, asked: int) -> Iterator[str]:
    """What a study found beyond the horizon that was asked for; its verdict says nothing of that."""
    for result in answer.results:
        if result.horizon == asked or result.rate is None or result.q is None or result.q > FALSE_SHARE:
            continue
        small = ", small sample" if result.sample else ""
        yield (
            f" Over {formats.counted(result.horizon, 'session')}: {_share(result.rate.value)} vs {_share(result.base_rate)}: "
            f"{_significance_words(result)}{small}."
        )


def _outcome_clause(outcome: Outcome, horizon: int) -> str:
    ahead = "the next day" if horizon == 1 else f"over the next {horizon} sessions"
    if outcome.second is not None:
        return f"{outcome.first} beat {outcome.second} {ahead}"
    return f"{outcome_words(outcome)} rose {ahead}"


def _significance_words(result: Result) -> str:
    return verdict_words(result.q, more=result.difference is not None and result.difference.value > 0)


def table(answer: StudyAnswer) -> str:
    """A line of at most 40 columns for each horizon.

    Its columns are sessions, cases, share of positive outcomes, the interval of that share, the
    share on all days, and the mean outcome.
    """
    head = _ROW.format("after", "n", "up", "95% CI", "all", "mean")
    return "\n".join((head, *(_row(result) for result in answer.results)))


def _row(result: Result) -> str:
    usual = _share(result.base_rate)
    if result.rate is None or result.mean is None:
        return _ROW.format(result.horizon, result.n, "", "", usual, "")
    mean = formats.plain(result.mean.value, 2, signed=True)
    return _ROW.format(result.horizon, result.n, _share(result.rate.value), _range(result.rate), usual, mean)


def _share(share: float | None) -> str:
    return formats.NOTHING if share is None else formats.share(100 * share)


def _range(interval: Interval) -> str:
    """Without its sign, which the heading of the column or the figure before it has."""
    return interval_words(interval).removesuffix("%")


def fields(question: StudyQuestion, answer: StudyAnswer, signal: Signal) -> tuple[Field, ...]:
    """Worst cases, both eras, and how to read the table; empty fields are left out."""
    candidates = (
        Field("Worst case", "\n".join(_worst(answer))),
        Field("Before 2020 and since", "\n".join(_eras(question, answer.results))),
        Field("How to read it", " ".join(_remarks(answer, signal))),
    )
    return tuple(field for field in candidates if field.value)


def _worst(answer: StudyAnswer) -> Iterator[str]:
    unit = "%" if answer.outcome.unit == "%" else " points"
    for result in answer.results:
        if result.worst is not None and result.worst_on is not None:
            value = formats.plain(result.worst, 1, signed=True)
            ahead = formats.counted(result.horizon, "session")
            yield f"{value}{unit} in {ahead} from {formats.short_day(result.worst_on, year=True)}"


def _eras(question: StudyQuestion, results: Sequence[Result]) -> Iterator[str]:
    result = next(result for result in results if result.horizon == question.horizon)
    for era in result.eras:
        if era.rate is not None:
            rate = f"{formats.share(100 * era.rate.value)} of {era.n:,} ({_range(era.rate)})"
            yield f"{formats.capitalised(era.name)}: {rate}, vs {_share(era.base_rate)}"


def _remarks(answer: StudyAnswer, signal: Signal) -> Iterator[str]:
    yield "n counts episodes: each begins on the first session on which the condition holds and ends with its outcome."
    small = [result.horizon for result in answer.results if result.sample and result.n_known >= FEWEST]
    few = [result.horizon for result in answer.results if result.n_known < FEWEST]
    if small:
        yield f"Small sample over {formats.listed([str(horizon) for horizon in small])} sessions."
    if few:
        yield f"Under {FEWEST} known cases no figure is given."
    unit = "%" if answer.outcome.unit == "%" else "percentage points"
    yield (
        f"up: share of cases above zero, with its 95% interval; all: the same from every session; "
        f"mean: of the outcomes, in {unit}."
    )
    significant = [result for result in answer.results if result.q is not None and result.q <= FALSE_SHARE]
    tests = formats.counted(len(answer.results), "test")
    horizons = formats.listed([str(result.horizon) for result in significant])
    passing = "no difference passes"
    if significant:
        passing = f"after {horizons} session{'' if horizons == '1' else 's'} the difference passes"
    yield f"{tests}: {passing} at a {100 * FALSE_SHARE:.0f}% false discovery rate (q, Benjamini–Hochberg)."
    if any(name.startswith("group:") for name in signal.inputs):
        yield f"Its past has today's members alone, without those that have failed since: {SURVIVORSHIP}."
