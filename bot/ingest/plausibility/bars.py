"""Bars of an answer: from a source's frames to verdicts, and from verdicts to what is stored and doubted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd

from bot.archive.archive import Archive
from bot.archive.bar_history import BarHistory
from bot.archive.date_encoding import dates
from bot.archive.ordinary_moves import WINDOW
from bot.archive.tables.price_tables import from_frame
from bot.archive.unapplied_splits import on_one_scale
from bot.archive.write_batch import events, final_rows, split_events
from bot.calendar.clock import Calendar
from bot.domain.doubt import Doubt, DoubtKind, DoubtRule, DoubtState, HeldRow, StoredDoubt
from bot.domain.fetched import Fetched
from bot.ingest.plausibility import adjustments, sentences, whole_answer
from bot.ingest.plausibility.identity import mistaken
from bot.ingest.plausibility.ticker_answer import ClosesDoubt, Decided, TickerAnswer, TickerVerdict
from bot.ingest.plausibility.twins import Member
from signals import catalogue
from signals.core.instruments import REFERENCE_TICKERS, Instrument, instrument, own_instrument

MOST_DOUBTS = 5
"""Most doubts about bars of one ticker in one answer: of a whole history in another unit a few tell all."""
MOST_HELD = 40
"""Most bars that one doubt keeps. What is not kept is asked for again."""

GONE_ON = "later figures are stored without it"


@dataclass
class JudgedBars:
    """Frames of believed bars, doubts as they are now, and the days of each ticker whose bar is withheld."""

    bars: dict[str, pd.DataFrame] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    withheld: dict[str, frozenset[date]] = field(default_factory=dict)


def judge(archive: Archive, fetched: Fetched, calendar: Calendar, off: frozenset[DoubtRule]) -> JudgedBars:
    """Judge the final bars of an answer. Adjusted closes that are not believed are made anew."""
    result = JudgedBars()
    earlier = _by_subject(archive.doubts_about(fetched.bars))
    frames, expected = dict(fetched.bars), expectations(archive)
    if DoubtRule.IDENTITY not in off:
        for doubt in _strangers(fetched, calendar, earlier, expected):
            result.doubts.append(doubt)
            if doubt.state is not DoubtState.ACCEPTED:
                rows = from_frame(final_rows(frames.pop(doubt.subject), fetched, calendar))
                result.withheld[doubt.subject] = _absent(archive.tail(doubt.subject, len(rows.days)), rows)
    parts = [
        part
        for ticker, frame in frames.items()
        if (
            part := _part(
                archive, fetched, expected(ticker), final_rows(frame, fetched, calendar), earlier.get(ticker, ())
            )
        )
    ]
    verdicts = whole_answer.judge(parts, closes_of(archive), lambda: members_of(archive), off, _repeated(archive))
    for part in parts:
        verdict = verdicts[part.instrument.ticker]
        _add(result, part, verdict, earlier.get(part.instrument.ticker, ()))
        rows = part.rows.where(verdict.believed)
        if DoubtRule.ADJUSTED not in off and part.instrument.ticker in fetched.dividends:
            paid = events(fetched.dividends[part.instrument.ticker])
            own = [stored.doubt for stored in earlier.get(part.instrument.ticker, ())]
            rows, doubts = adjustments.judge(part, rows, paid, own)
            result.doubts += doubts
        if len(rows.days):
            result.bars[part.instrument.ticker] = to_frame(rows)
    return result


def quote_doubts(archive: Archive, fetched: Fetched, off: frozenset[DoubtRule]) -> dict[str, str]:
    """Ticker -> why its price of the running session is not believed."""
    expected = expectations(archive)
    doubts = {
        ticker: reason
        for ticker, given in fetched.identities.items()
        if DoubtRule.IDENTITY not in off and (reason := mistaken(expected(ticker), given)) is not None
    }
    parts = [
        part
        for ticker, frame in fetched.bars.items()
        if ticker not in doubts and (part := _part(archive, fetched, expected(ticker), frame, ()))
    ]
    verdicts = whole_answer.judge(parts, closes_of(archive), lambda: members_of(archive), off)
    for part in parts:
        for closes_doubt in verdicts[part.instrument.ticker].doubts:
            doubts[part.instrument.ticker] = _sentence(part, closes_doubt)
    return doubts


def expectations(archive: Archive) -> Callable[[str], Instrument]:
    """From a ticker to what is expected of it: much of those that the catalogue needs, little of people's own."""
    # Contracts on the Fed's rate are of the built-in ones as well; there are others each month.
    listed = {*catalogue.tickers(), *REFERENCE_TICKERS, *archive.members()}

    def expected(ticker: str) -> Instrument:
        built_in = ticker in listed or ticker.endswith(".CBT")
        return instrument(ticker) if built_in else own_instrument(ticker)

    return expected


