"""What a study says, in words and as a table for a phone: a verdict first, then every horizon, then what one must know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.commands.market.comparables import NAMES
from bot.commands.reply import Field
from bot.event_study.model import StudyAnswer, StudyQuestion
from bot.formatting import formats
from signals.core.model import Signal
from signals.event_study import FALSE_SHARE, FEWEST, Interval, Outcome, Result

_ROW = "{0:>5}{1:>5}{2:>6}{3:>7}{4:>6}{5:>7}"
_INDICES = {"^IXIC": "the Nasdaq", "^DJI": "the Dow Jones"}


def outcome_words(outcome: Outcome) -> str:
    """`the Nasdaq`, `RSP less SPY`."""
    if outcome.second is not None:
        return f"{outcome.first} less {outcome.second}"
    name = NAMES.get(outcome.first, "")
    return _INDICES.get(outcome.first) or (f"the {name}" if name and outcome.first.startswith("^") else outcome.first)


def verdict(question: StudyQuestion, answer: StudyAnswer) -> str:
    """`After such days the Nasdaq rose the next day in 53 % of 72 cases (41-64); after any day in 55 %: ...` and whether that can
    be told from chance, for the horizon that was asked for."""
    result = next(each for each in answer.results if each.horizon == question.horizon)
    did = _did(answer.outcome, result.horizon)
    if result.rate is None or result.base_rate is None:
        known = formats.counted(result.n_known, "case")
        return f"{known} with a known outcome {'is' if result.n_known == 1 else 'are'} too few to say how often {did}."
    share, usual = formats.share(100 * result.rate.value), formats.share(100 * result.base_rate)
    cases = formats.counted(result.n, "case")
    return f"After such days {did} in {share} of {cases} ({_range(result.rate)}); after any day in {usual}: {_told(result)}."


def _did(outcome: Outcome, horizon: int) -> str:
    ahead = "the next day" if horizon == 1 else f"within {horizon} sessions"
    if outcome.second is not None:
        return f"{outcome.first} beat {outcome.second} {ahead}"
    return f"{outcome_words(outcome)} rose {ahead}"


def _told(result: Result) -> str:
    if result.q is None or result.q > FALSE_SHARE or result.difference is None:
        return "no difference that can be told from chance"
    return f"{'more' if result.difference.value > 0 else 'less'} often than chance explains"


def table(answer: StudyAnswer) -> str:
    """A line for each horizon, at most 40 columns: sessions, cases, share of positive outcomes, its interval, what is usual, and
    the mean outcome."""
    head = _ROW.format("after", "n", "up", "95 %", "usual", "mean")
    return "\n".join((head, *(_row(result) for result in answer.results)))


def _row(result: Result) -> str:
    usual = _share(result.base_rate)
    if result.rate is None or result.mean is None:
        return _ROW.format(result.horizon, result.n, "", "", usual, "")
    mean = formats.plain(result.mean.value, 2, signed=True)
    return _ROW.format(result.horizon, result.n, _share(result.rate.value), _range(result.rate), usual, mean)


def _share(share: float | None) -> str:
    return formats.NOTHING if share is None else formats.share(100 * share)


def _range(found: Interval) -> str:
    return f"{100 * found.low:.0f}–{100 * found.high:.0f}"


def fields(question: StudyQuestion, answer: StudyAnswer, signal: Signal) -> tuple[Field, ...]:
    """Worst cases, both eras, and how to read the table; fields that have nothing to say are left out."""
    found = (
        Field("Worst case", "\n".join(_worst(answer))),
        Field("Before 2020 and since", "\n".join(_eras(question, answer.results))),
        Field("How to read it", " ".join(_remarks(answer, signal))),
    )
    return tuple(field for field in found if field.value)


def _worst(answer: StudyAnswer) -> Iterator[str]:
    unit = f"{formats.THIN}%" if answer.outcome.unit == "%" else " points"
    for result in answer.results:
        if result.worst is not None and result.worst_on is not None:
            value = formats.plain(result.worst, 1, signed=True)
            ahead = formats.counted(result.horizon, "session")
            yield f"{value}{unit} in {ahead} from {formats.long_day(result.worst_on)} {result.worst_on.year}"


def _eras(question: StudyQuestion, results: Sequence[Result]) -> Iterator[str]:
    result = next(each for each in results if each.horizon == question.horizon)
    for era in result.eras:
        if era.rate is not None:
            rate = f"{formats.share(100 * era.rate.value)} of {era.n:,} ({_range(era.rate)})"
            yield f"{era.name[:1].upper()}{era.name[1:]}: {rate}, usual {_share(era.base_rate)}"


def _remarks(answer: StudyAnswer, signal: Signal) -> Iterator[str]:
    yield "n counts episodes: the first session on which it holds, and none before the outcome of the one before is complete."
    small = [result.horizon for result in answer.results if result.sample and result.n_known >= FEWEST]
    few = [result.horizon for result in answer.results if result.n_known < FEWEST]
    if small:
        yield f"Small sample over {formats.listed([str(each) for each in small])} sessions."
    if few:
        yield f"Under {FEWEST} known cases no figure is given."
    unit = "per cent" if answer.outcome.unit == "%" else "percentage points"
    yield (
        f"up: share of cases above zero, with its 95{formats.THIN}% interval; usual: the same from every session; "
        f"mean: of the outcomes, in {unit}."
    )
    told = [each for each in answer.results if each.q is not None and each.q <= FALSE_SHARE]
    tests = formats.counted(len(answer.results), "test")
    which = formats.listed([str(each.horizon) for each in told])
    chance = f"over {which} sessions the difference passes" if told else "no difference passes"
    yield f"{tests}: {chance} at {100 * FALSE_SHARE:.0f}{formats.THIN}% false findings (Benjamini and Hochberg)."
    if any(name.startswith("group:") for name in signal.inputs):
        yield "Made of today's members also in the past: those that failed since are missing."
