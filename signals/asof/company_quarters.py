"""Quarterly figures of several companies as they were known at each session.

Of several filings of one figure the earliest is used, because that is what was known at the time;
figures count from the session after their filing (`signals.asof.datasets`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.asof.datasets import COUNTS_FROM, nothing_yet, rows
from signals.asof.fiscal_quarters import Fact, Quarter, balances, chained
from signals.core.panel import Panel
from signals.core.series_ops import SeriesResult

STALE_DAYS = 160
"""Days after a quarter's end by which the next one must have been reported.

92 of the quarter, 60 to file a year, and some more.
"""

_MEMORY = np.timedelta64(900, "D")
"""Facts that ended longer ago than this before a company's newest one cannot enter the sums of two years."""

_COMPARED = np.timedelta64(380, "D")
"""A reading uses figures up to this long before a company's newest fiscal end: those of a year ago."""

_ROUNDED = 1e6
"""Dollars: later reports repeat older figures in whole millions."""

_MOST_RESTATED = 3
"""Restated figures that a note lists one by one."""


@dataclass(frozen=True, slots=True)
class ReportedQuarters:
    """One company's quarters by number, as known at some session: flows by name, balances by name."""

    flows: dict[str, dict[int, Quarter]]
    stocks: dict[str, dict[int, Quarter]]


@dataclass(frozen=True, slots=True)
class Figures:
    """One company's figures at one session, which are summed over companies, and their fiscal end."""

    end: date
    figures: tuple[float, ...]


Reader = Callable[[ReportedQuarters], Figures | None]
"""From a company's quarters to its figures, None when a figure that it needs is not reported."""


@dataclass(frozen=True, slots=True)
class CompanyFigures:
    """Figures of companies over sessions.

    Attributes:
        companies: Tickers, in the order of the columns of `taking_part` and `ends`.
        sums: Sessions x figures, summed over the companies that have them and whose quarter is not
            too old.
        taking_part: Sessions x companies: which of them are in `sums`.
        ends: Fiscal ends, sessions x companies, NaT where a company has no figures yet.
        facts: The rows from which the figures come.
    """

    companies: tuple[str, ...]
    sums: NDArray[np.float64]
    taking_part: NDArray[np.bool_]
    ends: NDArray[np.datetime64]
    facts: pd.DataFrame


def company_figures(
    panel: Panel,
    companies: Sequence[str],
    *,
    flows: dict[str, tuple[str, ...]],
    stocks: dict[str, str],
    read: Reader,
    width: int,
) -> CompanyFigures:
    """Figures that `read` takes from each company's quarters after each close, summed over the companies.

    Args:
        panel: The market.
        companies: Tickers.
        flows: Name -> concepts of a flow, in order of preference (`fiscal_quarters.chained`).
        stocks: Name -> concept of a balance.
        read: Takes the figures from a company's quarters.
        width: Number of figures that `read` gives.
    """
    facts, quarters_by_company = panel.once(
        ("quarters", tuple(companies), tuple(flows.items()), tuple(stocks.items())),
        lambda: _quarters_by_company(panel, companies, flows, stocks),
        bulk=True,
    )
    figures = np.full((panel.count, len(companies), width), np.nan)
    ends = np.full((panel.count, len(companies)), np.datetime64("NaT"), dtype="datetime64[D]")
    for place, company in enumerate(companies):
        for start, stop, quarters in quarters_by_company.get(company, ()):
            newest = read(quarters)
            if newest is not None:
                figures[start:stop, place], ends[start:stop, place] = newest.figures, np.datetime64(newest.end)
    with np.errstate(invalid="ignore"):
        taking_part = (panel.dates[:, None] - ends) <= np.timedelta64(STALE_DAYS, "D")
    taking_part &= ~np.isnat(ends)
    sums = np.where(taking_part[:, :, None], figures, 0.0).sum(axis=1)
    return CompanyFigures(tuple(companies), sums, taking_part, ends, facts)


_Spans = list[tuple[int, int, ReportedQuarters]]
"""First session, session after the last one, the quarters of a company known in between."""


def _quarters_by_company(
    panel: Panel, companies: Sequence[str], flows: dict[str, tuple[str, ...]], stocks: dict[str, str]
) -> tuple[pd.DataFrame, dict[str, _Spans]]:
    """The facts of these concepts, and by company what they tell; companies without facts are not in it."""
    facts = rows(panel, "facts")
    concepts = {*stocks.values(), *(concept for group in flows.values() for concept in group)}
    facts = facts[facts["value"].notna() & facts["concept"].isin(concepts)]
    groups = facts.groupby("ticker", sort=False).indices if len(facts) else {}
    told = [company for company in companies if company in groups]
    return facts, {company: _quarters_by_session(panel, facts.iloc[groups[company]], flows, stocks) for company in told}


