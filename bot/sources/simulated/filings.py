"""Filings of companies and managers of the simulated market: capital expenditure, inventories, guidance, holdings.

Capital expenditure follows the semiconductor factor, inventories rise after it has fallen, guidance
follows the quarter's market, and managers buy stocks that have risen. Companies file year to date,
each by its own fiscal year, as real ones do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

import numpy as np
import pandas as pd

from bot.sources.simulated.closes import SimulatedPrices
from bot.sources.simulated.instruments import Instruments
from bot.sources.simulated.paths.time_grid import EPOCH_YEAR, PER_YEAR, REFERENCE, Floats, Stream, generator, slot
from bot.sources.simulated.paths.world import World
from signals.asof.watched_names import TECH
from signals.core.datasets import empty
from signals.families.capex_filings import CAPEX, COST, INVENTORY

_ZONE = "America/New_York"
_YEARS_BEFORE = 3
"""Years of filings before the first session: growth over a year needs two years of quarters at once."""
_FILED_AT = pd.Timedelta(hours=16, minutes=45)
"""In New York: after the close and before the prices of the session are final."""
_TO_FILE, _TO_FILE_YEAR = 30, 45
"""Days from the end of a quarter, and of a fiscal year, to the report."""


@dataclass(frozen=True, slots=True)
class _Filer:
    """A company that files.

    Attributes:
        ticker: The company.
        begins: First month of the fiscal year.
        size: Capex or cost of sales in USD bn a quarter in 2025.
        concept: The tag that it uses.
        stock_days: Days of inventory, 0 for companies that report capex.
    """

    ticker: str
    begins: int
    size: float
    concept: str
    stock_days: float = 0.0


_FILERS = (
    _Filer("MSFT", 7, 17.0, CAPEX[0]),
    _Filer("GOOGL", 1, 19.0, CAPEX[0]),
    _Filer("AMZN", 1, 26.0, CAPEX[1]),
    _Filer("META", 1, 16.0, CAPEX[0]),
    _Filer("ORCL", 6, 6.0, CAPEX[0]),
    _Filer("NVDA", 2, 12.0, COST[0], 90.0),
    _Filer("AMD", 1, 3.8, COST[1], 125.0),
    _Filer("AVGO", 11, 4.9, COST[0], 45.0),
    _Filer("MU", 9, 5.3, COST[1], 140.0),
    _Filer("AMAT", 11, 3.7, COST[0], 135.0),
    _Filer("LRCX", 7, 2.4, COST[0], 120.0),
    _Filer("KLAC", 7, 1.2, COST[0], 230.0),
    _Filer("INTC", 1, 9.0, COST[0], 120.0),
)

_MANAGERS = (
    *("Alder Street Capital", "Birchfield Partners", "Copper Lane Management", "Drumlin Advisors"),
    *("Eastgate Holdings", "Fenwick Hollow Capital", "Granary Point Partners", "Harbor Light Management"),
)
_HELD = TECH[:24]


def facts(world: World, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Rows of the dataset `facts` of thirteen companies, from three years before the first of
    `days` to the last.
    """
    rows = [
        row
        for place, filer in enumerate(_FILERS)
        for row in _reports(world, filer, place, days[0].year - _YEARS_BEFORE, days[-1].date())
    ]
    return _frame("facts", rows)


def _reports(world: World, filer: _Filer, place: int, first_year: int, last: date) -> Iterator[dict[str, object]]:
    for year in range(max(first_year, EPOCH_YEAR + 1), last.year + 1):
        start, total = date(year, filer.begins, 1), 0.0
        for quarter in range(1, 5):
            end = (pd.Timestamp(start) + pd.DateOffset(months=3 * quarter, days=-1)).date()
            filed = end + timedelta(days=(_TO_FILE_YEAR if quarter == 4 else _TO_FILE) + place % 5)
            if filed > last:
                return
            sold, stock = _quarter(world, filer, place, end)
            total += sold
            head = {"ticker": filer.ticker, "form": "10-K" if quarter == 4 else "10-Q", "known_at": filed}
            head["accession"] = f"simulated-{filer.ticker}-{end}"
            yield {**head, "concept": filer.concept, "start": start, "end": end, "value": total}
            if filer.stock_days:
                yield {**head, "concept": INVENTORY, "start": end, "end": end, "value": stock}


def _quarter(world: World, filer: _Filer, place: int, end: date) -> tuple[float, float]:
    """Capex or cost of sales of one quarter, and inventory at its end, USD in whole millions."""
    at = slot(end)
    chips, before = world.common.chips[at - 1], world.common.chips[max(at - 80, 0)]
    own = generator(world.seed, Stream.FILINGS, end.year).standard_normal((len(_FILERS), 12, 2))[place, end.month - 1]
    trend = (0.15 if not filer.stock_days else 0.09) * (at - slot(REFERENCE)) / PER_YEAR
    sold = 1e9 * filer.size * np.exp(trend + 1.1 * chips + 0.03 * own[0])
    stock = sold * filer.stock_days / 91 * np.exp(-0.9 * before + 0.04 * own[1])
    return float(np.round(sold, -6)), float(np.round(stock, -6))


