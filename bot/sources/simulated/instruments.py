"""The instruments of the simulated market and their traits: members of the indices, from `members.csv`.

Symbols, names and sectors are those of real companies; sizes are round figures and only make the
weights realistic. All prices are invented.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bot.sources.simulated.paths.time_grid import Floats, Stream, generator
from signals.core.instruments import SEVEN
from signals.core.market import MEMBER_COLUMNS, TECH_SECTORS

SECTORS = (
    "Materials",
    "Communication Services",
    "Energy",
    "Financials",
    "Industrials",
    "Information Technology",
    "Consumer Staples",
    "Real Estate",
    "Utilities",
    "Health Care",
    "Consumer Discretionary",
)
CHIPS = ("Semiconductors", "Semiconductor Materials & Equipment")
_CHARACTER_SEED = 2025
"""The traits of a company do not depend on the seed of the market; its path does."""

_PRICES = {
    "AAPL": 245.0, "MSFT": 425.0, "GOOGL": 192.0, "GOOG": 193.0, "AMZN": 220.0, "META": 590.0, "NVDA": 136.0, "TSLA": 380.0,
    "AVGO": 228.0, "BRK-B": 455.0, "JPM": 242.0, "LLY": 780.0, "V": 318.0, "UNH": 505.0, "XOM": 108.0, "COST": 920.0,
    "NVR": 8200.0, "BKNG": 4950.0, "AZO": 3250.0, "GS": 575.0, "HD": 390.0, "CAT": 362.0, "F": 10.5, "T": 23.0,
}  # fmt: skip
_GROWTH = {"NVDA": 0.13, "TSLA": 0.07, "AVGO": 0.07, "META": 0.05, "AMZN": 0.05, "MSFT": 0.05, "AAPL": 0.05, "GOOGL": 0.04,
           "GOOG": 0.04, "NFLX": 0.06, "LLY": 0.06, "COST": 0.03}  # fmt: skip
_MEGA = {"TSLA": 0.85, "GOOG": 1.0, "AVGO": 0.7, "NFLX": 0.7, "ORCL": 0.5, "PLTR": 0.8, "CRM": 0.4, "ADBE": 0.4}
_TWINS = {"GOOG": "GOOGL", "FOX": "FOXA", "NWS": "NWSA"}

# Per sector: beta to the index, own risk in percent a day, dividend yield in percent, value score.
_TRAITS = {
    "Materials": (1.02, 1.45, 2.1, 0.6),
    "Communication Services": (0.98, 1.50, 1.4, -0.1),
    "Energy": (0.95, 1.55, 3.4, 1.0),
    "Financials": (1.08, 1.25, 2.0, 0.9),
    "Industrials": (1.04, 1.30, 1.5, 0.2),
    "Information Technology": (1.18, 1.60, 0.8, -0.9),
    "Consumer Staples": (0.62, 1.15, 2.7, 0.6),
    "Real Estate": (0.92, 1.20, 3.5, 0.5),
    "Utilities": (0.58, 1.10, 3.2, 0.7),
    "Health Care": (0.78, 1.45, 1.5, 0.2),
    "Consumer Discretionary": (1.12, 1.65, 1.1, -0.1),
}


@dataclass(frozen=True, slots=True)
class Instruments:
    """Members in the order of their tickers; every array has one entry a member.

    Attributes:
        table: The universe, one row a member.
        tickers: Tickers of the members.
        sector: Index into `SECTORS`.
        price: Base price in dollars.
        shares: Shares in billions.
        own_risk: Standard deviation of the daily move that is a member's own.
        growth: Log drift against the index a year.
        dividend: Share of the price paid each quarter.
        beta: Exposure to the market.
        mega: Exposure to the factor of the largest companies.
        small: Exposure to the factor of small companies.
        chips: Exposure to the factor of semiconductors.
        value: Exposure to the factor of value.
        listed: First session or NaT.
        twins: Pairs of positions: share classes of one company, of which the first moves as the
            second.
    """

    table: pd.DataFrame
    tickers: tuple[str, ...]
    sector: NDArray[np.int64]
    price: Floats
    shares: Floats
    own_risk: Floats
    growth: Floats
    dividend: Floats
    beta: Floats
    mega: Floats
    small: Floats
    chips: Floats
    value: Floats
    listed: pd.DatetimeIndex
    twins: tuple[tuple[int, int], ...]

    def inside(self, group: str) -> NDArray[np.bool_]:
        """Mask of the members of `sp500` or `ndx100`."""
        return np.array([group in words.split() for words in self.table["groups"]])


@dataclass(frozen=True, slots=True)
class _Row:
    ticker: str
    name: str
    sector: str
    industry: str
    groups: str
    cap: float
    listed: date | None


def read_instruments() -> Instruments:
    """The members with their traits, read from `members.csv` in this folder."""
    rows = _rows()
    spread = generator(_CHARACTER_SEED, Stream.CHARACTER).standard_normal((len(rows), 4))
    place = {row.ticker: number for number, row in enumerate(rows)}
    twins = tuple((place[twin], place[leader]) for twin, leader in _TWINS.items())
    for twin, leader in twins:
        spread[twin] = spread[leader]
    traits = np.array([_TRAITS[row.sector] for row in rows])
    cap = np.array([row.cap for row in rows])
    random_price = np.exp(4.6 + 0.65 * spread[:, 0])
    price = np.round([_PRICES.get(row.ticker, float(own)) for row, own in zip(rows, random_price, strict=True)], 2)
    small = np.clip(0.13 * (np.log(45.0) - np.log(cap)), -0.35, 0.3)
    chips = np.array([_chips(row) for row in rows])
    mega = np.array([_mega(row) for row in rows])
    pays = np.array([row.ticker not in ("AMZN", "TSLA", "BRK-B") and row.industry != "Biotechnology" for row in rows])
    return Instruments(
        table=pd.DataFrame({name: [getattr(row, name) for row in rows] for name in MEMBER_COLUMNS}),
        tickers=tuple(row.ticker for row in rows),
        sector=np.array([SECTORS.index(row.sector) for row in rows]),
        price=price,
        shares=cap / price,
        own_risk=traits[:, 1]
        / 100
        * np.exp(0.18 * spread[:, 1] - 0.06 * np.log(cap / 45.0))
        * np.where(mega >= 0.8, 0.95, 1.0),
        growth=np.array([_GROWTH.get(row.ticker, 0.0) for row in rows]),
        dividend=np.where(pays, traits[:, 2] / 400 * np.exp(0.4 * spread[:, 2]), 0.0),
        beta=traits[:, 0] * np.exp(0.12 * spread[:, 3]) * np.where(mega >= 0.8, 1.08, 1.0),
        mega=mega,
        small=small,
        chips=chips,
        value=traits[:, 3] - 0.5 * (mega > 0.3),
        listed=pd.DatetimeIndex([pd.NaT if row.listed is None else pd.Timestamp(row.listed) for row in rows]),
        twins=twins,
    )


def _mega(row: _Row) -> float:
    if row.ticker in _MEGA:
        return _MEGA[row.ticker]
    if row.ticker in SEVEN:
        return 1.0
    return 0.2 if row.sector in TECH_SECTORS else -0.12


def _chips(row: _Row) -> float:
    if row.industry in CHIPS:
        return 1.0
    if row.ticker in ("SMCI", "DELL", "ANET", "VST", "CEG", "GEV", "STX", "WDC", "SNDK"):
        return 0.6
    return 0.12 if row.sector == "Information Technology" else 0.0


def _rows() -> list[_Row]:
    text = files(__package__).joinpath("members.csv").read_text(encoding="utf-8")
    return [
        _Row(
            ticker=row["ticker"],
            name=row["name"],
            sector=row["sector"],
            industry=row["industry"],
            groups=row["groups"],
            cap=float(row["cap_bn"]),
            listed=date.fromisoformat(row["listed"]) if row["listed"] else None,
        )
        for row in csv.DictReader(text.splitlines())
    ]
