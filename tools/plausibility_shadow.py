"""Replays a market pack as if live and counts what each rule of plausibility doubts: `python -m tools.plausibility_shadow PACK`.

The thresholds of `bot.ingest.plausibility` rest on this table. Each session is judged on its own
evening against what was believed before, once without any evidence and once with that of the
evening (twins, members, sector and market), and again a session later. The closes of a pack are
today's, without the source's mistakes, so whatever stays doubted is a false doubt unless the pack
itself is wrong.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from bot.archive.bar_history import BarHistory
from bot.archive.date_encoding import Days, Floats, ordinals
from bot.archive.ordinary_moves import WINDOW
from bot.domain.doubt import DoubtRule
from bot.ingest.plausibility import adjustments, bands, whole_answer
from bot.ingest.plausibility import believed_closes as close_rules
from bot.ingest.plausibility.ticker_answer import ClosesDoubt, TickerAnswer, TickerVerdict
from bot.ingest.plausibility.twins import Member, View
from signals.core.instruments import Instrument, InstrumentKind, instrument
from tools.pack_frames import read_frames

EVENING, DAY_AFTER = "that evening", "a session later"


@dataclass(frozen=True, slots=True)
class Pack:
    """Closes of a pack: days x tickers, NaN where there is none."""

    days: Days
    instruments: tuple[Instrument, ...]
    closes: Floats
    adj: Floats
    members: Mapping[str, Member]
    series: pd.DataFrame

    def column(self, ticker: str) -> int:
        """The column of a ticker."""
        return [own.ticker for own in self.instruments].index(ticker)

    def closes_on(self, day: int) -> Mapping[str, float]:
        """The closes of a day."""
        row = self.closes[int(np.searchsorted(self.days, day))]
        return {own.ticker: float(close) for own, close in zip(self.instruments, row, strict=True) if close == close}


def read(folder: Path) -> Pack:
    """Read the pack of a folder."""
    frames = read_frames(folder)
    rows = frames.universe[["ticker", "sector", "groups"]].itertuples(index=False)
    return Pack(
        ordinals(pd.DatetimeIndex(frames.close.index)),
        tuple(map(instrument, frames.close.columns)),
        frames.close.to_numpy(),
        frames.adjusted.reindex(columns=frames.close.columns).to_numpy(),
        {ticker: Member(sector, tuple(groups.split())) for ticker, sector, groups in rows},
        frames.series,
    )


@dataclass
class Shadow:
    """What was doubted: (day, ticker) -> rule, before evidence, with that of the evening, a session later.

    `lifted`: what made a doubted bar credible.
    """

    pack: Pack
    before: dict[tuple[int, str], DoubtRule] = field(default_factory=dict)
    evening: dict[tuple[int, str], DoubtRule] = field(default_factory=dict)
    later: dict[tuple[int, str], DoubtRule] = field(default_factory=dict)
    lifted: dict[tuple[int, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._histories = []
        for column in range(len(self.pack.instruments)):
            there = ~np.isnan(self.pack.closes[:, column])
            closes = self.pack.closes[there, column]
            self._histories.append(BarHistory(self.pack.days[there], closes, closes))

    def run(self) -> None:
        """Replay every session."""
        for at in range(1, len(self.pack.days)):
            self._session(at)

    def _session(self, at: int) -> None:
        day = int(self.pack.days[at])
        parts = list(self.parts(at, rows=1))
        for part in parts:
            if not close_rules.needs_judging(part, frozenset(), frozenset()):
                continue
            alone = close_rules.judge(part, View({}, (), lambda _: {}, {})).doubts
            if alone:
                self.before[day, part.instrument.ticker] = alone[0].rule
        verdicts = whole_answer.judge(parts, self.pack.closes_on, lambda: self.pack.members)
        self._record(verdicts, day, self.evening)
        for part in parts:
            said = verdicts[part.instrument.ticker].evidence.get(day)
            if said is not None:
                self.lifted[day, part.instrument.ticker] = said
        again = [name for (when, name) in self.evening if when == day]
        if again and at + 1 < len(self.pack.days):
            following = list(self.parts(at + 1, rows=2))
            self._record(
                whole_answer.judge(following, self.pack.closes_on, lambda: self.pack.members),
                day,
                self.later,
                set(again),
            )

    def _record(
        self,
        verdicts: Mapping[str, TickerVerdict],
        day: int,
        into: dict[tuple[int, str], DoubtRule],
        only: set[str] | None = None,
    ) -> None:
        for name, verdict in verdicts.items():
            for doubt in verdict.doubts:
                if (only is None or name in only) and self._day(verdict, doubt, day):
                    into[day, name] = doubt.rule

    def _day(self, verdict: TickerVerdict, doubt: ClosesDoubt, day: int) -> bool:
        # With two rows the first is the day in question; the last row is judged on its own evening.
        return doubt.position == 0 or len(verdict.believed) == 1

    def parts(self, at: int, rows: int) -> Iterator[TickerAnswer]:
        """The tickers with a close on a day, the newest `rows` of them as the answer, those before as stored."""
        day = int(self.pack.days[at])
        for own, history in zip(self.pack.instruments, self._histories, strict=True):
            end = int(history.days.searchsorted(day, side="right"))
            cut = end - rows
            if cut > 0 and history.days[end - 1] == day:
                yield TickerAnswer(
                    own, _slice(history, cut, end), _slice(history, max(0, cut - WINDOW - 1), cut), "pack"
                )


def _slice(history: BarHistory, begin: int, end: int) -> BarHistory:
    return BarHistory(history.days[begin:end], history.closes[begin:end], history.adj[begin:end])


def _group(own: Instrument, members: Mapping[str, Member]) -> str:
    if own.kind is InstrumentKind.FUTURE:
        return "futures"
    return "members" if own.ticker in members else "others" if own.ticker in _COMPANIES else "index and ETF"


_COMPANIES = {"ARES", "BNY", "CASY", "CIEN", "COHR", "CRH", "CVNA", "ECHO", "EME", "FERG"} | {
    *("FISV", "FIX", "FLEX", "HOOD", "IBKR", "MRSH", "Q", "VEEV", "VRT"),
}
"""Companies of the pack outside its universe; what else is outside is a fund or an index."""


def main(folder: str) -> None:
    """Print the table, then each doubt on an index, fund or future and each that stays."""
    pack = read(Path(folder))
    shadow = Shadow(pack)
    shadow.run()
    groups = {own.ticker: _group(own, pack.members) for own in pack.instruments}
    bars = Counter(
        {
            group: int(
                sum(
                    (~np.isnan(pack.closes[:, at])).sum()
                    for at, own in enumerate(pack.instruments)
                    if groups[own.ticker] == group
                )
            )
            for group in dict.fromkeys(groups.values())
        }
    )
    print(f"{'rule':<12} {'group':<16} {'bars':>10} {'alone':>8} {EVENING:>14} {DAY_AFTER:>16} {'per 20,000':>11}")
    for group in bars:
        for rule in (*DoubtRule, None):
            counts = [
                sum(1 for (_, name), own in doubts.items() if groups[name] == group and rule in (own, None))
                for doubts in (shadow.before, shadow.evening, shadow.later)
            ]
            if counts[0] or rule is None:
                share = 20_000 * counts[2] / bars[group]
                print(
                    f"{rule or 'all':<12} {group:<16} {bars[group]:>10,} {counts[0]:>8,} {counts[1]:>14,} "
                    f"{counts[2]:>16,} {share:>11.3f}"
                )
    _list(shadow, groups)
    _adjusted(pack)
    _series(pack)


def _list(shadow: Shadow, groups: Mapping[str, str]) -> None:
    for key, rule in sorted(shadow.before.items()):
        name = key[1]
        if rule is DoubtRule.UNCHANGED and key not in shadow.evening:
            continue
        if groups[name] in ("index and ETF", "futures") or key in shadow.later:
            state = "STAYS" if key in shadow.later else "evening" if key in shadow.evening else "lifted"
            print(f"{date.fromordinal(key[0])} {name:<6} {rule:<10} {state:<8} {shadow.lifted.get(key, '')}")


def _adjusted(pack: Pack) -> None:
    """Changes of the ratio of adjusted to raw closes that no distribution can make.

    A pack has no actions, so each change that could be one passes for one.
    """
    steps = 0
    for column, own in enumerate(pack.instruments):
        rows = BarHistory(pack.days, pack.closes[:, column], pack.adj[:, column])
        rows = rows.where(~np.isnan(rows.closes) & ~np.isnan(rows.adj))
        if len(rows.days) < 2 or (rows.closes <= 0).any():
            continue
        change = (rows.adj / rows.closes)[:-1] / (rows.adj / rows.closes)[1:]
        paid = [
            (int(rows.days[at + 1]), float((1 - change[at]) * rows.closes[at]))
            for at in np.flatnonzero(change < 1 - adjustments.TOLERANCE / 2)
        ]
        steps += len(paid)
        found = adjustments.finding(rows, paid)
        if found is not None:
            print(
                f"{date.fromordinal(found.day)} {own.ticker:<6} adjusted   {found.change:.4f}, expected {found.expected:.4f}"
            )
    print(f"adjusted closes: {steps:,} distributions")


def _series(pack: Pack) -> None:
    for name in pack.series.columns:
        values = pack.series[name].dropna()
        for day, value in values.items():
            sentence = bands.of_value(str(name), float(value))
            if sentence is not None:
                print(f"{str(day)[:10]} series     {sentence}")


if __name__ == "__main__":
    main(sys.argv[1])
