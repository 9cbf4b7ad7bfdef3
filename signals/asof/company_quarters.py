"""What companies had reported by each session: quarters of several filers side by side, as they were known.

Of several filings of one figure the earliest stands, because that is what was known at the time; figures count from the
session after their filing (`signals.asof.datasets`).
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
from signals.core.series_ops import Line

STALE_DAYS = 160
"""Days after a quarter's end at which the next one must have been reported: 92 of the quarter, 60 to file a year, some more."""

_MEMORY = np.timedelta64(900, "D")
"""Facts that ended longer before a filer's newest one are of no use to the sums of two years."""


_COMPARED = np.timedelta64(380, "D")
"""Up to so long before a filer's newest fiscal end lie the figures that a reading may rest on: those of a year ago."""

_ROUNDED = 1e6
"""Dollars: later reports repeat older figures in whole millions."""

_MOST_ANEW = 3
"""Figures filed anew that a reading tells of one by one."""


@dataclass(frozen=True, slots=True)
class Books:
    """One filer's quarters by number, as known at some session: flows by name, balances by name."""

    flows: dict[str, dict[int, Quarter]]
    stocks: dict[str, dict[int, Quarter]]


@dataclass(frozen=True, slots=True)
class Shown:
    """What one filer adds at one session: the figures that are summed over filers, and the fiscal end they are of."""

    end: date
    figures: tuple[float, ...]


Reader = Callable[[Books], Shown | None]
"""From a filer's books to its figures, None when something that they need is not reported."""


@dataclass(frozen=True, slots=True)
class FilerFigures:
    """Figures of filers over sessions.

    `sums`: sessions x figures, of the filers that have them and whose quarter is not too old. `taking_part`: sessions x filers.
    `ends`: fiscal ends, sessions x filers, NaT where a filer has no figures yet. `known`: the rows they come from.
    """

    filers: tuple[str, ...]
    sums: NDArray[np.float64]
    taking_part: NDArray[np.bool_]
    ends: NDArray[np.datetime64]
    known: pd.DataFrame


def filer_figures(
    panel: Panel,
    filers: Sequence[str],
    *,
    flows: dict[str, tuple[str, ...]],
    stocks: dict[str, str],
    read: Reader,
    width: int,
) -> FilerFigures:
    """What `read` makes of each filer's books after each close, summed over the filers.

    `flows` and `stocks` say of which concepts a figure is made (flows: in order of preference, see `fiscal.chained`). `width`
    is the number of figures that `read` gives.
    """
    known = rows(panel, "facts")
    figures = np.full((panel.count, len(filers), width), np.nan)
    ends = np.full((panel.count, len(filers)), np.datetime64("NaT"), dtype="datetime64[D]")
    concepts = {*stocks.values(), *(concept for group in flows.values() for concept in group)}
    known = known[known["value"].notna() & known["concept"].isin(concepts)]
    groups = known.groupby("ticker", sort=False).indices if len(known) else {}
    for place, filer in enumerate(filers):
        if filer in groups:
            for start, stop, books in _editions(panel, known.iloc[groups[filer]], flows, stocks):
                shown = read(books)
                if shown is not None:
                    figures[start:stop, place], ends[start:stop, place] = shown.figures, np.datetime64(shown.end)
    with np.errstate(invalid="ignore"):
        taking_part = (panel.dates[:, None] - ends) <= np.timedelta64(STALE_DAYS, "D")
    taking_part &= ~np.isnat(ends)
    sums = np.where(taking_part[:, :, None], figures, 0.0).sum(axis=1)
    return FilerFigures(tuple(filers), sums, taking_part, ends, known)