def closes_of(archive: Archive) -> whole_answer.StoredCloses:
    """The archive's closes by ordinal day."""
    return lambda day: archive.closes_on(date.fromordinal(day))


def members_of(archive: Archive) -> dict[str, Member]:
    """The members of the newest universe by ticker."""
    universe = archive.universe()
    rows = zip(universe["ticker"], universe["sector"], universe["groups"].fillna(""), strict=True)
    return {str(ticker): Member(str(sector), tuple(str(groups).split())) for ticker, sector, groups in rows}


def to_frame(rows: BarHistory) -> pd.DataFrame:
    """Bars as a source gives them."""
    return pd.DataFrame({"close": rows.closes, "adj_close": rows.adj}, index=dates(rows.days))


def frame_of(held: Sequence[HeldRow]) -> pd.DataFrame:
    """Withheld bars as a source gives them."""
    days, closes, adj = zip(*held, strict=True)
    filled = [np.nan if value is None else value for value in adj]
    return to_frame(BarHistory(np.array(days, dtype=np.int64), np.array(closes), np.array(filled)))


def _by_subject(doubts: Iterable[StoredDoubt]) -> dict[str, list[StoredDoubt]]:
    result: dict[str, list[StoredDoubt]] = {}
    for stored in doubts:
        result.setdefault(stored.doubt.subject, []).append(stored)
    return result


def _repeated(archive: Archive) -> dict[int, frozenset[str]]:
    """Ordinal day -> tickers whose repeated close of it is an open doubt."""
    result: dict[int, set[str]] = {}
    for stored in archive.doubts():
        if stored.doubt.rule is DoubtRule.NO_ANSWER:
            result.setdefault(stored.doubt.day.toordinal(), set()).add(stored.doubt.subject)
    return {day: frozenset(tickers) for day, tickers in result.items()}


def _strangers(
    fetched: Fetched,
    calendar: Calendar,
    earlier: Mapping[str, Sequence[StoredDoubt]],
    expected: Callable[[str], Instrument],
) -> Iterator[Doubt]:
    """Doubts about tickers whose answer is about something else."""
    for ticker, given in fetched.identities.items():
        reason = mistaken(expected(ticker), given)
        if reason is None or ticker not in fetched.bars:
            continue
        rows = from_frame(final_rows(fetched.bars[ticker], fetched, calendar))
        if not len(rows.days):
            continue
        before = [own.doubt for own in earlier.get(ticker, ()) if own.doubt.rule is DoubtRule.IDENTITY]
        accepted = any(own.state is DoubtState.ACCEPTED and own.sentence == reason for own in before)
        day = date.fromordinal(int(rows.days[-1]))
        yield Doubt(
            DoubtKind.PRICE,
            ticker,
            day,
            DoubtRule.IDENTITY,
            float(rows.closes[-1]),
            reason,
            fetched.source,
            state=DoubtState.ACCEPTED if accepted else DoubtState.OPEN,
        )


def _part(
    archive: Archive, fetched: Fetched, expected: Instrument, frame: pd.DataFrame, earlier: Sequence[StoredDoubt]
) -> TickerAnswer | None:
    ticker = expected.ticker
    splits = split_events(fetched.splits.get(ticker))
    given = from_frame(frame)
    if not len(given.days):
        return None
    stored = archive.tail(ticker, WINDOW + 1 + len(given.days))
    rows = on_one_scale(given, splits, stored)
    volumes = None
    if "volume" in frame:
        there = np.isfinite(frame["close"].to_numpy(dtype=float))
        volumes = frame["volume"].to_numpy(dtype=float)[there]
    first, last = int(rows.days[0]), int(rows.days[-1])
    decided = {
        doubted.doubt.day.toordinal(): Decided(doubted.doubt.value, doubted.doubt.source, doubted.doubt.state)
        for doubted in earlier
        if doubted.doubt.kind is DoubtKind.PRICE
        and doubted.doubt.rule is not DoubtRule.IDENTITY
        and first <= doubted.doubt.day.toordinal() <= last
    }
    paid = dict(events(fetched.dividends.get(ticker)))
    return TickerAnswer(expected, rows, stored, fetched.source, volumes, splits, decided, paid)


