"""Changes that technology companies made to their own outlook, counted over 30 days; part of family earnings.

From press releases filed with 8-Ks (dataset `guidance`). A release without an outlook is stored too:
it shows that releases are being read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from signals.asof.datasets import COUNTS_FROM, ages, nothing_yet, rows
from signals.core.define import define, levels
from signals.core.market import Market
from signals.core.model import Signal
from signals.core.panel import Panel
from signals.core.series_ops import SeriesResult
from signals.core.units import Unit

WINDOW_DAYS = 30
SILENT_SESSIONS = 70
"""Every company reports each quarter: when nothing was filed for longer, releases were not read,
and zero would be a guess.
"""

_DATASET = "guidance"


@dataclass(frozen=True, slots=True)
class GuidanceRelease:
    """One release in a count: `direction` 1 raised, -1 lowered, 0 reaffirmed.

    `url` of the text with the sentence.
    """

    ticker: str
    filed: date
    direction: int
    sentence: str
    url: str


def net_guidance(panel: Panel) -> SeriesResult:
    """Releases that raised less releases that lowered, filed in the 30 days that end with the
    session, members of tech.
    """
    own = _releases(panel)
    filed = own["filed"].to_numpy().astype("datetime64[D]")
    counts_from, direction = own[COUNTS_FROM].to_numpy(dtype=np.int64), own["direction"].to_numpy(dtype=np.float64)
    place = panel.held(counts_from)
    newest, since = (
        np.append(extreme.accumulate(filed), np.datetime64("NaT"))[place] for extreme in (np.maximum, np.minimum)
    )
    with np.errstate(invalid="ignore"):
        full = panel.dates - since >= np.timedelta64(WINDOW_DAYS, "D")
    # A release counts until the first session WINDOW_DAYS after its filing.
    ends = np.maximum(panel.first_at(np.add(filed, np.timedelta64(WINDOW_DAYS, "D"))), counts_from)
    steps, known = np.zeros(panel.count + 1), ~np.isnan(direction)
    np.add.at(steps, counts_from[known], direction[known])
    np.subtract.at(steps, ends[known], direction[known])
    values = np.where(full, np.cumsum(steps[:-1]), np.nan)
    values[ages(panel, newest) > SILENT_SESSIONS] = np.nan

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        if np.isnat(newest[position]):
            return nothing_yet(panel, _DATASET, position)
        if not full[position]:
            return f"releases are read since {since[position]}, not yet for {WINDOW_DAYS} days"
        return f"newest release is of {newest[position]}, over {SILENT_SESSIONS} sessions ago"

    def notes(position: int) -> tuple[str, ...]:
        if np.isnan(values[position]):
            return ()
        releases = _window(panel, position)
        parts = (("raised", 1), ("lowered", -1), ("reaffirmed", 0))
        counts = [
            _counted(word, [release.ticker for release in releases if release.direction == sign])
            for word, sign in parts
        ]
        return (", ".join(counts),)

    return SeriesResult(values, why, newest, notes=notes)


def evidence(market: Market, session: date) -> tuple[GuidanceRelease, ...]:
    """The releases that count at a session, newest first, with their sentences and links.

    Raises KeyError when `session` is not one of the market.
    """
    days = market.days
    position = int(days.searchsorted(pd.Timestamp(session)))
    if position >= len(days) or days[position] != pd.Timestamp(session):
        raise KeyError(f"{session} is not a session of this market")
    return tuple(_window(Panel(market), position))


def _window(panel: Panel, position: int) -> list[GuidanceRelease]:
    own = _releases(panel)
    own = own[(own[COUNTS_FROM] <= position) & own["direction"].notna()]
    own = own[own["filed"] > pd.Timestamp(panel.day(position)) - pd.Timedelta(days=WINDOW_DAYS)]
    own = own.sort_values(["filed", "ticker"], ascending=[False, True], kind="stable")
    return [
        GuidanceRelease(ticker, filed.date(), int(direction), sentence, url)
        for ticker, filed, direction, sentence, url in zip(
            own["ticker"], own["filed"], own["direction"], own["sentence"], own["url"], strict=True
        )
    ]


def _releases(panel: Panel) -> pd.DataFrame:
    """Releases of members of tech.

    Of one filing the first row is used, because later ones are of the same text.
    """

    def make() -> pd.DataFrame:
        releases = rows(panel, _DATASET)
        releases = releases[releases["ticker"].isin(panel.market.members("tech"))]
        return releases.drop_duplicates(["ticker", "accession"], ignore_index=True)

    return panel.once("releases of tech", make)


def _counted(word: str, tickers: list[str]) -> str:
    once = list(dict.fromkeys(tickers))
    return f"{len(tickers)} {word}" + (f" ({' '.join(once)})" if once else "")


SIGNALS: tuple[Signal, ...] = (
    define(
        "earnings.tech_guidance",
        "Tech guidance, 30 days",
        unit=Unit.COUNT,
        meaning="Tech companies that raised their outlook less those that lowered it, from press releases of 30 days.",
        inputs=("records:guidance", "group:tech"),
        formula=net_guidance,
        max_age=SILENT_SESSIONS,
        votes=levels(-3, 3, rec=1),
    ),
)