def _quarters_by_session(
    panel: Panel, own: pd.DataFrame, flows: dict[str, tuple[str, ...]], stocks: dict[str, str]
) -> _Spans:
    """A company's quarters after each session at which one of its filings began to count."""
    # The rows are in the order in which they became public, so the first of a period is the
    # earliest filed.
    own = own.drop_duplicates(["concept", "start", "end"])
    counts_from = own[COUNTS_FROM].to_numpy(dtype=np.int64)
    starts, stops = (own[name].to_numpy().astype("datetime64[D]") for name in ("start", "end"))
    facts = [
        Fact(start, end, value)
        for start, end, value in zip(starts.tolist(), stops.tolist(), own["value"].tolist(), strict=True)
    ]
    places = {concept: np.asarray(at) for concept, at in own.groupby("concept", sort=False).indices.items()}
    spans = []
    for start, stop in pairwise([*np.unique(counts_from).tolist(), panel.count]):
        counts = counts_from <= start
        use = counts & (stops >= stops[counts].max() - _MEMORY)

        def of(concept: str, use: NDArray[np.bool_] = use) -> list[Fact]:
            at = places.get(concept, np.array([], dtype=np.int64))
            return [facts[number] for number in at[use[at]].tolist()]

        quarters = ReportedQuarters(
            {name: chained([of(concept) for concept in group]) for name, group in flows.items()},
            {name: balances(of(concept)) for name, concept in stocks.items()},
        )
        spans.append((start, stop, quarters))
    return spans


def series_result(panel: Panel, figures: CompanyFigures, values: NDArray[np.float64], *, least: int) -> SeriesResult:
    """Values as a series result, withheld where fewer than `least` companies take part.

    Notes name the quarters, the companies left out and the figures restated since. `observed` is
    the oldest fiscal end among the companies that take part.
    """
    enough = figures.taking_part.sum(axis=1) >= least
    values = np.where(enough & np.isfinite(values), values, np.nan)
    ends = np.where(figures.taking_part, figures.ends, np.datetime64("NaT"))
    observed = np.full(panel.count, np.datetime64("NaT"), dtype="datetime64[D]")
    observed[enough] = np.nanmin(ends[enough], axis=1)
    restatements = _Restatements(figures)

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        absent = _absent(figures, position)
        if len(absent) == len(figures.companies) and np.isnat(figures.ends[position]).all():
            return nothing_yet(panel, "facts", position)
        if enough[position]:
            return "what it is divided by stands at 0"
        return f"{least} of {len(figures.companies)} filers are needed; {'; '.join(absent)}"

    def notes(position: int) -> tuple[str, ...]:
        if np.isnan(values[position]):
            return ()
        newest = np.nanmax(ends[position])
        absent = _absent(figures, position)
        quarters = f"quarters that ended {observed[position]} to {newest}"
        return (quarters, *([f"without {'; '.join(absent)}"] if absent else []), *restatements.at(position))

    return SeriesResult(values, why, observed, notes=notes)


def _absent(figures: CompanyFigures, position: int) -> list[str]:
    """One sentence for each company that does not take part at a position."""
    sentences = []
    for place, company in enumerate(figures.companies):
        end = figures.ends[position, place]
        if np.isnat(end):
            sentences.append(f"{company} has not reported what is needed")
        elif not figures.taking_part[position, place]:
            sentences.append(f"{company}'s newest quarter ended {end}, over {STALE_DAYS} days ago")
    return sentences


class _Restatements:
    """The figures whose newest report differs from the first one, in sentences.

    They change only when a filing begins to count, so those of the last look are kept: readings of
    many sessions ask for the same ones again and again.
    """

    def __init__(self, figures: CompanyFigures) -> None:
        self._figures = figures
        self._ends = np.where(figures.taking_part, figures.ends, np.datetime64("NaT"))
        self._counted = -1
        self._versions = figures.facts

    def at(self, position: int) -> list[str]:
        """One sentence for each figure of the year that the values use at a position."""
        newest = dict(zip(self._figures.companies, self._ends[position], strict=True))
        sentences = [
            f"{ticker} {_period(start, end)} filed anew as {last / 1e6:,.0f} m, {first / 1e6:,.0f} m stands"
            for (ticker, start, end, _), first, last in self._known_at(position).itertuples()
            if ticker in newest and newest[ticker] - _COMPARED < end.to_datetime64() <= newest[ticker]
        ]
        more = len(sentences) - _MOST_RESTATED
        return sentences if more <= 0 else [*sentences[:_MOST_RESTATED], f"{more} more figures filed anew"]

    def _known_at(self, position: int) -> pd.DataFrame:
        """First and last value by ticker, start, end and concept, where they differ."""
        facts = self._figures.facts
        counted = int(np.searchsorted(facts[COUNTS_FROM].to_numpy(), position, side="right"))
        if counted != self._counted:
            versions = (
                facts.iloc[:counted].groupby(["ticker", "start", "end", "concept"])["value"].agg(["first", "last"])
            )
            self._versions = versions[(versions["last"] - versions["first"]).abs() >= _ROUNDED]
            self._counted = counted
        return self._versions


def _period(start: pd.Timestamp, end: pd.Timestamp) -> str:
    return f"{end:%Y-%m-%d}" if start == end else f"{start:%Y-%m-%d} to {end:%Y-%m-%d}"