def _sentence(part: TickerAnswer, closes_doubt: ClosesDoubt) -> str:
    day, close = int(part.rows.days[closes_doubt.position]), float(part.rows.closes[closes_doubt.position])
    if closes_doubt.correction and closes_doubt.before_day == day:
        return sentences.of_correction(closes_doubt.before, close, date.fromordinal(day))
    return sentences.of_closes(
        closes_doubt.rule,
        closes_doubt.before,
        date.fromordinal(closes_doubt.before_day),
        close,
        date.fromordinal(day),
        closes_doubt.reason,
    )


def _add(result: JudgedBars, part: TickerAnswer, verdict: TickerVerdict, earlier: Sequence[StoredDoubt]) -> None:
    """Write down the doubts of a verdict, and what became of earlier ones."""
    ticker = part.instrument.ticker
    doubts = [_doubt(part, verdict, closes_doubt) for closes_doubt in _a_few(verdict.doubts)]
    result.doubts += doubts
    if absent := _absent(part.stored, part.rows.where(~verdict.believed)):
        result.withheld[ticker] = absent
    again = {doubt.key for doubt in doubts}
    for stored in earlier:
        own = stored.doubt
        if own.kind is DoubtKind.PRICE and own.state is DoubtState.OPEN and own.key not in again:
            closed = _closed(own, part, verdict)
            if closed is not None:
                result.doubts.append(closed)


def _absent(stored: BarHistory, rows: BarHistory) -> frozenset[date]:
    """The days of rows that the archive has no bar of."""
    return frozenset(map(date.fromordinal, np.setdiff1d(rows.days, stored.days).tolist()))


def _a_few(doubts: Sequence[ClosesDoubt]) -> Sequence[ClosesDoubt]:
    return doubts if len(doubts) <= MOST_DOUBTS else (doubts[0], *doubts[1 - MOST_DOUBTS :])


def _doubt(part: TickerAnswer, verdict: TickerVerdict, closes_doubt: ClosesDoubt) -> Doubt:
    rows = part.rows
    # Where the whole answer is on another scale its rows are believed together or not at all.
    alone = bool(verdict.believed.any()) or len(verdict.doubts) > 1 or len(rows.days) == 1
    held = rows.where(np.arange(len(rows.days)) == closes_doubt.position) if alone else rows
    few = len(held.days) <= MOST_HELD and closes_doubt.state is DoubtState.OPEN
    adj = [None if value != value else value for value in held.adj.tolist()]
    return Doubt(
        DoubtKind.PRICE,
        part.instrument.ticker,
        date.fromordinal(int(rows.days[closes_doubt.position])),
        closes_doubt.rule,
        float(rows.closes[closes_doubt.position]),
        _sentence(part, closes_doubt),
        part.source,
        closes_doubt.before,
        date.fromordinal(closes_doubt.before_day),
        tuple(zip(held.days.tolist(), held.closes.tolist(), adj, strict=True)) if few else (),
        closes_doubt.state,
        "the next session did not trade there" if closes_doubt.state is DoubtState.REFUTED else "",
    )


def _closed(own: Doubt, part: TickerAnswer, verdict: TickerVerdict) -> Doubt | None:
    """An earlier doubt as this answer leaves it, or None where it says nothing of that day."""
    day = own.day.toordinal()
    days = part.rows.days
    if own.rule is DoubtRule.IDENTITY:
        return replace(
            own, state=DoubtState.REPLACED, evidence="the source gives the ticker that was asked for", held=()
        )
    if day < int(days[0]) and len(part.stored.days) and part.stored.days[-1] > day:
        return replace(own, state=DoubtState.REFUTED, evidence=GONE_ON, held=())
    if not int(days[0]) <= day <= int(days[-1]):
        return None
    at = int(np.searchsorted(days, day))
    if days[at] != day:
        return replace(own, state=DoubtState.REPLACED, evidence="the source no longer gives it", held=())
    if not verdict.believed[at]:
        return None
    close = float(part.rows.closes[at])
    if Decided(own.value, own.source, own.state).is_about(close):
        evidence = verdict.evidence.get(day, "it fits what is stored by now")
        return replace(own, state=DoubtState.BELIEVED, evidence=evidence, held=())
    return replace(own, state=DoubtState.REPLACED, evidence=f"the source gives {close:g} by now", held=())
