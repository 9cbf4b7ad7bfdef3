"""One run of a job: its progress, what was requested and what came, and why that is too little."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

import pandas as pd

from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.gap import Missing
from bot.domain.job import Job
from bot.errors import SourceError
from bot.ingest.gaps.gaps import Requested
from bot.ingest.gaps.inventory import PRICES, DayVerdict
from bot.ingest.worker_tasks import ArchiveInventory

_NOTHING: Mapping[str, frozenset[date]] = MappingProxyType({})

FEWEST_TO_JUDGE = 10
"""A chunk of fewer tickers says nothing about the others."""


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """The state after one chunk: its figures or error, the counts of chunks, and the archive."""

    chunk: FetchRequest
    fetched: Fetched | None
    error: SourceError | None
    done: int
    total: int
    inventory: ArchiveInventory | None = None


OnProgress = Callable[[ProgressEvent], Awaitable[None]]


class IncompleteError(SourceError):
    """The source answered, and too little of what was expected is in the archive.

    `asked_all`: everything was requested once, so that only gaps are left to be requested.
    """

    def __init__(self, sentence: str, *, asked_all: bool) -> None:
        super().__init__(sentence)
        self.asked_all = asked_all


@dataclass
class Yield:
    """What was requested of a source in one run, and what it gave.

    `expected_days`: the days of the gaps that are requested, by name; `filled`: the names of which one came.
    `withheld`: the days of which a figure came that is not believed, by name; they have not come.
    """

    names: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    newest: dict[str, pd.Timestamp] = field(default_factory=dict)
    expected_days: Mapping[str, frozenset[date]] = field(default_factory=dict)
    filled: set[str] = field(default_factory=set)
    withheld: dict[str, frozenset[date]] = field(default_factory=dict)

    def expect(self, gaps: Iterable[Missing]) -> None:
        """Record the gaps that are requested."""
        days: dict[str, set[date]] = {}
        for gap in gaps:
            days.setdefault(gap.name, set()).add(gap.day)
        self.expected_days = {name: frozenset(of_name) for name, of_name in days.items()}

    def add(
        self, chunk: FetchRequest, fetched: Fetched, *, whole: bool, withheld: Mapping[str, frozenset[date]] = _NOTHING
    ) -> None:
        """Record the answer to a request.

        Args:
            chunk: The request.
            fetched: The answer.
            whole: False: the source stopped half-way, and answered for what it gave.
            withheld: The days of which the answer is not believed, by name.
        """
        frames: Mapping[str, pd.DataFrame] = {**fetched.bars, **fetched.observations}
        given = {*fetched.records, *(name for name, frame in frames.items() if len(frame))}
        self.names |= names_of(chunk) if whole else given
        self.given |= given
        self.withheld |= {name: withheld.get(name, frozenset()) for name in frames}
        days = {name: _believed_days(frame, self.withheld[name]) for name, frame in frames.items()}
        self.newest |= {ticker: days[ticker][-1] for ticker in fetched.bars if len(days[ticker])}
        self.refused |= fetched.missing
        self.filled |= {
            name
            for name, expected in self.expected_days.items()
            if name in days and days[name].isin([pd.Timestamp(day) for day in expected]).any()
        }

    def in_vain(self, chunk: FetchRequest, session: pd.Timestamp) -> bool:
        """Whether less than half of a chunk of tickers has come up to the session.

        The session is not there yet then, or the source is wrong about everything: the other
        tickers need not be requested now.
        """
        if len(chunk.tickers) < FEWEST_TO_JUDGE or chunk.records:
            return False
        there = sum(1 for ticker in chunk.tickers if ticker in self.newest and self.newest[ticker] >= session)
        return 2 * there < len(chunk.tickers)

    def requested(self) -> Requested:
        """The names requested, and those that the source declined while it gave most others."""
        declined = self.refused.keys() - self.given
        believed = 2 * len(self.given) >= len(self.names)
        return Requested(frozenset(self.names), frozenset(self.given), frozenset(declined) if believed else frozenset())


def _believed_days(frame: pd.DataFrame, withheld: frozenset[date]) -> pd.DatetimeIndex:
    days = pd.DatetimeIndex(frame.index)
    return days.difference([pd.Timestamp(day) for day in withheld]) if withheld else days


def names_of(chunk: FetchRequest) -> set[str]:
    """What a chunk requests, by the names of gaps."""
    return {*(chunk.tickers if not chunk.records else ()), *chunk.series, *chunk.records}


def reason_of(source: str, job: Job, verdict: DayVerdict, came: Yield) -> str:
    """Why a job is incomplete: `yahoo answered, but none of 606 tickers has a close of 2025-08-06 yet`."""
    lacking = verdict.expected - verdict.there
    which = f"none of {verdict.expected}" if not verdict.there else f"{lacking} of {verdict.expected}"
    if job.name == PRICES:
        what = "tickers has a close" if not verdict.there else "tickers have no close"
    else:
        what = "figures has a value" if not verdict.there else "figures have no value"
    sentence = f"{source} answered, but {which} {what} of {verdict.day} yet"
    doubted = sum(verdict.day in days for days in came.withheld.values())
    if doubted:
        figure = "close" if job.name == PRICES else "value"
        return f"{sentence}; {doubted} {figure}{' is' if doubted == 1 else 's are'} not believed"
    if not verdict.there and job.name == PRICES and not came.refused:
        return f"{sentence}; it is late, or the exchange was closed on that day"
    commonest = Counter(came.refused[name] for name in came.refused.keys() - came.given).most_common(1)
    return f"{sentence} ({commonest[0][0]})" if commonest else sentence
