"""The stage between sources and archive: what of an answer is stored, what is doubted, what is asked again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from bot.archive.archive import Archive
from bot.archive.date_encoding import ordinals
from bot.calendar.clock import Calendar
from bot.domain.doubt import Doubt, DoubtKind, DoubtRule, DoubtState
from bot.domain.fetched import Fetched
from bot.ingest.plausibility import adjustments, bars, figures
from bot.ingest.plausibility.decisions import still_follows
from bot.ingest.plausibility.jumps import is_never_believed, move
from bot.ingest.plausibility.twins import Corroboration, View, corroborate
from signals.core.instruments import instrument


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is thought of an answer.

    Attributes:
        believed: What may be stored as fact.
        doubts: Doubts as they are now, new ones and earlier ones that this answer decides.
        withheld: The days of tickers and series whose figures are not believed and not stored, by name.
    """

    believed: Fetched
    doubts: tuple[Doubt, ...] = ()
    withheld: Mapping[str, frozenset[date]] = field(default_factory=dict)


def judge(archive: Archive, fetched: Fetched, calendar: Calendar, off: Collection[str] = ()) -> Judgement:
    """Judge an answer against the archive. Nothing is written.

    Args:
        archive: What is stored so far.
        fetched: What a source gave.
        calendar: The calendar of sessions.
        off: Names of rules that are switched off.
    """
    rules_off = frozenset(map(DoubtRule, off))
    judged = bars.judge(archive, fetched, calendar, rules_off)
    series = figures.of_series(archive, fetched, rules_off)
    records = figures.of_records(archive, fetched, rules_off)
    # A ticker without any believed bar was asked for all the same: what comes later comes late.
    missing = {name: "its bar is doubted" for name in judged.withheld if name not in judged.bars}
    believed = replace(
        fetched,
        bars=judged.bars,
        observations=series.frames,
        records=records.frames,
        missing={**fetched.missing, **missing},
    )
    released = _released(archive, believed) if fetched.bars else {}
    return Judgement(
        replace(believed, bars={**believed.bars, **{name: frame for name, (_, frame) in released.items()}}),
        (*judged.doubts, *series.doubts, *records.doubts, *(doubt for doubt, _ in released.values())),
        {**judged.withheld, **series.withheld},
    )


def judge_quotes(archive: Archive, fetched: Fetched, off: Collection[str] = ()) -> Fetched:
    """Prices of the running session with the doubts about them. Nothing is stored of either."""
    rules_off = frozenset(map(DoubtRule, off))
    dividends = fetched.dividends
    if DoubtRule.ADJUSTED not in rules_off:
        dividends = {ticker: paid for ticker, paid in dividends.items() if _may_pay(archive, fetched, ticker)}
    return replace(fetched, dividends=dividends, doubts=bars.quote_doubts(archive, fetched, rules_off))


def _may_pay(archive: Archive, fetched: Fetched, ticker: str) -> bool:
    """Whether the distribution of the running session is one that may be taken off earlier adjusted closes."""
    stored, quote = archive.tail(ticker, 1), fetched.bars.get(ticker)
    if quote is None or not len(stored.days):
        return False
    return adjustments.is_credible(
        float(fetched.dividends[ticker].sum()), float(stored.closes[-1]), float(quote["close"].iloc[-1])
    )


def _released(archive: Archive, believed: Fetched) -> dict[str, tuple[Doubt, pd.DataFrame]]:
    """Bars withheld before that the twins among this answer bear out: ticker -> the doubt, decided, and the bars."""
    waiting = [
        stored.doubt
        for stored in archive.doubts()
        if stored.doubt.kind is DoubtKind.PRICE and stored.doubt.held and stored.doubt.before_day is not None
    ]
    waiting = [
        doubt for doubt in waiting if doubt.subject not in believed.bars and doubt.subject not in believed.missing
    ]
    if not waiting:
        return {}
    claims = {
        ticker: dict(zip(ordinals(pd.DatetimeIndex(frame.index)).tolist(), frame["close"].tolist(), strict=True))
        for ticker, frame in believed.bars.items()
    }
    view = View(claims, (), bars.closes_of(archive), bars.members_of(archive))
    result: dict[str, tuple[Doubt, pd.DataFrame]] = {}
    for doubt in waiting:
        words = _borne_out(doubt, view)
        if words is not None and still_follows(archive, doubt):
            decided = replace(doubt, state=DoubtState.BELIEVED, evidence=words, held=())
            result[doubt.subject] = decided, bars.frame_of(doubt.held)
    return result


def _borne_out(doubt: Doubt, view: View) -> str | None:
    """What the twins of a doubted bar say for it, or None."""
    if doubt.before is None or doubt.before_day is None or doubt.rule in (DoubtRule.IDENTITY, DoubtRule.NO_ANSWER):
        return None
    if is_never_believed(doubt.before, doubt.value):
        return None
    claimed = move(doubt.before, doubt.value)
    before_day, day = doubt.before_day.toordinal(), doubt.day.toordinal()
    corroboration, words = corroborate(instrument(doubt.subject), doubt.rule, before_day, day, claimed, view)
    return words if corroboration is Corroboration.AGREE else None
