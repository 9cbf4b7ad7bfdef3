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
from bot.ingest.plausibility import bands
from bot.ingest.plausibility.bars import GONE_ON
from bot.ingest.plausibility.jumps import move, trades_there
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
    """Hold observations against the bands of their series."""
    result = JudgedFigures(dict(fetched.observations))
    if DoubtRule.SERIES in off:
        return result
    earlier = _Earlier(archive.doubts_about(fetched.observations), DoubtKind.SERIES)
    for name, frame in fetched.observations.items():
        band = bands.of_series(name)
        if band is None or not len(frame):
            continue
        values = frame["value"].to_numpy(dtype=float)
        outside = np.flatnonzero(~((values >= band[0]) & (values <= band[1])) & np.isfinite(values))
        days = [pd.Timestamp(day).date() for day in frame.index[outside]]
        doubts = [
            Doubt(DoubtKind.SERIES, name, day, DoubtRule.SERIES, float(values[at]), reason, fetched.source)
            for at, day in zip(outside.tolist(), days, strict=True)
            if (reason := bands.of_value(name, float(values[at]))) is not None
        ]
        inside = {pd.Timestamp(day).date() for day in frame.index} - set(days)
        refused = [_gone_on(doubt, inside) for doubt in earlier.refused(doubts)]
        result.doubts += refused[-MOST_DOUBTS:]
        result.doubts += earlier.closed(name, inside)
        refused_days = frozenset(doubt.day for doubt in refused)
        if refused_days:
            result.withheld[name] = refused_days
            keep = [pd.Timestamp(day).date() not in refused_days for day in frame.index]
            result.frames[name] = frame[keep]
    return result


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
        doubts_by_row = dict(judge(archive, frame, fetched.source))
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
        same = before is not None and abs(before.value - doubt.value) <= SAME_FIGURE * abs(doubt.value)
        if before is None or not same or before.state is DoubtState.REPLACED:
            return doubt
        return replace(doubt, state=before.state, evidence=before.evidence)

    def refused(self, doubts: list[Doubt]) -> list[Doubt]:
        """Those that the operator has not accepted."""
        decided = map(self.as_decided, doubts)
        return [doubt for doubt in decided if doubt.state not in (DoubtState.ACCEPTED, DoubtState.BELIEVED)]

    def closed(self, subject: str, believed: set[date]) -> list[Doubt]:
        """Open doubts about days of which the source gives another figure by now, or later ones alone."""
        own = [doubt for doubt in self._by_key.values() if doubt.subject == subject and doubt.state is DoubtState.OPEN]
        replaced = "the source gives another figure by now"
        decided = [
            replace(doubt, state=DoubtState.REPLACED, evidence=replaced)
            if doubt.day in believed
            else _gone_on(doubt, believed)
            for doubt in own
        ]
        return [doubt for doubt in decided if doubt.state is not DoubtState.OPEN]


def _chains(archive: Archive, frame: pd.DataFrame, source: str) -> Iterator[tuple[int, Doubt]]:
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


def _funds(archive: Archive, frame: pd.DataFrame, source: str) -> Iterator[tuple[int, Doubt]]:
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
        for row, following in zip(rows, (*rows[1:], None), strict=True):
            reason = _fund_reason(archive, ticker, last, row, following)
            if reason is None:
                last = row
                continue
            held = (last.nav, last.day) if last is not None else (None, None)
            yield (
                row.at,
                Doubt(DoubtKind.FUNDS, ticker, row.day, DoubtRule.FUNDS, row.nav, reason, source, *held),
            )


def _fund_reason(
    archive: Archive, ticker: str, last: _FundDay | None, row: _FundDay, following: _FundDay | None
) -> str | None:
    if last is None or not timedelta(0) < row.day - last.day <= NEIGHBOURS:
        return None
    reason = bands.of_fund(row.nav, row.shares, last.nav, last.shares)
    if reason is None or row.nav <= 0:
        return reason
    closes: list[Mapping[str, float]] = [archive.closes_on(last.day), archive.closes_on(row.day)]
    if all(ticker in day for day in closes):
        traded = move(closes[0][ticker], closes[1][ticker])
        assets = row.shares / last.shares if last.shares > 0 else 1.0
        if (
            abs(traded - move(last.nav, row.nav)) <= AGREES_WITHIN
            and 1 / bands.FUND_FACTOR < assets < bands.FUND_FACTOR
        ):
            return None
    if following is not None and not bands.of_fund(following.nav, following.shares, row.nav, row.shares):
        assets_stay = trades_there(_assets(last), _assets(row), _assets(following), future=False)
        if assets_stay and trades_there(last.nav, row.nav, following.nav, future=False):
            return None
    return reason


def _assets(row: _FundDay) -> float:
    return row.nav * row.shares if row.shares == row.shares else row.nav