def _editions(
    panel: Panel, own: pd.DataFrame, flows: dict[str, tuple[str, ...]], stocks: dict[str, str]
) -> list[tuple[int, int, Books]]:
    """A filer's books after each session at which one of its filings began to count: from, up to (excluded), books."""
    # In the order in which they became public, so the first of a period is the earliest filed.
    own = own.drop_duplicates(["concept", "start", "end"])
    counts_from = own[COUNTS_FROM].to_numpy(dtype=np.int64)
    starts, stops = (own[name].to_numpy().astype("datetime64[D]") for name in ("start", "end"))
    facts = [
        Fact(start, end, value)
        for start, end, value in zip(starts.tolist(), stops.tolist(), own["value"].tolist(), strict=True)
    ]
    places = {concept: np.asarray(at) for concept, at in own.groupby("concept", sort=False).indices.items()}
    found = []
    for start, stop in pairwise([*np.unique(counts_from).tolist(), panel.count]):
        counts = counts_from <= start
        use = counts & (stops >= stops[counts].max() - _MEMORY)

        def of(concept: str, use: NDArray[np.bool_] = use) -> list[Fact]:
            at = places.get(concept, np.array([], dtype=np.int64))
            return [facts[number] for number in at[use[at]].tolist()]

        books = Books(
            {name: chained([of(concept) for concept in group]) for name, group in flows.items()},
            {name: balances(of(concept)) for name, concept in stocks.items()},
        )
        found.append((start, stop, books))
    return found


def line(panel: Panel, found: FilerFigures, values: NDArray[np.float64], *, least: int) -> Line:
    """Values as a line, withheld where fewer than `least` filers take part; notes name the quarters, who is left out and what
    has been filed anew since.

    `observed` is the oldest fiscal end among those that take part.
    """
    enough = found.taking_part.sum(axis=1) >= least
    values = np.where(enough & np.isfinite(values), values, np.nan)
    ends = np.where(found.taking_part, found.ends, np.datetime64("NaT"))
    observed = np.full(panel.count, np.datetime64("NaT"), dtype="datetime64[D]")
    observed[enough] = np.nanmin(ends[enough], axis=1)

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        absent = _absent(panel, found, position)
        if len(absent) == len(found.filers) and np.isnat(found.ends[position]).all():
            return nothing_yet(panel, "facts", position)
        if enough[position]:
            return "what it is divided by stands at 0"
        return f"{least} of {len(found.filers)} filers are needed; {'; '.join(absent)}"

    def notes(position: int) -> tuple[str, ...]:
        if np.isnan(values[position]):
            return ()
        newest = np.nanmax(ends[position])
        absent = _absent(panel, found, position)
        said = f"quarters that ended {observed[position]} to {newest}"
        return (said, *([f"without {'; '.join(absent)}"] if absent else []), *_anew(found, position))

    return Line(values, why, observed, notes=notes)


def _absent(panel: Panel, found: FilerFigures, position: int) -> list[str]:
    told = []
    for place, filer in enumerate(found.filers):
        end = found.ends[position, place]
        if np.isnat(end):
            told.append(f"{filer} has not reported what is needed")
        elif not found.taking_part[position, place]:
            told.append(f"{filer}'s newest quarter ended {end}, over {STALE_DAYS} days ago")
    return told


def _anew(found: FilerFigures, position: int) -> list[str]:
    """What the newest report known at a session says otherwise than the first one, of the year that the figures rest on."""
    known = found.known[found.known[COUNTS_FROM] <= position]
    told = known.groupby(["ticker", "start", "end", "concept"])["value"].agg(["first", "last"])
    told = told[(told["last"] - told["first"]).abs() >= _ROUNDED]
    newest = dict(
        zip(found.filers, np.where(found.taking_part, found.ends, np.datetime64("NaT"))[position], strict=True)
    )
    said = [
        f"{ticker} {_period(start, end)} filed anew as {last / 1e6:,.0f} m, {first / 1e6:,.0f} m stands"
        for (ticker, start, end, _), first, last in told.itertuples()
        if ticker in newest and newest[ticker] - _COMPARED < end.to_datetime64() <= newest[ticker]
    ]
    rest = len(said) - _MOST_ANEW
    return said if rest <= 0 else [*said[:_MOST_ANEW], f"{rest} more figures filed anew"]


def _period(start: pd.Timestamp, end: pd.Timestamp) -> str:
    return f"{end:%Y-%m-%d}" if start == end else f"{start:%Y-%m-%d} to {end:%Y-%m-%d}"