def guidance(world: World, instruments: Instruments, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Rows of the dataset `guidance`: one release a quarter of each company watched, from a quarter
    before `days` on.
    """
    name_of = dict(zip(instruments.table["ticker"], instruments.table["name"], strict=True))
    rows = []
    for end in _quarter_ends(days[0].date() - timedelta(days=150), days[-1].date()):
        at = slot(end)
        sentiment = float(np.clip(2.5 * world.regimes.returns[max(at - 63, 0) : at].sum(), -0.2, 0.2))
        dice = generator(world.seed, Stream.GUIDANCE, end.year).random((4, len(TECH), 2))[(end.month - 1) // 3]
        for (chance, when), ticker in zip(dice, TECH, strict=True):
            filed = _weekday(end + timedelta(days=14 + int(when * 40)))
            if ticker in name_of and filed <= days[-1].date():
                rows.append(_release(ticker, name_of[ticker], filed, _direction(float(chance), sentiment)))
    return _frame("guidance", rows)


def _direction(draw: float, sentiment: float) -> float:
    raised, lowered = 0.24 + sentiment, 0.12 - sentiment / 2
    if draw < raised:
        return 1.0
    if draw < raised + max(lowered, 0.02):
        return -1.0
    return 0.0 if draw < 0.8 else float("nan")


_SAYS = {
    1.0: "{} raises its full-year outlook.",
    -1.0: "{} lowers its full-year outlook.",
    0.0: "{} reaffirms its outlook.",
}


def _release(ticker: str, name: str, filed: date, direction: float) -> dict[str, object]:
    accession = f"simulated-{ticker}-{filed}"
    return {
        "ticker": ticker,
        "accession": accession,
        "filed": filed,
        "direction": direction,
        "sentence": _SAYS.get(direction, "").format(name),
        "url": f"https://example.org/{accession}",
        "known_at": filed,
    }


def holdings(world: World, instruments: Instruments, prices: SimulatedPrices, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Rows of the dataset `holdings`: eight managers' shares of 24 companies at the ends of
    quarters that lie in `days`.
    """
    held = [ticker for ticker in _HELD if ticker in instruments.tickers]
    columns = [prices.tickers.index(ticker) for ticker in held]
    rows: list[dict[str, object]] = []
    for end in _quarter_ends(days[0].date() - timedelta(days=1), days[-1].date()):
        filed = _weekday(end + timedelta(days=42))
        if filed > days[-1].date():
            break
        place = int(days.searchsorted(pd.Timestamp(end), side="right")) - 1
        rows += chain.from_iterable(_positions(world, held, prices.close[place, columns], end, filed))
    return _frame("holdings", rows)


def _positions(
    world: World, held: list[str], closes: Floats, end: date, filed: date
) -> Iterator[list[dict[str, object]]]:
    at = slot(end)
    lead = world.common.mega[at - 1] - world.common.mega[max(at - 64, 0)]
    dice = generator(world.seed, Stream.HOLDINGS, end.year).standard_normal((4, len(_MANAGERS), len(_HELD)))
    size = generator(0, Stream.CHARACTER, 3).lognormal(0.0, 0.9, (len(_MANAGERS), len(_HELD)))
    for place, manager in enumerate(_MANAGERS):
        pull = 2.5 if place % 3 else -1.5
        own = dice[(end.month - 1) // 3, place] * 0.12 + pull * lead
        counts = np.where(size[place] < 0.35, 0.0, np.round(1e6 * size[place] * np.exp(own), -2))[: len(held)]
        yield [
            {
                "quarter": end,
                "manager": manager,
                "ticker": ticker,
                "shares": float(count),
                "value_usd": float(np.round(count * close)) if count else 0.0,
                "filed": filed,
                "known_at": filed,
            }
            for ticker, count, close in zip(held, counts, closes, strict=True)
            if np.isfinite(close)
        ]


def _quarter_ends(first: date, last: date) -> Iterator[date]:
    for end in pd.date_range(max(first, date(EPOCH_YEAR + 1, 1, 1)), last, freq="QE"):
        yield end.date()


def _weekday(day: date) -> date:
    return day + timedelta(days=7 - day.weekday() if day.weekday() > 4 else 0)


def _frame(name: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows with the columns of a dataset.

    Their `known_at` is given as the day of filing and becomes the instant.
    """
    model = empty(name).drop(columns="source")
    if not rows:
        return model
    frame = pd.DataFrame(rows)[list(model.columns)]
    filed = pd.DatetimeIndex(pd.to_datetime(frame["known_at"])) + _FILED_AT
    return frame.assign(known_at=filed.tz_localize(_ZONE).tz_convert("UTC")).astype(model.dtypes.to_dict())
