"""Figures that are no bars: observations of series, funds, summed option chains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from bot.archive.archive import Archive
from bot.domain.doubt import Doubt, DoubtKind, DoubtRule, DoubtState, StoredDoubt
from bot.domain.fetched import Fetched
from bot.ingest.plausibility import bands, series_moves
from bot.ingest.plausibility.bars import GONE_ON
from bot.ingest.plausibility.jumps import is_never_believed, move, trades_there
from bot.ingest.plausibility.twins import AGREES_WITHIN

MOST_DOUBTS = 5
"""Most doubts about one subject in one answer."""
NEIGHBOURS = timedelta(days=5)
"""Fund figures further apart than a long weekend are not held against each other."""
SAME_FIGURE = 1e-6


@dataclass
class JudgedFigures:
    """Frames by name without the rows that are not believed, doubts as they are now, and the days of those rows."""

    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    withheld: dict[str, frozenset[date]] = field(default_factory=dict)


def of_series(archive: Archive, fetched: Fetched, off: frozenset[DoubtRule]) -> JudgedFigures:
    """Hold observations against the bands of their series, and against what is stored of them."""
    result = JudgedFigures(dict(fetched.observations))
    if DoubtRule.SERIES in off:
        return result
    earlier = _Earlier(archive.doubts_about(fetched.observations), DoubtKind.SERIES)
    for name, frame in fetched.observations.items():
        if not len(frame):
            continue
        values = frame["value"].to_numpy(dtype=float).tolist()
        days = [pd.Timestamp(day).date() for day in frame.index]
        reasons = _of_values(name, days, values, archive.observations_since(name, min(days) - NEIGHBOURS))
        doubts = [
            Doubt(DoubtKind.SERIES, name, days[at], DoubtRule.SERIES, values[at], reason, fetched.source)
            for at, reason in sorted(reasons.items(), key=lambda item: days[item[0]])
        ]
        believed = {day: values[at] for at, day in enumerate(days) if at not in reasons}
        inside = set(days) - {days[at] for at in reasons}
        refused = [_gone_on(doubt, inside) for doubt in earlier.refused(doubts)]
        result.doubts += refused[-MOST_DOUBTS:]
        result.doubts += earlier.closed(name, inside, believed)
        refused_days = frozenset(doubt.day for doubt in refused)
        if refused_days:
            result.withheld[name] = refused_days
            result.frames[name] = frame[[day not in refused_days for day in days]]
    return result


def _of_values(name: str, days: list[date], values: list[float], stored: Mapping[date, float]) -> dict[int, str]:
    """Position -> why a value is not believed."""
    known = [at for at, value in enumerate(values) if np.isfinite(value)]
    outside = {at: reason for at in known if (reason := bands.of_value(name, values[at])) is not None}
    inside = [at for at in known if at not in outside]
    moves = series_moves.doubted(name, [days[at] for at in inside], [values[at] for at in inside], stored)
    return outside | {inside[at]: reason for at, reason in moves.items()}


def of_records(archive: Archive, fetched: Fetched, off: frozenset[DoubtRule]) -> JudgedFigures:
    """Judge rows of funds and of option chains."""
    result = JudgedFigures(dict(fetched.records))
    judges = (
        ("funds", DoubtRule.FUNDS, DoubtKind.FUNDS, _funds),
        ("options", DoubtRule.CHAINS, DoubtKind.OPTIONS, _chains),
    )
    for name, rule, kind, judge in judges:
        frame = fetched.records.get(name)
        if frame is None or rule in off or not len(frame):
            continue
        subjects = frame["ticker" if name == "funds" else "symbol"].unique().tolist()
        earlier = _Earlier(archive.doubts_about(subjects), kind)
        doubts_by_row = dict(judge(archive, frame, fetched.source, earlier))
        refused = {doubt.key for doubt in earlier.refused(list(doubts_by_row.values()))}
        dropped = [at for at, doubt in doubts_by_row.items() if doubt.key in refused]
        kept = np.ones(len(frame), dtype=bool)
        kept[dropped] = False
        result.frames[name] = frame[kept] if dropped else frame
        by_subject: dict[str, list[Doubt]] = {}
        for at in dropped:
            by_subject.setdefault(doubts_by_row[at].subject, []).append(earlier.as_decided(doubts_by_row[at]))
        for subject in subjects:
            believed = _days_of(result.frames[name], subject)
            doubts = [_gone_on(doubt, believed) for doubt in by_subject.get(subject, ())]
            result.doubts += (*doubts[-MOST_DOUBTS:], *earlier.closed(subject, believed))
    return result


def _gone_on(doubt: Doubt, believed: set[date]) -> Doubt:
    """An open doubt as refuted where later figures of its subject are believed."""
    if doubt.state is DoubtState.OPEN and any(day > doubt.day for day in believed):
        return replace(doubt, state=DoubtState.REFUTED, evidence=GONE_ON)
    return doubt


def _is_about(doubt: Doubt, value: float) -> bool:
    return abs(value - doubt.value) <= SAME_FIGURE * abs(doubt.value)


def _borne_out(doubt: Doubt) -> Doubt:
    return replace(doubt, state=DoubtState.BELIEVED, evidence="the next value stays there")


def _days_of(frame: pd.DataFrame, subject: str) -> set[date]:
    column = "ticker" if "ticker" in frame else "symbol"
    return {pd.Timestamp(day).date() for day in frame.loc[frame[column] == subject, "date"]}


class _Earlier:
    """Earlier doubts of one kind, by what they are about."""

    def __init__(self, stored: list[StoredDoubt], kind: DoubtKind) -> None:
        self._by_key = {own.doubt.key: own.doubt for own in stored if own.doubt.kind is kind}

    def as_decided(self, doubt: Doubt) -> Doubt:
        """The doubt in the state in which the same figure was left before."""
        before = self._by_key.get(doubt.key)
        same = before is not None and _is_about(doubt, before.value)
        if before is None or not same or before.state is DoubtState.REPLACED:
            return doubt
        return replace(doubt, state=before.state, evidence=before.evidence)

    def refused(self, doubts: list[Doubt]) -> list[Doubt]:
        """Those that the operator has not accepted."""
        decided = map(self.as_decided, doubts)
        return [doubt for doubt in decided if doubt.state not in (DoubtState.ACCEPTED, DoubtState.BELIEVED)]

    def last_refused(self, subject: str, before: date) -> date | None:
        """The newest day before another whose figures were not believed, or None."""
        refused = (DoubtState.OPEN, DoubtState.REFUTED, DoubtState.REJECTED)
        own = (doubt for doubt in self._by_key.values() if doubt.subject == subject and doubt.state in refused)
        return max((doubt.day for doubt in own if doubt.day < before), default=None)

    def closed(self, subject: str, believed: set[date], values: Mapping[date, float] | None = None) -> list[Doubt]:
        """Open doubts about days of which the source gives another figure by now, or later ones alone, or, by `values`, the
        same one and a next one that bears it out.
        """
        own = [doubt for doubt in self._by_key.values() if doubt.subject == subject and doubt.state is DoubtState.OPEN]
        replaced = "the source gives another figure by now"
        decided = [
            _borne_out(doubt)
            if values is not None and doubt.day in believed and _is_about(doubt, values[doubt.day])
            else replace(doubt, state=DoubtState.REPLACED, evidence=replaced)
            if doubt.day in believed
            else _gone_on(doubt, believed)
            for doubt in own
        ]
        return [doubt for doubt in decided if doubt.state is not DoubtState.OPEN]


def _chains(archive: Archive, frame: pd.DataFrame, source: str, earlier: _Earlier) -> Iterator[tuple[int, Doubt]]:
    for at, row in enumerate(frame.to_dict("records")):
        doubt = bands.of_chain({column: row.get(column) for column in bands.CHAIN})
        if doubt is not None:
            _, value, reason = doubt
            day, symbol = pd.Timestamp(row["date"]).date(), str(row["symbol"])
            yield at, Doubt(DoubtKind.OPTIONS, symbol, day, DoubtRule.CHAINS, value, reason, source)


@dataclass(frozen=True, slots=True)
class _FundDay:
    day: date
    nav: float
    shares: float
    at: int = -1


def _funds(archive: Archive, frame: pd.DataFrame, source: str, earlier: _Earlier) -> Iterator[tuple[int, Doubt]]:
    """Rows of funds that do not follow from those before, each held against the last that is believed."""
    table = pd.DataFrame(
        {
            "ticker": frame["ticker"].astype(str).to_numpy(),
            "day": pd.to_datetime(frame["date"]).to_numpy(),
            "nav": frame["nav"].to_numpy(dtype=float) if "nav" in frame else np.nan,
            "shares": frame["shares_outstanding"].to_numpy(dtype=float) if "shares_outstanding" in frame else np.nan,
            "at": np.arange(len(frame)),
        }
    )
    table = table[table["nav"].notna()].sort_values(["ticker", "day"])
    for name, own in table.groupby("ticker"):
        ticker = str(name)
        rows = [
            _FundDay(pd.Timestamp(day).date(), float(nav), float(shares), int(at))
            for day, nav, shares, at in own[["day", "nav", "shares", "at"]].itertuples(index=False)
        ]
        before = archive.fund_before(ticker, rows[0].day)
        last = _FundDay(*before) if before is not None else None
        fund = _Fund(archive, ticker, is_stored=before is not None)
        refused = earlier.last_refused(ticker, rows[0].day)
        for row, following in zip(rows, (*rows[1:], None), strict=True):
            reason = fund.reason(last, row, following, refused)
            held = (last.nav, last.day) if last is not None else (None, None)
            doubt = Doubt(DoubtKind.FUNDS, ticker, row.day, DoubtRule.FUNDS, row.nav, reason or "", source, *held)
            if reason is not None:
                yield row.at, doubt
            if reason is None or not earlier.refused([doubt]):
                last = row
            else:
                refused = row.day


@dataclass(frozen=True, slots=True)
class _Fund:
    """A fund whose rows are judged. `is_stored`: earlier days are stored, so that its size is known."""

    archive: Archive
    ticker: str
    is_stored: bool

    def reason(
        self, last: _FundDay | None, row: _FundDay, following: _FundDay | None, refused: date | None
    ) -> str | None:
        """Why a row does not follow from the last one that is believed. `refused`: the newest day before that is not."""
        if last is None or not last.day < row.day:
            return None
        near = row.day - last.day <= NEIGHBOURS
        if not near and (refused is None or row.day - refused > NEIGHBOURS):
            return None
        reason = bands.of_fund(row.nav, row.shares, last.nav, last.shares, None if near else last.day)
        if reason is None or row.nav <= 0 or (self.is_stored and _is_never_believed(last, row)):
            return reason
        # Other figures that go on from refused ones are believed in the end: the fund has grown there.
        return reason if near and not self._is_borne_out(last, row, following) else None

    def _is_borne_out(self, last: _FundDay, row: _FundDay, following: _FundDay | None) -> bool:
        """Whether the fund's price makes the same move, or its next day stays there."""
        closes: list[Mapping[str, float]] = [self.archive.closes_on(last.day), self.archive.closes_on(row.day)]
        if all(self.ticker in day for day in closes):
            traded = move(closes[0][self.ticker], closes[1][self.ticker])
            assets = row.shares / last.shares if last.shares > 0 else 1.0
            agrees = abs(traded - move(last.nav, row.nav)) <= AGREES_WITHIN
            if agrees and 1 / bands.FUND_FACTOR < assets < bands.FUND_FACTOR:
                return True
        if following is None or bands.of_fund(following.nav, following.shares, row.nav, row.shares):
            return False
        navs = last.nav, row.nav, following.nav
        nav_stays = abs(move(last.nav, row.nav)) <= bands.FUND_NAV or trades_there(*navs, future=False)
        before, now, after = _assets(last, row, following)
        return nav_stays and trades_there(before, now, after, future=False)


def _is_never_believed(last: _FundDay, row: _FundDay) -> bool:
    """Whether a step is a factor of 10, 100 or 1000, which no later day makes credible."""
    before, now = _assets(last, row)
    return is_never_believed(last.nav, row.nav) or is_never_believed(before, now)


def _assets(*rows: _FundDay) -> list[float]:
    """The net assets of each day; where the shares of one are not known, the values of one share."""
    known = all(row.shares == row.shares for row in rows)
    return [row.nav * row.shares if known else row.nav for row in rows]
